//! Screenings, damaged.

use bytes::Bytes;
use pocketglot::backend::cpu::Cpu;
use pocketglot::format::Package;
use pocketglot::tensor::{Dtype, Tensor};
use pocketglot::translate::{Limits, Translator, parallel::Threads};

use crate::codecs::mixed_file;
use crate::guard::{PACKAGE, placed};

/// The model with each codec in it, which has a screening, and no shortlist.
fn sound() -> Package {
    let mut package = Package::read(Bytes::from_static(mixed_file())).unwrap();
    package.set_texts(package.vocabulary().unwrap().clone(), None);
    package
}

/// It loads and translates on the backend that screens, or an error says why not.
fn survive(package: &Package) -> bool {
    let translator = placed(Translator::load(Cpu::default(), package), PACKAGE);
    let Some(translator) = translator else { return false };
    let texts = ["The old house.".to_owned(), "A".to_owned()];
    Threads::new(1).unwrap().translate(&translator, &texts, Limits::BULK).unwrap();
    true
}

fn broken(name: &str, tensor: Option<Tensor>) -> bool {
    let mut package = sound();
    match tensor {
        Some(tensor) => package.tensors.insert(name.to_owned(), tensor),
        None => package.tensors.remove(name),
    };
    survive(&package)
}

#[test]
fn parts_that_do_not_fit_are_refused() {
    assert!(survive(&sound()));
    for map in ["screening.state", "screening.pieces"] {
        let (codes, scales) = (format!("{map}.codes"), format!("{map}.scales"));
        let bytes = |dtype, shape: [usize; 2]| {
            Tensor::new(dtype, shape.to_vec(), vec![1; shape[0] * shape[1]].into()).unwrap()
        };
        assert!(!broken(&codes, None) && !broken(&scales, None));
        for tensor in [
            bytes(Dtype::U8, [3, 8]),
            bytes(Dtype::I8, [3, 7]),
            bytes(Dtype::I8, [0, 8]),
            bytes(Dtype::I8, [2, 8]),
            bytes(Dtype::I8, [9, 8]),
            Tensor::new(Dtype::I8, vec![24], vec![1; 24].into()).unwrap(),
        ] {
            assert!(!broken(&codes, Some(tensor.clone())), "{map}: {tensor:?}");
        }
        for scales_of in [vec![1.0; 2], vec![f32::NAN; 3], vec![f32::INFINITY; 3]] {
            let tensor = Tensor::from_f32(vec![scales_of.len()], &scales_of);
            assert!(!broken(&scales, Some(tensor)), "{map}: {scales_of:?}");
        }
    }
    let mut none = sound();
    none.metadata.screening.as_mut().unwrap().candidates = 0;
    assert!(!survive(&none));
}

#[test]
fn scales_of_any_size_are_survived() {
    for map in ["screening.state", "screening.pieces"] {
        for scale in [0.0, -1.0, f32::MIN_POSITIVE, f32::MAX, -f32::MAX] {
            let scales = Tensor::from_f32(vec![3], &[scale; 3]);
            assert!(broken(&format!("{map}.scales"), Some(scales)), "{map}: {scale}");
        }
    }
    for candidates in [1, 2, 74, 75, 1 << 40, usize::MAX] {
        let mut package = sound();
        package.metadata.screening.as_mut().unwrap().candidates = candidates;
        assert!(survive(&package), "{candidates}");
    }
}
