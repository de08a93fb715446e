//! Half floats, codes in groups and coded codes, damaged: what the metadata says of a matrix, and its
//! parts. For codecs that are made of others see `nested.rs`.

use std::sync::OnceLock;

use bytes::Bytes;
use half::f16;
use pocketglot::codec::Matrix;
use pocketglot::codec::float16::Float16;
use pocketglot::codec::int::{Bits, GroupSize, Int};
use pocketglot::codec::low_rank::{LowRank, least_rank};
use pocketglot::format::screening::Map;
use pocketglot::format::{Package, Screening};
use pocketglot::tensor::{Dtype, Tensor};
use serde_json::{Value, json};

use crate::common::recode::{codebook, coded, float32, low_rank, sparse};
use crate::guard::{PACKAGE, bounded, load, placed};
use crate::package::tiny_file;

/// The tiny model with each of the codecs in it, none of whose groups or codes end where rows do.
pub fn mixed_file() -> &'static [u8] {
    static MIXED: OnceLock<Vec<u8>> = OnceLock::new();
    MIXED.get_or_init(|| {
        let sound = Package::read(Bytes::from_static(tiny_file())).unwrap();
        let mut mixed = sound.clone();
        for (at, (name, info)) in sound.metadata.matrices.iter().enumerate() {
            let matrix = sound.matrix(name, info.shape).unwrap();
            let matrix = match at % 12 {
                0 => int(&matrix, 5, 5),
                1 => half(&matrix),
                2 => int(&matrix, 3, 100),
                3 => float32(&matrix).unwrap(),
                4 => low_rank(&matrix).unwrap(),
                5 => codebook(&matrix).unwrap(),
                6 => sparse(&matrix).unwrap(),
                7 => sparse(&int(&matrix, 3, 5)).unwrap(),
                8 => sparse(&half(&matrix)).unwrap(),
                9 => int_pair(&matrix),
                10 => coded(&matrix).unwrap(),
                _ => matrix,
            };
            mixed.insert_matrix(name, &matrix);
        }
        mixed.set_screening(Some(&screening()));
        mixed.write().unwrap()
    })
}

/// For the tiny model, which is 8 wide.
fn screening() -> Screening {
    let map = |sign: f32| {
        let values: Vec<f32> = (0..24).map(|n| sign * (n as f32).sin()).collect();
        Map::round(8, &values).unwrap()
    };
    Screening::new(10, map(1.0), map(-0.5)).unwrap()
}

fn int(matrix: &Matrix, bits: u64, group_size: u64) -> Matrix {
    let (bits, group_size) = (Bits::new(bits).unwrap(), GroupSize::new(group_size).unwrap());
    Box::new(Int::nearest(matrix.shape(), bits, group_size, &matrix.to_f32()).unwrap())
}

/// A pair of factors in codes: the least rank, of weights that mean nothing.
fn int_pair(matrix: &Matrix) -> Matrix {
    let [rows, columns] = matrix.shape();
    let rank = least_rank([rows, columns]);
    let (bits, group_size) = (Bits::new(5).unwrap(), GroupSize::new(5).unwrap());
    let weights = matrix.to_f32();
    let factor = |shape: [usize; 2]| -> Matrix {
        let weights = &weights[..shape[0] * shape[1]];
        Box::new(Int::nearest(shape, bits, group_size, weights).unwrap())
    };
    Box::new(LowRank::new(factor([rows, rank]), factor([rank, columns])).unwrap())
}

fn half(matrix: &Matrix) -> Matrix {
    Box::new(Float16::round(matrix.shape(), &matrix.to_f32()).unwrap())
}

/// `[8, 12]`, so that 5 bits end within a byte: rows of 8 bytes and 3 groups.
const INT: &str = "encoder.0.ffn.w2";
/// `[12, 8]`.
const HALF: &str = "encoder.0.ffn.w1";

/// `[8, 8]`.
const CODED: &str = "encoder.0.attention.v";

fn sound() -> Package {
    let mut package = Package::read(Bytes::from_static(tiny_file())).unwrap();
    let matrix = int(&package.matrix(INT, [8, 12]).unwrap(), 5, 5);
    package.insert_matrix(INT, &matrix);
    let matrix = half(&package.matrix(HALF, [12, 8]).unwrap());
    package.insert_matrix(HALF, &matrix);
    let matrix = coded(&package.matrix(CODED, [8, 8]).unwrap()).unwrap();
    package.insert_matrix(CODED, &matrix);
    package
}

/// How the file of a changed package is refused.
fn refusal(change: impl FnOnce(&mut Package)) -> String {
    let mut package = sound();
    change(&mut package);
    let file = package.write().unwrap();
    let package = Package::read(file.into()).unwrap();
    load(&package);
    let loaded = pocketglot::translate::Translator::load(
        pocketglot::backend::reference::Reference,
        &package,
    );
    loaded.err().expect("it was loaded").to_string()
}

fn parameter(matrix: &str, name: &str, value: Value) -> String {
    refusal(|package| {
        let info = package.metadata.matrices.get_mut(matrix).unwrap();
        info.parameters.insert(name.to_owned(), value);
    })
}

fn package_codec(matrix: &str) -> String {
    sound().metadata.matrices[matrix].codec.clone()
}

/// A refusal with another tensor as a part, without the place, which must be right.
fn part(matrix: &str, part: &str, tensor: Tensor) -> String {
    let text = refusal(|package| {
        package.tensors.insert(format!("{matrix}.{part}"), tensor).expect("a part");
    });
    let codec = package_codec(matrix);
    let place = format!("matrix \"{matrix}\": codec {codec}: part `.{part}`: ");
    text.strip_prefix(&place).unwrap_or_else(|| panic!("names no place: {text}")).to_owned()
}

fn tensor(dtype: Dtype, shape: &[usize]) -> Tensor {
    let bytes = vec![0; dtype.bytes() * shape.iter().product::<usize>()];
    Tensor::new(dtype, shape.to_vec(), bytes.into()).unwrap()
}

#[test]
fn what_is_sound_loads() {
    load(&sound());
    for file in [sound().write().unwrap(), mixed_file().to_vec()] {
        let package = Package::read(file.into()).unwrap();
        pocketglot::translate::Translator::load(
            pocketglot::backend::reference::Reference,
            &package,
        )
        .unwrap();
    }
}

#[test]
fn parameters_out_of_range_are_named() {
    let bits = "expected a whole number from 2 to 8, found";
    let group = "expected a whole number from 1 to 4294967295, found";
    let values = [json!(1), json!(9), json!(0), json!(-4), json!(4.5), json!("4"), json!(null)];
    for value in values.into_iter().chain([json!(u64::MAX), json!([4]), json!(true)]) {
        let expected = format!("matrix \"{INT}\": codec int: parameter `bits`: {bits} {value}");
        assert_eq!(parameter(INT, "bits", value), expected);
    }
    for value in [json!(0), json!(-1), json!(1u64 << 32), json!(0.5), json!("64"), json!({})] {
        let place = format!("matrix \"{INT}\": codec int: parameter `group_size`");
        let expected = format!("{place}: {group} {value}");
        assert_eq!(parameter(INT, "group_size", value), expected);
    }
}

#[test]
fn parameters_that_are_missing_or_unknown_are_named() {
    for name in ["bits", "group_size"] {
        let text = refusal(|package| {
            let info = package.metadata.matrices.get_mut(INT).unwrap();
            info.parameters.remove(name).expect("a parameter");
        });
        let expected = format!("matrix \"{INT}\": codec int: the parameter `{name}` is missing");
        assert_eq!(text, expected);
    }
    let text = parameter(INT, "zero_points", json!(true));
    assert_eq!(text, format!("matrix \"{INT}\": codec int: unknown parameter `zero_points`"));
    let text = parameter(HALF, "bits", json!(16));
    assert_eq!(text, format!("matrix \"{HALF}\": codec f16: unknown parameter `bits`"));
    let text = parameter("embedding", "bits", json!(8));
    assert_eq!(text, "matrix \"embedding\": codec int8: unknown parameter `bits`");
}

#[test]
fn parts_of_another_shape_or_type_are_named() {
    let shape = |shape: &[usize], found: &[usize]| {
        format!("expected shape {shape:?}, the file holds {found:?}")
    };
    for found in [&[8, 7][..], &[8, 9], &[7, 8], &[64], &[1, 8, 8], &[0, 8]] {
        assert_eq!(part(INT, "codes", tensor(Dtype::U8, found)), shape(&[8, 8], found));
    }
    for found in [&[8, 2][..], &[8, 4], &[3, 8], &[24], &[]] {
        assert_eq!(part(INT, "scales", tensor(Dtype::F16, found)), shape(&[8, 3], found));
    }
    for found in [&[8, 12][..], &[12, 7], &[96], &[]] {
        assert_eq!(part(HALF, "values", tensor(Dtype::F16, found)), shape(&[12, 8], found));
    }
    let codes = part(INT, "codes", tensor(Dtype::I8, &[8, 8]));
    assert_eq!(codes, "expected U8 elements, found I8");
    let scales = part(INT, "scales", tensor(Dtype::F32, &[8, 3]));
    assert_eq!(scales, "expected F16 elements, found F32");
    let values = part(HALF, "values", tensor(Dtype::F32, &[12, 8]));
    assert_eq!(values, "expected F16 elements, found F32");
    // Sound parts that other parameters belong to.
    let text = parameter(INT, "bits", json!(4));
    assert!(text.contains("part `.codes`: expected shape [8, 6]"), "{text}");
    let text = parameter(INT, "group_size", json!(6));
    assert!(text.contains("part `.scales`: expected shape [8, 2]"), "{text}");
    for (matrix, suffix) in [(INT, "codes"), (INT, "scales"), (HALF, "values")] {
        let text = refusal(|package| {
            package.tensors.remove(&format!("{matrix}.{suffix}")).expect("a part");
        });
        assert!(text.starts_with(&format!("matrix \"{matrix}\": codec ")), "{text}");
        assert!(text.ends_with(&format!("the part `.{suffix}` is missing")), "{text}");
    }
}

#[test]
fn numbers_that_are_none_are_named() {
    for (value, name) in [(f16::NAN, "NaN"), (f16::INFINITY, "inf"), (f16::NEG_INFINITY, "-inf")] {
        let mut scales = vec![f16::ONE; 24];
        scales[17] = value;
        let text = part(INT, "scales", Tensor::from_f16(vec![8, 3], &scales));
        assert_eq!(text, format!("element 17 is {name}"));
        let mut values = vec![f16::ONE; 96];
        values[95] = value;
        let text = part(HALF, "values", Tensor::from_f16(vec![12, 8], &values));
        assert_eq!(text, format!("element 95 is {name}"));
    }
}

#[test]
fn rows_end_with_their_last_code() {
    // 12 codes of 5 bits leave 4.
    let mut codes = vec![0; 64];
    codes[6 * 8 + 7] = 0x10;
    let text = part(INT, "codes", Tensor::new(Dtype::U8, vec![8, 8], codes.into()).unwrap());
    assert_eq!(text, "row 6 has bits after its last code that are not zero");
}

#[test]
fn coded_codes_that_are_damaged_are_named() {
    let words = |words: &[u32]| -> Bytes {
        words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>().into()
    };
    let table = |frequencies: &[u32]| {
        Tensor::new(Dtype::U32, vec![1, frequencies.len()], words(frequencies)).unwrap()
    };
    let least = sound().metadata.matrices[CODED].parameters["least"].as_i64().unwrap();
    assert!((-32..-1).contains(&least), "{least}");
    for value in [json!(-128), json!(128), json!(0.5), json!("-9"), json!(null)] {
        let text = parameter(CODED, "least", value.clone());
        let range = "expected a whole number from -127 to 127";
        assert!(text.ends_with(&format!("parameter `least`: {range}, found {value}")), "{text}");
    }
    // Codes that would reach beyond 127.
    assert!(parameter(CODED, "least", json!(120)).contains("expected shape [1, 2 to 8]"));
    let tables = |frequencies: &[u32]| part(CODED, "tables", table(frequencies));
    assert_eq!(tables(&[4096, 0]), "a frequency is zero");
    assert_eq!(tables(&[4095, 2]), "frequencies add up to 4097, not 4096");
    assert_eq!(tables(&[u32::MAX, 4097]), "frequencies add up to 4294967295, not 4096");
    assert!(tables(&[4096]).starts_with("expected shape [1, 2 to "));
    // Another code book than the one that they were written with.
    let other = refusal(|package| {
        package.tensors.insert(format!("{CODED}.tables"), table(&[1024; 4])).expect("a part");
    });
    let damaged = "part `.codes`: does not end with the last code: it is damaged";
    assert!(other.ends_with(damaged), "{other}");
    let steps = part(CODED, "steps", Tensor::from_f32(vec![1], &[f32::INFINITY]));
    assert_eq!(steps, "element 0 is inf");
    let classes = part(CODED, "classes", Tensor::from_bytes(vec![0, 0, 0, 1, 0, 0, 0, 0]));
    assert_eq!(classes, "a class above the 1 steps");
    let classes = part(CODED, "classes", Tensor::from_bytes(vec![0; 7]));
    assert_eq!(classes, "expected shape [8], the file holds [7]");
    let codes = |bytes: &[u8]| part(CODED, "codes", Tensor::from_bytes(bytes.to_vec()));
    assert_eq!(codes(&[1; 9]), "9 bytes are no whole words");
    let damaged = "does not end with the last code: it is damaged";
    assert_eq!(codes(&[0; 8]), damaged);
    let package = sound();
    let stream = package.tensors[&format!("{CODED}.codes")].data();
    assert_eq!(codes(&stream[4..]), damaged);
    assert_eq!(codes(&stream[..stream.len() - 4]), damaged);
    let twice = [&stream[..], &stream[..]].concat();
    assert_eq!(codes(&twice), damaged);
}

#[test]
fn no_shape_is_believed() {
    let far = [usize::MAX, usize::MAX / 2, 1 << 40, 1 << 32];
    let shapes = far.map(|side| [[side, side], [side, 1], [1, side], [side, 0], [0, side]]);
    for shape in shapes.into_iter().flatten() {
        for bits in 2..=8 {
            let mut package = sound();
            let info = package.metadata.matrices.get_mut(INT).unwrap();
            info.shape = shape;
            info.parameters.insert("bits".to_owned(), json!(bits));
            refuse_bounded(&package, INT, shape);
            for name in [HALF, CODED] {
                package.metadata.matrices.get_mut(name).unwrap().shape = shape;
                refuse_bounded(&package, name, shape);
            }
            empty_parts(&mut package, shape);
        }
    }
}

/// Parts that are there and empty, where a file can hold their shape, make a matrix of nothing.
fn empty_parts(package: &mut Package, shape: [usize; 2]) {
    let info = &package.metadata.matrices[INT];
    let bits = Bits::new(info.parameters["bits"].as_u64().unwrap()).unwrap();
    let tensor = |dtype, columns| Tensor::new(dtype, vec![shape[0], columns], Bytes::new());
    let codes = tensor(Dtype::U8, bits.row_bytes(shape[1]));
    let scales = tensor(Dtype::F16, shape[1].div_ceil(5));
    let (Ok(codes), Ok(scales)) = (codes, scales) else { return };
    package.tensors.insert(format!("{INT}.codes"), codes);
    package.tensors.insert(format!("{INT}.scales"), scales);
    bounded(0, || {
        let matrix = package.matrix(INT, shape).unwrap();
        assert!(matrix.to_f32().is_empty());
        assert!(matrix.integers().is_none_or(|integers| integers.codes.data().is_empty()));
    });
}

fn refuse_bounded(package: &Package, name: &str, shape: [usize; 2]) {
    let read = bounded(0, || placed(package.matrix(name, shape), PACKAGE));
    assert!(read.is_none(), "{name} was read as {shape:?}");
}

#[test]
fn a_matrix_in_another_codec_leaves_nothing_behind() {
    let mut package = sound();
    let names = |package: &Package| -> Vec<String> {
        package.tensors.keys().filter(|name| name.starts_with(INT)).cloned().collect()
    };
    assert_eq!(names(&package), [".bias", ".codes", ".scales"].map(|part| format!("{INT}{part}")));
    let matrix = float32(&package.matrix(INT, [8, 12]).unwrap()).unwrap();
    package.insert_matrix(INT, &matrix);
    assert_eq!(names(&package), [".bias", ".values"].map(|part| format!("{INT}{part}")));
    let info = &package.metadata.matrices[INT];
    assert_eq!((info.codec.as_str(), info.parameters.len()), ("f32", 0));
}
