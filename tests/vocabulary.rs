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
    /// CRC-32 of the ids of all characters but the newer ones.
    every_character: u32,
    /// Text and ids that we have otherwise.
    ties: Vec<(String, Vec<u32>)>,
    marks: Vec<(String, Vec<u32>)>,
    /// Code points, and the ids of that character between `a` and `b`.
    newer: Vec<(u32, Vec<u32>)>,
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

fn between(character: char) -> String {
    format!("a{character}b")
}

#[test]
fn every_character_of_unicode_is_read_as_sentencepiece_reads_it() {
    each(|model, vocabulary, expected| {
        let mut crc = crc32fast::Hasher::new();
        let newer: Vec<u32> = expected.newer.iter().map(|(code, _)| *code).collect();
        for character in ('\0'..=char::MAX).filter(|&c| !newer.contains(&u32::from(c))) {
            let ids = encode(vocabulary, &between(character));
            crc.update(&(ids.len() as u32).to_le_bytes());
            for id in ids {
                crc.update(&id.to_le_bytes());
            }
        }
        assert_eq!(crc.finalize(), expected.every_character, "{model}");
    });
}

/// SentencePiece's tables are of an older Unicode than ours. What came later and stands for plain
/// letters or digits (subscript letters, outlined capitals, digits of old displays) is unknown to
/// it; we read the letter, which is the better reading. A NUL it takes for an unknown character
/// and we for a space; U+0344 it takes for one mark and we for two.
#[test]
fn newer_characters_are_read_by_what_they_stand_for() {
    each(|model, vocabulary, expected| {
        assert_eq!(expected.newer.len(), 57, "{model}");
        let (a, unknown) = (encode(vocabulary, "a")[0], vocabulary.unknown().0);
        for (code, theirs) in &expected.newer {
            assert_eq!(theirs[..2], [a, unknown], "{model}: U+{code:04X}");
            let character = char::from_u32(*code).unwrap();
            let ours = encode(vocabulary, &between(character));
            assert_ne!(
                &ours, theirs,
                "{model}: U+{code:04X} is read alike by now: list it no more"
            );
            let reads_as = |plain: &str| ours == encode(vocabulary, plain);
            match *code {
                0 => assert!(reads_as("a b")),
                0x344 => assert!(ours.contains(&unknown)),
                0x1CCF0..=0x1CCF9 | 0x1FBF0..=0x1FBF9 => {
                    assert!(reads_as(&between(char::from_digit(code & 15, 10).unwrap())));
                }
                0x1CCD6..=0x1CCEF => {
                    let letter = char::from(b'A' + (code - 0x1CCD6) as u8);
                    assert!(reads_as(&between(letter)), "{model}: U+{code:04X}");
                }
                _ => assert!(!ours.contains(&unknown), "{model}: U+{code:04X}"),
            }
        }
    });
}

/// Unicode puts two marks on one letter into one order, whatever order they came in; SentencePiece
/// only joins the pairs that its table lists. We read every order as the usual one.
#[test]
fn marks_in_any_order_make_the_same_letter() {
    each(|model, vocabulary, expected| {
        assert_eq!(expected.marks.len(), 4, "{model}");
        for (text, theirs) in &expected.marks {
            let [letter, first, second] = text.chars().collect::<Vec<_>>()[..] else { panic!() };
            let usual = String::from_iter([letter, second, first]);
            let ours = encode(vocabulary, text);
            assert_eq!(ours, encode(vocabulary, &usual), "{model}: {text:?}");
            assert_ne!(&ours, theirs, "{model}: {text:?} is read alike by now: list it no more");
        }
    });
}

/// Where the same pieces in two orders score the same, rounding decides: SentencePiece adds up
/// scores in 32 bits and we in 64. The pieces are the same and so is their text.
#[test]
fn ties_have_the_pieces_of_sentencepiece_in_some_order() {
    each(|model, vocabulary, expected| {
        assert_eq!(expected.ties.len(), 4, "{model}");
        for (text, theirs) in &expected.ties {
            let ours = encode(vocabulary, text);
            // Today the tie shows with one vocabulary only.
            assert_eq!(&ours == theirs, model == "pt-en", "{model}: {text:?}");
            let sorted = |ids: &[u32]| {
                let mut ids = ids.to_vec();
                ids.sort_unstable();
                ids
            };
            assert_eq!(sorted(&ours), sorted(theirs), "{model}: {text:?}");
            let tokens: Vec<TokenId> = ours.iter().copied().map(TokenId).collect();
            assert_eq!(&vocabulary.decode(&tokens).unwrap(), text, "{model}");
        }
    });
}
