//! The whole network on the GPU against the CPU with the same weights: on the evaluation set with
//! the models' own 8-bit codes, on a part of it in every other form of weights.

mod common;

use common::gpu::gpu;
use common::models::{DIRECTIONS, evaluation, package, root};
use common::recode::{codebook, float16, float32, int4, low_rank, recode, sparse};
use common::recording::Recording;
use futures_lite::future::block_on;
use pocketglot::backend::Backend;
use pocketglot::backend::cpu::Cpu;
use pocketglot::backend::gpu::Gpu;
use pocketglot::error::Kind;
use pocketglot::format::{Architecture, Package};
use pocketglot::model::Source;
use pocketglot::token::TokenId;
use pocketglot::translate::Translator;
use serde::Deserialize;

/// The sentences of every `nth` text, shortest first.
fn sources<B: Backend>(translator: &Translator<B>, language: &str, nth: usize) -> Vec<Source> {
    let texts = evaluation(language);
    let texts = texts.iter().step_by(nth);
    let mut sources: Vec<_> = texts.flat_map(|text| translator.prepare(text).unwrap().1).collect();
    sources.sort_by_key(|source| source.tokens.len());
    sources
}

fn translate<B: Backend>(translator: &Translator<B>, sources: &[Source]) -> Vec<Vec<TokenId>> {
    let batch = |batch| block_on(translator.network().translate(batch)).unwrap();
    sources.chunks(64).flat_map(batch).collect()
}

/// Asserts that so large a share of the sentences is the same on both.
fn assert_alike(gpu: &Gpu, cpu: Cpu, package: &Package, nth: usize, share: f64, what: &str) {
    let cpu = Translator::load(cpu, package).unwrap();
    let sources = sources(&cpu, &package.metadata.languages.source, nth);
    let expected = translate(&cpu, &sources);
    let ours = Translator::load(gpu.clone(), package).unwrap();
    let translated = translate(&ours, &sources);
    let same = assert_near_ties(package, &sources, &translated, &expected, what);
    println!(
        "{what}: {same} of {} sentences identical, {} bytes of weights",
        sources.len(),
        ours.network().weight_bytes()
    );
    assert!(same as f64 >= share * sources.len() as f64, "{what}: {same} of {}", sources.len());
}

/// Candidates that are less apart than this may change places when sums are rounded in another way.
/// Those of a step lie tens apart.
const NEAR: f32 = 0.5;

/// How many translations are the same. Of each other one, shows by how much the oracle prefers one
/// token to the other where they part, and asserts that it is little.
fn assert_near_ties(
    package: &Package,
    sources: &[Source],
    ours: &[Vec<TokenId>],
    expected: &[Vec<TokenId>],
    what: &str,
) -> usize {
    let oracle = Translator::load(Recording::default(), package).unwrap();
    let mut same = 0;
    for (source, (ours, expected)) in sources.iter().zip(ours.iter().zip(expected)) {
        if ours == expected {
            same += 1;
            continue;
        }
        let at = ours.iter().zip(expected).take_while(|(a, b)| a == b).count();
        let [one, other] = [ours, expected].map(|tokens| *tokens.get(at).unwrap_or(&source.end));
        translate(&oracle, std::slice::from_ref(source));
        let steps = oracle.network().backend().take_steps();
        let logit = |token| {
            let ranked = steps.get(at)?.iter().find(|(candidate, _)| *candidate == token)?;
            Some(ranked.1)
        };
        let text = |token| oracle.vocabulary().decode(&[token]).unwrap();
        let (Some(a), Some(b)) = (logit(one), logit(other)) else {
            // The oracle has parted from both before, or thinks of neither.
            println!("{what}: step {at}, {:?} or {:?}, not the oracle's", text(one), text(other));
            continue;
        };
        println!("{what}: step {at}, {:?} {a:.3} or {:?} {b:.3}", text(one), text(other));
        assert!((a - b).abs() < NEAR, "{what}: no near-tie at step {at}: {a} and {b}");
    }
    same
}

#[test]
fn where_integers_and_floats_differ_the_candidates_are_close() {
    let package = package("en", "pt");
    let floats = Translator::load(Cpu::default().in_floats(), &package).unwrap();
    let integers = Translator::load(Cpu::default(), &package).unwrap();
    let sources = sources(&floats, "en", 4);
    let (ours, expected) = (translate(&integers, &sources), translate(&floats, &sources));
    let same = assert_near_ties(&package, &sources, &ours, &expected, "int8 against floats");
    assert!(same < sources.len(), "nothing differs, so nothing was tested");
    assert!(same > sources.len() / 2, "{same} of {}", sources.len());
}

#[test]
fn in_8_bits_the_sentences_are_the_cpus() {
    let Some(gpu) = gpu("models in 8 bits") else { return };
    for (source, target) in DIRECTIONS {
        let what = format!("int8, {source} → {target}");
        assert_alike(&gpu, Cpu::default(), &package(source, target), 1, 0.97, &what);
    }
}

#[test]
fn in_floats_the_sentences_are_the_cpus() {
    let Some(gpu) = gpu("models in floats") else { return };
    let package = package("en", "pt");
    let floats = Cpu::default().in_floats();
    assert_alike(&gpu, floats, &recode(&package, float32), 1, 0.99, "f32");
    for (form, recoding) in [("f16", float16 as fn(&_) -> _), ("int4", int4)] {
        let recoded = recode(&package, recoding);
        assert_alike(&gpu, floats, &recoded, 4, 0.97, form);
    }
}

#[test]
fn what_the_device_has_no_form_for_is_half_floats() {
    let Some(gpu) = gpu("models in other codecs") else { return };
    let package = package("en", "pt");
    let floats = Cpu::default().in_floats();
    for (form, recoding) in [("codebook", codebook as fn(&_) -> _), ("low rank", low_rank)] {
        let recoded = recode(&package, recoding);
        assert_alike(&gpu, floats, &recoded, 12, 0.97, form);
        // Half floats take as many bytes.
        let bytes =
            |package| Translator::load(gpu.clone(), package).unwrap().network().weight_bytes();
        assert_eq!(bytes(&recoded), bytes(&recode(&package, float16)), "{form}");
    }
}

#[test]
fn what_a_file_leaves_out_changes_nothing_on_the_device() {
    let Some(gpu) = gpu("sparse models") else { return };
    let package = package("en", "pt");
    for package in [package.clone(), recode(&package, int4)] {
        let [ours, theirs] = [recode(&package, sparse), package].map(|package| {
            let translator = Translator::load(gpu.clone(), &package).unwrap();
            let sources = sources(&translator, "en", 40);
            (translator.network().weight_bytes(), translate(&translator, &sources))
        });
        assert_eq!(ours, theirs);
    }
}

#[test]
fn weights_take_no_more_than_their_bits() {
    let Some(gpu) = gpu("memory of weights") else { return };
    let package = package("en", "pt");
    for (package, most) in [(&package, 18_000_000), (&recode(&package, int4), 10_000_000)] {
        let before = gpu.memory_bytes();
        let translator = Translator::load(gpu.clone(), package).unwrap();
        gpu.give_back();
        let bytes = gpu.memory_bytes() - before;
        println!("{bytes} bytes on the device");
        assert!(bytes <= most && translator.network().weight_bytes() as u64 <= most);
        drop(translator);
        gpu.give_back();
        assert!(gpu.memory_bytes() <= before, "a model that is gone has left something");
    }
}

#[test]
fn a_device_that_is_destroyed_ends_a_batch_with_an_error() {
    let Some(gpu) = gpu("a lost device") else { return };
    let translator = Translator::load(gpu.clone(), &package("en", "pt")).unwrap();
    let sources = sources(&translator, "en", 60);
    assert!(!translate(&translator, &sources).is_empty());
    gpu.destroy();
    let error = block_on(translator.network().translate(&sources)).unwrap_err();
    assert_eq!(error.kind(), Kind::Device);
}

#[test]
fn a_layer_of_the_encoder_takes_six_dispatches_and_a_step_sixteen_at_most() {
    let Some(gpu) = gpu("dispatches") else { return };
    let translator = Translator::load(gpu.clone(), &package("en", "pt")).unwrap();
    let architecture = &package("en", "pt").metadata.architecture.clone();
    let sources = sources(&translator, "en", 60);
    let before = gpu.counts();
    let targets = translate(&translator, &sources);
    let counts = gpu.counts().since(before);
    // Steps are recorded in fours, and four more are under way when the last sentence ends.
    let longest = targets.iter().map(Vec::len).max().unwrap() + 1;
    let steps = longest.next_multiple_of(4) + 4;
    let encoder = 1 + 6 * architecture.encoder_layers + architecture.decoder_layers;
    // Whenever sentences leave the batch, a few kernels move the others.
    let moves = (architecture.decoder_layers + 1) * sources.len();
    let most = encoder + 16 * steps + moves;
    println!("{counts:?}, {steps} steps, at most {most}");
    assert!(counts.dispatches as usize <= most);
    assert!(counts.reads as usize <= steps / 4 + 1, "a read-back inside a step");
}

#[test]
fn a_profile_counts_what_is_dispatched() {
    let Some(gpu) = gpu("a profile") else { return };
    let package = package("en", "pt");
    let translator = Translator::load(gpu.clone(), &package).unwrap();
    let sources: Vec<_> = sources(&translator, "en", 60);
    let clock = std::time::Instant::now();
    let now = || clock.elapsed().as_secs_f64() * 1e3;
    let profile = block_on(translator.network().profile(&sources, now)).unwrap();
    println!("{:?} {:?} {:?}", profile.encoder_layer, profile.step, profile.kernels);
    assert!(profile.encoder_layer.dispatches <= 6.0 && profile.step.dispatches <= 16.0);
    let tokens: usize = sources.iter().map(|source| source.tokens.len()).sum();
    assert_eq!(profile.source_tokens, tokens);
    let Architecture { width, ffn, .. } = package.metadata.architecture;
    // Products alone, without attention.
    let products = (tokens * (4 * width * width + 2 * width * ffn)) as f64;
    let layer = profile.encoder_layer;
    assert!(layer.multiply_adds > products && layer.multiply_adds < 1.5 * products, "{layer:?}");
    assert!(layer.bytes_read > (4 * width * width + 2 * width * ffn) as f64, "{layer:?}");
    assert!(profile.encoder_ms > 0.0 && profile.steps_ms > 0.0);
    // Lavapipe has a clock; elsewhere there may be none.
    if let Some(kernels) = profile.kernels {
        let started: usize = kernels.iter().map(|kernel| kernel.dispatches).sum();
        let counted = layer.dispatches * package.metadata.architecture.encoder_layers as f64
            + profile.step.dispatches * profile.steps as f64;
        assert!(started as f64 > counted, "{started} of more than {counted}");
        assert!(kernels.iter().map(|kernel| kernel.ms).sum::<f64>() > 0.0);
    }
}

#[test]
fn a_thousand_translations_leave_memory_as_it_was() {
    let Some(gpu) = gpu("memory after a thousand translations") else { return };
    // Fewer layers and candidates take less time, and memory in the same ways.
    let mut package = package("en", "pt");
    package.metadata.architecture.encoder_layers = 1;
    package.metadata.architecture.decoder_layers = 1;
    let translator = Translator::load(gpu.clone(), &package).unwrap();
    let sources = sources(&translator, "en", 1);
    let few = |n: usize| {
        let mut source = sources[n % 20].clone();
        source.candidates = source.candidates.iter().copied().take(8 + n % 100).collect();
        source.tokens.drain(..source.tokens.len().saturating_sub(1 + n % 3));
        source
    };
    let translate = |n: usize| {
        let batch: Vec<_> = (n..=n + n % 4).map(few).collect();
        block_on(translator.network().translate(&batch)).unwrap()
    };
    let first = translate(0);
    gpu.give_back();
    let before = gpu.memory_bytes();
    let mut most = before;
    for n in 1..1000 {
        translate(n);
        most = most.max(gpu.memory_bytes());
    }
    assert_eq!(translate(0), first);
    println!("{before} bytes, {} more at most", most - before);
    assert!(most - before < 4 << 20, "{} bytes more on the way", most - before);
    gpu.give_back();
    assert!(gpu.memory_bytes() <= before, "{} bytes, then {}", before, gpu.memory_bytes());
}

/// A sentence of `tests/golden`, as far as the encoder goes: its token ids, and the first values of
/// each row.
#[derive(Deserialize)]
struct Golden {
    text: String,
    src_ids: Vec<u32>,
    enc_first8: Vec<[f32; 8]>,
}

#[test]
fn the_encoder_alone_gives_what_an_independent_implementation_gave() {
    let Some(gpu) = gpu("the encoder alone") else { return };
    let package = recode(&package("en", "pt"), float32);
    let translator = Translator::load(gpu, &package).unwrap();
    let text = std::fs::read_to_string(root("tests/golden/steps.en-pt.json")).unwrap();
    let golden: Vec<Golden> = serde_json::from_str(&text).unwrap();
    let prepare = |golden: &Golden| translator.prepare(&golden.text).unwrap().1;
    let sources: Vec<_> = golden.iter().flat_map(prepare).collect();
    let ids: Vec<_> =
        sources.iter().flat_map(|source| source.tokens.iter().map(|id| id.0)).collect();
    let expected: Vec<_> = golden.iter().flat_map(|golden| golden.src_ids.clone()).collect();
    assert_eq!(ids, expected);
    let encoded = block_on(translator.network().encoding(&sources, || 0.0)).unwrap().encoded;
    assert_eq!(encoded.rows(), ids.len());
    for (row, expected) in golden.iter().flat_map(|golden| &golden.enc_first8).enumerate() {
        for (value, expected) in encoded.row(row).iter().zip(expected) {
            assert!((value - expected).abs() < 1e-3, "row {row}: {value}, not {expected}");
        }
    }
}
