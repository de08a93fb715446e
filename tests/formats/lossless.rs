//! What is sound comes through to the bit.

use bytes::Bytes;
use half::f16;
use pocketglot::codec::Codec;
use pocketglot::codec::codebook::{Codebook, Dimension};
use pocketglot::codec::float::Float32;
use pocketglot::codec::float16::Float16;
use pocketglot::codec::int::{Bits, GroupSize, Int};
use pocketglot::codec::int8::Int8;
use pocketglot::codec::low_rank::LowRank;
use pocketglot::codec::sparse::Sparse;
use pocketglot::format::Package;
use pocketglot::format::bergamot::{Named, Sources, import};
use pocketglot::format::shortlist::Shortlist;
use pocketglot::tensor::{Dtype, Tensor};
use pocketglot::token::TokenId;

use crate::common::marian::{Form, Tiny, Values, shortlist};
use crate::guard::load;
use crate::marian::{languages, pieces, provenance, spm};

fn tiny_package(form: Form) -> (Tiny, Package) {
    let tiny = Tiny::new(form, pieces());
    let named = |name: &str, bytes: Bytes| Named { name: name.to_owned(), bytes };
    let sources = Sources {
        model: named("model.bin", tiny.bytes().into()),
        vocabulary: named("vocab.spm", spm()),
        shortlist: Some(named("lex.bin", shortlist(pieces()).into())),
    };
    let package = import(&sources, languages(), provenance()).unwrap();
    (tiny, package)
}

#[test]
fn an_import_keeps_every_code_and_multiplier() {
    let (tiny, package) = tiny_package(Form::Int8);
    assert_eq!(package.metadata.architecture, tiny.architecture);
    assert_eq!(package.metadata.matrices.len(), tiny.matrices.len());
    for (name, expected) in &tiny.matrices {
        let Values::Int8 { codes, scale, input_scale } = &expected.values else { unreachable!() };
        let part = |suffix: &str| &package.tensors[&format!("{name}.{suffix}")];
        assert_eq!(package.metadata.matrices[name].codec, "int8", "{name}");
        assert_eq!(part("codes").shape(), expected.shape, "{name}");
        assert_eq!(part("codes").dtype(), Dtype::I8, "{name}");
        let bytes: Vec<u8> = codes.iter().map(|code| code.cast_unsigned()).collect();
        assert_eq!(part("codes").data()[..], bytes, "{name}");
        assert_eq!(part("scale").data()[..], scale.to_le_bytes(), "{name}");
        assert_eq!(part("input_scale").data()[..], input_scale.to_le_bytes(), "{name}");
        let values = package.matrix(name, expected.shape).unwrap().to_f32();
        let divided: Vec<f32> = codes.iter().map(|&code| f32::from(code) / scale).collect();
        assert_eq!(values, divided, "{name}");
    }
    vectors_are_kept(&tiny, &package);
    // Parts of int8 matrices are codes, scale and input scale; beside them stand the texts.
    let parts = 3 * tiny.matrices.len() + tiny.vectors.len() + 2;
    assert_eq!(package.tensors.len(), parts, "{:?}", package.tensors.keys());
}

#[test]
fn an_import_turns_float_matrices_the_right_way() {
    let (tiny, package) = tiny_package(Form::Float);
    for (name, expected) in &tiny.matrices {
        let Values::Float(values) = &expected.values else { unreachable!() };
        assert_eq!(package.metadata.matrices[name].codec, "f32", "{name}");
        assert_eq!(&package.matrix(name, expected.shape).unwrap().to_f32(), values, "{name}");
    }
    vectors_are_kept(&tiny, &package);
}

fn vectors_are_kept(tiny: &Tiny, package: &Package) {
    for (name, values) in &tiny.vectors {
        assert_eq!(&package.vector(name, values.len()).unwrap(), values, "{name}");
    }
    assert_eq!(package.vocabulary().unwrap(), &spm());
    let published = Shortlist::read(shortlist(pieces()).into(), pieces()).unwrap();
    let kept = package.shortlist().unwrap().unwrap();
    for token in (0..pieces() as u32).map(TokenId) {
        assert_eq!(kept.candidates(&[token], 0), published.candidates(&[token], 0));
    }
    assert!(package.tensors["shortlist"].data().len() < shortlist(pieces()).len() / 2);
}

#[test]
fn an_import_says_where_it_comes_from() {
    let (tiny, package) = tiny_package(Form::Int8);
    let sources = &package.metadata.provenance.sources;
    let names: Vec<&str> = sources.iter().map(|source| source.name.as_str()).collect();
    assert_eq!(names, ["model.bin", "vocab.spm", "lex.bin"]);
    assert_eq!(sources[0].bytes, tiny.bytes().len());
    // The real vocabulary's, as its publisher lists it.
    assert_eq!(
        sources[1].sha256,
        "633a3d782c79f7d5e4b94ab96848f47c2fdf8ba82dd99efd1742b8a696bbd0cc"
    );
    assert_eq!(package.metadata.provenance.licence.as_deref(), Some("MPL-2.0"));
}

#[test]
fn a_package_written_and_read_is_the_same() {
    for form in [Form::Int8, Form::Float] {
        let (_, package) = tiny_package(form);
        let bytes = package.write().unwrap();
        assert_eq!(package.write().unwrap(), bytes, "the same model gave other bytes");
        let again = Package::read(bytes.clone().into()).unwrap();
        assert_eq!(again, package);
        assert_eq!(again.write().unwrap(), bytes, "what was read was written otherwise");
    }
}

#[test]
fn a_tiny_package_loads_and_translates() {
    for form in [Form::Int8, Form::Float] {
        let (_, mut package) = tiny_package(form);
        load(&package);
        pocketglot::translate::Translator::load(
            pocketglot::backend::reference::Reference,
            &package,
        )
        .unwrap();
        package.set_texts(spm(), None);
        assert_eq!(package.shortlist().unwrap(), None);
        load(&package);
    }
}

#[test]
fn the_parts_of_every_codec_read_back() {
    let codes = Tensor::new(Dtype::I8, vec![2, 3], Bytes::from_static(&[0, 1, 127, 128, 129, 255]));
    let (bits, group_size) = (Bits::new(3).unwrap(), GroupSize::new(2).unwrap());
    let (values, scales) = ([-4, 3, 0, -1, 1, 2], [0.1, -2.0, 0.0, 6e-8].map(f16::from_f32));
    let int = Int::from_values([2, 3], bits, group_size, &values, &scales).unwrap();
    let half = |shape: [usize; 2]| {
        let values = [1.5, -2.0, 0.25, 3.0, -0.5, 7.0];
        Box::new(Float16::round(shape, &values[..shape[0] * shape[1]]).unwrap())
    };
    let two = Dimension::new(2).unwrap();
    let halves = [0.1, -2.0, 0.0, 6e-8].map(f16::from_f32);
    let matrices: [Box<dyn Codec>; 8] = [
        Box::new(Codebook::from_codes([2, 3], two, &[0, 1, 1, 0], 1, &halves).unwrap()),
        Box::new(LowRank::new(half([2, 1]), half([1, 3])).unwrap()),
        Box::new(Sparse::new(&int).unwrap()),
        Box::new(Float32::new([2, 3], vec![1.0, -0.0, 3.5e-20, f32::MAX, 5.0, 6.0])),
        Box::new(Int8::new(codes.clone().unwrap(), 153.83, Some(14.5)).unwrap()),
        Box::new(Int8::new(codes.unwrap(), f32::MIN_POSITIVE, None).unwrap()),
        Box::new(Float16::round([2, 3], &[1.0, -0.0, 6e-8, 65504.0, 0.1, -5.0]).unwrap()),
        Box::new(int),
    ];
    let (_, mut package) = tiny_package(Form::Int8);
    for matrix in matrices {
        package.insert_matrix("extra", &matrix);
        let read = Package::read(package.write().unwrap().into()).unwrap();
        let read = read.matrix("extra", [2, 3]).unwrap();
        assert_eq!(read.name(), matrix.name());
        assert_eq!(read.parts(), matrix.parts());
        assert_eq!(read.parameters(), matrix.parameters());
    }
}
