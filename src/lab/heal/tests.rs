//! Training steps on a tiny model against PyTorch's: `tests/training/torch_step.py` tells how the
//! figures were made and what each is.

use std::collections::BTreeMap;

use futures_lite::future::block_on;
use serde::Deserialize;

use super::gradient::Networks;
use super::weights::{Gradients, Pace, Weights};
use super::*;
use crate::backend::autodiff::{Autodiff, values};
use crate::backend::reference::Reference;
use crate::codec::float::Float32;
use crate::format::package::FORMAT;
use crate::format::{Architecture, Languages, Metadata, Provenance};
use crate::model::{Network, Pair, Source};
use crate::tensor::Tensor;
use crate::token::TokenId;

/// For figures of up to about 3, of which PyTorch's own f32 are apart by less than 1e-6.
const TOLERANCE: f64 = 1e-5;

/// Vectors and matrices, flat, by name.
type Named = BTreeMap<String, Vec<f32>>;

#[derive(Deserialize)]
struct Figures {
    architecture: Architecture,
    settings: Settings,
    batch: Batch,
    shapes: BTreeMap<String, Vec<usize>>,
    student: Named,
    teacher: Named,
    forward: BTreeMap<String, Forward>,
    runs: Vec<Run>,
}

#[derive(Deserialize)]
struct Settings {
    alpha: f32,
    temperature: f32,
    learning_rate: f32,
    beta1: f32,
    beta2: f32,
    epsilon: f32,
    weight_decay: f32,
}

#[derive(Deserialize)]
struct Batch {
    end: u32,
    candidates: Vec<u32>,
    sources: Vec<Vec<u32>>,
    targets: Vec<Vec<u32>>,
}

#[derive(Deserialize)]
struct Forward {
    hidden: Vec<f32>,
    logits: Vec<f32>,
}

#[derive(Deserialize)]
struct Run {
    hidden_weight: f32,
    clip: f32,
    steps: Vec<Figure>,
    gradients: BTreeMap<String, Gradient>,
    after: BTreeMap<String, After>,
    whole: Named,
}

#[derive(Deserialize)]
struct Figure {
    loss: f64,
    soft: f64,
    hard: f64,
    hidden: f64,
    gradient_norm: f64,
}

#[derive(Deserialize)]
struct Gradient {
    norm: f64,
    entries: Vec<(usize, f64)>,
}

#[derive(Deserialize)]
struct After {
    change: f64,
    entries: Vec<(usize, f64)>,
}

fn figures() -> Figures {
    serde_json::from_str(include_str!("../../../tests/training/torch_step.json")).unwrap()
}

fn close(ours: f64, figure: f64, what: &str) {
    let difference = (ours - figure).abs();
    assert!(difference <= TOLERANCE * figure.abs().max(1.0), "{what}: {ours}, not {figure}");
}

fn norm(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().map(|value| value * value).sum::<f64>().sqrt()
}

fn ids(ids: &[u32]) -> Vec<TokenId> {
    ids.iter().copied().map(TokenId).collect()
}

impl Figures {
    fn package(&self, weights: &Named) -> Package {
        let metadata = Metadata {
            format: FORMAT,
            architecture: self.architecture.clone(),
            languages: Languages { source: "en".to_owned(), target: "pt".to_owned() },
            matrices: BTreeMap::new(),
            screening: None,
            recipe: None,
            provenance: Provenance::default(),
        };
        let mut package = Package { metadata, tensors: BTreeMap::new() };
        for (name, values) in weights {
            match self.shapes[name][..] {
                [rows, columns] => {
                    let matrix = Float32::new([rows, columns], values.clone());
                    package.insert_matrix(name, &(Box::new(matrix) as _));
                }
                _ => {
                    let vector = Tensor::from_f32(vec![values.len()], values);
                    package.tensors.insert(name.clone(), vector);
                }
            }
        }
        package
    }

    fn pairs(&self) -> Vec<Pair> {
        let Batch { end, candidates, sources, targets } = &self.batch;
        let source = |tokens: &Vec<u32>| Source {
            tokens: ids(tokens),
            candidates: ids(candidates).into(),
            end: TokenId(*end),
        };
        let pairs = sources.iter().zip(targets);
        pairs.map(|(tokens, target)| Pair { source: source(tokens), target: ids(target) }).collect()
    }

    fn objective(&self, soft: f32, hidden: f32) -> Objective {
        Objective { mixture: Mixture { soft, temperature: self.settings.temperature }, hidden }
    }
}

#[test]
fn representations_and_logits_are_those_of_pytorch() {
    let figures = figures();
    let (pairs, candidates) = (figures.pairs(), ids(&figures.batch.candidates).into());
    let same = |ours: &[f32], figure: &[f32], what: &str| {
        assert_eq!(ours.len(), figure.len(), "{what}");
        for (at, (a, b)) in ours.iter().zip(figure).enumerate() {
            close(f64::from(*a), f64::from(*b), &format!("{what}, element {at}"));
        }
    };
    for (who, weights) in [("student", &figures.student), ("teacher", &figures.teacher)] {
        let (package, expected) = (figures.package(weights), &figures.forward[who]);
        let network = Network::load(Autodiff::default(), &package).unwrap();
        let taught = block_on(network.teach(&pairs, &candidates));
        values(&taught.decoded, |ours| same(ours, &expected.hidden, who)).unwrap();
        values(taught.logits[0].logits(), |ours| same(ours, &expected.logits, who)).unwrap();

        let network = Network::load(Reference, &package).unwrap();
        let taught = block_on(network.teach(&pairs, &candidates));
        same(taught.decoded.data(), &expected.hidden, who);
        for (row, expected) in expected.logits.chunks_exact(candidates.len()).enumerate() {
            same(taught.logits.row(row), expected, who);
        }
    }
}

#[test]
fn training_steps_are_those_of_pytorch() {
    let figures = figures();
    let Settings { alpha, learning_rate, beta1, beta2, epsilon, weight_decay, temperature } =
        figures.settings;
    let adam = Adam { beta1, beta2, epsilon, decay: weight_decay };
    let [student, teacher] = [&figures.student, &figures.teacher].map(|all| figures.package(all));
    let (pairs, pool) = (figures.pairs(), Pool::default());
    for run in &figures.runs {
        let mut weights = Weights::new(&student, false).unwrap();
        let teachers = std::slice::from_ref(&teacher);
        let networks = Networks::load(&student, teachers, &weights).unwrap();
        for (step, expected) in (1..).zip(&run.steps) {
            let what = format!("hidden {}, clip {}, step {step}", run.hidden_weight, run.clip);
            let compute = |weights: &Weights, soft, hidden| {
                let objective = figures.objective(soft, hidden);
                let (loss, gradients) =
                    networks.gradients(&pairs, &objective, weights, &pool).unwrap();
                (f64::from(loss), gradients)
            };
            let [soft, hard, both] = [(1.0, 0.0), (0.0, 0.0), (0.0, 1.0)]
                .map(|(soft, hidden)| compute(&weights, soft, hidden).0);
            close(soft / f64::from(temperature * temperature), expected.soft, &what);
            close(hard, expected.hard, &what);
            close(both - hard, expected.hidden, &what);
            let (loss, gradients) = compute(&weights, alpha, run.hidden_weight);
            close(loss, expected.loss, &what);
            if step == 1 {
                check_gradients(run, &weights, &gradients, &what);
            }
            let pace = Pace { step, rate: learning_rate, clip: run.clip, zeros_stay: false };
            let norm = weights.step(&adam, pace, &gradients, &pool);
            close(f64::from(norm), expected.gradient_norm, &what);
        }
        check_weights(run, &weights, &figures.student);
    }
}

fn check_gradients(run: &Run, weights: &Weights, gradients: &Gradients, what: &str) {
    assert_eq!(run.gradients.len(), gradients.len());
    for (weight, ours) in weights.iter().zip(gradients) {
        let (expected, what) = (&run.gradients[&weight.name], format!("{what}, {}", weight.name));
        close(norm(ours.iter().map(|&value| f64::from(value))), expected.norm, &what);
        for &(at, entry) in &expected.entries {
            close(f64::from(ours[at]), entry, &format!("{what}, entry {at}"));
        }
    }
}

fn check_weights(run: &Run, weights: &Weights, before: &Named) {
    let expected = |name: &String| run.after.get(name).map(|after| (after, run.whole.get(name)));
    let mut checked = 0;
    for weight in weights.iter() {
        let (name, ours) = (&weight.name, &weight.parameters);
        // The rest are keys' biases, which may be anything.
        let Some((after, whole)) = expected(name) else {
            assert!(name.ends_with(".k.bias"), "{name}");
            continue;
        };
        let moved = ours.iter().zip(&before[name]).map(|(a, b)| f64::from(*a) - f64::from(*b));
        close(norm(moved), after.change, &format!("change of {name}"));
        for &(at, entry) in &after.entries {
            close(f64::from(ours[at]), entry, &format!("{name}, entry {at}"));
        }
        for (at, value) in whole.into_iter().flatten().enumerate() {
            close(f64::from(ours[at]), f64::from(*value), &format!("{name}, entry {at}"));
        }
        checked += 1;
    }
    assert_eq!(checked, run.after.len());
}
