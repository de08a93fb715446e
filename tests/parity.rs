//! The whole network: `cpu` against `reference`, and both against the production engine, on the
//! evaluation set in both directions.

mod common;

use std::cell::RefCell;
use std::thread;

use common::models::{DIRECTIONS, evaluation, package, production};
use futures_lite::future::block_on;
use pocketglot::Result;
use pocketglot::backend::cpu::Cpu;
use pocketglot::backend::host::{Activations, Dense, RaggedLogits};
use pocketglot::backend::reference::Reference;
use pocketglot::backend::{Activation, Backend, Candidates, Span};
use pocketglot::codec::Codec;
use pocketglot::eval::{chrf, score};
use pocketglot::model::Source;
use pocketglot::token::TokenId;
use pocketglot::translate::{Plan, Translator};

/// Where two sums of the same numbers may decide differently.
const NEAR_TIE: f32 = 1e-3;

/// The reference, noting how far the best logit of each step is above the second.
#[derive(Default)]
struct Margins(RefCell<Vec<f32>>);

impl Backend for Margins {
    type Tensor = Activations;
    type Matrix = Dense;
    type Table = Dense;
    type Vector = Vec<f32>;
    type Tokens = Vec<TokenId>;
    type Spans = Vec<Span>;
    type Choices = Vec<Candidates>;
    type Logits = RaggedLogits;

    fn name(&self) -> &'static str {
        "reference with margins"
    }
    fn matrix(&self, matrix: &dyn Codec) -> Result<Dense> {
        Reference.matrix(matrix)
    }
    fn table(&self, matrix: &dyn Codec) -> Result<Dense> {
        Reference.table(matrix)
    }
    fn vector(&self, values: Vec<f32>) -> Result<Vec<f32>> {
        Reference.vector(values)
    }
    fn matrix_bytes(&self, matrix: &Dense) -> usize {
        Reference.matrix_bytes(matrix)
    }
    fn table_bytes(&self, table: &Dense) -> usize {
        Reference.table_bytes(table)
    }
    fn tokens(&self, ids: &[TokenId]) -> Vec<TokenId> {
        Reference.tokens(ids)
    }
    fn spans(&self, spans: &[Span]) -> Vec<Span> {
        Reference.spans(spans)
    }
    fn choices(&self, candidates: &[Candidates]) -> Vec<Candidates> {
        Reference.choices(candidates)
    }
    fn embed(&self, table: &Dense, tokens: &Vec<TokenId>, spans: &Vec<Span>) -> Activations {
        Reference.embed(table, tokens, spans)
    }
    fn embed_step(&self, table: &Dense, tokens: &Vec<TokenId>, step: usize) -> Activations {
        Reference.embed_step(table, tokens, step)
    }
    fn linear(
        &self,
        x: &Activations,
        weight: &Dense,
        bias: Option<&Vec<f32>>,
        activation: Activation,
    ) -> Activations {
        Reference.linear(x, weight, bias, activation)
    }
    fn attention(
        &self,
        q: &Activations,
        k: &Activations,
        v: &Activations,
        spans: &Vec<Span>,
        heads: usize,
    ) -> Activations {
        Reference.attention(q, k, v, spans, heads)
    }
    fn add_norm(
        &self,
        x: &Activations,
        residual: &Activations,
        scale: &Vec<f32>,
        bias: &Vec<f32>,
    ) -> Activations {
        Reference.add_norm(x, residual, scale, bias)
    }
    fn zeros(&self, rows: usize, width: usize) -> Activations {
        Reference.zeros(rows, width)
    }
    fn ssru(
        &self,
        forget: &Activations,
        candidate: &Activations,
        state: &Activations,
    ) -> (Activations, Activations) {
        Reference.ssru(forget, candidate, state)
    }
    fn logits(
        &self,
        h: &Activations,
        table: &Dense,
        bias: &Vec<f32>,
        choices: &Vec<Candidates>,
    ) -> RaggedLogits {
        Reference.logits(h, table, bias, choices)
    }
    fn best(&self, logits: &RaggedLogits, choices: &Vec<Candidates>) -> Vec<TokenId> {
        assert_eq!(choices.len(), 1, "margins are of one sentence at a time");
        let mut sorted = logits.row(0).to_vec();
        sorted.sort_by(|a, b| b.total_cmp(a));
        self.0.borrow_mut().push(sorted[0] - sorted[1]);
        Reference.best(logits, choices)
    }
    fn gather(&self, x: &Activations, rows: &[usize]) -> Activations {
        Reference.gather(x, rows)
    }
    async fn read(&self, steps: &[Vec<TokenId>]) -> Result<Vec<Vec<TokenId>>> {
        Reference.read(steps).await
    }
}

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
        let translator = Translator::load(Margins::default(), &package(source, target)).unwrap();
        let network = translator.network();
        let one = |source: &Source| {
            network.backend().0.borrow_mut().clear();
            let ids = block_on(network.translate(std::slice::from_ref(source))).unwrap().remove(0);
            (ids, network.backend().0.borrow().clone())
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

/// How like production's outputs ours must be. Both round differently all the way, and near-ties
/// then fall either way: more of them from Portuguese, where production's 8-bit activations and
/// our floats agree on 96.2 (97.6 from English), whatever the arithmetic of ours.
fn least_likeness(source: &str) -> f64 {
    if source == "en" { 97.0 } else { 96.0 }
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
    // The oracle of the oracle: sentence statistics add up to the corpus.
    let statistics = texts.iter().zip(&references).map(|(h, r)| chrf::sentence_statistics(h, r));
    let sum = statistics.fold(chrf::Statistics::default(), |sum, s| sum + s);
    assert_eq!(sum.score(), ours.chrf);
}

fn check(source: &str, target: &str) {
    let cpu = Translator::load(Cpu::default(), &package(source, target)).unwrap();
    let mut prepared = prepare(&cpu, &evaluation(source));
    let reference = trace(source, target, &prepared.sources);
    let ids: Vec<_> = reference.iter().map(|(ids, _)| ids.clone()).collect();
    let texts = join(&cpu, &mut prepared, &ids);
    assert_quality(&texts, source, target, &format!("reference, {source} → {target}"));
    for size in [1, 7, 64] {
        let ours = in_batches(&cpu, &prepared.sources, size);
        let what = format!("cpu, {source} → {target}, batches of {size}");
        assert_parity(&ours, &reference, &what);
        let texts = join(&cpu, &mut prepared, &ours);
        assert_quality(&texts, source, target, &what);
    }
    let portable = Translator::load(Cpu::portable(), &package(source, target)).unwrap();
    let ours = in_batches(&portable, &prepared.sources, 16);
    assert_parity(&ours, &reference, &format!("cpu without AVX, {source} → {target}"));
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
