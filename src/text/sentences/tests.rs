use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

mod english;
mod others;
mod portuguese;

fn split<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    sentences(text, language).into_iter().map(|range| &text[range]).collect()
}

/// Splits each case, written with `|` where a sentence must end and nowhere else.
fn check(language: &str, cases: &[&str]) {
    let mut failures = Vec::new();
    for case in cases {
        let text = case.replace('|', "");
        let expected: Vec<&str> = case.split('|').map(str::trim).collect();
        let found = split(&text, language);
        if found != expected {
            failures.push(format!("  expected {case}\n  found    {}", found.join(" |")));
        }
    }
    assert!(failures.is_empty(), "{language}:\n{}", failures.join("\n\n"));
}

#[test]
fn line_ends_always_split() {
    let text = "one\ntwo\r\nthree\rfour\u{2028}five\u{2029}six\u{85}Dr.\nSmith, i.e.\n\n  \nme";
    let found = split(text, "en");
    assert_eq!(found, ["one", "two", "three", "four", "five", "six", "Dr.", "Smith, i.e.", "me"]);
}

#[test]
fn text_without_words_is_handled() {
    for text in ["", " ", "\r\n\t\u{3000}"] {
        assert!(sentences(text, "en").is_empty(), "{text:?}");
    }
    assert_eq!(split("  ... ", "en"), ["..."]);
    assert_eq!(split("😀 🎉", "en"), ["😀 🎉"]);
}

#[test]
fn hostile_text_takes_linear_time() {
    let units = [
        "x",
        "é",
        " ",
        "\n",
        ".",
        "\"",
        "]",
        "「",
        "。",
        "[1]",
        ".[",
        "a.",
        "U.S.",
        "a.b-",
        "?\"A",
        "Dr. ",
        ". ",
        ".\" ",
        ") ",
        "! ",
        "! » ",
        "… ",
        "1. ",
        "\u{200B}",
        ". \u{200B}",
        "\u{301}",
        "\u{93E} ",
        "a. \u{93E}",
        "He sat. ",
    ];
    for unit in units {
        let text = "Yes. ".to_owned() + &unit.repeat(200_000 / unit.len());
        let begun = Instant::now();
        let found = sentences(&text, "pt");
        // Quadratic time would take minutes; a slow machine without optimisation takes a second.
        assert!(begun.elapsed() < Duration::from_secs(20), "{unit:?}: {:?}", begun.elapsed());
        assert!(found.last().is_some_and(|range| range.end <= text.len()));
    }
}

/// Text with many of the characters that the rules look at.
fn prose() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        "[A-Za-zé]{1,6}",
        "[.!?…]{1,3}",
        "[\"'”»)\\]*(“«¿—:;,-]{1,2}",
        "[0-9]{1,3}",
        "[ \u{A0}\t\u{3000}\u{200B}]{1,3}",
        "[\n\r\u{85}\u{2028}]",
        "[。！？」「好はﾊ।؟कि😀\u{FE0F}\u{301}²]",
        Just("Dr. ".to_owned()),
        Just("U.S. ".to_owned()),
        Just(". ".to_owned()),
    ];
    prop::collection::vec(token, 0..40).prop_map(|tokens| tokens.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn sentences_leave_out_only_white_space(
        text in prop_oneof![any::<String>(), prose()],
        language in prop_oneof!["en|pt|es|de|xx|", any::<String>()],
    ) {
        let mut end = 0;
        for range in sentences(&text, &language) {
            prop_assert!(range.start >= end && !range.is_empty());
            prop_assert!(text[end..range.start].chars().all(char::is_whitespace));
            let sentence = &text[range.clone()];
            prop_assert_eq!(sentence, sentence.trim());
            prop_assert!(!sentence.contains(LINE_ENDS));
            end = range.end;
        }
        prop_assert!(text[end..].chars().all(char::is_whitespace));
    }

    #[test]
    fn a_sentence_alone_is_one_sentence(words in prop::collection::vec("[a-zé]{1,9},?", 1..20)) {
        let text = words.join(" ") + ".";
        prop_assert_eq!(split(&text, "pt"), [&text]);
    }
}
