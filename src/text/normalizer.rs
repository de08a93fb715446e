//! Text as the pieces were trained on it: characters replaced by the model's own table, spaces
//! brought into one form. What SentencePiece's normaliser makes of every text, this one does too.

use super::charsmap::Charsmap;
use super::spm::Rules;
use super::trie::Trie;
use crate::error::Result;

/// How SentencePiece writes a space.
pub(super) const SPACE: &str = "▁";

pub(super) struct Normalizer {
    charsmap: Option<Charsmap>,
    /// Pieces that are never normalised, where there are any.
    symbols: Option<Trie>,
    dummy_prefix: bool,
    remove_extra_whitespaces: bool,
    space: &'static str,
}

impl Normalizer {
    /// # Errors
    /// `Malformed` when the table of characters is damaged.
    pub fn new(rules: &Rules, symbols: Option<Trie>) -> Result<Self> {
        let charsmap = match rules.charsmap {
            [] => None,
            table => Some(Charsmap::read(table)?),
        };
        Ok(Normalizer {
            charsmap,
            symbols,
            dummy_prefix: rules.dummy_prefix,
            remove_extra_whitespaces: rules.remove_extra_whitespaces,
            space: if rules.escape_whitespaces { SPACE } else { " " },
        })
    }

    /// Whether decoding drops a space before the first word.
    pub fn drops_leading_space(&self) -> bool {
        self.dummy_prefix || self.remove_extra_whitespaces
    }

    /// Whether decoding drops every space before the first word.
    pub fn drops_leading_spaces(&self) -> bool {
        self.remove_extra_whitespaces
    }

    pub fn normalize(&self, text: &str) -> String {
        let mut at = 0;
        if self.remove_extra_whitespaces {
            while let (length @ 1.., " ") = self.prefix(text, at) {
                at += length;
            }
        }
        let mut normal = String::new();
        if at == text.len() {
            return normal;
        }
        normal.reserve(text.len() + text.len() / 4 + self.space.len());
        if self.dummy_prefix {
            normal.push_str(self.space);
        }
        let mut after_space = self.remove_extra_whitespaces;
        while at < text.len() {
            let (length, mut replacement) = self.prefix(text, at);
            at += length;
            if after_space {
                replacement = replacement.trim_start_matches(' ');
            }
            if replacement.is_empty() {
                continue;
            }
            after_space = self.remove_extra_whitespaces && replacement.ends_with(' ');
            for (index, part) in replacement.split(' ').enumerate() {
                if index > 0 {
                    normal.push_str(self.space);
                }
                normal.push_str(part);
            }
        }
        if self.remove_extra_whitespaces {
            normal.truncate(normal.trim_end_matches(self.space).len());
        }
        normal
    }

    /// How many bytes of `text` from `at` on are replaced together, and by what.
    fn prefix<'a>(&'a self, text: &'a str, at: usize) -> (usize, &'a str) {
        let rest = &text.as_bytes()[at..];
        if let Some((length, symbol)) = self
            .symbols
            .as_ref()
            .and_then(|symbols| symbols.prefixes(rest).last())
            .and_then(|(length, _)| Some((length, text.get(at..at + length)?)))
        {
            return (length, symbol);
        }
        if let Some(found) = self.charsmap.as_ref().and_then(|map| map.longest(rest)) {
            return found;
        }
        match text.get(at..).and_then(|rest| rest.chars().next()) {
            Some(character) => {
                let length = character.len_utf8();
                (length, &text[at..at + length])
            }
            // Within a character, of which a rule took the first bytes, or at the end.
            None => (rest.len().min(1), "\u{fffd}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normalize(rules: &Rules, symbols: &[&str], text: &str) -> String {
        let symbols: Vec<(&[u8], u32)> =
            symbols.iter().map(|key| key.as_bytes()).zip(0..).collect();
        let symbols = (!symbols.is_empty()).then(|| Trie::new(&symbols).unwrap());
        Normalizer::new(rules, symbols).unwrap().normalize(text)
    }

    #[test]
    fn spaces_are_escaped_and_joined() {
        let rules = Rules::default();
        assert_eq!(normalize(&rules, &[], "  a  b c "), "▁a▁b▁c");
        assert_eq!(normalize(&rules, &[], "▁"), "");
        assert_eq!(normalize(&rules, &[], "  "), "");
        assert_eq!(normalize(&rules, &[], ""), "");
    }

    #[test]
    fn spaces_are_kept_as_they_are_where_the_model_says_so() {
        let kept = || Rules { remove_extra_whitespaces: false, ..Rules::default() };
        assert_eq!(normalize(&kept(), &[], " a  b "), "▁▁a▁▁b▁");
        let bare = Rules { dummy_prefix: false, escape_whitespaces: false, ..kept() };
        assert_eq!(normalize(&bare, &[], " a  b "), " a  b ");
    }

    #[test]
    fn symbols_are_taken_whole() {
        assert_eq!(normalize(&Rules::default(), &["a  b", "a "], "a  b  a  b"), "▁a▁▁b▁a▁▁b");
    }
}
