//! SentencePiece vocabularies, damaged, and then used.

use std::sync::OnceLock;

use pocketglot::text::vocabulary::Vocabulary;
use pocketglot::token::TokenId;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::edit::{apply, edits};
use crate::guard::{bounded, cases, placed};
use crate::marian::spm;

/// Pieces of a vocabulary that is quick to read: `</s>`, `<unk>` and the most frequent ones.
pub const FEW: usize = 300;

/// Top-level fields of the protocol buffer.
const PIECE: u8 = 1;
const TRAINER: u8 = 2;
const NORMALIZER: u8 = 3;
const DENORMALIZER: u8 = 5;

const TEXTS: [&str; 7] = [
    "",
    " ",
    "The old house by the river was sold in 1994.",
    "Não há ninguém, só o vento; e a água?",
    "\u{2581}<unk></s><s> \u{2047} 😀\u{0}\t日本語",
    "ﬁ ½ e\u{301} ÀÇÃO",
    "Donaudampfschifffahrtsgesellschaftskapitänskajütenschlüssel",
];

/// Start and end of every top-level field, with its number.
fn fields(model: &[u8]) -> Vec<(u8, usize, usize)> {
    let mut fields = Vec::new();
    let mut at = 0;
    while at < model.len() {
        let (start, number) = (at, model[at] >> 3);
        assert_eq!(model[at] & 7, 2, "every top-level field of a model is a message");
        at += 1;
        let mut length = 0;
        for shift in (0..).step_by(7) {
            let byte = model[at];
            at += 1;
            length |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        at += length;
        fields.push((number, start, at));
    }
    fields
}

/// The real vocabulary with its first pieces only.
pub fn few_pieces() -> &'static [u8] {
    static CUT: OnceLock<Vec<u8>> = OnceLock::new();
    CUT.get_or_init(|| {
        let model = spm();
        let (pieces, others): (Vec<_>, Vec<_>) =
            fields(&model).into_iter().partition(|(number, ..)| *number == PIECE);
        let kept = pieces.into_iter().take(FEW).chain(others);
        kept.flat_map(|(_, start, end)| model[start..end].iter().copied()).collect()
    })
}

/// Where damage tells: the first bytes, some pieces, the trainer's and the normaliser's fields.
fn places(model: &[u8]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..1024).collect();
    let fields = fields(model);
    for &(number, start, end) in fields.iter().step_by(fields.len() / 100) {
        if number == PIECE {
            places.extend(start..end);
        }
    }
    for (_, start, end) in fields.into_iter().filter(|(number, ..)| *number != PIECE) {
        // Most of the normaliser is one table.
        places.extend((start..end).take(400));
        places.extend((start..end).step_by(5000));
    }
    places
}

/// Reads a vocabulary and uses it, all within bounds.
fn survive(model: &[u8]) {
    bounded(model.len(), || {
        let Some(vocabulary) = placed(Vocabulary::read(model), &["vocabulary"]) else { return };
        for text in TEXTS {
            if let Some(tokens) = placed(vocabulary.encode(text), &["vocabulary"]) {
                assert!(tokens.iter().all(|id| id.index() < vocabulary.size()), "{text:?}");
                placed(vocabulary.decode(&tokens), &["vocabulary"]);
            }
        }
        let size = vocabulary.size() as u32;
        let ids: Vec<TokenId> =
            (0..size.min(400)).chain([size / 2, size - 1]).map(TokenId).collect();
        placed(vocabulary.decode(&ids), &["vocabulary"]);
        placed(vocabulary.decode(&[TokenId(size), TokenId::START]), &["vocabulary"]);
        vocabulary.knows('é');
    });
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn message(field: u8, content: &[u8]) -> Vec<u8> {
    let head = varint(u64::from(field) << 3 | 2);
    [head, varint(content.len() as u64), content.to_vec()].concat()
}

fn number(field: u8, value: i64) -> Vec<u8> {
    [varint(u64::from(field) << 3), varint(value.cast_unsigned())].concat()
}

fn piece(text: &[u8], score: f32, kind: i64) -> Vec<u8> {
    let score = [&[2 << 3 | 5], &score.to_le_bytes()[..]].concat();
    message(PIECE, &[message(1, text), score, number(3, kind)].concat())
}

/// A later field of a protocol buffer overrules an earlier one, so damage can be appended.
fn addition() -> impl Strategy<Value = Vec<u8>> {
    let ids =
        prop::sample::select(vec![0, 1, 2, -1, 299, 300, 32_000, 1 << 31, i64::MAX, i64::MIN]);
    let texts = prop_oneof![
        Just(Vec::new()),
        prop::sample::select(vec![
            "<s>", "</s>", "<unk>", "\u{2581}", "a", " ", "<0x41>", "(", "\0"
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        "<0x..>".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..8),
        (1..5000usize).prop_map(|length| "ab".repeat(length).into_bytes()),
    ];
    let scores = prop::sample::select(vec![0.0, -1.0, 1e30, -3e38, f32::NAN, f32::INFINITY, -0.0]);
    let names = prop::sample::select(vec![
        "",
        "nmt_nfkc",
        "nfkc",
        "nmt_nfkc_cf",
        "nfkc_cf",
        "identity",
        "user_defined",
        "other",
    ]);
    let tables = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        // A table that claims to be as long as this, and is not.
        (0..1100u32, 0..1100usize).prop_map(|(length, there)| {
            let mut table = length.to_le_bytes().to_vec();
            table.resize(4 + there, 0x55);
            table
        }),
    ];
    let trainer_field = prop::sample::select(vec![3u8, 4, 24, 26, 35, 40, 41, 42, 43]);
    let trainer_text = prop::sample::select(vec![44u8, 45, 46, 47, 48]);
    prop_oneof![
        (trainer_field, ids).prop_map(|(field, id)| message(TRAINER, &number(field, id))),
        (trainer_text, texts.clone())
            .prop_map(|(field, text)| message(TRAINER, &message(field, &text))),
        (texts, scores, 0..8i64).prop_map(|(text, score, kind)| piece(&text, score, kind)),
        (names, tables).prop_map(|(name, table)| {
            message(NORMALIZER, &[message(1, name.as_bytes()), message(2, &table)].concat())
        }),
        (3..6u8, 0..2i64).prop_map(|(field, on)| message(NORMALIZER, &number(field, on))),
    ]
}

#[test]
fn a_sound_vocabulary_is_read_and_used() {
    survive(&spm());
    survive(few_pieces());
    assert_eq!(Vocabulary::read(few_pieces()).unwrap().size(), FEW);
}

#[test]
fn what_is_no_unigram_model_is_refused() {
    let refused = |model: &[u8]| Vocabulary::read(model).unwrap_err().to_string();
    assert!(refused(b"").starts_with("vocabulary: "));
    assert!(refused(b"PK\x03\x04 a zip file").starts_with("vocabulary: "));
    let with = |more: Vec<u8>| refused(&[few_pieces(), &more].concat());
    let text = with(message(TRAINER, &number(3, 2)));
    assert!(text.contains("a model of kind Bpe, this build reads Unigram"), "{text}");
    let text = with(message(TRAINER, &number(42, 300)));
    assert!(text.contains("the id of the end of a sentence is 300, there are 300"), "{text}");
    let text = with(message(TRAINER, &number(40, -1)));
    assert!(text.contains("the id of the unknown piece is -1"), "{text}");
    let text = with(piece(b"word", f32::NAN, 1));
    assert!(text.contains("piece 300"), "{text}");
    let text = with(piece(b"", 0.0, 1));
    assert!(text.contains("piece 300"), "{text}");
    let text = with(piece(&[b'x'; 513], 0.0, 1));
    assert!(text.contains("piece 300 is 513 bytes long"), "{text}");
    let text = with(message(TRAINER, &number(24, 1)));
    assert!(text.contains("spaces at their ends"), "{text}");
    let text = with(message(NORMALIZER, &message(2, &[9, 0, 0, 0, 1])));
    assert!(text.contains("its table of characters is cut off"), "{text}");
    let text = with(message(DENORMALIZER, &message(2, &[4, 0, 0, 0, 0, 0, 0, 0])));
    assert!(text.contains("changed after decoding"), "{text}");
    let text = with(piece("\u{2581}".as_bytes(), -1.0, 1));
    assert!(text.contains("and 300 are the same"), "{text}");
    let text = with(piece(b"<other unknown>", 0.0, 2));
    assert!(text.contains("the unknown piece is not"), "{text}");
    let text = with(message(TRAINER, &number(35, 1)));
    assert!(text.contains("there are not 256 byte pieces"), "{text}");
    let text = with(piece(b"<0x+1>", 0.0, 6));
    assert!(text.contains("piece 300 stands for no byte"), "{text}");
    let text = with(piece(b"\xc3", 0.0, 1));
    assert!(text.contains("piece 300 is no UTF-8"), "{text}");
    let text = with(piece(b"word", 0.0, 7));
    assert!(text.contains("piece 300 is of kind 7"), "{text}");
}

#[test]
fn rules_of_its_own_are_read_like_those_that_have_names() {
    let model = [few_pieces(), &message(NORMALIZER, &message(1, b"user_defined"))].concat();
    let (own, named) = (Vocabulary::read(&model).unwrap(), Vocabulary::read(few_pieces()).unwrap());
    for text in TEXTS {
        assert_eq!(own.encode(text).unwrap(), named.encode(text).unwrap(), "{text:?}");
    }
}

/// A table that leads back to where it was would be walked through the whole text at every
/// character.
#[test]
fn a_table_that_runs_in_circles_takes_linear_time() {
    let mut units = vec![0u32; 0x80];
    // The children of `a`'s node stand where those of the root do, so `a` follows `a` for ever.
    units[usize::from(b'a')] = u32::from(b'a') << 10 | u32::from(b'a');
    let trie: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let table = [&(trie.len() as u32).to_le_bytes(), &trie[..], b"b\0"].concat();
    let model = [few_pieces(), &message(NORMALIZER, &message(2, &table))].concat();
    bounded(model.len(), || {
        let vocabulary = Vocabulary::read(&model).unwrap();
        let text = "a".repeat(200_000);
        let tokens = vocabulary.encode(&text).unwrap();
        assert_eq!(vocabulary.decode(&tokens).unwrap(), text);
    });
}

#[test]
fn a_huge_piece_costs_no_more_than_its_file() {
    for kind in 1..7 {
        let text = "x".repeat(4 << 20);
        survive(&[few_pieces(), &piece(text.as_bytes(), -1.0, kind)].concat());
    }
}

#[test]
fn a_table_of_characters_is_not_trusted() {
    for length in [0u32, 1, 2, 3, 4, 8, 40, 44, 1 << 20, u32::MAX] {
        let table = [&length.to_le_bytes()[..], &[0x55; 40]].concat();
        let normalizer = [message(1, b"user_defined"), message(2, &table)].concat();
        survive(&[few_pieces(), &message(NORMALIZER, &normalizer)].concat());
    }
}

#[test]
fn nothing_but_special_pieces_is_refused_or_used() {
    for kind in 2..7 {
        let pieces = (0..20_000).flat_map(|id| piece(format!("<{id}>").as_bytes(), 0.0, kind));
        let specials: Vec<u8> = pieces.collect();
        survive(&[few_pieces(), &specials].concat());
        survive(&[specials, piece(b"a", 0.0, 1), message(TRAINER, &number(40, 1))].concat());
    }
}

#[test]
fn a_long_text_takes_linear_time() {
    let long = piece("ab".repeat(256).as_bytes(), -1.0, 1);
    for model in [few_pieces().to_vec(), [few_pieces(), &long].concat()] {
        bounded(model.len(), || {
            let vocabulary = Vocabulary::read(&model).unwrap();
            for unit in ["a", "ab", "é", "😀", "\u{301}"] {
                let text = unit.repeat(200_000);
                let tokens = vocabulary.encode(&text).unwrap();
                vocabulary.decode(&tokens).unwrap();
            }
        });
    }
}

proptest! {
    #![proptest_config(cases(1200))]

    #[test]
    fn damaged_bytes_never_panic(damage in edits()) {
        let mut model = few_pieces().to_vec();
        apply(&mut model, &damage, &places(few_pieces()));
        survive(&model);
    }

    #[test]
    fn wrong_fields_never_panic(
        additions in prop::collection::vec(addition(), 1..4),
        cut in prop::option::weighted(0.1, any::<Index>()),
    ) {
        let mut model = few_pieces().to_vec();
        model.extend(additions.concat());
        if let Some(cut) = cut {
            model.truncate(cut.index(model.len()));
        }
        survive(&model);
    }
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn damage_to_the_whole_vocabulary_never_panics(damage in edits()) {
        let mut model = spm().to_vec();
        apply(&mut model, &damage, &places(&spm()));
        survive(&model);
    }
}
