//! Students: packages of another shape, initialised from a teacher's layers, to be trained further.
//!
//! | size | fewer | more |
//! | --- | --- | --- |
//! | layers | spread evenly, the first and the last kept | repeated in order, hushed: near the teacher |
//! | neurons | those that are missed least, refitted | split: the teacher's function |
//! | heads | those that give most, refitted | unused at first: the teacher's function |
//! | width | by position, refitted | by position, split |
//!
//! Sizes change in the order of that table but that the width comes second; each looks at the
//! network as the one before left it. Students are held in plain floats, since training needs those.

mod depth;
mod identity;
mod inside;
mod parts;
mod shape;
mod width;

pub use shape::{Shape, Stacks};

use std::collections::BTreeSet;

use super::calibrate::calibrate;
use crate::codec::float::Float32;
use crate::compress::{Random, Statistics};
use crate::error::{At, Error, Result};
use crate::format::Package;
use crate::format::architecture::{Architecture, LayerSizes};

/// Where the random numbers begin: the same teacher and text give the same student.
const SEED: u64 = 0;

/// A package of `shape`, initialised from `teacher`, with its languages, vocabulary, shortlist and
/// provenance. A screening stays behind: it was fitted to the teacher's states. `calibration` is text
/// in the source language, needed where anything gets smaller or layers are repeated. `progress` hears
/// what is going on, and the share that is done.
///
/// # Errors
/// `InvalidInput` when the shape is none that a network has, or calibration is needed and missing;
/// `Malformed` when the teacher does not fit its architecture.
pub fn student(
    teacher: &Package,
    shape: &Shape,
    calibration: &[String],
    progress: &mut dyn FnMut(&str, f64),
) -> Result<Package> {
    let goal = shape.applied_to(&teacher.metadata.architecture)?;
    let mut package = floats(teacher)?;
    let mut random = Random::new(SEED);
    let mut quarter = |quarter: u32, what: &str, done: f64| {
        progress(what, (f64::from(quarter) + done) / 4.0);
    };
    let now = &package.metadata.architecture;
    if [now.encoder_layers, now.decoder_layers] != [goal.encoder_layers, goal.decoder_layers] {
        let depths = [goal.encoder_layers, goal.decoder_layers];
        depth::change(&mut package, depths, calibration, &mut |what, done| quarter(0, what, done))
            .at("layers")?;
    }
    if package.metadata.architecture.width != goal.width {
        let mut tell = |what: &str, done| quarter(1, what, done);
        width::change(&mut package, goal.width, calibration, &mut random, &mut tell).at("width")?;
    }
    heads(&mut package, &goal, calibration, &mut random, &mut |what, done| quarter(2, what, done))
        .at("heads")?;
    neurons(&mut package, &goal, calibration, &mut random, &mut |what, done| {
        quarter(3, what, done)
    })
    .at("ffn")?;
    package.metadata.architecture = goal;
    note(&mut package, shape);
    Ok(package)
}

/// The same network in plain floats, without a screening.
fn floats(teacher: &Package) -> Result<Package> {
    let mut package = teacher.clone();
    package.set_screening(None);
    for (name, info) in &teacher.metadata.matrices {
        let values = teacher.matrix(name, info.shape)?.to_f32();
        package.insert_matrix(name, &(Box::new(Float32::new(info.shape, values)) as _));
    }
    for name in teacher.vector_names() {
        let widened = teacher.tensors[&name].widened().at(format!("tensor \"{name}\""))?;
        package.tensors.insert(name, widened);
    }
    Ok(package)
}

/// Adds the shape to the steps of the recipe, of which the package so far was made.
fn note(package: &mut Package, shape: &Shape) {
    let steps = package.metadata.recipe.as_ref().and_then(|recipe| recipe["step"].as_array());
    let mut steps = steps.cloned().unwrap_or_default();
    steps.push(shape.note());
    package.metadata.recipe = Some(serde_json::json!({ "step": steps }));
}

/// A layer whose size changes: its name, and its size before and after.
type Change = (String, [usize; 2]);

/// The layers whose `size` is another one in `goal`; `kinds` is what they are called in the encoder
/// and in the decoder.
fn changes(
    package: &Package,
    goal: &Architecture,
    kinds: [&str; 2],
    size: impl Fn(&LayerSizes) -> usize,
) -> Vec<Change> {
    let now = &package.metadata.architecture;
    let stacks = [
        ("encoder", now.encoder(), goal.encoder(), kinds[0]),
        ("decoder", now.decoder(), goal.decoder(), kinds[1]),
    ];
    let mut all = Vec::new();
    for (stack, now, goal, kind) in stacks {
        for (layer, (now, goal)) in now.iter().zip(&goal).enumerate() {
            let sizes = [size(now), size(goal)];
            if sizes[0] != sizes[1] {
                all.push((format!("{stack}.{layer}.{kind}"), sizes));
            }
        }
    }
    all
}

/// What enters the matrices `part` of the layers that get smaller.
fn inputs(
    package: &Package,
    changes: &[Change],
    part: &str,
    calibration: &[String],
    tell: &mut dyn FnMut(&str, f64),
) -> Result<Statistics> {
    let smaller = changes.iter().filter(|(_, [from, to])| to < from);
    let wanted: BTreeSet<String> = smaller.map(|(layer, _)| format!("{layer}.{part}")).collect();
    if wanted.is_empty() {
        return Ok(Statistics::new());
    }
    if calibration.is_empty() {
        return Err(Error::invalid("fewer of them need calibration text, and none was given"));
    }
    calibrate(package, calibration, wanted, &mut |share| tell("calibration", 0.5 * share))
}

fn heads(
    package: &mut Package,
    goal: &Architecture,
    calibration: &[String],
    random: &mut Random,
    tell: &mut dyn FnMut(&str, f64),
) -> Result<()> {
    let changes = changes(package, goal, ["attention", "cross"], |layer| layer.heads);
    let statistics = inputs(package, &changes, "o", calibration, tell)?;
    for (turn, (layer, sizes)) in changes.iter().enumerate() {
        tell(layer, 0.5 + 0.5 * turn as f64 / changes.len() as f64);
        inside::set_heads(package, layer, *sizes, goal.head_width(), &statistics, random)
            .at(format!("layer \"{layer}\""))?;
    }
    // What neurons are asked about next runs with these heads.
    let with_heads = |now: Vec<LayerSizes>, goal: Vec<LayerSizes>| -> Vec<LayerSizes> {
        let each = now.into_iter().zip(goal);
        each.map(|(now, goal)| LayerSizes { heads: goal.heads, ..now }).collect()
    };
    let now = &mut package.metadata.architecture;
    let encoder = with_heads(now.encoder(), goal.encoder());
    let decoder = with_heads(now.decoder(), goal.decoder());
    now.set_layers(encoder, decoder);
    Ok(())
}

fn neurons(
    package: &mut Package,
    goal: &Architecture,
    calibration: &[String],
    random: &mut Random,
    tell: &mut dyn FnMut(&str, f64),
) -> Result<()> {
    let changes = changes(package, goal, ["ffn", "ffn"], |layer| layer.ffn);
    let statistics = inputs(package, &changes, "w2", calibration, tell)?;
    for (turn, (layer, sizes)) in changes.iter().enumerate() {
        tell(layer, 0.5 + 0.5 * turn as f64 / changes.len() as f64);
        inside::set_neurons(package, layer, *sizes, &statistics, random)
            .at(format!("layer \"{layer}\""))?;
    }
    Ok(())
}
