//! What holds for every codec, and what holds for some.

use half::f16;
use proptest::prelude::*;

use super::*;
use crate::codec::TABLE;
use crate::codec::codebook::{Codebook, Dimension};
use crate::codec::entropy::Entropy;
use crate::codec::float::Float32;
use crate::codec::float16::Float16;
use crate::codec::int::{Bits, GroupSize, Int};
use crate::codec::int8::Int8;
use crate::codec::low_rank::LowRank;
use crate::codec::sparse::Sparse;
use crate::tensor::Dtype;

/// Every codec, and some of them in more than one way.
const KINDS: &[&str] = &[
    "f32",
    "f16",
    "int8",
    "int",
    "int, a scale a row",
    "entropy",
    "codebook",
    "codebook, books of columns",
    "low_rank",
    "low_rank of codes",
    "sparse",
    "sparse floats",
];

/// Even numbers from −1 to 1 that are the same on every run.
fn numbers(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

fn halves(values: &[f32]) -> Vec<f16> {
    values.iter().copied().map(f16::from_f32).collect()
}

fn codes(count: usize, seed: u32, most: f32) -> Vec<i8> {
    numbers(count, seed).iter().map(|value| (value * (most + 0.99)) as i8).collect()
}

fn int8(shape: [usize; 2], codes: &[i8]) -> Matrix {
    let bytes = codes.iter().map(|code| code.cast_unsigned()).collect::<Vec<u8>>();
    let codes = Tensor::new(Dtype::I8, shape.to_vec(), bytes.into()).unwrap();
    Box::new(Int8::new(codes, 153.83, Some(14.5)).unwrap())
}

fn int(shape: [usize; 2], bits: u64, group: u64, seed: u32) -> Matrix {
    let (bits, group) = (Bits::new(bits).unwrap(), GroupSize::new(group).unwrap());
    let scales = numbers(shape[0] * group.groups(shape[1]), seed);
    let values = codes(shape[0] * shape[1], seed + 1, f32::from(bits.offset() - 1));
    // Scales of either sign, and of zero.
    let scales: Vec<f32> = scales.iter().map(|s| if s.abs() < 0.1 { 0.0 } else { *s }).collect();
    Box::new(Int::from_values(shape, bits, group, &values, &halves(&scales)).unwrap())
}

fn half(shape: [usize; 2], seed: u32) -> Matrix {
    Box::new(Float16::round(shape, &numbers(shape[0] * shape[1], seed)).unwrap())
}

fn matrix(kind: &str, shape: [usize; 2], seed: u32) -> Matrix {
    let ([rows, columns], count) = (shape, shape[0] * shape[1]);
    match kind {
        "f32" => Box::new(Float32::new(shape, numbers(count, seed))),
        "f16" => half(shape, seed),
        "int8" => int8(shape, &codes(count, seed, 127.0)),
        "int" => int(shape, u64::from(2 + seed % 7), u64::from(1 + seed % 5), seed),
        "int, a scale a row" => int(shape, 4, columns.max(1) as u64, seed),
        "entropy" => {
            let classes: Vec<u8> = (0..rows).map(|row| (row % 3) as u8).collect();
            let steps = [0.02, -0.3, 0.0];
            Box::new(
                Entropy::from_codes(shape, &codes(count, seed, 90.0), &classes, &steps).unwrap(),
            )
        }
        "codebook" | "codebook, books of columns" => {
            let dimension = Dimension::new(u64::from(1 + seed % 4)).unwrap();
            let runs = columns.div_ceil(dimension.get());
            let books = if kind == "codebook" { 1 } else { runs };
            let values = halves(&numbers(books * 5 * dimension.get(), seed));
            let codes: Vec<u8> =
                codes(rows * runs, seed, 4.0).iter().map(|c| c.unsigned_abs()).collect();
            Box::new(Codebook::from_codes(shape, dimension, &codes, books, &values).unwrap())
        }
        "low_rank" => {
            let pair = LowRank::new(half([rows, 3], seed), half([3, columns], seed + 1));
            Box::new(pair.unwrap())
        }
        "low_rank of codes" => {
            let pair = LowRank::new(int([rows, 3], 5, 2, seed), int([3, columns], 4, 7, seed + 1));
            Box::new(pair.unwrap())
        }
        "sparse" => Box::new(Sparse::new(&*int8(shape, &codes(count, seed, 1.5))).unwrap()),
        "sparse floats" => {
            let values: Vec<f32> =
                numbers(count, seed).iter().map(|v| if *v < 0.0 { 0.0 } else { *v }).collect();
            Box::new(Sparse::new(&Float32::new(shape, values)).unwrap())
        }
        kind => panic!("no kind {kind}"),
    }
}

fn weights(latent: &dyn Latent, parameters: &[f32]) -> Vec<f32> {
    let mut out = vec![f32::NAN; latent.shape().iter().product()];
    latent.weights(parameters, &mut out);
    out
}

fn pull(latent: &dyn Latent, parameters: &[f32], gradient: &[f32]) -> Vec<f32> {
    let mut out = vec![f32::NAN; parameters.len()];
    latent.pull(parameters, gradient, &mut out);
    out
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}

#[test]
fn codes_start_where_the_goal_lies_and_short_of_the_next_code() {
    // Two columns share a step.
    let (bits, group) = (Bits::new(4).unwrap(), GroupSize::new(2).unwrap());
    let scales = halves(&[0.5, 0.25]);
    let matrix = Int::from_values([1, 4], bits, group, &[1, -2, 0, 1], &scales).unwrap();
    let latent = of(&matrix).unwrap();
    let near = latent.start_near(&[0.6, -2.0, f32::NAN, 0.1]);
    let expected = [0.6, -1.225, 0.0, 0.1375];
    assert!(near.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{near:?}");
    assert_eq!(weights(&*latent, &near), [0.5, -1.0, 0.0, 0.25]);
}

#[test]
fn every_codec_of_the_table_can_be_trained() {
    for entry in TABLE {
        let kinds: Vec<_> =
            KINDS.iter().filter(|kind| kind.split([' ', ',']).next() == Some(entry.name)).collect();
        assert!(!kinds.is_empty(), "no test of {}", entry.name);
        for kind in kinds {
            let matrix = matrix(kind, [5, 9], 3);
            assert_eq!(matrix.name(), entry.name);
            assert_eq!(of(&*matrix).unwrap().shape(), [5, 9]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn training_starts_from_the_matrix_itself(rows in 0usize..12, columns in 0usize..40, seed in 0u32..1000) {
        for kind in KINDS {
            // Books for each run of a row that has none are no books.
            if columns == 0 && kind.starts_with("codebook,") {
                continue;
            }
            let matrix = matrix(kind, [rows, columns], seed);
            let latent = of(&*matrix).unwrap();
            let start = latent.start();
            prop_assert_eq!(start.len(), latent.count());
            // Of a step of zero, a code below zero stands for a zero with a sign, which is lost.
            prop_assert_eq!(weights(&*latent, &start), matrix.to_f32(), "{}", kind);
            let same = latent.matrix(&start).unwrap();
            prop_assert_eq!(same.name(), matrix.name());
            // Which code stood for such a zero is lost as well.
            if !["int", "int, a scale a row", "entropy", "low_rank of codes"].contains(kind) {
                prop_assert_eq!(same.parameters(), matrix.parameters(), "{}", kind);
                prop_assert_eq!(same.parts(), matrix.parts(), "{}", kind);
            }
        }
    }

    #[test]
    fn a_start_near_other_weights_stands_for_the_same_matrix(
        rows in 1usize..12,
        columns in 1usize..40,
        seed in 0u32..1000,
        spread in 0.01f32..8.0,
    ) {
        for kind in KINDS {
            let matrix = matrix(kind, [rows, columns], seed);
            for (masks, latent) in [(false, of(&*matrix)), (true, masked(&*matrix))] {
                let Ok(latent) = latent else { continue };
                let plain = latent.start();
                let values = matrix.to_f32();
                let goal = numbers(values.len(), seed + 5);
                let goal: Vec<f32> = values.iter().zip(goal).map(|(v, by)| v + spread * by).collect();
                let near = latent.start_near(&goal);
                prop_assert_eq!(weights(&*latent, &near), weights(&*latent, &plain), "{}", kind);
                if masks {
                    let mut zeros = values.iter().zip(&near).filter(|(value, _)| **value == 0.0);
                    prop_assert!(zeros.all(|(_, near)| *near == 0.0), "{}", kind);
                }
                if near == plain {
                    continue;
                }
                for ((near, plain), goal) in near.iter().zip(&plain).zip(&goal) {
                    prop_assert!((near - goal).abs() <= (plain - goal).abs() * 1.00001, "{}", kind);
                }
            }
        }
    }

    #[test]
    fn weights_are_those_of_the_matrix(
        rows in 1usize..12,
        columns in 1usize..40,
        seed in 0u32..1000,
        spread in 0.01f32..8.0,
    ) {
        for kind in KINDS {
            let matrix = matrix(kind, [rows, columns], seed);
            for latent in [Some(of(&*matrix).unwrap()), masked(&*matrix).ok()].iter().flatten() {
                let moved = numbers(latent.count(), seed + 7);
                let moved: Vec<f32> =
                    latent.start().iter().zip(moved).map(|(p, by)| p + spread * by).collect();
                let kept = latent.matrix(&moved).unwrap();
                prop_assert_eq!(bits(&weights(&**latent, &moved)), bits(&kept.to_f32()), "{}", kind);
            }
        }
    }

    #[test]
    fn zeros_of_a_mask_stay_and_others_may_come_back(seed in 0u32..1000, columns in 1usize..40) {
        for kind in KINDS {
            let matrix = matrix(kind, [6, columns], seed);
            if kind.starts_with("codebook") || kind.starts_with("low_rank") {
                let error = masked(&*matrix).unwrap_err().to_string();
                prop_assert!(error.ends_with("its weights are not held one by one"), "{}", error);
                continue;
            }
            let before = matrix.to_f32();
            let mut latents = vec![masked(&*matrix).unwrap()];
            if kind.starts_with("sparse") {
                latents.push(of(&*matrix).unwrap());
            }
            for latent in latents {
                // First all weights but those of row 0 are rounded to zero, then they come back.
                let mut parameters = vec![0.0; before.len()];
                parameters[..columns].copy_from_slice(&latent.start()[..columns]);
                let gone = latent.matrix(&parameters);
                prop_assert_eq!(gone.unwrap().to_f32(), weights(&*latent, &parameters));
                let large = numbers(before.len(), seed + 3);
                let large: Vec<f32> = large.iter().map(|v| v.signum() * 0.5).collect();
                let after = latent.matrix(&large).unwrap().to_f32();
                let slopes = pull(&*latent, &large, &vec![1e-3; before.len()]);
                for at in 0..before.len() {
                    if before[at] == 0.0 {
                        prop_assert_eq!((after[at], slopes[at]), (0.0, 0.0));
                    } else if ["f32", "f16", "int8", "sparse", "sparse floats"].contains(kind) {
                        prop_assert!(after[at] != 0.0 && slopes[at] == 1e-3, "{} {}", kind, at);
                    }
                }
            }
        }
    }

    #[test]
    fn gradients_are_the_slopes_of_weights(rows in 1usize..9, columns in 1usize..20, seed in 0u32..1000) {
        // Weights are linear in each factor and in a codebook's values, so that central differences
        // are exact where parameters and steps are such that half floats hold them.
        let coarse = |values: &[f32]| -> Vec<f32> {
            values.iter().map(|value| (value * 16.0).round() / 16.0).collect()
        };
        for kind in ["f32", "f16", "codebook", "codebook, books of columns", "low_rank", "sparse floats"] {
            let latent = of(&*matrix(kind, [rows, columns], seed)).unwrap();
            let parameters = coarse(&latent.start());
            let step = coarse(&numbers(parameters.len(), seed + 1));
            let upstream = numbers(rows * columns, seed + 2);
            let at = |sign: f32| -> f64 {
                let moved: Vec<f32> =
                    parameters.iter().zip(&step).map(|(p, by)| p + sign * by).collect();
                dot(&weights(&*latent, &moved), &upstream)
            };
            let slope = dot(&pull(&*latent, &parameters, &upstream), &step);
            let expected = (at(1.0) - at(-1.0)) / 2.0;
            prop_assert!((slope - expected).abs() < 1e-4, "{kind}: {slope}, not {expected}");
        }
    }
}

#[test]
fn nothing_pushes_a_code_past_its_end() {
    // 4 bits: codes from −8 to 7, of a step of 1, of one of −1, of none.
    let (bits, group) = (Bits::new(4).unwrap(), GroupSize::new(6).unwrap());
    let scales = halves(&[1.0, -1.0, 0.0]);
    let int = Int::from_values([3, 6], bits, group, &[1; 18], &scales).unwrap();
    let latent = of(&int).unwrap();
    let row = [-9.0, -8.0, -7.4, 6.9, 7.0, 100.0];
    let parameters = [row, row.map(|value| -value), row].concat();
    // Against a positive gradient, parameters shrink.
    let shrinking = pull(&*latent, &parameters, &[2.0; 18]);
    assert_eq!(shrinking[..6], [0.0, 0.0, 2.0, 2.0, 2.0, 2.0]);
    assert_eq!(shrinking[6..12], [2.0, 2.0, 2.0, 2.0, 0.0, 0.0]);
    assert_eq!(shrinking[12..], [0.0; 6]);
    let growing = pull(&*latent, &parameters, &[-2.0; 18]);
    assert_eq!(growing[..6], [-2.0, -2.0, -2.0, -2.0, 0.0, 0.0]);
    assert_eq!(growing[6..12], [0.0, 0.0, -2.0, -2.0, -2.0, -2.0]);
    assert_eq!(growing[12..], [0.0; 6]);
    let ends = weights(&*latent, &parameters);
    assert_eq!(ends[..6], [-8.0, -8.0, -7.0, 7.0, 7.0, 7.0]);
    assert_eq!(ends[6..12], [8.0, 8.0, 7.0, -7.0, -7.0, -7.0]);
}

#[test]
fn codes_of_8_bits_are_even_around_zero_unless_they_were_not() {
    for (code, least) in [(-127, -127.0), (-128, -128.0)] {
        let latent = of(&*int8([1, 2], &[code, 3])).unwrap();
        assert_eq!(weights(&*latent, &[-9.0, 9.0]), [least / 153.83, 127.0 / 153.83]);
        let matrix = latent.matrix(&[-9.0, 9.0]).unwrap();
        assert_eq!(matrix.integers().unwrap().input_scale, Some(14.5), "it stays");
    }
}

#[test]
fn what_is_wrong_with_parameters_is_named() {
    for kind in KINDS {
        let latent = of(&*matrix(kind, [4, 6], 5)).unwrap();
        let error = |parameters: &[f32]| latent.matrix(parameters).unwrap_err().to_string();
        let count = latent.count();
        let text = error(&vec![0.0; count + 1]);
        assert_eq!(text, format!("expected {count} parameters, found {}", count + 1));
        let mut parameters = latent.start();
        parameters[1] = f32::NAN;
        assert_eq!(error(&parameters), "parameter 1 is NaN", "{kind}");
    }
    for kind in ["f16", "codebook", "low_rank"] {
        let latent = of(&*matrix(kind, [4, 6], 5)).unwrap();
        let error = latent.matrix(&vec![7e4; latent.count()]).unwrap_err().to_string();
        assert!(error.contains("70000"), "{kind}: {error}");
    }
}

#[test]
fn codes_whose_steps_are_not_zero_are_written_as_they_were() {
    let shape = [6, 20];
    let (bits, group) = (Bits::new(4).unwrap(), GroupSize::new(8).unwrap());
    let values = codes(120, 4, 7.0);
    let int = Int::from_values(shape, bits, group, &values, &halves(&[0.3; 18]));
    let coded = Entropy::from_codes(shape, &values, &[0, 1, 0, 1, 1, 0], &[0.1, -0.7]);
    for matrix in [Box::new(int.unwrap()) as Matrix, Box::new(coded.unwrap())] {
        let latent = of(&*matrix).unwrap();
        let same = latent.matrix(&latent.start()).unwrap();
        assert_eq!(same.parameters(), matrix.parameters());
        assert_eq!(same.parts(), matrix.parts());
    }
}

#[test]
fn codes_that_training_made_all_the_same_are_an_error() {
    let shape = [1 << 10, 1 << 10];
    let codes = codes(shape[0] * shape[1], 1, 4.0);
    let matrix = Entropy::from_codes(shape, &codes, &[0; 1 << 10], &[0.1]).unwrap();
    let latent = of(&matrix).unwrap();
    let error = latent.matrix(&vec![0.0; latent.count()]).unwrap_err().to_string();
    assert!(error.contains("too few"), "{error}");
}

#[test]
fn steps_that_no_float_holds_a_code_of_are_named() {
    let matrix = Entropy::from_codes([2, 2], &[0, 0, 1, 0], &[1, 0], &[3e38, 1.0]).unwrap();
    let error = of(&matrix).unwrap_err().to_string();
    assert!(error.contains("codec entropy: row 1: the largest code of a step of 3"), "{error}");
}
