//! Marian's options as text: as much of YAML as Marian writes, an option a line with a word, a number
//! or a list. Anything else is passed over where nobody asks for it, and an error where someone does.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::error::{At, Error, Result};

/// Options by name, each with its value's lines, trimmed.
#[derive(Debug)]
pub struct Options<'a>(BTreeMap<&'a str, Vec<&'a str>>);

impl<'a> Options<'a> {
    /// # Errors
    /// `Malformed`, with the line, for what are no options or where one stands there twice.
    pub fn read(text: &'a str) -> Result<Self> {
        let mut options: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut current = None;
        for (line, number) in text.lines().zip(1..) {
            let place = || format!("line {number}");
            let content = line.trim();
            if content.is_empty() || content.starts_with('#') || content == "---" {
                continue;
            }
            if line.starts_with([' ', '-']) {
                let option = current.and_then(|option| options.get_mut(option));
                let lost = || Error::malformed("belongs to no option").at(place());
                option.ok_or_else(lost)?.push(content);
                continue;
            }
            let (option, value) = content
                .split_once(": ")
                .or_else(|| Some((content.strip_suffix(':')?, "")))
                .ok_or_else(|| Error::malformed("expected `option: value`").at(place()))?;
            let value = value.trim_start();
            let lines = if value.is_empty() { Vec::new() } else { vec![value] };
            if options.insert(option, lines).is_some() {
                return Err(Error::malformed(format!("gives `{option}` again")).at(place()));
            }
            current = Some(option);
        }
        Ok(Options(options))
    }

    /// The word or text that an option is, if it is given.
    ///
    /// # Errors
    /// `Malformed`, with the option, for anything else.
    pub fn word(&self, option: &str) -> Result<Option<&'a str>> {
        let word = |lines: &Vec<&'a str>| match lines[..] {
            [one] => scalar(one),
            _ => Err(Error::malformed("expected a word or a number")),
        };
        self.0.get(option).map(word).transpose().at(place(option))
    }

    /// The number, or `true` or `false`, that an option is, if it is given.
    ///
    /// # Errors
    /// As [`Options::word`].
    pub fn value<T: FromStr>(&self, option: &str) -> Result<Option<T>> {
        let word = self.word(option)?;
        word.map(parse).transpose().at(place(option))
    }

    /// The numbers that an option lists, if it is given.
    ///
    /// # Errors
    /// As [`Options::word`].
    pub fn list<T: FromStr>(&self, option: &str) -> Result<Option<Vec<T>>> {
        let list = |lines: &Vec<&'a str>| -> Result<Vec<T>> {
            let broken = || Error::malformed("expected a list");
            if let [one] = lines[..]
                && let Some(inner) = one.strip_prefix('[')
            {
                let inner = inner.strip_suffix(']').ok_or_else(broken)?.trim();
                let items = inner.split(',').filter(|_| !inner.is_empty());
                return items.map(|item| parse(scalar(item.trim())?)).collect();
            }
            let item =
                |line: &&'a str| parse(scalar(line.strip_prefix("- ").ok_or_else(broken)?.trim())?);
            lines.iter().map(item).collect()
        };
        self.0.get(option).map(list).transpose().at(place(option))
    }
}

fn place(option: &str) -> String {
    format!("option `{option}`")
}

fn parse<T: FromStr>(word: &str) -> Result<T> {
    word.parse().map_err(|_| Error::malformed(format!("unexpected value `{word}`")))
}

/// A scalar without its quotes.
fn scalar(text: &str) -> Result<&str> {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote) {
            // Escapes: no option that matters here has any.
            let inner = inner.strip_suffix(quote).filter(|inner| !inner.contains([quote, '\\']));
            return inner.ok_or_else(|| Error::malformed(format!("unexpected value `{text}`")));
        }
    }
    // What YAML makes more of than a word.
    if text.starts_with(['[', '{', '&', '*', '!', '|', '>', '%', '@', '`', '-'])
        || text.contains(" #")
    {
        return Err(Error::malformed(format!("unexpected value `{text}`")));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "---\n# of a model\ndepth: 6\nlists:\n  - 1\n  - 22\nflush:\n- 3\nnone: []\n\
        below:\n  []\nshort: [4, 5]\nempty: \"\"\nquoted: 'a b'\nflag: true\n\
        version: v1.9.56 94aeaa46 2021-04-28 00:28:35 +0100\nnested:\n  more: 1\r\n\n";

    #[test]
    fn words_numbers_and_lists_are_read() {
        let options = Options::read(TEXT).unwrap();
        assert_eq!(options.value("depth").unwrap(), Some(6usize));
        assert_eq!(options.value("flag").unwrap(), Some(true));
        let list = |option| options.list::<usize>(option).unwrap();
        assert_eq!([list("lists"), list("flush")], [Some(vec![1, 22]), Some(vec![3])]);
        assert_eq!([list("none"), list("below")], [Some(vec![]), Some(vec![])]);
        assert_eq!([list("short"), list("other")], [Some(vec![4, 5]), None]);
        assert_eq!(options.word("empty").unwrap(), Some(""));
        assert_eq!(options.word("quoted").unwrap(), Some("a b"));
        assert!(options.word("version").unwrap().unwrap().ends_with("00:28:35 +0100"));
        assert_eq!(options.word("other").unwrap(), None);
    }

    #[test]
    fn what_is_not_understood_is_named_by_line_or_option() {
        for (text, words) in [
            ("a: 1\nb", "line 2: expected"),
            ("- a", "line 1: belongs to no option"),
            ("a: 1\na: 2", "line 2: gives `a` again"),
        ] {
            let error = Options::read(text).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
        let text =
            "a: |\n  b\nc: &x 1\nd: \"e\\n\"\nf: 1 # g\nh:\n  - [1]\n  - 2\ni: [1\nj:\nk: -1";
        let options = Options::read(text).unwrap();
        for option in ["a", "c", "d", "f", "h", "i", "j"] {
            let error = options.word(option).unwrap_err().to_string();
            assert!(error.starts_with(&format!("option `{option}`: ")), "{error}");
        }
        assert!(options.value::<usize>("k").is_err());
        for option in ["a", "c", "h", "i"] {
            assert!(options.list::<usize>(option).is_err(), "{option}");
        }
    }
}
