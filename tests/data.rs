//! What `data/README.md` says of our sentences.

mod common;

use std::collections::HashSet;
use std::fs;

use common::models::root;

/// Domain, English and Portuguese of each pair.
fn pairs(name: &str) -> Vec<[String; 3]> {
    let table = fs::read_to_string(root(&format!("data/{name}.en-pt.tsv"))).unwrap();
    let cells = |line: &str| line.split('\t').map(str::to_owned).collect::<Vec<_>>();
    table.lines().skip(1).map(|line| cells(line).try_into().expect(line)).collect()
}

/// Every five words in a row.
fn fives(text: &str) -> HashSet<Vec<String>> {
    let text = text.to_lowercase();
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(str::to_owned).collect();
    words.windows(5).map(<[String]>::to_vec).collect()
}

#[test]
fn the_calibration_text_is_the_beginning_of_our_sentences() {
    let (all, first) = (pairs("sentences"), pairs("calibration"));
    assert_eq!((all.len(), first.len()), (2092, 200));
    assert_eq!(all[..200], first[..]);
    assert!(all.iter().flatten().all(|cell| !cell.is_empty() && cell.trim() == cell));
}

#[test]
fn our_sentences_have_no_five_words_in_common_with_the_evaluation_set_or_each_other() {
    let (all, evaluation) = (pairs("sentences"), pairs("evaluation"));
    for language in [1, 2] {
        let mut seen: HashSet<_> =
            evaluation.iter().flat_map(|pair| fives(&pair[language])).collect();
        for pair in &all {
            let own = fives(&pair[language]);
            assert!(own.is_disjoint(&seen), "{}", pair[language]);
            seen.extend(own);
        }
    }
}
