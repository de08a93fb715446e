//! The reference step by step against numbers that an independent f32 implementation of the network
//! gave for three sentences from the same model files: `tests/golden/steps.en-pt.json` holds token
//! ids, the first 8 values of each encoder row, and the five best logits of each step, with the
//! shortlist and without.

mod common;

use common::models::{package, root};
use common::recording::{Ranked, Recording};
use futures_lite::future::block_on;
use pocketglot::backend::host::Activations;
use pocketglot::model::Source;
use pocketglot::token::TokenId;
use pocketglot::translate::Translator;
use serde::Deserialize;

/// The numbers were written with 5 or 6 decimals; sums of 1536 products in another order differ by
/// less than this.
const TOLERANCE: f32 = 1e-3;
/// Two norms a layer, six layers: the twelfth output is the encoder's.
const ENCODER_NORMS: usize = 12;

#[derive(Deserialize)]
struct Golden {
    text: String,
    src_ids: Vec<u32>,
    enc_first8: Vec<[f32; 8]>,
    shortlist_size: usize,
    output_text: String,
    output_ids_shortlist: Vec<u32>,
    output_ids_full: Vec<u32>,
    top5_shortlist: Vec<Vec<(u32, f32)>>,
    top5_full: Vec<Vec<(u32, f32)>>,
}

fn golden() -> Vec<Golden> {
    let text = std::fs::read_to_string(root("tests/golden/steps.en-pt.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn assert_steps(ours: &[Ranked], expected: &[Vec<(u32, f32)>], text: &str) {
    assert_eq!(ours.len(), expected.len(), "steps of {text}");
    for (step, (ours, expected)) in ours.iter().zip(expected).enumerate() {
        for ((token, logit), (id, value)) in ours.iter().zip(expected) {
            assert_eq!(token.0, *id, "{text}, step {step}");
            assert!((logit - value).abs() < TOLERANCE, "{text}, step {step}: {logit}, not {value}");
        }
    }
}

fn assert_encoder(norms: &[Activations], expected: &[[f32; 8]], text: &str) {
    let encoded = &norms[ENCODER_NORMS - 1];
    assert_eq!(encoded.rows(), expected.len(), "rows of {text}");
    for (row, expected) in expected.iter().enumerate() {
        for (value, expected) in encoded.row(row).iter().zip(expected) {
            assert!(
                (value - expected).abs() < TOLERANCE,
                "{text}, row {row}: {value}, not {expected}"
            );
        }
    }
}

fn ids(tokens: &[TokenId]) -> Vec<u32> {
    tokens.iter().map(|token| token.0).collect()
}

fn translate(translator: &Translator<Recording>, source: &Source) -> Vec<TokenId> {
    block_on(translator.network().translate(std::slice::from_ref(source))).unwrap().remove(0)
}

#[test]
fn encoder_and_logits_are_those_of_an_independent_implementation() {
    let package = package("en", "pt");
    let translator = Translator::load(Recording::default(), &package).unwrap();
    for golden in golden() {
        let (_, sources) = translator.prepare(&golden.text).unwrap();
        let [source] = &sources[..] else { panic!("{} is one sentence", golden.text) };
        assert_eq!(ids(&source.tokens), golden.src_ids);
        // Theirs has what the file says; ours more, but for the unknown token.
        let shortlist = package.shortlist().unwrap().unwrap();
        let mut candidates = shortlist.candidates(&source.tokens, 0);
        assert_eq!(candidates.len(), golden.shortlist_size);
        candidates.retain(|&id| id != translator.vocabulary().unknown());
        let source = &Source { candidates: candidates.into(), ..source.clone() };
        let mut target = translate(&translator, source);
        assert_encoder(
            &translator.network().backend().take_norms(),
            &golden.enc_first8,
            &golden.text,
        );
        assert_steps(
            &translator.network().backend().take_steps(),
            &golden.top5_shortlist,
            &golden.text,
        );
        assert_eq!(translator.vocabulary().decode(&target).unwrap(), golden.output_text);
        target.push(source.end);
        assert_eq!(ids(&target), golden.output_ids_shortlist);
    }
}

#[test]
fn without_a_shortlist_every_piece_competes() {
    let translator =
        Translator::load(Recording::default(), &package("en", "pt")).unwrap().without_shortlist();
    for golden in golden() {
        let (_, sources) = translator.prepare(&golden.text).unwrap();
        let mut target = translate(&translator, &sources[0]);
        assert_steps(&translator.network().backend().take_steps(), &golden.top5_full, &golden.text);
        target.push(sources[0].end);
        assert_eq!(ids(&target), golden.output_ids_full);
    }
}
