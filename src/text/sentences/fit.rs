//! Cutting a sentence that is too long for the model.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

/// A piece of `limit` tokens is taken to span at most `limit` times so many bytes; a longer window
/// is not measured. Real tokens have 3 to 6 bytes.
const MOST_BYTES_PER_TOKEN: usize = 32;

/// What a token is taken to span before anything was measured.
const USUAL_BYTES_PER_TOKEN: usize = 4;

/// A prefix is long enough when less than this part of the limit is left unused.
const SLACK: usize = 16;

/// Cuts `text` into consecutive pieces of at most `limit` tokens each.
///
/// The byte ranges are in order and not empty, have no white space at their ends, and leave out
/// nothing but white space. Cuts stand by preference after `; : — ) ”` and the like, then after a
/// comma, then at white space, then between grapheme clusters. The rest of a text is cut in halves
/// when two pieces will hold it, so that no short tail is left over.
///
/// `measure` counts the tokens of a text; a longer text should have no fewer tokens. No piece
/// exceeds `limit`, unless a single character does; a limit of 0 counts as 1. Each piece takes
/// O(log `limit`) measurements of texts about as long as the piece, so the time is about linear.
pub fn fit(text: &str, limit: usize, measure: &dyn Fn(&str) -> usize) -> Vec<Range<usize>> {
    let limit = limit.max(1);
    let end = text.trim_end().len();
    let mut pieces = Vec::new();
    let mut start = 0;
    // (bytes, tokens) of the text that was measured last.
    let mut density = (USUAL_BYTES_PER_TOKEN, 1);
    loop {
        start = end - text[start..end.max(start)].trim_start().len();
        let rest = &text[start..end];
        if rest.is_empty() {
            return pieces;
        }
        let cut = cut(rest, limit, measure, &mut density);
        pieces.push(start..start + rest[..cut].trim_end().len());
        start += cut;
    }
}

/// Where the first piece of `rest` ends: a byte offset above 0, after which white space may follow.
fn cut(
    rest: &str,
    limit: usize,
    measure: &dyn Fn(&str) -> usize,
    density: &mut (usize, usize),
) -> usize {
    let guess = |tokens: usize, (bytes, per): (usize, usize)| tokens.saturating_mul(bytes) / per;
    let mut balanced = None;
    if rest.len() <= guess(limit.saturating_mul(5) / 2, *density) {
        let tokens = measure(rest);
        if tokens <= limit {
            return rest.len();
        }
        *density = (rest.len(), tokens);
        balanced = (tokens - limit <= limit).then(|| guess(tokens - limit, *density));
    }
    let (most, tokens) = longest_prefix(rest, limit, measure, guess(limit, *density));
    if tokens == 0 || most == rest.len() {
        return most;
    }
    *density = (most, tokens);
    // Of two last pieces this one is at least what the other cannot take, and best the half.
    let (least, target) = match balanced {
        Some(least) => (least.max(rest.len() / 4).min(rest.len() / 2), rest.len() / 2),
        None => (most / 2, most),
    };
    let mut upper = most;
    loop {
        let cut = best_cut(rest, least.min(upper), upper, target.min(upper));
        // A prefix may have more tokens than the longer text that it was cut from.
        if cut <= first_char(rest) || measure(rest[..cut].trim_end()) <= limit {
            return cut;
        }
        upper = rest.floor_char_boundary(cut - 1 - cut / SLACK).max(first_char(rest));
    }
}

/// A prefix of `rest` of nearly `limit` tokens and its count, or the first character and 0 when
/// even that has too many.
fn longest_prefix(
    rest: &str,
    limit: usize,
    measure: &dyn Fn(&str) -> usize,
    guess: usize,
) -> (usize, usize) {
    let window =
        rest.floor_char_boundary(limit.saturating_mul(MOST_BYTES_PER_TOKEN).min(rest.len()));
    let mut fits = (0, 0);
    let mut exceeds = window + 1;
    let mut next = guess;
    for step in 0.. {
        let lowest = fits.0 + first_char(&rest[fits.0..]);
        if fits.0 == window || lowest >= exceeds {
            break;
        }
        let size = rest.floor_char_boundary(next.clamp(lowest, exceeds - 1));
        let tokens = measure(&rest[..size]);
        if tokens <= limit {
            fits = (size, tokens);
            if limit - tokens < limit / SLACK || exceeds - size <= size / SLACK {
                break;
            }
        } else {
            exceeds = size;
        }
        // Aim by the density at first, a little low; then halve.
        next = match step {
            0..4 => (size.saturating_mul(limit) / tokens.max(1)).min(4 * size) * 31 / 32,
            _ => fits.0.midpoint(exceeds),
        };
    }
    if fits.0 == 0 { (first_char(rest), 0) } else { fits }
}

fn first_char(text: &str) -> usize {
    text.chars().next().map_or(0, char::len_utf8)
}

/// How good a place is for a cut, from worst to best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    Space,
    Comma,
    Clause,
}

/// The best cut of `text` at or below `upper`, close to `target`; not below `least` without need.
fn best_cut(text: &str, least: usize, upper: usize, target: usize) -> usize {
    let mut best = None;
    // Below `least`, any good place is better than the inside of a word.
    let mut early = None;
    for (at, strength) in places(&text[..upper], text[upper..].chars().next()) {
        if at < least {
            early = Some(at).filter(|&at| at >= least / 4).or(early);
        } else {
            let rank = (strength, std::cmp::Reverse(at.abs_diff(target)));
            best = best.max(Some((rank, at)));
        }
    }
    best.map(|(_, at)| at).or(early).unwrap_or_else(|| cluster_cut(text, upper, target))
}

/// The cuts between words in `text`, in order, each before any white space that follows it.
/// `next` is the character after `text`.
fn places(text: &str, next: Option<char>) -> impl Iterator<Item = (usize, Strength)> {
    let ends_word = move |at: usize| {
        let before = text[..at].chars().rev().take(4);
        before.clone().count() == 4 && before.clone().all(char::is_lowercase)
    };
    let following = text.chars().skip(1).map(Some).chain([next]);
    let starts_space =
        |c: char, next: Option<char>| !c.is_whitespace() && next.is_none_or(char::is_whitespace);
    text.char_indices().zip(following).filter_map(move |((at, c), next)| {
        let strength = match c {
            '；' | '：' | '」' | '』' | '）' | '。' | '！' | '？' | '—' => {
                Strength::Clause
            }
            '，' | '、' => Strength::Comma,
            _ if !starts_space(c, next) => return None,
            ';' | ':' | '–' | ')' | ']' | '”' | '»' | '…' | '!' | '?' | '؛' => {
                Strength::Clause
            }
            // Not an abbreviation, so rather a sentence that starts with a small letter.
            '.' if ends_word(at) => Strength::Clause,
            ',' | '،' => Strength::Comma,
            _ => Strength::Space,
        };
        Some((at + c.len_utf8(), strength))
    })
}

/// A cut between grapheme clusters; within one that is too long, between characters.
fn cluster_cut(text: &str, upper: usize, target: usize) -> usize {
    // A cluster that crosses the end of the window must be seen to do so.
    let window = &text[..text.ceil_char_boundary((upper + 64).min(text.len()))];
    let inside = |at: &usize| (1..=upper).contains(at);
    let starts = window.grapheme_indices(true).map(|(at, _)| at).take_while(|&at| at <= upper);
    starts.filter(inside).min_by_key(|at| at.abs_diff(target)).unwrap_or(upper)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use proptest::prelude::*;

    use super::*;

    /// A token for every four characters of a word, begun or full.
    fn by_words(text: &str) -> usize {
        text.split_whitespace().map(|word| word.chars().count().div_ceil(4)).sum()
    }

    fn by_chars(text: &str) -> usize {
        text.chars().count()
    }

    /// More tokens than characters, as byte fall-back gives.
    fn by_bytes(text: &str) -> usize {
        text.len()
    }

    fn cut<'a>(text: &'a str, limit: usize, measure: &dyn Fn(&str) -> usize) -> Vec<&'a str> {
        fit(text, limit, measure).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn what_fits_is_left_whole() {
        assert_eq!(cut(" A short line, no more; really. ", 60, &by_chars).len(), 1);
        assert_eq!(cut("x", usize::MAX, &by_chars), ["x"]);
        assert!(cut(" \n ", 5, &by_chars).is_empty() && cut("", 0, &by_chars).is_empty());
    }

    #[test]
    fn a_clause_is_a_better_place_than_a_comma_and_a_comma_than_a_space() {
        let text = "We walked home, slowly; the rain, at last, had stopped falling";
        assert_eq!(
            cut(text, 40, &by_chars),
            ["We walked home, slowly;", "the rain, at last, had stopped falling"]
        );
        let text = "We walked home slowly, since the rain had stopped falling";
        assert_eq!(
            cut(text, 40, &by_chars),
            ["We walked home slowly,", "since the rain had stopped falling"]
        );
        let text = "We walked home slowly since the rain had stopped falling";
        assert_eq!(
            cut(text, 40, &by_chars),
            ["We walked home slowly since", "the rain had stopped falling"]
        );
    }

    #[test]
    fn marks_inside_words_are_no_place_to_cut() {
        let text = "aaaaaaaaaa 10:30,5 bbbbbbbbbb (at noon) cccccccccc";
        assert_eq!(
            cut(text, 45, &by_chars),
            ["aaaaaaaaaa 10:30,5 bbbbbbbbbb (at noon)", "cccccccccc"]
        );
        assert_eq!(cut("aaaa bbb10:30ccc dddd", 18, &by_chars), ["aaaa bbb10:30ccc", "dddd"]);
    }

    #[test]
    fn no_short_tail_is_left() {
        let text = "word ".repeat(41);
        let pieces = cut(&text, 40, &by_words);
        assert_eq!(pieces.len(), 2);
        assert!(pieces.iter().all(|piece| by_words(piece) >= 20), "{pieces:?}");
    }

    #[test]
    fn sentences_without_capitals_are_cut_at_their_ends() {
        let text = "i walked slowly home. then i slept, and nobody called me";
        assert_eq!(
            cut(text, 40, &by_chars),
            ["i walked slowly home.", "then i slept, and nobody called me"]
        );
    }

    #[test]
    fn text_without_spaces_is_cut_at_its_own_marks() {
        let text = "我们走了很久，终于到家；雨停了以后大家都很高兴";
        assert_eq!(
            cut(text, 16, &by_chars),
            ["我们走了很久，终于到家；", "雨停了以后大家都很高兴"]
        );
    }

    #[test]
    fn clusters_stay_whole_where_they_can() {
        let family = "👨\u{200D}👩\u{200D}👧";
        let pieces = cut(&family.repeat(5), 12, &by_chars).concat();
        assert_eq!(pieces, family.repeat(5));
        assert!(
            cut(&family.repeat(5), 12, &by_chars)
                .iter()
                .all(|piece| piece.len() % family.len() == 0)
        );
        let heap = format!("a{}", "\u{301}".repeat(5000));
        assert!(cut(&heap, 100, &by_chars).iter().all(|piece| by_chars(piece) <= 100));
    }

    #[test]
    fn a_character_over_the_limit_stands_alone() {
        assert_eq!(cut("añb", 1, &by_bytes), ["a", "ñ", "b"]);
    }

    #[test]
    fn a_prefix_with_more_tokens_than_the_whole_still_fits() {
        // As if a word were one token, but its beginnings were unknown.
        let measure = |text: &str| {
            text.split(' ').map(|word| if word.len() == 9 { 1 } else { word.len() }).sum()
        };
        let text = "syllables ".repeat(50);
        for limit in 1..40 {
            let pieces = cut(&text, limit, &measure);
            assert!(pieces.iter().all(|piece| measure(piece) <= limit), "{limit}: {pieces:?}");
        }
    }

    #[test]
    fn measuring_stays_near_linear() {
        let long = 1_000_000;
        for (unit, measure) in [
            ("word ", by_words as fn(&str) -> usize),
            ("x", by_chars),
            ("é", by_bytes),
            ("x,", by_words),
            ("好", by_chars),
            ("a            ", by_words),
            ("incomprehensibilities ", by_chars),
        ] {
            let text = unit.repeat(long / unit.len());
            let (calls, bytes) = (Cell::new(0), Cell::new(0));
            let counting = |text: &str| {
                calls.set(calls.get() + 1);
                bytes.set(bytes.get() + text.len());
                measure(text)
            };
            let pieces = fit(&text, 128, &counting);
            assert!(calls.get() <= 12 * pieces.len(), "{unit:?}: {} calls", calls.get());
            assert!(bytes.get() <= 16 * text.len(), "{unit:?}: {} bytes", bytes.get());
        }
    }

    fn any_text() -> impl Strategy<Value = String> {
        let words = prop::collection::vec("[a-zé]{1,12}[,;:)—]?[ \u{3000}]{0,3}", 0..60);
        prop_oneof![any::<String>(), "\\PC{0,200}", words.prop_map(|words| words.concat())]
    }

    proptest! {
        #[test]
        fn pieces_fit_and_leave_out_only_white_space(text in any_text(), limit in 1usize..30) {
            for measure in [by_words, by_chars, by_bytes] {
                let mut end = 0;
                for range in fit(&text, limit, &measure) {
                    prop_assert!(text[end..range.start].chars().all(char::is_whitespace));
                    let piece = &text[range.clone()];
                    prop_assert_eq!(piece, piece.trim());
                    let one_char = piece.chars().count() == 1;
                    prop_assert!(one_char || measure(piece) <= limit, "{piece:?}");
                    prop_assert!(!piece.is_empty());
                    end = range.end;
                }
                prop_assert!(text[end..].chars().all(char::is_whitespace));
            }
        }
    }
}
