//! Our vocabularies against Google's SentencePiece: the same ids for the same text, and the same
//! text for the same ids. What it makes of each text stands in `vocabulary/ids.json`, written by
//! `scripts/dev/sentencepiece_ids.py`.

mod common;

use std::collections::BTreeMap;

use common::models::{evaluation, package, root};
use pocketglot::text::vocabulary::Vocabulary;
use pocketglot::token::TokenId;
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    vocabularies: BTreeMap<String, Expected>,
}

/// A line of the evaluation set, its ids, and the text that they give back where it is another one.
type Sentence = (usize, Vec<u32>, Option<String>);

#[derive(Deserialize)]
struct Expected {
    sha256: String,
    /// By language.
    sentences: BTreeMap<String, Vec<Sentence>>,
    /// Text, ids, decoded.
    awkward: Vec<(String, Vec<u32>, String)>,
    /// CRC-32 of the ids of all characters, each between `a` and `b`.
    every_character: u32,
    /// Text and ids.
    ties: Vec<(String, Vec<u32>)>,
    marks: Vec<(String, Vec<u32>)>,
    newer: Vec<(String, Vec<u32>)>,
}

/// Runs a check with each model's vocabulary and what is expected of it.
fn each(check: impl Fn(&str, &Vocabulary, &Expected)) {
    let fixture = std::fs::read_to_string(root("tests/vocabulary/ids.json")).unwrap();
    let Fixture { vocabularies } = serde_json::from_str(&fixture).unwrap();
    assert_eq!(vocabularies.len(), 2);
    for (model, expected) in &vocabularies {
        let (source, target) = model.split_once('-').unwrap();
        let package = package(source, target);
        let spm = package
            .metadata
            .provenance
            .sources
            .iter()
            .find(|file| file.name.ends_with(".spm"))
            .expect("the model was imported with a vocabulary");
        assert_eq!(
            spm.sha256, expected.sha256,
            "{model}: another vocabulary; run scripts/dev/sentencepiece_ids.py"
        );
        let vocabulary = Vocabulary::read(package.vocabulary().unwrap()).unwrap();
        check(model, &vocabulary, expected);
    }
}

fn encode(vocabulary: &Vocabulary, text: &str) -> Vec<u32> {
    vocabulary.encode(text).unwrap().iter().map(|id| id.0).collect()
}

/// A complaint for each text that is encoded or decoded otherwise.
fn faults<'a>(
    vocabulary: &Vocabulary,
    expected: impl Iterator<Item = (&'a str, &'a [u32], &'a str)>,
) -> Vec<String> {
    let mut faults = Vec::new();
    for (text, ids, decoded) in expected {
        let ours = encode(vocabulary, text);
        if ours != ids {
            faults.push(format!("{text:?}: ours {ours:?}, theirs {ids:?}"));
        }
        let tokens: Vec<TokenId> = ids.iter().copied().map(TokenId).collect();
        let ours = vocabulary.decode(&tokens).unwrap();
        if ours != decoded {
            faults.push(format!("{text:?}: ours back {ours:?}, theirs {decoded:?}"));
        }
    }
    faults
}

#[test]
fn sentences_have_the_ids_of_sentencepiece() {
    each(|model, vocabulary, expected| {
        for language in ["en", "pt"] {
            let texts = evaluation(language);
            let sentences = &expected.sentences[language];
            assert!(sentences.len() >= 120, "{} sentences", sentences.len());
            let entries = sentences.iter().map(|(line, ids, decoded)| {
                // The header is line 1.
                let text = texts[line - 2].as_str();
                (text, ids.as_slice(), decoded.as_deref().unwrap_or(text))
            });
            let faults = faults(vocabulary, entries);
            assert!(faults.is_empty(), "{model}, {language}: {faults:#?}");
        }
    });
}

#[test]
fn awkward_texts_have_the_ids_of_sentencepiece() {
    each(|model, vocabulary, expected| {
        let entries = expected.awkward.iter();
        let entries = entries.map(|(text, ids, back)| (text.as_str(), &ids[..], back.as_str()));
        let faults = faults(vocabulary, entries);
        assert!(faults.is_empty(), "{model}: {faults:#?}");
    });
}

#[test]
fn every_character_of_unicode_is_read_as_sentencepiece_reads_it() {
    each(|model, vocabulary, expected| {
        let mut crc = crc32fast::Hasher::new();
        for character in '\0'..=char::MAX {
            let ids = encode(vocabulary, &format!("a{character}b"));
            crc.update(&(ids.len() as u32).to_le_bytes());
            for id in ids {
                crc.update(&id.to_le_bytes());
            }
        }
        assert_eq!(crc.finalize(), expected.every_character, "{model}");
    });
}

/// A complaint for each text that has other ids.
fn unlike(vocabulary: &Vocabulary, expected: &[(String, Vec<u32>)]) -> Vec<String> {
    let pairs = expected.iter().map(|(text, theirs)| (text, encode(vocabulary, text), theirs));
    let unlike = pairs.filter(|(_, ours, theirs)| ours != *theirs);
    unlike
        .map(|(text, ours, theirs)| format!("{text:?}: ours {ours:?}, theirs {theirs:?}"))
        .collect()
}

/// SentencePiece's tables are of an older Unicode than today's: what came later and stands for
/// plain letters or digits (subscript letters, outlined capitals, digits of old displays) is
/// unknown to it. So are a NUL, and U+0344 beside what today's Unicode makes of it.
#[test]
fn newer_characters_are_read_by_the_tables_of_the_file() {
    each(|model, vocabulary, expected| {
        assert_eq!(expected.newer.len(), 57, "{model}");
        let unknown = vocabulary.unknown().0;
        assert!(expected.newer.iter().all(|(_, ids)| ids[1] == unknown), "{model}");
        let faults = unlike(vocabulary, &expected.newer);
        assert!(faults.is_empty(), "{model}: {faults:#?}");
    });
}

/// Unicode puts two marks on one letter into one order, whatever order they came in; SentencePiece
/// only joins the pairs that its table lists.
#[test]
fn marks_are_joined_in_the_orders_that_the_table_lists() {
    each(|model, vocabulary, expected| {
        assert_eq!(expected.marks.len(), 4, "{model}");
        let faults = unlike(vocabulary, &expected.marks);
        assert!(faults.is_empty(), "{model}: {faults:#?}");
    });
}

/// Where the same pieces in two orders score the same, rounding decides, and SentencePiece rounds
/// every sum to 32 bits.
#[test]
fn ties_are_decided_by_the_rounding_of_sentencepiece() {
    each(|model, vocabulary, expected| {
        assert!(expected.ties.len() >= 8, "{model}");
        let faults = unlike(vocabulary, &expected.ties);
        assert!(faults.is_empty(), "{model}: {faults:#?}");
    });
}
