//! One source for every instruction set: a kernel's body is compiled once a level, and the
//! compiler turns its fixed-width loops into that level's vectors. Products in integers name their
//! instructions, in [`super::int8`].

/// Which instructions kernels use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// What every machine of this build's target has.
    Portable,
    /// 256-bit vectors and fused multiply-add; products of bytes saturate.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// AVX2, and products of bytes summed in 32 bits by one instruction.
    #[cfg(target_arch = "x86_64")]
    AvxVnni,
    /// The same instruction, in the encoding of AVX-512.
    #[cfg(target_arch = "x86_64")]
    Avx512Vnni,
    /// WebAssembly's relaxed products of bytes, on a host that takes the second factor as
    /// unsigned, as x86 does.
    #[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
    RelaxedUnsigned,
    /// The same on a host that adds pairs of products in 16 bits that saturate, as x86 does without
    /// VNNI.
    #[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
    RelaxedSaturating,
    /// The same on a host that takes both factors as signed, as ARM does.
    #[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
    RelaxedSigned,
}

impl Level {
    /// Every level of this machine, the best first.
    pub fn all() -> Vec<Self> {
        let mut levels = vec![Level::Portable];
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            levels.push(Level::Avx2);
            if is_x86_feature_detected!("avxvnni") {
                levels.push(Level::AvxVnni);
            }
            if is_x86_feature_detected!("avx512vnni") && is_x86_feature_detected!("avx512vl") {
                levels.push(Level::Avx512Vnni);
            }
        }
        #[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
        levels.extend(super::int8::relaxed_level());
        levels.reverse();
        levels
    }

    /// The best level of this machine.
    pub fn detect() -> Self {
        Level::all()[0]
    }

    /// Whether its products of bytes take activations as unsigned.
    pub fn takes_unsigned(self) -> bool {
        match self {
            Level::Portable => false,
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 | Level::AvxVnni | Level::Avx512Vnni => true,
            #[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
            Level::RelaxedUnsigned | Level::RelaxedSaturating => true,
            #[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
            Level::RelaxedSigned => false,
        }
    }

    /// Whether its products of bytes are added in pairs that saturate.
    pub fn saturates(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => true,
            #[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
            Level::RelaxedSaturating => true,
            _ => false,
        }
    }

    /// The name by which people may tell it apart from others.
    pub fn name(self) -> &'static str {
        match self {
            Level::Portable => {
                if cfg!(target_arch = "wasm32") {
                    "simd128"
                } else {
                    "portable"
                }
            }
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Level::AvxVnni => "avx-vnni",
            #[cfg(target_arch = "x86_64")]
            Level::Avx512Vnni => "avx512-vnni",
            #[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
            Level::RelaxedUnsigned => "relaxed-simd, unsigned",
            #[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
            Level::RelaxedSaturating => "relaxed-simd, saturating",
            #[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
            Level::RelaxedSigned => "relaxed-simd, signed",
        }
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

/// Defines `fn name(level, …)`, which runs `body(…)` compiled for `level`; or `body::<FMA>(…)`,
/// where products in floats may be fused with the sums that they go into.
macro_rules! dispatch {
    (fn $name:ident($($arg:ident: $type:ty),* $(,)?) = $body:ident) => {
        $crate::backend::cpu::simd::dispatch! {
            fn $name($($arg: $type),*) = ($body($($arg),*), $body($($arg),*))
        }
    };
    (fn $name:ident($($arg:ident: $type:ty),* $(,)?) = $body:ident::<FMA>) => {
        $crate::backend::cpu::simd::dispatch! {
            fn $name($($arg: $type),*) = (
                $body::<{ $crate::backend::cpu::simd::PORTABLE_FMA }>($($arg),*),
                $body::<true>($($arg),*)
            )
        }
    };
    (fn $name:ident($($arg:ident: $type:ty),*) = ($portable:expr, $fused:expr)) => {
        fn $name(level: $crate::backend::cpu::simd::Level, $($arg: $type),*) {
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            fn avx2($($arg: $type),*) {
                $fused;
            }
            #[cfg(target_arch = "x86_64")]
            if level != $crate::backend::cpu::simd::Level::Portable {
                // SAFETY: `Level::all` gives these levels only where the instructions exist.
                unsafe { avx2($($arg),*) };
                return;
            }
            let _ = level;
            $portable;
        }
    };
}
pub(super) use dispatch;
