//! Text as people really paste it: an answer each time, and what can't be translated stays.

mod common;

use std::sync::OnceLock;

use common::models::{evaluation, package};
use pocketglot::backend::cpu::Cpu;
use pocketglot::translate::parallel::Threads;
use pocketglot::translate::{Limits, Translator};

fn translate(text: &str) -> String {
    static TRANSLATOR: OnceLock<(Translator<Cpu>, Threads)> = OnceLock::new();
    let (translator, threads) = TRANSLATOR.get_or_init(|| {
        let translator = Translator::load(Cpu::default(), &package("en", "pt")).unwrap();
        (translator, Threads::new(0).unwrap())
    });
    threads.translate(translator, &[text], Limits::BULK).unwrap().remove(0)
}

#[test]
fn what_holds_no_words_comes_back_as_it_is() {
    for text in
        ["", " ", "\n\n", "\t \r\n", "...", "😀", "👩‍👩‍👧 🇧🇷", "—", "\u{feff}", "\u{fffd}\u{fffd}"]
    {
        assert_eq!(translate(text), text, "{text:?}");
    }
}

#[test]
fn white_space_between_sentences_is_kept() {
    assert_eq!(
        translate("  Good morning.\r\n\r\n\tGood night.  \n"),
        "  Bom dia.\r\n\r\n\tBoa noite.  \n"
    );
}

#[test]
fn symbols_at_the_ends_stay_where_they_are() {
    let translated = translate("🎉 Good morning. 😀");
    assert!(translated.starts_with("🎉 ") && translated.ends_with(" 😀"), "{translated}");
    assert!(translated.contains("Bom dia"), "{translated}");
}

#[test]
fn other_scripts_do_no_harm() {
    let translated = translate("The sign says 出口, which means exit. Γειά σου! Привет мир.");
    assert!(translated.contains("saída"), "{translated}");
    assert_eq!(translate("出口在这里。"), "出口在这里。");
}

#[test]
fn a_line_without_a_space_is_cut_and_not_lost() {
    let line = "abcdefghij".repeat(2000);
    let translated = translate(&line);
    assert!(translated.len() > 1000, "{} bytes came back", translated.len());
    let digits = "0123456789".repeat(200);
    assert!(translate(&digits).len() > 1000);
}

#[test]
fn five_thousand_words_keep_their_lines() {
    let text = evaluation("en").join("\n");
    assert!(text.split_whitespace().count() >= 5000);
    let translated = translate(&text);
    assert_eq!(translated.lines().count(), text.lines().count());
    assert!(translated.split_whitespace().count() > 4500);
}

#[test]
fn repetition_ends() {
    for text in ["no ".repeat(100), "ha".repeat(300), "Buffalo buffalo ".repeat(60)] {
        let translated = translate(&text);
        assert!(translated.len() < 20 * text.len(), "{} bytes", translated.len());
    }
}

#[test]
fn control_characters_are_no_trouble() {
    for text in
        ["a\0b", "Good\u{1}morning.", "x\u{200b}y", "\u{202e}Good morning.\u{202c}", "a\u{301}"]
    {
        translate(text);
    }
}
