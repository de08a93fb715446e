//! Sentence splitting: what goes through the model as one piece.
//!
//! The base is UAX #29, which knows the terminators of every script but no abbreviation. Its
//! boundaries are candidates, and so is every white space; each is judged by what stands to its
//! left (`Ending`) and to its right (`Start`), with the abbreviations and habits of the
//! language. When in doubt two sentences stay together: the model translates two sentences in one
//! piece well, and half a sentence badly.
//!
//! Line ends always split. Every look to the left or right is bounded by a word, so that the time
//! is linear in the text.

use std::ops::Range;

use super::abbreviations::{self, Habit, Rules, is_dotted, is_initial};

mod fit;
#[cfg(test)]
mod tests;
mod uax29;

pub use fit::fit;

/// LF, CR, NEL, line separator, paragraph separator.
const LINE_ENDS: [char; 5] = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];

/// How far to look across marks and emoji for the letter or digit that starts a sentence.
const REACH: usize = 16;

/// The byte ranges of the sentences of `text`, in order, without surrounding white space.
///
/// Everything between two ranges is white space, which belongs to no sentence: joining ranges and
/// gaps gives `text` back. `language` is a tag such as `en` or `pt-BR`; any other language is
/// split by general rules. Takes linear time.
///
/// ```
/// use pocketglot::text::sentences::sentences;
///
/// let text = "Dr. Lima called at 3.30 p.m. today.  Nobody answered.";
/// let found: Vec<&str> = sentences(text, "en").into_iter().map(|range| &text[range]).collect();
/// assert_eq!(found, ["Dr. Lima called at 3.30 p.m. today.", "Nobody answered."]);
/// ```
pub fn sentences(text: &str, language: &str) -> Vec<Range<usize>> {
    let rules = abbreviations::rules(language);
    let mut found = Vec::new();
    let mut start = 0;
    for (end, mark) in text.match_indices(LINE_ENDS) {
        split_line(text, start..end, rules, &mut found);
        start = end + mark.len();
    }
    split_line(text, start..text.len(), rules, &mut found);
    found
}

/// Adds the sentences of one line of `text`.
fn split_line(text: &str, range: Range<usize>, rules: &Rules, found: &mut Vec<Range<usize>>) {
    let line = &text[range.clone()];
    let mut keep = |start: usize, end: usize| {
        let trimmed = trim(line, start..end);
        if !trimmed.is_empty() {
            found.push(range.start + trimmed.start..range.start + trimmed.end);
        }
    };
    let mut boundaries = uax29::boundaries(line).into_iter().peekable();
    let mut start = 0;
    let mut from = 0;
    loop {
        let gap = next_gap(line, from);
        while let Some(at) = boundaries.next_if(|&at| at <= gap.start) {
            if let Some(at) = split_inside_word(line, at).filter(|&at| at > start) {
                keep(start, at);
                start = at;
            }
        }
        if gap.is_empty() {
            return keep(start, line.len());
        }
        let after = &line[gap.end..];
        let reach = line.len() - after.trim_start_matches(is_invisible).len();
        let mut expected = false;
        while boundaries.next_if(|&at| at <= reach).is_some() {
            expected = true;
        }
        let before = &line[start..gap.start];
        if may_end(before, expected) && splits(&Ending::of(before), after, expected, rules) {
            keep(start, gap.start);
            start = gap.end;
        }
        from = gap.end;
    }
}

/// `range` without the white space at its ends.
fn trim(text: &str, range: Range<usize>) -> Range<usize> {
    let front = text[range.clone()].trim_start();
    let start = range.end - front.len();
    start..start + front.trim_end().len()
}

/// The next run of white space; empty, at the end, when there is none.
fn next_gap(line: &str, from: usize) -> Range<usize> {
    let start = line[from..].find(char::is_whitespace).map_or(line.len(), |at| from + at);
    start..line.len() - line[start..].trim_start().len()
}

/// A quick look that spares most gaps a closer one.
fn may_end(before: &str, expected: bool) -> bool {
    let after_word = |c: &char| c.is_ascii_alphanumeric() || *c == ',';
    expected || !before.chars().next_back().as_ref().is_none_or(after_word)
}

/// How the text before a gap ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    /// No terminator, or one that only UAX #29 knows.
    Other,
    /// A single full stop.
    Stop,
    /// `...` or `…`.
    Ellipsis,
    /// A run of terminators with `!` or `?`.
    Exclamation,
    /// `(!)`, `[?]`: a remark on the word before.
    Remark,
}

#[derive(Debug)]
struct Ending<'a> {
    mark: Mark,
    /// The word before a single full stop; empty when the stop follows a closing mark.
    word: &'a str,
    /// Whether the word is the first of its sentence.
    first: bool,
    /// Whether a quotation mark closes after the terminator.
    quoted: bool,
}

impl<'a> Ending<'a> {
    /// `before` reaches from the start of the sentence to the gap.
    fn of(before: &'a str) -> Self {
        let (mut prefix, mut token) = last_token(before);
        if is_tail(token) && !prefix.is_empty() {
            (prefix, token) = last_token(prefix.trim_end());
        }
        let body = without_closing(token);
        let closing = &token[body.len()..];
        let stem = body.trim_end_matches(is_terminator);
        let terminators = &body[stem.len()..];
        let mark = match terminators {
            "" => Mark::Other,
            _ if stem.ends_with(['(', '[']) && !terminators.contains(['.', '…']) => Mark::Remark,
            _ if terminators.contains(['!', '?', '‽']) => Mark::Exclamation,
            "." => Mark::Stop,
            _ => Mark::Ellipsis,
        };
        let word = stem.trim_start_matches(|c: char| !c.is_alphanumeric());
        Ending {
            mark,
            word: if word.ends_with(char::is_alphanumeric) { word } else { "" },
            first: prefix.len() <= REACH && !prefix.contains(char::is_alphanumeric),
            quoted: closing.contains(is_quote),
        }
    }
}

/// The last word before a gap, and everything before it.
fn last_token(before: &str) -> (&str, &str) {
    let at = before.char_indices().rfind(|(_, c)| c.is_whitespace());
    before.split_at(at.map_or(0, |(at, c)| at + c.len_utf8()))
}

/// Without closing quotes, brackets, emphasis and footnote marks: `.”`, `.)`, `.**`, `.[12]`, `.²`.
fn without_closing(token: &str) -> &str {
    let bare = token.trim_end_matches(is_closing);
    if bare.ends_with(is_terminator) {
        return bare;
    }
    let mut body = token;
    while let Some(open) = body.strip_suffix(']').and_then(|body| body.rfind('[')) {
        let note = &body[open + 1..body.len() - 1];
        if note.len() > 4 || !note.chars().all(char::is_alphanumeric) {
            break;
        }
        body = &body[..open];
    }
    let body = body.trim_end_matches(|c| is_closing(c) || is_superscript(c));
    if body.ends_with(is_terminator) { body } else { bare }
}

/// What kind of character starts the text after a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Upper,
    Digit,
    /// A letter of a script without case.
    Caseless,
    /// A small letter, or a mark that continues or closes the sentence before.
    Continues,
}

struct Start<'a> {
    kind: Kind,
    /// The first word, and what follows it.
    word: &'a str,
    rest: &'a str,
}

impl<'a> Start<'a> {
    fn of(after: &'a str) -> Self {
        let mut chars = after.chars();
        let first = chars.next();
        let starts_word = chars.next().is_some_and(char::is_alphanumeric);
        let continues = match first {
            None | Some(',' | ';' | ':') => true,
            Some(c) if is_terminator(c) => !starts_word,
            _ => is_tail(after.split(char::is_whitespace).next().unwrap_or_default()),
        };
        let at = after.char_indices().take(REACH).find(|(_, c)| c.is_alphanumeric());
        let Some((at, c)) = at.filter(|_| !continues) else {
            return Start { kind: Kind::Continues, word: "", rest: "" };
        };
        let (word, rest) = first_word(&after[at..]);
        let kind = match c {
            _ if c.is_numeric() => Kind::Digit,
            _ if c.is_uppercase() || has_inner_capital(word) => Kind::Upper,
            _ if is_lower(c) => Kind::Continues,
            _ => Kind::Caseless,
        };
        Start { kind, word, rest }
    }

    /// A typical first word, and all of it: not the `A` of `A. Smith`, the `O` of `O’Neill`.
    fn is_starter(&self, rules: &Rules) -> bool {
        let joined = match self.rest.chars().next() {
            Some('.' | '-') => true,
            Some('\'' | '’') => is_initial(self.word) && self.word != "I",
            _ => false,
        };
        self.kind == Kind::Upper && !joined && rules.starts_sentences(self.word)
    }

    /// A number, or what may stand for one: `XIV`, `B`.
    fn is_number(&self) -> bool {
        let is_roman = |b: u8| b"IVXLCDM".contains(&b);
        let lone = is_initial(self.word) && self.kind == Kind::Upper;
        self.kind == Kind::Digit || lone || self.word.bytes().all(is_roman)
    }

    /// `John asked`, `I said`: who speaks, behind direct speech.
    fn names_speaker(&self, rules: &Rules) -> bool {
        let (verb, _) = first_word(self.rest.trim_start());
        self.kind == Kind::Upper && rules.is_speech(verb)
    }
}

/// The letters or digits at the start, as many as matter, and the rest.
fn first_word(text: &str) -> (&str, &str) {
    let ends = |(_, c): &(usize, char)| !c.is_alphanumeric();
    let at = text.char_indices().take(2 * REACH).find(ends).map(|(at, _)| at);
    let limit = text.char_indices().nth(2 * REACH).map_or(text.len(), |(at, _)| at);
    text.split_at(at.unwrap_or(limit))
}

/// Whether a sentence ends at a gap; `expected` says that UAX #29 sees a boundary there.
fn splits(ending: &Ending, after: &str, expected: bool, rules: &Rules) -> bool {
    if ending.mark == Mark::Other {
        return expected;
    }
    let start = Start::of(after);
    match (ending.mark, start.kind) {
        (Mark::Remark, _) | (_, Kind::Continues) => false,
        (Mark::Ellipsis, Kind::Digit) => false,
        (Mark::Exclamation, _) if ending.quoted && start.names_speaker(rules) => false,
        (Mark::Stop, _) => splits_after_stop(ending, &start, expected, rules),
        // UAX #29 does not know `…`, and takes a dash or a footnote for a continuation.
        (_, Kind::Upper) => true,
        _ => expected,
    }
}

fn splits_after_stop(ending: &Ending, start: &Start, expected: bool, rules: &Rules) -> bool {
    let word = ending.word;
    let number = start.kind == Kind::Digit;
    match rules.habit(word) {
        _ if ending.first && is_label(word) => false,
        Some(Habit::Leads) => false,
        Some(Habit::BeforeNumber) if start.is_number() => false,
        Some(Habit::BeforeDigit) if number => false,
        Some(Habit::MayEnd) => start.is_starter(rules),
        // Where the abbreviations are known, a number starts a sentence after any other word.
        _ if number && rules.listed() => expected || is_plain_word(word),
        // Where they are not, a short word may be one.
        _ if number => expected && word.chars().count() > 4,
        _ => expected || start.kind == Kind::Upper,
    }
}

/// What numbers a heading or an item of a list: `1`, `2.1`, `B`, `iv`; also `P.S`.
fn is_label(word: &str) -> bool {
    let is_roman = |digits: &[u8]| word.len() <= 5 && word.bytes().all(|b| digits.contains(&b));
    let is_section = |part: &str| part.len() <= 3 && part.bytes().all(|b| b.is_ascii_digit());
    !word.is_empty()
        && (word.split('.').all(is_section)
            || is_roman(b"IVX")
            || is_roman(b"ivx")
            || is_initial(word)
            || is_dotted(word))
}

/// A word that is hardly an unknown abbreviation; those are short or begin with a capital.
fn is_plain_word(word: &str) -> bool {
    let least = if word.chars().next().is_some_and(is_lower) { 3 } else { 5 };
    let vowel = |c: char| "aeiouyáàâãéêíóôõú".contains(c);
    word.chars().count() >= least && word.chars().all(char::is_alphabetic) && word.contains(vowel)
}

/// Judges a boundary of UAX #29 without white space on either side; gives where to split, if so.
fn split_inside_word(line: &str, boundary: usize) -> Option<usize> {
    let next = line[boundary..].chars().next()?;
    // UAX #29 takes an opening bracket for a closing one: 。「
    let opening = line[..boundary].chars().rev().take(REACH).take_while(|&c| is_opening(c));
    let at = boundary - opening.map(char::len_utf8).sum::<usize>();
    let before = line[..at].chars().rev().take(REACH);
    let mut marks = before.clone().skip_while(|&c| is_closing(c) || is_invisible(c));
    let mark = marks.next()?;
    let splits = match mark {
        '.' => marks.next().is_some_and(is_cjk) && is_cjk(next),
        '!' | '?' => matches!(next, '¿' | '¡') || is_caseless(next),
        // 「…。」と: the Japanese sentence goes on around the direct speech.
        _ if is_hiragana(next) && at == boundary => !line[..at].ends_with(['」', '』']),
        _ => !mark.is_whitespace() && !mark.is_alphanumeric() && !is_terminator(mark),
    };
    splits.then_some(at)
}

/// A word of marks that closes the sentence before it: `»`, `)`, `:)`, an emoji.
fn is_tail(token: &str) -> bool {
    let mut chars = token.chars();
    let closes = chars.next().is_some_and(|first| match first {
        '”' | '’' | '»' | '›' | ')' | ']' | '}' | '」' | '』' | ':' | ';' => true,
        '☹' | '☺' | '♥' | '❤' => true,
        _ => ('\u{1F1E6}'..='\u{1FAFF}').contains(&first),
    });
    closes && token.len() <= 2 * REACH && !chars.any(char::is_alphanumeric)
}

fn is_terminator(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | '‽')
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '“' | '”' | '„' | '‟' | '‘' | '’' | '‚' | '«' | '»' | '‹' | '›')
}

/// What may stand between a terminator and the end of its sentence.
fn is_closing(c: char) -> bool {
    is_quote(c)
        || is_invisible(c)
        || matches!(c, ')' | ']' | '}' | '*' | '_' | '~' | '`' | '」' | '』' | '】' | '）' | '》')
}

fn is_opening(c: char) -> bool {
    matches!(c, '“' | '‘' | '«' | '(' | '[' | '「' | '『' | '【' | '（' | '《' | '〈')
}

fn is_superscript(c: char) -> bool {
    matches!(c, '¹' | '²' | '³' | '⁰' | '⁴'..='⁹' | '†' | '‡')
}

/// Joiners, direction marks, soft hyphens, byte order marks.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
    )
}

/// A small letter. Georgian has only one case in running text, as UAX #29 says too.
fn is_lower(c: char) -> bool {
    c.is_lowercase() && !('\u{10D0}'..='\u{10FF}').contains(&c)
}

fn is_caseless(c: char) -> bool {
    c.is_alphabetic() && !c.is_uppercase() && !is_lower(c)
}

/// `iPhone`, `eBay`, but not `pH` or `kW`.
fn has_inner_capital(word: &str) -> bool {
    let mut chars = word.chars().skip(1);
    chars.next().is_some_and(char::is_uppercase) && chars.next().is_some_and(char::is_alphabetic)
}

fn is_hiragana(c: char) -> bool {
    ('\u{3041}'..='\u{309F}').contains(&c)
}

/// Ideographs, kana and hangul, which stand without spaces or are words of their own.
pub(super) fn is_cjk(c: char) -> bool {
    matches!(
        c,
        '\u{3041}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
            | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}'
    )
}
