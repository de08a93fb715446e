//! The `13a` tokenizer: the word splitting of NIST's `mteval-v13a`, which WMT and sacreBLEU score
//! BLEU with.
//!
//! It knows only ASCII: other scripts' punctuation stays glued to its word. That is no oversight
//! here; scores are comparable only if everyone splits the same way.

use super::is_whitespace;

/// Splits a segment into tokens, given back joined by single spaces.
///
/// Rule by rule, each over the whole line before the next one:
/// whitespace at the end goes; `<skipped>` goes; a hyphen at the end of a line joins it with the
/// next; the entities `&quot;` `&amp;` `&lt;` `&gt;` are resolved in this order, so `&amp;lt;`
/// becomes `<`; ASCII punctuation other than `' , - .` stands alone; `.` and `,` stand alone
/// unless digits are on both sides; `-` stands alone after a digit.
pub fn tokenize(segment: &str) -> String {
    let line = segment.trim_end_matches(is_whitespace);
    let mut line = line.replace("<skipped>", "").replace("-\n", "").replace('\n', " ");
    if line.contains('&') {
        line = line
            .replace("&quot;", "\"")
            .replace("&amp;", "&")
            .replace("&lt;", "<")
            .replace("&gt;", ">");
    }

    // The pair rules need a neighbour on both sides, so the line gets a space at each end.
    let mut spaced = String::with_capacity(2 * line.len() + 2);
    spaced.push(' ');
    for c in line.chars() {
        if always_stands_alone(c) {
            spaced.extend([' ', c, ' ']);
        } else {
            spaced.push(c);
        }
    }
    spaced.push(' ');

    let spaced = rewrite_pairs(&spaced, ["", " ", " "], |a, b| !a.is_ascii_digit() && is_point(b));
    let spaced = rewrite_pairs(&spaced, [" ", " ", ""], |a, b| is_point(a) && !b.is_ascii_digit());
    let spaced = rewrite_pairs(&spaced, ["", " ", " "], |a, b| a.is_ascii_digit() && b == '-');

    let mut tokens = String::with_capacity(spaced.len());
    for token in spaced.split(is_whitespace).filter(|token| !token.is_empty()) {
        if !tokens.is_empty() {
            tokens.push(' ');
        }
        tokens.push_str(token);
    }
    tokens
}

/// ASCII punctuation (and the space) without `'`, `,`, `-` and `.`, which depend on what is around.
fn always_stands_alone(c: char) -> bool {
    matches!(c, ' '..='&' | '('..='+' | '/' | ':'..='@' | '['..='`' | '{'..='~')
}

fn is_point(c: char) -> bool {
    matches!(c, '.' | ',')
}

/// Writes every pair of neighbours that `matches` with `around` before, between and after them.
/// Goes left to right and never uses a character for two pairs, as a regular expression
/// substitution does; `...` depends on it.
fn rewrite_pairs(line: &str, around: [&str; 3], matches: fn(char, char) -> bool) -> String {
    let mut rewritten = String::with_capacity(2 * line.len());
    let mut chars = line.chars().peekable();
    while let Some(first) = chars.next() {
        match chars.next_if(|&second| matches(first, second)) {
            None => rewritten.push(first),
            Some(second) => {
                rewritten.push_str(around[0]);
                rewritten.push(first);
                rewritten.push_str(around[1]);
                rewritten.push(second);
                rewritten.push_str(around[2]);
            }
        }
    }
    rewritten
}

#[cfg(test)]
mod tests {
    use super::tokenize;

    #[test]
    fn points_stay_inside_numbers_and_leave_words() {
        assert_eq!(tokenize("Pi is 3.14, not 3,5."), "Pi is 3.14 , not 3,5 .");
        assert_eq!(tokenize("U.S. $5.00"), "U . S . $ 5.00");
    }

    #[test]
    fn a_hyphen_leaves_a_number_but_not_a_word() {
        assert_eq!(tokenize("a 5-year-old"), "a 5 - year-old");
        assert_eq!(tokenize("guarda-chuva"), "guarda-chuva");
    }

    #[test]
    fn entities_are_resolved_once_in_order() {
        assert_eq!(tokenize("&lt;b&gt; &amp;quot; &amp;lt;"), "< b > & quot ; <");
    }

    #[test]
    fn a_word_hyphenated_over_two_lines_is_joined() {
        assert_eq!(tokenize("trans-\nlation\nends -\n"), "translation ends -");
    }

    #[test]
    fn an_apostrophe_and_foreign_punctuation_stay_in_the_word() {
        assert_eq!(tokenize("d'água «não»… 5€"), "d'água «não»… 5€");
    }

    #[test]
    fn a_blank_segment_has_no_tokens() {
        assert_eq!(tokenize(""), "");
        assert_eq!(tokenize(" \t\u{1c}\u{a0}\u{3000}\r\n"), "");
        assert_eq!(tokenize("<skipped>"), "");
    }
}
