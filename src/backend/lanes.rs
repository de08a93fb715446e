//! The float arithmetic that products in integers share to the bit, on every machine.
//!
//! A float that differs in its last bit may round to another integer, the next product makes many
//! of one, and after a few layers two engines that should agree do not. So wherever integers
//! follow, sums are taken in lanes of a fixed number, never fused with products, and exponentials
//! are one polynomial: a browser, a server and the oracle then give the same tokens. The loops are
//! plain, and compilers turn them into whatever vectors the machine has without changing a result.

/// Partial sums of a sum: element i is added to lane `i % LANES`, and lanes are added in halves.
pub const LANES: usize = 8;

/// Eight floats. Compilers make vectors of the plain array where they have wide ones; for
/// WebAssembly's narrow ones they have to be told.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
#[derive(Clone, Copy)]
pub struct Floats([f32; LANES]);

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
impl Floats {
    #[inline(always)]
    pub fn splat(value: f32) -> Self {
        Floats([value; LANES])
    }

    #[inline(always)]
    pub fn load(from: &[f32; LANES]) -> Self {
        Floats(*from)
    }

    #[inline(always)]
    pub fn store(self, to: &mut [f32; LANES]) {
        *to = self.0;
    }

    /// `self + a · b`, each rounded on its own.
    #[inline(always)]
    pub fn add_product(mut self, a: Self, b: Self) -> Self {
        for lane in 0..LANES {
            self.0[lane] += a.0[lane] * b.0[lane];
        }
        self
    }

    #[inline(always)]
    pub fn add(mut self, other: Self) -> Self {
        for lane in 0..LANES {
            self.0[lane] += other.0[lane];
        }
        self
    }

    /// The greater of both, lane by lane.
    #[inline(always)]
    pub fn max(mut self, other: Self) -> Self {
        for lane in 0..LANES {
            let (a, b) = (self.0[lane], other.0[lane]);
            self.0[lane] = if b > a { b } else { a };
        }
        self
    }

    /// All lanes together: the upper half is added to the lower until one is left.
    #[inline(always)]
    pub fn total(self) -> f32 {
        let [a, b, c, d, e, f, g, h] = self.0;
        ((a + e) + (c + g)) + ((b + f) + (d + h))
    }

    #[inline(always)]
    pub fn greatest(self) -> f32 {
        self.0.into_iter().fold(f32::NEG_INFINITY, |most, v| if v > most { v } else { most })
    }
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub use wasm::Floats;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm {
    use std::arch::wasm32::*;

    use super::LANES;

    /// As the plain one, in two vectors.
    #[derive(Clone, Copy)]
    pub struct Floats(v128, v128);

    impl Floats {
        #[inline(always)]
        pub fn splat(value: f32) -> Self {
            Floats(f32x4_splat(value), f32x4_splat(value))
        }

        #[inline(always)]
        pub fn load(from: &[f32; LANES]) -> Self {
            let from: *const v128 = from.as_ptr().cast();
            // SAFETY: the array is two vectors long, and loads need no alignment.
            unsafe { Floats(v128_load(from), v128_load(from.add(1))) }
        }

        #[inline(always)]
        pub fn store(self, to: &mut [f32; LANES]) {
            let to: *mut v128 = to.as_mut_ptr().cast();
            // SAFETY: the array is two vectors long, and stores need no alignment.
            unsafe {
                v128_store(to, self.0);
                v128_store(to.add(1), self.1);
            }
        }

        #[inline(always)]
        pub fn add_product(self, a: Self, b: Self) -> Self {
            self.add(Floats(f32x4_mul(a.0, b.0), f32x4_mul(a.1, b.1)))
        }

        #[inline(always)]
        pub fn add(self, other: Self) -> Self {
            Floats(f32x4_add(self.0, other.0), f32x4_add(self.1, other.1))
        }

        #[inline(always)]
        pub fn max(self, other: Self) -> Self {
            Floats(f32x4_pmax(self.0, other.0), f32x4_pmax(self.1, other.1))
        }

        #[inline(always)]
        pub fn total(self) -> f32 {
            let four = f32x4_add(self.0, self.1);
            let two = f32x4_add(four, i64x2_shuffle::<1, 1>(four, four));
            f32x4_extract_lane::<0>(two) + f32x4_extract_lane::<1>(two)
        }

        #[inline(always)]
        pub fn greatest(self) -> f32 {
            let four = f32x4_pmax(self.0, self.1);
            let two = f32x4_pmax(four, i64x2_shuffle::<1, 1>(four, four));
            let one = f32x4_pmax(two, i32x4_shuffle::<1, 1, 1, 1>(two, two));
            f32x4_extract_lane::<0>(one)
        }
    }
}

/// The last elements of a slice, as many as are left, and zeros.
#[inline(always)]
fn padded(rest: &[f32]) -> Floats {
    let mut values = [0.0; LANES];
    values[..rest.len()].copy_from_slice(rest);
    Floats::load(&values)
}

/// The scalar product.
#[inline(always)]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a, a_rest) = a.as_chunks::<LANES>();
    let (b, b_rest) = b.as_chunks::<LANES>();
    let mut sums = Floats::splat(0.0);
    for (a, b) in a.iter().zip(b) {
        sums = sums.add_product(Floats::load(a), Floats::load(b));
    }
    if !a_rest.is_empty() {
        sums = sums.add_product(padded(a_rest), padded(b_rest));
    }
    sums.total()
}

/// The sum.
#[inline(always)]
pub fn sum(values: &[f32]) -> f32 {
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut sums = Floats::splat(0.0);
    for chunk in chunks {
        sums = sums.add(Floats::load(chunk));
    }
    if !rest.is_empty() {
        sums = sums.add(padded(rest));
    }
    sums.total()
}

/// The greatest; of none, negative infinity.
#[inline(always)]
pub fn greatest(values: &[f32]) -> f32 {
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut most = Floats::splat(f32::NEG_INFINITY);
    for chunk in chunks {
        most = most.max(Floats::load(chunk));
    }
    rest.iter().fold(most.greatest(), |most, &v| if v > most { v } else { most })
}

/// Added to a float below 2²² and taken away again, it leaves the nearest integer (of two, the
/// even one); and as long as it is there, the integer stands in the lowest bits.
pub const ROUND: f32 = 12_582_912.0;

/// Beyond these the exponential is no normal float, and stays what it is here.
const EXP_RANGE: [f32; 2] = [-87.0, 88.0];
/// ln 2 in two parts, the first short enough for its multiples to be exact.
const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
/// Taylor's coefficients from 1/7! down to 1/2!: below ln 2 / 2 the rest is less than 4e-9.
const EXP: [f32; 6] = [1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5];

/// The exponential, within 2e-7 of its value: `exp(x) = 2ⁿ · exp(r)` with `n = round(x / ln 2)`.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    let x = if x < EXP_RANGE[0] { EXP_RANGE[0] } else { x };
    let x = if x > EXP_RANGE[1] { EXP_RANGE[1] } else { x };
    let rounded = x * std::f32::consts::LOG2_E + ROUND;
    let n = rounded - ROUND;
    let r = (x - n * LN_2[0]) - n * LN_2[1];
    let mut series = EXP[0];
    for coefficient in &EXP[1..] {
        series = series * r + coefficient;
    }
    let value = (series * r) * r + r + 1.0;
    // The bits of 2ⁿ: the rounding constant's own bits are shifted out.
    value * f32::from_bits(rounded.to_bits().wrapping_add(127) << 23)
}

/// `1 / (1 + exp(−x))`, within 3e-7.
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every 97th float in the range, more than 20 million of them.
    fn floats() -> impl Iterator<Item = f32> {
        let of = |from: u32, to: u32| (from..=to).step_by(97).map(f32::from_bits);
        of(0, 88f32.to_bits()).chain(of((-0f32).to_bits(), (-87f32).to_bits()))
    }

    #[test]
    fn exponentials_and_sigmoids_keep_their_bounds() {
        for x in floats() {
            let exact = f64::from(x).exp();
            let error = (f64::from(exp(x)) - exact).abs() / exact;
            assert!(error <= 2e-7, "exp({x}): {} is off by {error:e}", exp(x));
            let exact = 1.0 / (1.0 + (-f64::from(x)).exp());
            let error = (f64::from(sigmoid(x)) - exact).abs() / exact;
            assert!(error <= 3e-7, "sigmoid({x}): {} is off by {error:e}", sigmoid(x));
        }
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(sigmoid(f32::INFINITY), 1.0);
        assert!(exp(f32::NEG_INFINITY) < 2e-38 && exp(f32::INFINITY).is_finite());
    }

    #[test]
    fn sums_hold_every_element_once() {
        for length in 0..40 {
            let values: Vec<f32> = (0..length).map(|i| i as f32).collect();
            let ones = vec![1.0; length];
            let expected = (length * length.saturating_sub(1) / 2) as f32;
            assert_eq!(sum(&values), expected);
            assert_eq!(
                greatest(&values),
                length as f32 - 1.0 + if length == 0 { f32::NEG_INFINITY } else { 0.0 }
            );
            assert_eq!(dot(&values, &ones), expected);
        }
    }
}
