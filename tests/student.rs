//! Students: a teacher's function is kept where it can be, and whatever their shape they translate.

mod common;

use common::marian::Random;
use common::models::package;
use common::recording::{Ranked, Recording};
use futures_lite::future::block_on;
use pocketglot::codec::float::Float32;
use pocketglot::format::Package;
use pocketglot::format::architecture::{Architecture, LayerSizes};
use pocketglot::lab::student::{Shape, Stacks, student};
use pocketglot::translate::Translator;

/// A logit may differ by so much where products are split or summed in another order.
const TOLERANCE: f32 = 1e-4;

const TEXT: [&str; 3] =
    ["Good morning.", "The house by the sea is old and cold.", "When does the next train leave?"];

fn text() -> Vec<String> {
    TEXT.map(str::to_owned).to_vec()
}

/// A small network of random numbers over the vocabulary of a real one: 3 layers and 2, heads of 8.
fn teacher() -> Package {
    let mut package = package("en", "pt");
    let old = package.metadata.architecture.clone();
    package.tensors.retain(|name, _| name == "vocabulary" || name == "shortlist");
    package.metadata.matrices.clear();
    let (width, ffn) = (32, 24);
    let architecture =
        Architecture { width, heads: 4, ffn, encoder_layers: 3, decoder_layers: 2, ..old };
    let mut random = Random(5);
    let mut numbers =
        |count: usize, size: f32| (0..count).map(|_| size * random.unit()).collect::<Vec<_>>();
    let mut matrix =
        |package: &mut Package, name: &str, [rows, columns]: [usize; 2], bias: bool| {
            let values = numbers(rows * columns, 1.5 / (columns as f32).sqrt());
            package.insert_matrix(name, &(Box::new(Float32::new([rows, columns], values)) as _));
            if bias {
                package.set_vector(&format!("{name}.bias"), &numbers(rows, 0.3)).unwrap();
            }
            if ["o", "w2", "forget"].iter().any(|part| name.ends_with(&format!(".{part}"))) {
                let layer = name.rsplit_once('.').unwrap().0;
                let scale: Vec<f32> = numbers(rows, 0.3).iter().map(|value| 1.0 + value).collect();
                package.set_vector(&format!("{layer}.norm.scale"), &scale).unwrap();
                package.set_vector(&format!("{layer}.norm.bias"), &numbers(rows, 0.2)).unwrap();
            }
        };
    matrix(&mut package, "embedding", [old.vocabulary, width], false);
    for layer in ["encoder.0", "encoder.1", "encoder.2", "decoder.0", "decoder.1"] {
        let attention = if layer.starts_with('e') { "attention" } else { "cross" };
        for part in ["q", "k", "v", "o"] {
            matrix(&mut package, &format!("{layer}.{attention}.{part}"), [width, width], true);
        }
        matrix(&mut package, &format!("{layer}.ffn.w1"), [ffn, width], true);
        matrix(&mut package, &format!("{layer}.ffn.w2"), [width, ffn], true);
        if layer.starts_with('d') {
            matrix(&mut package, &format!("{layer}.ssru.candidate"), [width, width], false);
            matrix(&mut package, &format!("{layer}.ssru.forget"), [width, width], true);
        }
    }
    let bias: Vec<f32> = (0..old.vocabulary).map(|piece| (piece as f32 * 0.37).sin()).collect();
    package.set_vector("output.bias", &bias).unwrap();
    package.metadata.architecture = architecture;
    package.metadata.recipe = Some(serde_json::json!({ "step": [{ "method": "quantize" }] }));
    package
}

/// The best pieces of each step, and their logits.
fn steps(package: &Package) -> Vec<Ranked> {
    let translator = Translator::load(Recording::default(), package).unwrap();
    let mut all = Vec::new();
    for text in TEXT {
        for source in translator.prepare(text).unwrap().1 {
            block_on(translator.network().translate(&[source])).unwrap();
            all.extend(translator.network().backend().take_steps());
        }
    }
    all
}

/// The greatest difference of logits; none where other pieces were chosen.
fn difference(one: &Package, other: &Package) -> Option<f32> {
    let (one, other) = (steps(one), steps(other));
    let pieces = |steps: &[Ranked]| steps.iter().map(|step| step[0].0).collect::<Vec<_>>();
    if pieces(&one) != pieces(&other) {
        return None;
    }
    let pairs = one.iter().flatten().zip(other.iter().flatten());
    pairs.map(|(a, b)| (a.1 - b.1).abs()).reduce(f32::max)
}

fn of(shape: Shape) -> Package {
    student(&teacher(), &shape, &text(), &mut |_, _| {}).unwrap()
}

fn both(size: usize) -> Option<Stacks> {
    Some(Stacks { encoder: size, decoder: size })
}

#[test]
fn the_teachers_own_shape_is_the_teacher() {
    let (teacher, same) = (teacher(), of(Shape::default()));
    assert_eq!(same.tensors, teacher.tensors);
    assert_eq!(same.metadata.architecture, teacher.metadata.architecture);
}

#[test]
fn more_neurons_and_more_heads_keep_the_function() {
    let teacher = teacher();
    for shape in [
        Shape { ffn: both(36), ..Shape::default() },
        Shape { ffn: Some(Stacks { encoder: 24, decoder: 100 }), ..Shape::default() },
        Shape { heads: both(6), ..Shape::default() },
        Shape { ffn: both(25), heads: both(5), ..Shape::default() },
    ] {
        let wider = of(shape);
        assert!(wider.tensors != teacher.tensors);
        let difference = difference(&teacher, &wider).expect("other pieces");
        assert!(difference < TOLERANCE, "{shape:?}: {difference}");
    }
}

#[test]
fn copies_are_not_alike() {
    let wider = of(Shape { ffn: both(48), ..Shape::default() });
    let w2 = wider.matrix("encoder.0.ffn.w2", [32, 48]).unwrap().to_f32();
    assert!(w2.chunks(48).all(|row| (0..24).all(|n| row[n] != row[n + 24])));
}

#[test]
fn every_shape_is_written_read_and_translates() {
    for shape in [
        Shape { layers: Some(Stacks { encoder: 2, decoder: 1 }), ..Shape::default() },
        Shape { layers: Some(Stacks { encoder: 5, decoder: 3 }), ..Shape::default() },
        Shape { ffn: both(10), heads: both(2), ..Shape::default() },
        Shape { width: Some(24), ..Shape::default() },
        Shape { width: Some(40), ..Shape::default() },
        Shape {
            layers: Some(Stacks { encoder: 1, decoder: 3 }),
            ffn: Some(Stacks { encoder: 40, decoder: 7 }),
            heads: Some(Stacks { encoder: 1, decoder: 5 }),
            width: Some(16),
        },
    ] {
        let student = of(shape);
        let read = Package::read(student.write().unwrap().into()).unwrap();
        assert!(steps(&read).len() > TEXT.len(), "{shape:?}");
        let goal = shape.applied_to(&teacher().metadata.architecture).unwrap();
        assert_eq!(read.metadata.architecture, goal);
        assert!(read.metadata.matrices.values().all(|matrix| matrix.codec == "f32"));
        assert_eq!(read.tensors["shortlist"], teacher().tensors["shortlist"]);
        let recipe = read.metadata.recipe.unwrap();
        assert_eq!(
            (&recipe["step"][0]["method"], &recipe["step"][1]["method"]),
            (&"quantize".into(), &"student".into())
        );
    }
}

#[test]
fn layers_that_stay_are_the_teachers() {
    let (teacher, student) = (
        teacher(),
        of(Shape { layers: Some(Stacks { encoder: 2, decoder: 2 }), ..Shape::default() }),
    );
    for (ours, theirs) in
        [("encoder.0", "encoder.0"), ("encoder.1", "encoder.2"), ("decoder.1", "decoder.1")]
    {
        let name = |layer| format!("{layer}.ffn.w1.values");
        assert_eq!(student.tensors[&name(ours)], teacher.tensors[&name(theirs)]);
    }
    assert!(!student.tensors.contains_key("encoder.2.ffn.w1.values"));
}

#[test]
fn twice_the_width_changes_positions_only() {
    // Without the encodings of positions nothing but rounding would differ; they are small here.
    let mut loud = teacher();
    let embedding = loud.matrix("embedding", [loud.metadata.architecture.vocabulary, 32]).unwrap();
    let values = embedding.to_f32().iter().map(|value| 1000.0 * value).collect();
    let shape = embedding.shape();
    loud.insert_matrix("embedding", &(Box::new(Float32::new(shape, values)) as _));
    let wide = Shape { width: Some(64), ..Shape::default() };
    let wide = student(&loud, &wide, &[], &mut |_, _| {}).unwrap();
    let (before, after) = (steps(&loud), steps(&wide));
    // The first step starts from a position alone, whose encoding is the same at place 0.
    let (before, after) = (&before[0], &after[0]);
    for (a, b) in before.iter().zip(after) {
        assert!((a.1 - b.1).abs() < 0.02 * a.1.abs(), "{a:?}, then {b:?}");
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let refusal =
        |shape: Shape| student(&teacher(), &shape, &[], &mut |_, _| {}).unwrap_err().to_string();
    for shape in [
        Shape { ffn: both(10), ..Shape::default() },
        Shape { heads: both(1), ..Shape::default() },
        Shape { width: Some(16), ..Shape::default() },
        Shape { layers: both(4), ..Shape::default() },
    ] {
        let error = refusal(shape);
        assert!(error.contains("calibration text"), "{error}");
    }
    let error = refusal(Shape { width: Some(30), ..Shape::default() });
    assert!(error.contains("multiple of 8"), "{error}");
}

#[test]
fn sizes_of_layers_are_the_students_own() {
    let student = of(Shape { heads: Some(Stacks { encoder: 6, decoder: 4 }), ..Shape::default() });
    let encoder = student.metadata.architecture.encoder();
    assert_eq!(encoder, [LayerSizes { heads: 6, ffn: 24 }; 3]);
}
