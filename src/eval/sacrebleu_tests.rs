//! The scores and the counts behind them, held against what sacreBLEU computed.
//!
//! `fixtures.json` is written by `scripts/dev/sacrebleu_fixtures.py`, which also holds the
//! sentences.

use serde::Deserialize;

use super::{bleu, chrf, score, tokenizer};

/// Counts are equal and both sides compute in f64, so that only the last places of `exp` and `ln`
/// may differ between C libraries.
const TOLERANCE: f64 = 1e-9;

#[derive(Deserialize)]
struct Fixtures {
    tokens: Vec<Tokens>,
    sentences: Vec<Sentence>,
    corpora: Vec<Corpus>,
}

#[derive(Deserialize)]
struct Tokens {
    line: String,
    tokens: String,
}

#[derive(Deserialize)]
struct Sentence {
    name: String,
    hypothesis: String,
    reference: String,
    bleu: f64,
    chrf: f64,
    /// Hypothesis length, reference length, matches of orders 1 to 4, totals of orders 1 to 4.
    bleu_counts: [u64; 10],
    /// Hypothesis, reference and matches of order 1, then of order 2, and so on to 6.
    chrf_counts: [[u64; 3]; 6],
}

/// Sentences, by their place in the list, scored together.
#[derive(Deserialize)]
struct Corpus {
    name: String,
    sentences: Vec<usize>,
    bleu: f64,
    chrf: f64,
}

fn fixtures() -> Fixtures {
    serde_json::from_str(include_str!("fixtures.json")).expect("fixtures.json has this shape")
}

/// Panics with every name whose two values differ, not only the first.
#[track_caller]
fn assert_no_differences(checked: usize, at_least: usize, differences: &[String]) {
    assert!(checked >= at_least, "the fixtures hold only {checked} of these");
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
}

fn compare(differences: &mut Vec<String>, name: &str, metric: &str, ours: f64, theirs: f64) {
    let close = (ours - theirs).abs() <= TOLERANCE;
    if !close {
        differences.push(format!("{name}: {metric} {ours}, sacreBLEU has {theirs}"));
    }
}

#[test]
fn lines_split_into_the_tokens_of_sacrebleu() {
    let lines = fixtures().tokens;
    let differences: Vec<_> = lines
        .iter()
        .filter(|line| tokenizer::tokenize(&line.line) != line.tokens)
        .map(|line| {
            let ours = tokenizer::tokenize(&line.line);
            format!("{:?}: {ours:?}, sacreBLEU has {:?}", line.line, line.tokens)
        })
        .collect();
    assert_no_differences(lines.len(), 50, &differences);
}

#[test]
fn sentences_have_the_counts_and_scores_of_sacrebleu() {
    let sentences = fixtures().sentences;
    let mut differences = Vec::new();
    for sentence in &sentences {
        let Sentence { name, hypothesis, reference, .. } = sentence;

        let counted = bleu::sentence_statistics(hypothesis, reference);
        let [hypothesis_length, reference_length, counts @ ..] = sentence.bleu_counts;
        let expected = bleu::Statistics {
            matches: std::array::from_fn(|order| counts[order]),
            totals: std::array::from_fn(|order| counts[bleu::MAX_ORDER + order]),
            hypothesis_length,
            reference_length,
        };
        if counted != expected {
            differences.push(format!("{name}: {counted:?}, sacreBLEU has {expected:?}"));
        }
        compare(&mut differences, name, "BLEU", counted.score(), sentence.bleu);

        let counted = chrf::sentence_statistics(hypothesis, reference);
        let expected = chrf::Statistics {
            hypothesis: sentence.chrf_counts.map(|[hypothesis, _, _]| hypothesis),
            reference: sentence.chrf_counts.map(|[_, reference, _]| reference),
            matches: sentence.chrf_counts.map(|[_, _, matches]| matches),
        };
        if counted != expected {
            differences.push(format!("{name}: {counted:?}, sacreBLEU has {expected:?}"));
        }
        compare(&mut differences, name, "chrF", counted.score(), sentence.chrf);
    }
    assert_no_differences(sentences.len(), 150, &differences);
}

#[test]
fn corpora_have_the_scores_of_sacrebleu() {
    let Fixtures { sentences, corpora, .. } = fixtures();
    let mut differences = Vec::new();
    for corpus in &corpora {
        let members = || corpus.sentences.iter().map(|&i| &sentences[i]);
        let hypotheses: Vec<_> = members().map(|sentence| &sentence.hypothesis).collect();
        let references: Vec<_> = members().map(|sentence| &sentence.reference).collect();
        let ours = score(&hypotheses, &references).expect("a corpus of at least one sentence");
        compare(&mut differences, &corpus.name, "BLEU", ours.bleu, corpus.bleu);
        compare(&mut differences, &corpus.name, "chrF", ours.chrf, corpus.chrf);
    }
    assert_no_differences(corpora.len(), 8, &differences);
}
