//! What our models do not use: byte pieces, user-defined pieces, other ways with spaces. The ids
//! and texts are those of Google's SentencePiece 0.2.3 for the same file.

use super::*;

fn message(field: u8, content: &[u8]) -> Vec<u8> {
    assert!(content.len() < 128);
    [&[field << 3 | 2, content.len() as u8], content].concat()
}

fn piece(text: &str, score: f32, kind: u8) -> Vec<u8> {
    let score = [&[2 << 3 | 5], &score.to_le_bytes()[..]].concat();
    message(1, &[message(1, text.as_bytes()), score, vec![3 << 3, kind]].concat())
}

/// Pieces after `<unk>`, `<s>` and `</s>`, with fields of the trainer and the normaliser.
fn model(pieces: &[(&str, f32, u8)], trainer: &[u8], normalizer: &[u8]) -> Vec<u8> {
    let special = [("<unk>", 0.0, 2), ("<s>", 0.0, 3), ("</s>", 0.0, 3)];
    let pieces =
        special.iter().chain(pieces).flat_map(|&(text, score, kind)| piece(text, score, kind));
    [pieces.collect(), message(2, trainer), message(3, normalizer)].concat()
}

fn encode(vocabulary: &Vocabulary, text: &str) -> Vec<u32> {
    vocabulary.encode(text).unwrap().iter().map(|id| id.0).collect()
}

fn decode(vocabulary: &Vocabulary, ids: &[u32]) -> String {
    let tokens: Vec<TokenId> = ids.iter().copied().map(TokenId).collect();
    vocabulary.decode(&tokens).unwrap()
}

const PLAIN: [(&str, f32, u8); 6] = [
    ("▁", -2.0, 1),
    ("a", -3.0, 1),
    ("b", -3.5, 1),
    ("ab", -4.0, 1),
    ("▁a", -3.0, 1),
    ("abb", -1.0, 5),
];

#[test]
fn bytes_stand_for_what_no_piece_covers() {
    let names: Vec<String> = (0..256).map(|byte| format!("<0x{byte:02X}>")).collect();
    let bytes = names.iter().map(|name| (name.as_str(), 0.0, 6));
    let pieces: Vec<_> = PLAIN.into_iter().chain(bytes).collect();
    // byte_fallback, field 35.
    let vocabulary = Vocabulary::read(&model(&pieces, &[0x98, 2, 1], &[])).unwrap();
    assert_eq!(encode(&vocabulary, "aéb"), [7, 9 + 0xc3, 9 + 0xa9, 5]);
    assert_eq!(decode(&vocabulary, &[7, 9 + 0xc3, 9 + 0xa9, 5]), "aéb");
    assert_eq!(
        decode(&vocabulary, &[4, 9 + 0xc3, 5, 9 + 0xe2, 9 + 0x96]),
        "a\u{fffd}b\u{fffd}\u{fffd}"
    );
    assert_eq!(decode(&vocabulary, &[0, 4, 1, 7, 2]), " ⁇ a a");
}

#[test]
fn unused_pieces_are_passed_over_and_unknown_characters_joined() {
    let vocabulary = Vocabulary::read(&model(&PLAIN, &[], &[])).unwrap();
    assert_eq!(encode(&vocabulary, "abb"), [3, 6, 5]);
    assert_eq!(encode(&vocabulary, "xyz a"), [3, 0, 7]);
    assert_eq!(encode(&vocabulary, "<s>"), [3, 0]);
    assert_eq!(decode(&vocabulary, &[3, 3, 7, 3]), "a ");
}

#[test]
fn user_defined_pieces_are_taken_whole_and_as_they_are() {
    let pieces: Vec<_> = PLAIN.into_iter().chain([("b  a", 0.0, 4), ("B", 0.0, 4)]).collect();
    let vocabulary = Vocabulary::read(&model(&pieces, &[], &[0x28, 0])).unwrap();
    assert_eq!(encode(&vocabulary, "ab  ab"), [0, 4, 9, 5]);
    assert_eq!(encode(&vocabulary, "aBa"), [0, 4, 10, 4]);
}

#[test]
fn spaces_are_kept_where_the_model_says_so() {
    // add_dummy_prefix off, remove_extra_whitespaces off.
    let vocabulary = Vocabulary::read(&model(&PLAIN, &[], &[0x18, 0, 0x20, 0])).unwrap();
    assert_eq!(encode(&vocabulary, " a  b "), [7, 3, 3, 5, 3]);
    assert_eq!(decode(&vocabulary, &[7, 3, 3, 5, 3]), " a  b ");
    // With a prefix, one leading space is its.
    let vocabulary = Vocabulary::read(&model(&PLAIN, &[], &[0x20, 0])).unwrap();
    assert_eq!(encode(&vocabulary, " a"), [3, 7]);
    assert_eq!(decode(&vocabulary, &[3, 7]), " a");
}
