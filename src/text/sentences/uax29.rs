//! The sentence boundaries of UAX #29, in linear time.

use std::borrow::Cow;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

/// How many characters of a run of spaces and marks stay at either end.
const KEPT: usize = 8;

/// Byte offsets in `line` at which UAX #29 starts a new sentence, in order, without 0 and the end.
pub(super) fn boundaries(line: &str) -> Vec<usize> {
    let drops = long_runs(line);
    let short = without(line, &drops);
    let mut drops = drops.iter().peekable();
    let mut dropped = 0;
    let original = short.split_sentence_bound_indices().map(|(at, _)| {
        while let Some(drop) = drops.next_if(|drop| drop.start < at + dropped) {
            dropped += drop.len();
        }
        at + dropped
    });
    original.skip(1).collect()
}

/// The middles of long runs without a letter, a digit or a terminator.
///
/// `unicode-segmentation` looks ahead for a letter from every space and closing mark that follows
/// a full stop (rule SB8), which takes quadratic time on long runs of them. What the middle of such
/// a run is made of makes no difference to where the sentences end.
fn long_runs(line: &str) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut length = 0;
    let mut start = 0;
    let mut close = |length: usize, start: usize, end: usize| {
        if length > 2 * KEPT {
            let from = line[start..].char_indices().nth(KEPT).map_or(end, |(at, _)| start + at);
            let to = line[..end].char_indices().nth_back(KEPT - 1).map_or(end, |(at, _)| at);
            runs.push(from..to);
        }
    };
    for (at, c) in line.char_indices() {
        if ends_run(c) && !(length > 0 && is_extending(c)) {
            close(length, start, at);
            length = 0;
        } else {
            if length == 0 {
                start = at;
            }
            length += 1;
        }
    }
    close(length, start, line.len());
    runs
}

fn ends_run(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '!' | '?' | '。' | '！' | '？')
}

/// Whether `c` joins the character before it, as vowel signs do: SB5 passes over those.
fn is_extending(c: char) -> bool {
    let mut pair = [b'a', 0, 0, 0, 0];
    let length = 1 + c.encode_utf8(&mut pair[1..]).len();
    !c.is_ascii()
        && std::str::from_utf8(&pair[..length]).is_ok_and(|pair| pair.graphemes(true).count() == 1)
}

fn without<'a>(line: &'a str, drops: &[Range<usize>]) -> Cow<'a, str> {
    if drops.is_empty() {
        return Cow::Borrowed(line);
    }
    let mut kept = String::new();
    let mut start = 0;
    for drop in drops {
        kept.push_str(&line[start..drop.start]);
        start = drop.end;
    }
    kept.push_str(&line[start..]);
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_those_of_the_line_behind_a_long_run() {
        let line = format!("One.{}Two. Three.{}Four.", " ".repeat(100), "\" ".repeat(50));
        let starts: Vec<&str> = boundaries(&line).iter().map(|&at| &line[at..][..3]).collect();
        assert_eq!(starts, ["Two", "Thr", "\" \""]);
    }

    #[test]
    fn short_lines_are_as_in_the_standard() {
        assert_eq!(boundaries("One. Two! Three?"), [5, 10]);
        assert_eq!(boundaries("它好。我也好。"), [9]);
        assert!(boundaries("").is_empty());
    }
}
