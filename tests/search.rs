//! Searches for recipes, on a random model of few weights: what is found depends on the seed alone,
//! keeps its budget, and can be applied.

mod common;

use std::ops::ControlFlow;

use common::marian::Random;
use common::models::{package, root};
use futures_lite::future::block_on;
use pocketglot::backend::Backend;
use pocketglot::backend::cpu::Cpu;
use pocketglot::backend::reference::Reference;
use pocketglot::codec::float::Float32;
use pocketglot::compress::Recipe;
use pocketglot::format::Package;
use pocketglot::lab::search::confirm::{Test, confirm};
use pocketglot::lab::search::evaluate::Measured;
use pocketglot::lab::search::front::dominates;
use pocketglot::lab::search::report::{chart, points_csv, toml};
use pocketglot::lab::search::{Found, News, Settings, search};
use pocketglot::model::forced::Scores;
use pocketglot::text::trim;
use pocketglot::translate::Translator;
use pocketglot::translate::parallel::Threads;

const WIDTH: usize = 64;
const FFN: usize = 128;
/// Pieces that the vocabulary has besides those that it cannot do without.
const PIECES: usize = 400;

/// A network of random weights with two layers a stack, over some pieces of a real vocabulary.
fn small() -> Package {
    let mut package = package("en", "pt");
    let vocabulary = package.vocabulary().unwrap().clone();
    let worth = trim::worth(&vocabulary).unwrap();
    let mut scores: Vec<f32> = worth.iter().copied().flatten().collect();
    scores.sort_by(|a, b| b.total_cmp(a));
    let keep: Vec<bool> =
        worth.iter().map(|score| score.is_none_or(|score| score >= scores[PIECES])).collect();
    let pieces = keep.iter().filter(|keep| **keep).count();
    package.set_texts(trim::keep_pieces(&vocabulary, &keep).unwrap().into(), None);
    let vectors = package.vector_names();
    package.tensors.retain(|name, _| name == "vocabulary");
    package.metadata.matrices.clear();
    let architecture = &mut package.metadata.architecture;
    (architecture.width, architecture.heads, architecture.ffn) = (WIDTH, 2, FFN);
    (architecture.encoder_layers, architecture.decoder_layers) = (2, 2);
    architecture.vocabulary = pieces;
    architecture.encoder_sizes.clear();
    architecture.decoder_sizes.clear();
    let mut numbers = Random(5);
    let mut random = move || numbers.unit();
    let square = [WIDTH, WIDTH];
    let mut shapes = vec![("embedding".to_owned(), [pieces, WIDTH])];
    for (stack, attention) in [("encoder", "attention"), ("decoder", "cross")] {
        for layer in 0..2 {
            let name = |part: &str| format!("{stack}.{layer}.{part}");
            let attention = ["q", "k", "v", "o"].map(|part| name(&format!("{attention}.{part}")));
            shapes.extend(attention.map(|name| (name, square)));
            shapes.extend([(name("ffn.w1"), [FFN, WIDTH]), (name("ffn.w2"), [WIDTH, FFN])]);
            if stack == "decoder" {
                let ssru = ["candidate", "forget"].map(|part| name(&format!("ssru.{part}")));
                shapes.extend(ssru.map(|name| (name, square)));
            }
        }
    }
    for (name, shape) in shapes {
        let scale = 4.0 / (shape[1] as f32).sqrt();
        let values: Vec<f32> = (0..shape[0] * shape[1]).map(|_| scale * random()).collect();
        package.insert_matrix(&name, &(Box::new(Float32::new(shape, values)) as _));
    }
    for name in vectors {
        let Some(length) = length(&name, pieces) else { continue };
        let ones = name.ends_with(".scale");
        let values: Vec<f32> =
            (0..length).map(|_| if ones { 1.0 } else { 0.2 * random() }).collect();
        package.set_vector(&name, &values).unwrap();
    }
    package
}

/// How long a vector of the small model is; none where it has no such layer.
fn length(name: &str, pieces: usize) -> Option<usize> {
    let mut parts = name.split('.');
    match (parts.next()?, parts.next()?.parse::<usize>()) {
        ("output", _) => Some(pieces),
        (_, Ok(2..)) => None,
        _ if name.ends_with("ffn.w1.bias") => Some(FFN),
        _ => Some(WIDTH),
    }
}

fn text() -> Vec<String> {
    let table = std::fs::read_to_string(root("data/calibration.en-pt.tsv")).unwrap();
    let column = |line: &str| line.split('\t').nth(1).unwrap().to_owned();
    table.lines().skip(1).step_by(8).map(column).collect()
}

/// Of which the vocabulary takes more than the half.
const BUDGET: usize = 235_000;

fn settings() -> Settings<'static> {
    let (structure, networks) = (true, 8);
    Settings { budget: BUDGET, evaluations: 60, seed: 3, clock: None, structure, networks }
}

fn found(threads: usize, settings: Settings<'_>) -> Found {
    let pool = Threads::new(threads).unwrap();
    let mut hear = |_: News<'_>| ControlFlow::Continue(());
    search(&small(), &text(), settings, pool.pool(), &mut hear).unwrap()
}

fn figures(found: &Found) -> Vec<Measured> {
    let points = found.points.iter();
    points
        .map(|p| Measured { bytes: p.bytes, divergence: p.divergence, latency: p.latency })
        .collect()
}

#[test]
fn the_seed_alone_decides_what_is_found() {
    let [one, two] = [1, 2].map(|threads| found(threads, settings()));
    assert_eq!(figures(&one), figures(&two));
    assert_eq!(one.front, two.front);
    assert_eq!(points_csv(&one), points_csv(&two));
    let other = found(2, Settings { seed: 4, ..settings() });
    assert_ne!(figures(&one), figures(&other));
}

#[test]
fn the_front_keeps_the_budget_and_nothing_is_better_and_its_recipes_give_what_they_promise() {
    let found = found(2, settings());
    let all = figures(&found);
    assert_eq!(all.len() + found.refused, 60);
    assert!(found.front.len() > 3, "{:?}", found.front);
    assert!(found.front.is_sorted_by_key(|&at| all[at].bytes));
    let fits = |m: &Measured| m.bytes <= BUDGET;
    for &at in &found.front {
        assert!(fits(&all[at]), "{:?}", all[at]);
        assert!(!all.iter().any(|other| {
            fits(other) && other.bytes * 4 >= BUDGET * 3 && dominates(other, &all[at])
        }));
    }
    let (model, text) = (small(), text());
    let test = Test { sources: &text[..4], references: &text[..4] };
    for &at in &found.front {
        let point = &found.points[at];
        let written = toml(&point.recipe).unwrap();
        let read = Recipe::from_toml(&written).unwrap_or_else(|e| panic!("{e}: {written}"));
        assert_eq!(read.given(), point.recipe.given());
        let real = confirm(&model, &read, &text, test, None).unwrap().wire_bytes;
        let off = real as f64 / point.bytes as f64 - 1.0;
        assert!(off.abs() < 0.02, "{real} bytes, not {}: {written}", point.bytes);
    }
    let svg = chart(&found, "a < b");
    assert_eq!(svg.matches("r=\"3.5\"").count(), found.front.len());
    assert!(svg.contains("a &lt; b") && svg.ends_with("</svg>\n"));
}

#[test]
fn more_bits_of_a_group_are_nearer_to_the_original() {
    let found = found(2, Settings { evaluations: 1, ..settings() });
    let embedding: Vec<f64> = found
        .choices
        .iter()
        .filter(|choice| choice.what == "embedding")
        .map(|choice| choice.divergence)
        .collect();
    assert_eq!(embedding.len(), 3);
    assert!(embedding.is_sorted_by(|fewer, more| fewer > more), "{embedding:?}");
    let nothing = &found.choices[0];
    assert!(nothing.divergence < 0.1 * embedding[2], "{nothing:?} {embedding:?}");
}

#[test]
fn how_many_networks_are_kept_makes_no_difference() {
    let few = Settings { networks: 1, evaluations: 30, ..settings() };
    assert_eq!(points_csv(&found(1, few)), points_csv(&found(2, Settings { networks: 8, ..few })));
}

#[test]
fn a_search_for_bits_alone_leaves_the_network_as_it_is_and_tells_its_front_on_the_way() {
    let pool = Threads::new(1).unwrap();
    let (mut fronts, mut tried) = (Vec::new(), Vec::new());
    let mut hear = |news: News<'_>| {
        if let News::Found { front, done, .. } = news {
            fronts.push(front.to_vec());
            tried.push(done);
        }
        ControlFlow::Continue(())
    };
    let settings = Settings { structure: false, evaluations: 24, ..settings() };
    let found = search(&small(), &text(), settings, pool.pool(), &mut hear).unwrap();
    assert_eq!(
        found.choices.len(),
        1 + 3 * found.choices.iter().filter(|c| c.bits == Some(2.5)).count()
    );
    for point in &found.points {
        let methods = point.recipe.steps().iter().map(|step| step.method.name());
        assert_eq!(methods.collect::<Vec<_>>(), ["quantize", "quantize", "screen"]);
    }
    assert_eq!(fronts.last(), Some(&found.front));
    assert!(fronts.iter().enumerate().all(|(n, front)| front.iter().all(|&at| at <= n)));
    assert!(tried.is_sorted() && tried.last() == Some(&24), "{tried:?}");
}

#[test]
fn a_search_that_is_ended_keeps_what_it_has() {
    let pool = Threads::new(1).unwrap();
    let mut count = 0;
    let mut hear = |news: News<'_>| match news {
        News::Choices(..) => ControlFlow::Continue(()),
        News::Found { .. } => {
            count += 1;
            if count == 5 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }
    };
    let found = search(&small(), &text(), settings(), pool.pool(), &mut hear).unwrap();
    assert_eq!(found.points.len(), 5);
    assert!(!found.front.is_empty());
    let mut never = |_: News<'_>| ControlFlow::Break(());
    let found = search(&small(), &text(), settings(), pool.pool(), &mut never).unwrap();
    assert!(found.points.is_empty() && !found.choices.is_empty());
}

#[test]
fn what_cannot_be_searched_for_is_named() {
    let pool = Threads::new(1).unwrap();
    let refusal = |text: &[String], settings: Settings<'_>| {
        let mut hear = |_: News<'_>| ControlFlow::Continue(());
        search(&small(), text, settings, pool.pool(), &mut hear).unwrap_err().to_string()
    };
    let few = refusal(&text()[..5], settings());
    assert!(few.contains("6 lines") && few.contains("has 5"), "{few}");
    let none = refusal(&text(), Settings { evaluations: 0, ..settings() });
    assert!(none.contains("one candidate"), "{none}");
    let tight = refusal(&text(), Settings { budget: 2000, ..settings() });
    assert!(tight.contains("nothing fits into 2000 bytes"), "{tight}");
    let bits = Settings { structure: false, budget: 185_000, ..settings() };
    let tight = refusal(&text(), bits);
    assert!(tight.contains("nothing fits into 185000 bytes: with 1.5 bits"), "{tight}");
    let wide = refusal(&text(), Settings { budget: 2_000_000, ..settings() });
    assert!(wide.contains("nothing fills 2000000 bytes: with 6 bits"), "{wide}");
}

fn follows_its_own_translations<B: Backend<Logits: Scores>>(backend: B) {
    let translator = Translator::load(backend, &small()).unwrap();
    let network = translator.network();
    let mut sources = Vec::new();
    for line in text().iter().take(6) {
        sources.extend(translator.prepare(line).unwrap().1);
    }
    let targets = block_on(network.translate(&sources)).unwrap();
    let mut steps = 0;
    let mut hear = |step: pocketglot::model::forced::Step<'_>| {
        let source = &sources[step.sentence];
        let most = step.logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let best = step.logits.iter().position(|logit| *logit == most).unwrap();
        let target = &targets[step.sentence];
        // A translation that was cut at its greatest length has no end of its own.
        if let Some(&token) = target.get(step.token) {
            assert_eq!(source.candidates[best], token, "{step:?}");
        }
        steps += 1;
    };
    block_on(network.force(&sources, &targets, &mut hear)).unwrap();
    assert_eq!(steps, targets.iter().map(|target| target.len() + 1).sum::<usize>());
    let error = block_on(network.force(&sources, &targets[1..], &mut |_| {})).unwrap_err();
    assert!(error.to_string().contains("translations for"), "{error}");
}

#[test]
fn along_its_own_translations_a_network_chooses_the_same_tokens() {
    follows_its_own_translations(Reference);
    follows_its_own_translations(Cpu::default());
}
