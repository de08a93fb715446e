//! Codebooks, pairs of factors and sparse matrices, damaged.

use bytes::Bytes;
use half::f16;
use pocketglot::codec::Matrix;
use pocketglot::codec::codebook::{Codebook, Dimension};
use pocketglot::codec::float16::Float16;
use pocketglot::codec::int::{Bits, GroupSize, Int};
use pocketglot::codec::int8::Int8;
use pocketglot::codec::low_rank::LowRank;
use pocketglot::codec::sparse::Sparse;
use pocketglot::format::Package;
use pocketglot::tensor::{Dtype, Tensor};
use serde_json::{Map, Value, json};

use crate::guard::{PACKAGE, bounded, placed};
use crate::package::tiny_file;

const SHAPE: [usize; 2] = [3, 10];
const NAME: &str = "encoder.0.ffn.w1";

/// Dimension 4, so that the last run of a row is shorter; 5 codes of 3 bits, so that rows of 3 codes
/// end within a byte.
fn book() -> Matrix {
    let values: Vec<f16> = (0u8..20).map(|n| f16::from_f32(f32::from(n) - 9.5)).collect();
    let four = Dimension::new(4).unwrap();
    let codes = [0, 1, 2, 3, 4, 0, 1, 2, 3];
    Box::new(Codebook::from_codes(SHAPE, four, &codes, 1, &values).unwrap())
}

/// Rank 2; the right factor in 3 bits, groups of 4.
fn pair() -> Matrix {
    let left = Float16::round([3, 2], &[1.0, 2.0, -3.0, 0.5, 0.25, -1.0]).unwrap();
    let (bits, group_size) = (Bits::new(3).unwrap(), GroupSize::new(4).unwrap());
    let weights: Vec<f32> = (0u8..20).map(|n| f32::from(n) - 7.0).collect();
    let right = Int::nearest([2, 10], bits, group_size, &weights).unwrap();
    Box::new(LowRank::new(Box::new(left), Box::new(right)).unwrap())
}

/// Marian's codes, every third zero: 20 are left.
fn sparse() -> Matrix {
    let codes: Vec<u8> = (0..30).map(|n| if n % 3 == 0 { 0 } else { n }).collect();
    let codes = Tensor::new(Dtype::I8, SHAPE.to_vec(), codes.into()).unwrap();
    Box::new(Sparse::new(&Int8::new(codes, 8.0, Some(2.0)).unwrap()).unwrap())
}

/// Codes of 3 bits, of which 20 are not zero: 60 bits, so that the last byte has some left.
fn sparse_codes() -> Matrix {
    let values: Vec<i8> = (0..30).map(|n| if n % 3 == 0 { 0 } else { n % 4 - 4 }).collect();
    let (bits, group_size) = (Bits::new(3).unwrap(), GroupSize::new(4).unwrap());
    let scales = [f16::ONE; 9];
    let int = Int::from_values(SHAPE, bits, group_size, &values, &scales).unwrap();
    Box::new(Sparse::new(&int).unwrap())
}

fn package(matrix: &Matrix) -> Package {
    let mut package = Package::read(Bytes::from_static(tiny_file())).unwrap();
    package.insert_matrix(NAME, matrix);
    package
}

/// How a changed package is refused, without the place, which must be right. The change goes through
/// a file.
fn refusal(matrix: &Matrix, change: impl FnOnce(&mut Package)) -> String {
    let mut package = package(matrix);
    change(&mut package);
    let package = Package::read(package.write().unwrap().into()).unwrap();
    let error = bounded(0, || package.matrix(NAME, SHAPE).expect_err("it was read").to_string());
    let place = format!("matrix \"{NAME}\": codec {}: ", matrix.name());
    error.strip_prefix(&place).unwrap_or_else(|| panic!("names no place: {error}")).to_owned()
}

fn parameters(matrix: &Matrix, change: impl FnOnce(&mut Map<String, Value>)) -> String {
    refusal(matrix, |package| {
        change(&mut package.metadata.matrices.get_mut(NAME).unwrap().parameters);
    })
}

fn parameter(matrix: &Matrix, name: &str, value: Value) -> String {
    parameters(matrix, |all| {
        all.insert(name.to_owned(), value).expect("a parameter");
    })
}

fn part(matrix: &Matrix, part: &str, dtype: Dtype, shape: &[usize], bytes: Vec<u8>) -> String {
    let tensor = Tensor::new(dtype, shape.to_vec(), bytes.into()).unwrap();
    refusal(matrix, |package| {
        package.tensors.insert(format!("{NAME}.{part}"), tensor).expect("a part");
    })
}

#[test]
fn what_is_sound_is_read_as_it_was() {
    for matrix in [book(), pair(), sparse(), sparse_codes()] {
        let read = Package::read(package(&matrix).write().unwrap().into()).unwrap();
        let read = read.matrix(NAME, SHAPE).unwrap();
        assert_eq!(read.name(), matrix.name());
        assert_eq!(read.to_f32(), matrix.to_f32(), "{}", matrix.name());
        assert_eq!(read.parts(), matrix.parts(), "{}", matrix.name());
        assert_eq!(read.parameters(), matrix.parameters(), "{}", matrix.name());
    }
}

#[test]
fn every_part_and_parameter_is_missed() {
    for matrix in [book(), pair(), sparse(), sparse_codes()] {
        for (suffix, _) in matrix.parts() {
            // Marian's models do without it, and are then other models.
            if suffix == "weights.input_scale" {
                continue;
            }
            let text = refusal(&matrix, |package| {
                package.tensors.remove(&format!("{NAME}.{suffix}")).expect("a part");
            });
            let last = suffix.rsplit('.').next().unwrap();
            assert!(text.contains(&format!(".{last}`")) && text.ends_with("missing"), "{text}");
        }
        for (name, _) in matrix.parameters() {
            let text = parameters(&matrix, |all| {
                all.remove(&name).expect("a parameter");
            });
            assert_eq!(text, format!("the parameter `{name}` is missing"));
        }
        let text = parameters(&matrix, |all| {
            all.insert("bits".to_owned(), json!(8));
        });
        assert_eq!(text, "unknown parameter `bits`");
    }
}

#[test]
fn a_book_without_sense_is_named() {
    let matrix = book();
    for value in [json!(0), json!(17), json!(-1), json!("4"), json!(2.5), json!(u64::MAX)] {
        let text = parameter(&matrix, "dimension", value);
        assert!(text.starts_with("parameter `dimension`: expected a whole number"), "{text}");
    }
    let text = parameter(&matrix, "dimension", json!(2));
    let values = "part `.values`: expected shape [1 or 5, 1 to 256, 2], the file holds [1, 5, 4]";
    assert_eq!(text, values);
    for shape in [&[1, 257, 4][..], &[1, 0, 4], &[2, 5, 4], &[0, 5, 4], &[5, 4], &[20], &[]] {
        let bytes = vec![0; 2 * shape.iter().product::<usize>()];
        let text = part(&matrix, "values", Dtype::F16, shape, bytes);
        assert!(text.starts_with("part `.values`: expected shape [1 or 3, 1 to 256, 4]"), "{text}");
    }
    let text = part(&matrix, "values", Dtype::U8, &[1, 5, 4], vec![0; 20]);
    assert_eq!(text, "part `.values`: expected F16 elements, found U8");
    let mut bytes = vec![0; 40];
    bytes[14..16].copy_from_slice(&f16::INFINITY.to_le_bytes());
    let text = part(&matrix, "values", Dtype::F16, &[1, 5, 4], bytes);
    assert_eq!(text, "part `.values`: element 7 is inf");
    // 3 codes of 3 bits.
    let codes = |bytes: [u8; 6]| part(&matrix, "codes", Dtype::U8, &[3, 2], bytes.to_vec());
    let text = codes([0, 0, 0, 2, 0, 0]);
    assert_eq!(text, "part `.codes`: row 1 has bits after its last code that are not zero");
    let text = codes([0, 0, 0, 0, 5 << 3, 0]);
    assert_eq!(text, "part `.codes`: row 2 has the code 5, and there are 5");
    let text = part(&matrix, "codes", Dtype::U8, &[3, 3], vec![0; 9]);
    assert_eq!(text, "part `.codes`: expected shape [3, 2], the file holds [3, 3]");
    let text = part(&matrix, "codes", Dtype::I8, &[3, 2], vec![0; 6]);
    assert_eq!(text, "part `.codes`: expected U8 elements, found I8");
}

#[test]
fn a_pair_that_does_not_fit_is_named() {
    let matrix = pair();
    for value in [json!(0), json!(-2), json!("2"), json!(1u64 << 32), json!(1.5), json!(null)] {
        let text = parameter(&matrix, "rank", value);
        assert!(text.starts_with("parameter `rank`: expected a whole number from 1"), "{text}");
    }
    let text = parameter(&matrix, "rank", json!(3));
    assert_eq!(
        text,
        "`left`: codec f16: part `.values`: expected shape [3, 3], the file holds [3, 2]"
    );
    for value in [json!("f16"), json!({}), json!({"codec": "f32"}), json!({"codec": "low_rank"})] {
        let text = parameter(&matrix, "left", value.clone());
        let expected = "parameter `left`: expected an object with the codec f16 or int, found ";
        assert_eq!(text, format!("{expected}{value}"));
    }
    let text = parameter(&matrix, "right", json!({"codec": "int", "bits": 3}));
    assert_eq!(text, "`right`: codec int: the parameter `group_size` is missing");
    let text = parameter(&matrix, "left", json!({"codec": "f16", "rank": 2}));
    assert_eq!(text, "`left`: codec f16: unknown parameter `rank`");
    let text = part(&matrix, "right.codes", Dtype::U8, &[2, 3], vec![0; 6]);
    assert!(text.starts_with("`right`: codec int: part `.codes`: expected shape [2, 4]"), "{text}");
}

#[test]
fn a_bitmap_that_belongs_to_other_weights_is_named() {
    let matrix = sparse();
    let kept =
        |count: usize, bytes: Vec<u8>| part(&matrix, "weights.codes", Dtype::I8, &[count], bytes);
    let place = "part `.weights.codes`: ";
    let expected = format!("{place}expected shape [20] for 20 weights, the file holds ");
    assert_eq!(kept(19, vec![1; 19]), format!("{expected}[19]"));
    assert_eq!(kept(21, vec![1; 21]), format!("{expected}[21]"));
    let mut codes = vec![1; 20];
    codes[13] = 0;
    assert_eq!(kept(20, codes), format!("{place}element 13 is zero, and its bit is set"));
    let text = part(&matrix, "weights.codes", Dtype::F16, &[20], vec![1; 40]);
    assert_eq!(text, format!("{place}elements of type F16"));
    // A type of the same width is left to the codec.
    let text = part(&matrix, "weights.codes", Dtype::U8, &[20], vec![1; 20]);
    assert_eq!(text, "`weights`: codec int8: expected I8 elements, found U8");
    let text = part(&matrix, "bitmap", Dtype::U8, &[3, 2], vec![0xff, 3, 0xff, 7, 0, 0]);
    assert_eq!(text, "part `.bitmap`: row 1 has bits after its last weight that are not zero");
    let text = part(&matrix, "bitmap", Dtype::U8, &[6], vec![0; 6]);
    assert_eq!(text, "part `.bitmap`: expected shape [3, 2], the file holds [6]");
    let text = part(&matrix, "bitmap", Dtype::I8, &[3, 2], vec![0; 6]);
    assert_eq!(text, "part `.bitmap`: expected U8 elements, found I8");
    let text = parameter(&matrix, "weights", json!({"codec": "sparse"}));
    assert!(text.contains("the codec f32 or f16 or int8 or int"), "{text}");

    let matrix = sparse_codes();
    let codes =
        |length: usize, bytes: Vec<u8>| part(&matrix, "weights.codes", Dtype::U8, &[length], bytes);
    let expected = format!("{place}expected shape [8] for 20 weights, the file holds ");
    assert_eq!(codes(7, vec![0; 7]), format!("{expected}[7]"));
    assert_eq!(codes(8, vec![0xff; 8]), format!("{place}bits after the last code are not zero"));
    // The code of zero is 4 of 8.
    let text = codes(8, vec![0, 0, 0, 0, 0, 0, 0, 8]);
    assert_eq!(text, format!("{place}element 19 is zero, and its bit is set"));
    let text = parameter(&matrix, "weights", json!({"codec": "int", "group_size": 4}));
    assert_eq!(text, "`weights`: the parameter `bits` is missing");
    for bits in [json!(1), json!(9), json!("3")] {
        let held = json!({"codec": "int", "bits": bits, "group_size": 4});
        let text = parameter(&matrix, "weights", held);
        assert!(text.starts_with("`weights`: "), "{text}");
    }
}

#[test]
fn no_shape_is_believed() {
    let far = [usize::MAX, usize::MAX / 2, 1 << 40, 1 << 32];
    for matrix in [book(), pair(), sparse(), sparse_codes()] {
        let mut package = package(&matrix);
        for side in far {
            for shape in [[side, side], [side, 10], [3, side], [side, 0], [0, side]] {
                package.metadata.matrices.get_mut(NAME).unwrap().shape = shape;
                let read = bounded(0, || placed(package.matrix(NAME, shape), PACKAGE));
                assert!(read.is_none(), "{} was read as {shape:?}", matrix.name());
            }
        }
    }
}

/// A pair of thin factors must not stand for a matrix that fills the memory.
#[test]
fn a_rank_far_below_its_sides_is_refused() {
    let side = 1 << 20;
    let thin =
        |shape: [usize; 2]| Tensor::new(Dtype::F16, shape.to_vec(), vec![0; 2 * side].into());
    let mut package = package(&pair());
    package.tensors.insert(format!("{NAME}.left.values"), thin([side, 1]).unwrap());
    package.tensors.insert(format!("{NAME}.right.values"), thin([1, side]).unwrap());
    let info = package.metadata.matrices.get_mut(NAME).unwrap();
    info.shape = [side, side];
    info.parameters.insert("rank".to_owned(), json!(1));
    info.parameters.insert("right".to_owned(), json!({"codec": "f16"}));
    let error = bounded(4 * side, || package.matrix(NAME, [side, side]).unwrap_err().to_string());
    assert!(error.contains("parameter `rank`: expected a whole number from 65536 to"), "{error}");
}

#[test]
fn a_matrix_in_another_codec_leaves_nothing_behind() {
    for matrix in [book(), pair(), sparse(), sparse_codes()] {
        let mut package = package(&matrix);
        let mut names = |matrix: &Matrix| -> Vec<String> {
            package.insert_matrix(NAME, matrix);
            let own = format!("{NAME}.");
            let names = package.tensors.keys().filter_map(|name| name.strip_prefix(&own));
            names.map(str::to_owned).collect()
        };
        let float: Matrix = Box::new(Float16::round(SHAPE, &[1.0; 30]).unwrap());
        let mut expected: Vec<_> =
            matrix.parts().iter().map(|(name, _)| name.to_string()).collect();
        expected.push("bias".to_owned());
        expected.sort();
        assert_eq!(names(&matrix), expected);
        assert_eq!(names(&float), ["bias", "values"]);
    }
}
