//! Matrices in every codec compute what their unpacked floats compute, to the bit: codecs change how
//! weights are kept, and nothing else.

mod common;

use common::models::{evaluation, package};
use common::recode::{CODECS, float32, recode};
use common::walk::Numbers;
use futures_lite::future::block_on;
use half::f16;
use pocketglot::backend::cpu::{Cpu, Logits, Tensor};
use pocketglot::backend::host::RaggedLogits;
use pocketglot::backend::reference::{Reference, ReferenceInt8};
use pocketglot::backend::{Activation, Backend, Candidates};
use pocketglot::codec::codebook::{Codebook, Dimension};
use pocketglot::codec::entropy::Entropy;
use pocketglot::codec::float::Float32;
use pocketglot::codec::float16::Float16;
use pocketglot::codec::int::{Bits, GroupSize, Int};
use pocketglot::codec::low_rank::LowRank;
use pocketglot::codec::sparse::Sparse;
use pocketglot::codec::{Codec, Matrix, Stored};
use pocketglot::format::Package;
use pocketglot::token::TokenId;
use pocketglot::translate::Translator;

/// A matrix in a codec, and its weights, worked out by hand from what it was made of.
struct Pair {
    what: String,
    matrix: Matrix,
    floats: Float32,
}

fn half(numbers: &mut Numbers, shape: [usize; 2]) -> Pair {
    let halves: Vec<f16> =
        numbers.take(shape[0] * shape[1]).into_iter().map(f16::from_f32).collect();
    // A half float's neighbours among the floats round back to it.
    let near = |half: &f16| half.to_f32() * (1.0 + f32::EPSILON);
    let near: Vec<f32> = halves.iter().map(near).collect();
    Pair {
        what: format!("f16 {shape:?}"),
        matrix: Box::new(Float16::round(shape, &near).unwrap()),
        floats: Float32::new(shape, halves.iter().map(|half| half.to_f32()).collect()),
    }
}

fn int(numbers: &mut Numbers, shape: [usize; 2], bits: u64, group: u64) -> Pair {
    let (bits, group_size) = (Bits::new(bits).unwrap(), GroupSize::new(group).unwrap());
    let [rows, columns] = shape;
    let groups = columns.div_ceil(group as usize);
    let value = |number: f32| (number * f32::from(bits.offset())).floor() as i8;
    let values: Vec<i8> = numbers.take(rows * columns).into_iter().map(value).collect();
    let scales: Vec<f16> =
        numbers.take(rows * groups).into_iter().map(|scale| f16::from_f32(0.1 * scale)).collect();
    let weight = |at: usize| {
        let scale = scales[at / columns * groups + at % columns / group as usize];
        f32::from(values[at]) * scale.to_f32()
    };
    Pair {
        what: format!("{} bits, groups of {group}, {shape:?}", bits.get()),
        matrix: Box::new(Int::from_values(shape, bits, group_size, &values, &scales).unwrap()),
        floats: Float32::new(shape, (0..rows * columns).map(weight).collect()),
    }
}

/// Codes with a step for each of three classes of rows, coded by how often they occur.
fn coded(numbers: &mut Numbers, shape: [usize; 2]) -> Pair {
    let [rows, columns] = shape;
    let code = |number: f32| (number.powi(3) * 127.0) as i8;
    let codes: Vec<i8> = numbers.take(rows * columns).into_iter().map(code).collect();
    let classes: Vec<u8> = (0..rows).map(|row| (row * 7 % 3) as u8).collect();
    let steps = numbers.take(3);
    let weight = |at: usize| f32::from(codes[at]) * steps[usize::from(classes[at / columns])];
    Pair {
        what: format!("coded, {shape:?}"),
        matrix: Box::new(Entropy::from_codes(shape, &codes, &classes, &steps).unwrap()),
        floats: Float32::new(shape, (0..rows * columns).map(weight).collect()),
    }
}

fn codebook(numbers: &mut Numbers, shape: [usize; 2], width: u64, columns: bool) -> Pair {
    let [rows, runs] = [shape[0], shape[1].div_ceil(width as usize)];
    let (width, books) = (Dimension::new(width).unwrap(), if columns { runs } else { 1 });
    let count = 37;
    let values = numbers.take(books * count * width.get()).into_iter().map(f16::from_f32);
    let values: Vec<f16> = values.collect();
    let code = |number: f32| ((number + 1.0) * 18.4) as u8;
    let codes: Vec<u8> = numbers.take(rows * runs).into_iter().map(code).collect();
    let weight = |at: usize| {
        let (row, run, place) =
            (at / shape[1], at % shape[1] / width.get(), at % shape[1] % width.get());
        let code = usize::from(codes[row * runs + run]) + if columns { run * count } else { 0 };
        values[code * width.get() + place].to_f32()
    };
    let matrix = Codebook::from_codes(shape, width, &codes, books, &values).unwrap();
    Pair {
        what: format!("codes of {} weights, {books} books, {shape:?}", width.get()),
        matrix: Box::new(matrix),
        floats: Float32::new(shape, (0..rows * shape[1]).map(weight).collect()),
    }
}

type Factor = fn(&mut Numbers, [usize; 2]) -> Pair;

/// Of the factors that two functions make.
fn low_rank(numbers: &mut Numbers, [rows, columns]: [usize; 2], factors: [Factor; 2]) -> Pair {
    let rank = 7;
    let [left, right] = [(factors[0], [rows, rank]), (factors[1], [rank, columns])]
        .map(|(factor, shape)| factor(numbers, shape));
    let (l, r) = (left.floats.to_f32(), right.floats.to_f32());
    let weight = |at: usize| {
        let products =
            (0..rank).map(|k| l[at / columns * rank + k] * r[k * columns + at % columns]);
        products.fold(0.0, |sum, product| sum + product)
    };
    let floats = Float32::new([rows, columns], (0..rows * columns).map(weight).collect());
    let matrix = Box::new(LowRank::new(left.matrix, right.matrix).unwrap());
    Pair { what: format!("{} times {}", left.what, right.what), matrix, floats }
}

fn sparse(pair: Pair) -> Pair {
    let matrix = Box::new(Sparse::new(&*pair.matrix).unwrap());
    Pair { what: format!("sparse, {}", pair.what), matrix, ..pair }
}

/// Over shapes that are multiples of nothing, neither of a group nor of what fills a byte.
fn pairs(numbers: &mut Numbers) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for shape in [[1, 1], [5, 3], [17, 33], [66, 70], [3, 130]] {
        pairs.push(half(numbers, shape));
        pairs.push(coded(numbers, shape));
        for bits in 2..=8 {
            pairs.extend([5, 32, 64, 200].map(|group| int(numbers, shape, bits, group)));
        }
    }
    pairs
}

/// Codecs of which nothing but rows is to be had, and those that are made of others.
fn unpacked_pairs(numbers: &mut Numbers) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for shape in [[1, 1], [5, 3], [17, 33], [66, 70], [3, 130]] {
        for width in [1, 2, 4, 16] {
            pairs.extend([false, true].map(|columns| codebook(numbers, shape, width, columns)));
        }
        let few: Factor = |numbers, shape| int(numbers, shape, 4, 5);
        let whole: Factor = half;
        let factors = [[whole, whole], [few, whole], [few, few]];
        pairs.extend(factors.map(|factors| low_rank(numbers, shape, factors)));
        // Of two bits a quarter is zero.
        pairs.push(sparse(int(numbers, shape, 2, 64)));
        pairs.push(sparse(half(numbers, shape)));
    }
    pairs
}

/// What two matrices make of the same input, in products and as a table.
fn assert_same<B: Backend>(
    backend: &B,
    pair: &Pair,
    x: &B::Tensor,
    values: impl Fn(&B::Tensor) -> Vec<f32>,
    logits: impl Fn(&B::Logits, usize) -> Vec<f32>,
) {
    let what = format!("{}, {}", pair.what, backend.name());
    let [rows, columns] = pair.floats.shape();
    let both = [&*pair.matrix, &pair.floats as &dyn Codec];
    let product = |matrix: &dyn Codec| {
        let weight = backend.matrix(matrix).unwrap();
        values(&backend.linear(x, &weight, None, Activation::Identity))
    };
    let [ours, floats] = both.map(product);
    assert_eq!(ours, floats, "product, {what}");
    assert!(rows == 1 || ours.iter().any(|value| *value != 0.0), "nothing to compare: {what}");
    if !columns.is_multiple_of(2) {
        return; // No network is of odd width, and no position is defined for one.
    }
    let list: Candidates = (0..rows as u32).map(TokenId).collect();
    let looked_up = |matrix: &dyn Codec| {
        let table = backend.table(matrix).unwrap();
        let tokens: Vec<TokenId> = list.to_vec();
        let choices = backend.choices(&[list.clone(), list.clone(), list.clone()]);
        let bias = backend.vector(vec![0.0; rows]).unwrap();
        let found = backend.logits(x, &table, &bias, &choices);
        let embedded = values(&backend.embed_step(&table, &backend.tokens(&tokens), 1));
        (embedded, [0, 1, 2].map(|row| logits(&found, row)))
    };
    let [ours, floats] = both.map(looked_up);
    assert_eq!(ours, floats, "table, {what}");
}

#[test]
fn products_are_those_of_the_unpacked_floats() {
    let mut numbers = Numbers(8);
    let all = pairs(&mut numbers).into_iter().chain(unpacked_pairs(&mut Numbers(11)));
    for pair in all {
        let x = numbers.activations(3, pair.floats.shape()[1]);
        let reference = |logits: &RaggedLogits, row: usize| logits.row(row).to_vec();
        assert_same(&Reference, &pair, &x, |x| x.data().to_vec(), reference);
        for cpu in Cpu::all().into_iter().map(Cpu::in_floats) {
            let x = Tensor::from(&x);
            let logits = |logits: &Logits, row: usize| logits.row(row).to_vec();
            assert_same(&cpu, &pair, &x, |x| x.data().to_vec(), logits);
        }
    }
}

#[test]
fn one_scale_a_row_computes_in_integers() {
    let mut numbers = Numbers(9);
    for shape in [[5, 3], [17, 33], [66, 70]] {
        let pairs: Vec<_> = (2..=8).map(|bits| int(&mut numbers, shape, bits, 70)).collect();
        for pair in pairs.into_iter().chain([coded(&mut numbers, shape)]) {
            assert_computes_in_integers(&mut numbers, pair);
        }
    }
}

fn assert_computes_in_integers(numbers: &mut Numbers, Pair { what, matrix, floats }: Pair) {
    let [_, columns] = floats.shape();
    let x = numbers.activations(3, columns);
    let oracle = ReferenceInt8.matrix(&*matrix).unwrap();
    let oracle = ReferenceInt8.linear(&x, &oracle, None, Activation::Identity);
    let unrounded = Reference.matrix(&floats).unwrap();
    let unrounded = Reference.linear(&x, &unrounded, None, Activation::Identity);
    assert_ne!(oracle.data(), unrounded.data(), "not in integers: {what}");
    // Activations, up to 1, are rounded by at most half of 1/127.
    let largest = floats.to_f32().into_iter().fold(0f32, |most, value| most.max(value.abs()));
    let most = largest * columns as f32 / 254.0;
    for (a, b) in oracle.data().iter().zip(unrounded.data()) {
        assert!((a - b).abs() <= most, "{a}, not {b}: {what}");
    }
    for cpu in Cpu::all() {
        let ours = cpu.matrix(&*matrix).unwrap();
        let ours = cpu.linear(&Tensor::from(&x), &ours, None, Activation::Identity);
        assert_eq!(ours.data(), oracle.data(), "{what}, {}", cpu.instructions());
    }
}

#[test]
fn a_model_in_any_codec_says_what_its_unpacked_floats_say() {
    let package = package("en", "pt");
    let texts: Vec<String> = evaluation("en").into_iter().step_by(40).collect();
    let cpu = Cpu::default().in_floats();
    let say = |package: &Package| -> Vec<Vec<TokenId>> {
        let translator = Translator::load(cpu, package).unwrap();
        let sources: Vec<_> =
            texts.iter().flat_map(|text| translator.prepare(text).unwrap().1).collect();
        block_on(translator.network().translate(&sources)).unwrap()
    };
    let floats = say(&recode(&package, float32));
    for (name, codec) in CODECS {
        let recoded = recode(&package, codec);
        let ours = say(&recoded);
        assert_eq!(ours, say(&recode(&recoded, float32)), "{name}");
        // Four bits lose something, so the weights cannot have stayed what they were.
        assert!(ours != floats || name != "int4 in groups");
    }
}

#[test]
fn zeros_that_a_file_leaves_out_change_no_translation_in_integers() {
    let package = package("en", "pt");
    let sparse = recode(&package, common::recode::sparse);
    let texts: Vec<String> = evaluation("en").into_iter().step_by(40).collect();
    let [ours, theirs] = [&sparse, &package].map(|package| {
        let translator = Translator::load(Cpu::default(), package).unwrap();
        let weights = translator.network().weight_bytes();
        let sources: Vec<_> =
            texts.iter().flat_map(|text| translator.prepare(text).unwrap().1).collect();
        (weights, block_on(translator.network().translate(&sources)).unwrap())
    });
    // As many bytes: the codes have stayed codes.
    assert_eq!(ours, theirs);
}

#[test]
fn what_is_stored_is_what_the_parts_hold() {
    let mut numbers = Numbers(10);
    for Pair { what, matrix, .. } in pairs(&mut numbers) {
        let parts = matrix.parts();
        match matrix.stored() {
            Stored::Float16(values) => assert_eq!(values, &parts[0].1.data()[..], "{what}"),
            Stored::Int { bits, group_size, codes, scales } => {
                let [rows, columns] = matrix.shape();
                assert_eq!(codes.len(), rows * bits.row_bytes(columns), "{what}");
                assert_eq!(scales.len(), 2 * rows * group_size.groups(columns), "{what}");
                assert_eq!(codes, &parts[0].1.data()[..], "{what}");
                assert_eq!(scales, &parts[1].1.data()[..], "{what}");
                let parameters = matrix.parameters();
                assert_eq!(parameters["bits"], bits.get(), "{what}");
                assert_eq!(parameters["group_size"], group_size.get(), "{what}");
            }
            Stored::Other => assert_eq!(matrix.name(), "entropy", "{what}"),
            other => panic!("{what}: {other:?}"),
        }
    }
}
