//! The whole network on the evaluation set, in both directions: `cpu` in floats against the
//! reference nearly, `cpu` in integers against the oracle in integers exactly, and all of them
//! against the production engine.

mod common;

use std::thread;

use common::models::{DIRECTIONS, evaluation, package, production};
use common::recording::Recording;
use futures_lite::future::block_on;
use pocketglot::backend::Backend;
use pocketglot::backend::cpu::Cpu;
use pocketglot::backend::reference::{Reference, ReferenceInt8};
use pocketglot::eval::score;
use pocketglot::model::Source;
use pocketglot::token::TokenId;
use pocketglot::translate::{Plan, Translator};

/// Where two sums of the same numbers may decide differently.
const NEAR_TIE: f32 = 1e-3;

/// A sentence's tokens by the reference, and its margins step by step.
type Traced = (Vec<TokenId>, Vec<f32>);

/// Texts, split and encoded.
struct Prepared {
    plans: Vec<Plan>,
    /// Text and piece of each source.
    places: Vec<(usize, usize)>,
    sources: Vec<Source>,
}

fn prepare<B: Backend>(translator: &Translator<B>, texts: &[String]) -> Prepared {
    let mut prepared = Prepared { plans: Vec::new(), places: Vec::new(), sources: Vec::new() };
    for (text, line) in texts.iter().enumerate() {
        let (plan, sources) = translator.prepare(line).unwrap();
        prepared.plans.push(plan);
        prepared.places.extend((0..sources.len()).map(|piece| (text, piece)));
        prepared.sources.extend(sources);
    }
    prepared
}

fn join<B: Backend>(
    translator: &Translator<B>,
    prepared: &mut Prepared,
    targets: &[Vec<TokenId>],
) -> Vec<String> {
    for (&(text, piece), target) in prepared.places.iter().zip(targets) {
        prepared.plans[text].set(piece, translator.vocabulary().decode(target).unwrap());
    }
    prepared.plans.iter().map(Plan::join).collect()
}

/// The reference, a sentence at a time, on two threads.
fn trace(source: &str, target: &str, sources: &[Source]) -> Vec<Traced> {
    let half = sources.len().div_ceil(2);
    let work = |part: &[Source]| -> Vec<Traced> {
        let translator = Translator::load(Recording::default(), &package(source, target)).unwrap();
        let network = translator.network();
        let one = |source: &Source| {
            let ids = block_on(network.translate(std::slice::from_ref(source))).unwrap().remove(0);
            let steps = network.backend().take_steps();
            (ids, steps.iter().map(|step| step[0].1 - step[1].1).collect())
        };
        part.iter().map(one).collect()
    };
    thread::scope(|scope| {
        let threads: Vec<_> =
            sources.chunks(half).map(|part| scope.spawn(move || work(part))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

/// `cpu` in batches of at most `size` sentences of like lengths.
fn in_batches(cpu: &Translator<Cpu>, sources: &[Source], size: usize) -> Vec<Vec<TokenId>> {
    let mut order: Vec<usize> = (0..sources.len()).collect();
    order.sort_by_key(|&i| sources[i].tokens.len());
    let mut targets = vec![Vec::new(); sources.len()];
    for batch in order.chunks(size) {
        let sources: Vec<_> = batch.iter().map(|&i| sources[i].clone()).collect();
        let translated = block_on(cpu.network().translate(&sources)).unwrap();
        for (&i, target) in batch.iter().zip(translated) {
            targets[i] = target;
        }
    }
    targets
}

fn assert_parity(ours: &[Vec<TokenId>], reference: &[Traced], what: &str) {
    let mut same = 0;
    for (sentence, (ours, (theirs, margins))) in ours.iter().zip(reference).enumerate() {
        if ours == theirs {
            same += 1;
            continue;
        }
        let first = ours.iter().zip(theirs).take_while(|(a, b)| a == b).count();
        let margin = margins[first];
        assert!(margin <= NEAR_TIE, "{what}, sentence {sentence}, step {first}: margin {margin}");
    }
    let share = same as f64 / reference.len() as f64;
    println!("{what}: {same} of {} sentences identical", reference.len());
    assert!(share >= 0.99, "{what}: only {:.1} % of the sentences are identical", 100.0 * share);
}

/// How like production's outputs ours must be, in chrF. Near-ties fall either way, and from
/// Portuguese there are more of them. Measured from English and from Portuguese: 97.14 and 95.80 in
/// integers, 97.60 and 96.27 in floats.
fn least_likeness(source: &str) -> f64 {
    if source == "en" { 96.5 } else { 95.5 }
}

/// How much worse than production's a score may be.
const SCORE_TOLERANCE: f64 = 0.30;

fn assert_quality(texts: &[String], source: &str, target: &str, what: &str) {
    let (production, references) = (production(source, target), evaluation(target));
    let like = score(texts, &production).unwrap().chrf;
    let (ours, theirs) =
        (score(texts, &references).unwrap(), score(&production, &references).unwrap());
    println!(
        "{what}: chrF {:.2} (production {:.2}), BLEU {:.2} ({:.2}), likeness {like:.2}",
        ours.chrf, theirs.chrf, ours.bleu, theirs.bleu
    );
    assert!(like >= least_likeness(source), "{what}: chrF with production's outputs is {like:.2}");
    assert!(
        ours.chrf >= theirs.chrf - SCORE_TOLERANCE,
        "{what}: chrF {:.2}, production {:.2}",
        ours.chrf,
        theirs.chrf
    );
}

fn check(source: &str, target: &str) {
    let package = package(source, target);
    let load = |cpu: Cpu| Translator::load(cpu, &package).unwrap();
    let cpu = load(Cpu::default().in_floats());
    let mut prepared = prepare(&cpu, &evaluation(source));
    let reference = trace(source, target, &prepared.sources);
    let ids: Vec<_> = reference.iter().map(|(ids, _)| ids.clone()).collect();
    let texts = join(&cpu, &mut prepared, &ids);
    assert_quality(&texts, source, target, &format!("reference, {source} → {target}"));
    for size in [1, 7, 64] {
        let ours = in_batches(&cpu, &prepared.sources, size);
        let what = format!("cpu in floats, {source} → {target}, batches of {size}");
        assert_parity(&ours, &reference, &what);
        let texts = join(&cpu, &mut prepared, &ours);
        assert_quality(&texts, source, target, &what);
    }

    let oracle = oracle(source, target, &prepared.sources);
    for (cpu, size) in Cpu::all().into_iter().zip([1, 7, 64, 16].into_iter().cycle()) {
        let ours = in_batches(&load(cpu), &prepared.sources, size);
        let what = format!("{}, {source} → {target}, batches of {size}", cpu.instructions());
        let other = ours.iter().zip(&oracle).filter(|(ours, oracle)| ours != oracle).count();
        assert_eq!(other, 0, "{what}: sentences with other tokens than the oracle's");
    }
    let texts = join(&cpu, &mut prepared, &oracle);
    assert_quality(&texts, source, target, &format!("in integers, {source} → {target}"));
}

/// The oracle in integers, on two threads.
fn oracle(source: &str, target: &str, sources: &[Source]) -> Vec<Vec<TokenId>> {
    let translator = Translator::load(ReferenceInt8, &package(source, target)).unwrap();
    let network = translator.network();
    let halves = sources.chunks(sources.len().div_ceil(2));
    thread::scope(|scope| {
        let work = |part| scope.spawn(move || block_on(network.translate(part)).unwrap());
        let threads: Vec<_> = halves.map(work).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn english_to_portuguese_is_like_the_reference_and_like_production() {
    let (source, target) = DIRECTIONS[0];
    check(source, target);
}

#[test]
fn portuguese_to_english_is_like_the_reference_and_like_production() {
    let (source, target) = DIRECTIONS[1];
    check(source, target);
}

#[test]
fn the_reference_is_the_same_alone_and_in_a_batch() {
    let translator = Translator::load(Reference, &package("en", "pt")).unwrap();
    let texts: Vec<_> = evaluation("en").into_iter().step_by(37).collect();
    let sources = prepare(&translator, &texts).sources;
    let together = block_on(translator.network().translate(&sources)).unwrap();
    for (source, expected) in sources.iter().zip(together) {
        let alone = block_on(translator.network().translate(std::slice::from_ref(source))).unwrap();
        assert_eq!(alone[0], expected);
    }
}
