//! Steps for what a package knows of words: a screening in place of the shortlist, and fewer pieces.

mod common;

use std::fs;

use common::models::{DIRECTIONS, evaluation, package, root};
use pocketglot::backend::cpu::Cpu;
use pocketglot::compress::Recipe;
use pocketglot::format::Package;
use pocketglot::lab::compress::compress;
use pocketglot::text::vocabulary::Vocabulary;
use pocketglot::translate::parallel::Threads;
use pocketglot::translate::{Limits, Translator};

/// A language of our own calibration text.
fn calibration(language: &str) -> Vec<String> {
    let table = fs::read_to_string(root("data/calibration.en-pt.tsv")).unwrap();
    let mut lines = table.lines().map(|line| line.split('\t'));
    let column = lines.next().unwrap().position(|name| name == language).unwrap();
    lines.map(|mut cells| cells.nth(column).unwrap().to_owned()).collect()
}

fn run(package: &Package, recipe: &str, calibration: &[String]) -> Package {
    let recipe = Recipe::from_toml(recipe).unwrap();
    compress(package, &recipe, calibration, &mut |_| {}).unwrap().package
}

fn translate(cpu: Cpu, package: &Package, texts: &[String]) -> Vec<String> {
    let translator = Translator::load(cpu, package).unwrap();
    Threads::new(0).unwrap().translate(&translator, texts, Limits::BULK).unwrap()
}

const SCREEN: &str = "[[step]]\nmethod = \"screen\"\n";

#[test]
fn screened_translations_are_those_of_all_logits() {
    for (source, target) in DIRECTIONS {
        let screened = run(&package(source, target), SCREEN, &calibration(source));
        assert!(screened.shortlist().unwrap().is_none());
        let mut all = screened.clone();
        all.set_screening(None);
        let texts = evaluation(source);
        let ours = translate(Cpu::default(), &screened, &texts);
        let exact = translate(Cpu::default(), &all, &texts);
        let same = ours.iter().zip(&exact).filter(|(ours, exact)| ours == exact).count();
        // One wrong step in a thousand would change about this many.
        assert!(same * 100 >= texts.len() * 97, "{source}-{target}: {same} of {}", texts.len());
        // What is found does not depend on the instructions, so that no text does.
        let some: Vec<_> = texts.into_iter().step_by(20).collect();
        let expected: Vec<_> = ours.into_iter().step_by(20).collect();
        for cpu in Cpu::all() {
            let got = translate(cpu, &screened, &some);
            assert_eq!(got, expected, "{source}-{target}, {}", cpu.instructions());
        }
        // Floats round otherwise, but a translation is still one.
        let floats = translate(Cpu::default().in_floats(), &screened, &some);
        let score = pocketglot::eval::score(&floats, &expected).unwrap().chrf;
        assert!(score > 90.0, "{source}-{target}: {score}");
    }
}

#[test]
fn a_screening_stays_right_when_weights_are_rounded_after_it() {
    let rounded = "[[step]]\nmethod = \"quantize\"\ntarget = \"all\"\nbits = 6\n";
    let model = package("en", "pt");
    let screened = run(&model, &format!("{SCREEN}{rounded}"), &calibration("en"));
    let mut all = screened.clone();
    all.set_screening(None);
    let texts: Vec<_> = evaluation("en").into_iter().step_by(8).collect();
    let [ours, exact] = [&screened, &all].map(|model| translate(Cpu::default(), model, &texts));
    let same = ours.iter().zip(&exact).filter(|(ours, exact)| ours == exact).count();
    assert!(same + 1 >= texts.len(), "{same} of {}", texts.len());
    let read = Package::read(screened.write().unwrap().into()).unwrap();
    assert_eq!(read, screened);
}

/// The text of each token.
fn pieces(vocabulary: &Vocabulary, text: &str) -> Vec<String> {
    let ids = vocabulary.encode(text).unwrap();
    ids.iter().map(|&id| format!("{:?}", vocabulary.decode(&[id]).unwrap())).collect()
}

#[test]
fn text_of_kept_pieces_stays_as_it_is() {
    const KEEP: usize = 20_000;
    let recipe = format!("[[step]]\nmethod = \"trim_vocabulary\"\nkeep = {KEEP}\n");
    for (source, target) in DIRECTIONS {
        let model = package(source, target);
        let trimmed = run(&model, &recipe, &calibration(source));
        assert_eq!(trimmed.metadata.architecture.vocabulary, KEEP);
        assert_eq!(trimmed.metadata.matrices["embedding"].shape, [KEEP, 256]);
        let [before, after] = [&model, &trimmed]
            .map(|package| Vocabulary::read(package.vocabulary().unwrap()).unwrap());
        // The text that it was told of is cut as before, down to the last piece.
        for text in calibration(source) {
            assert_eq!(pieces(&before, &text), pieces(&after, &text));
        }
        // No character is lost, whatever pieces are.
        let texts = evaluation(source);
        for text in &texts {
            let whole = |vocabulary: &Vocabulary| {
                vocabulary.decode(&vocabulary.encode(text).unwrap()).unwrap()
            };
            assert_eq!(whole(&before), whole(&after));
        }
        // Rows went with their pieces: where none went, neither of a text nor of its translation, the
        // translation is the same.
        let untouched = |text: &str| pieces(&before, text) == pieces(&after, text);
        let [theirs, ours] =
            [&model, &trimmed].map(|package| translate(Cpu::default(), package, &texts));
        let kept = (0..texts.len()).filter(|&at| untouched(&texts[at]) && untouched(&theirs[at]));
        let kept: Vec<usize> = kept.collect();
        assert!(kept.len() > 20, "{} texts without a piece that went", kept.len());
        let same = kept.iter().filter(|&&at| ours[at] == theirs[at]).count();
        assert!(same * 10 >= kept.len() * 9, "{source}-{target}: {same} of {}", kept.len());
        // What is done is done.
        let again = run(&trimmed, &recipe, &calibration(source));
        assert_eq!(again.tensors, trimmed.tensors);
    }
}

#[test]
fn both_steps_go_together_in_either_order() {
    let trim = "[[step]]\nmethod = \"trim_vocabulary\"\nkeep = 31000\n";
    let (model, text) = (package("en", "pt"), calibration("en"));
    let texts: Vec<_> = evaluation("en").into_iter().step_by(6).collect();
    let references: Vec<_> = evaluation("pt").into_iter().step_by(6).collect();
    let score = |package: &Package| {
        let ours = translate(Cpu::default(), package, &texts);
        pocketglot::eval::score(&ours, &references).unwrap().chrf
    };
    let before = score(&model);
    for recipe in [format!("{trim}{SCREEN}"), format!("{SCREEN}{trim}")] {
        let after = score(&run(&model, &recipe, &text));
        assert!(after > before - 1.0, "chrF {before} before, {after} after");
    }
}

#[test]
fn what_cannot_be_done_is_refused() {
    let model = package("en", "pt");
    for (recipe, text, words) in [
        (SCREEN, vec![], "needs calibration text"),
        (SCREEN, vec![String::new()], "empty"),
        ("[[step]]\nmethod = \"screen\"\nrank = 257\n", calibration("en"), "key `rank`"),
    ] {
        let recipe = Recipe::from_toml(recipe).unwrap();
        let error = compress(&model, &recipe, &text, &mut |_| {}).unwrap_err().to_string();
        assert!(error.starts_with("step 1 (screen): ") && error.contains(words), "{error}");
    }
}
