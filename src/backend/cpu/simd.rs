//! One source for every instruction set: a kernel's body is compiled once a level, and the
//! compiler turns its fixed-width loops into that level's vectors.

/// Which instructions a kernel may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// What every machine of this build's target has.
    Portable,
    /// 256-bit vectors and fused multiply-add.
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

impl Level {
    /// The best level of this machine.
    pub fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            return Level::Avx2;
        }
        Level::Portable
    }
}

/// Whether every machine of the target fuses multiply and add in one instruction. Elsewhere
/// `mul_add` would be a call into the mathematics library.
pub const PORTABLE_FMA: bool = cfg!(target_arch = "aarch64");

/// `a · b + c`, fused where that is an instruction.
#[inline(always)]
pub fn multiply_add<const FMA: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}

/// Partial sums of [`dot`]: enough for two vectors of the widest level.
const LANES: usize = 16;

/// The scalar product, summed in lanes.
#[inline(always)]
pub fn dot<const FMA: bool>(a: &[f32], b: &[f32]) -> f32 {
    let (a, a_rest) = a.as_chunks::<LANES>();
    let (b, b_rest) = b.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            sums[lane] = multiply_add::<FMA>(a[lane], b[lane], sums[lane]);
        }
    }
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            sums[lane] += sums[lane + half];
        }
        half /= 2;
    }
    a_rest.iter().zip(b_rest).fold(sums[0], |sum, (a, b)| multiply_add::<FMA>(*a, *b, sum))
}

/// Defines `fn name(level, …)`, which runs `body::<FMA>(…)` compiled for `level`.
macro_rules! dispatch {
    (fn $name:ident($($arg:ident: $type:ty),* $(,)?) = $body:ident) => {
        fn $name(level: $crate::backend::cpu::simd::Level, $($arg: $type),*) {
            use $crate::backend::cpu::simd::{Level, PORTABLE_FMA};
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            fn avx2($($arg: $type),*) {
                $body::<true>($($arg),*);
            }
            match level {
                Level::Portable => $body::<PORTABLE_FMA>($($arg),*),
                // SAFETY: `Level::detect` gives this level only where the instructions exist.
                #[cfg(target_arch = "x86_64")]
                Level::Avx2 => unsafe { avx2($($arg),*) },
            }
        }
    };
}
pub(super) use dispatch;
