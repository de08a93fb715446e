//! Which of some files is what: people have a folder of them, and not three options.

use bytes::Bytes;

use super::{Named, Sources, VERSION};
use crate::error::{Error, Result};
use crate::format::package::Languages;
use crate::format::shortlist;

/// What a file can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Model,
    Vocabulary,
    Shortlist,
}

impl Role {
    /// For people, with what such files are called.
    fn describe(self) -> &'static str {
        match self {
            Role::Model => "a Marian model (model.*.bin)",
            Role::Vocabulary => "a SentencePiece vocabulary (vocab.*.spm)",
            Role::Shortlist => "a shortlist (lex.*.bin)",
        }
    }

    /// By its first bytes; where these say nothing, since the file is damaged perhaps, by its name.
    fn of(file: &Named) -> Option<Self> {
        by_content(&file.bytes).or_else(|| by_name(&file.name))
    }
}

/// Field 1 of a protocol buffer, of a given length.
const FIRST_FIELD: u8 = 0x0a;

fn by_content(bytes: &Bytes) -> Option<Role> {
    let word = bytes.first_chunk().map(|word| u64::from_le_bytes(*word))?;
    if word == VERSION {
        return Some(Role::Model);
    }
    if word == shortlist::MARIAN_MAGIC {
        return Some(Role::Shortlist);
    }
    // A protocol buffer that begins with a short message, which begins with a shorter text: a piece.
    let [FIRST_FIELD, message @ ..0x80, FIRST_FIELD, text, ..] = **bytes else {
        return None;
    };
    (text < message).then_some(Role::Vocabulary)
}

fn by_name(name: &str) -> Option<Role> {
    if name.ends_with(".spm") {
        return Some(Role::Vocabulary);
    }
    let known = [("model", Role::Model), ("lex", Role::Shortlist), ("vocab", Role::Vocabulary)];
    known.into_iter().find(|(start, _)| name.starts_with(start)).map(|(_, role)| role)
}

/// What vocabularies are called where each language has its own.
const OWN_VOCABULARIES: [&str; 2] = ["srcvocab", "trgvocab"];

impl Sources {
    /// Finds out which file is what.
    ///
    /// # Errors
    /// `InvalidInput`, which names the file, for one that is nothing of this kind and for two of one
    /// kind, and where the model or its vocabulary is missing; `Unsupported` where each language has
    /// a vocabulary of its own.
    pub fn choose(files: Vec<Named>) -> Result<Self> {
        let names: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
        let (mut model, mut vocabulary, mut shortlist) = (None, None, None);
        for file in files {
            let role = Role::of(&file).ok_or_else(|| unknown(&file))?;
            let place = match role {
                Role::Model => &mut model,
                Role::Vocabulary => &mut vocabulary,
                Role::Shortlist => &mut shortlist,
            };
            if let Some(first) = place {
                return Err(doubled(first, &file, role));
            }
            *place = Some(file);
        }
        let missing = |role: Role| {
            let given = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
            Error::invalid(format!("{} is missing; given were: {given}", role.describe()))
        };
        Ok(Sources {
            model: model.ok_or_else(|| missing(Role::Model))?,
            vocabulary: vocabulary.ok_or_else(|| missing(Role::Vocabulary))?,
            shortlist,
        })
    }

    /// The languages that the files' names tell, as in `model.enpt.intgemm.alphas.bin`.
    ///
    /// # Errors
    /// `InvalidInput` when one name tells other languages than another.
    pub fn languages(&self) -> Result<Option<Languages>> {
        let files = [Some(&self.model), Some(&self.vocabulary), self.shortlist.as_ref()];
        let told = files.into_iter().flatten().filter_map(|file| Some((file, languages(file)?)));
        let told: Vec<(&Named, Languages)> = told.collect();
        let Some((first, languages)) = told.first() else {
            return Ok(None);
        };
        match told.iter().find(|(_, others)| others != languages) {
            None => Ok(Some(languages.clone())),
            Some((other, _)) => Err(Error::invalid(format!(
                "\"{}\" and \"{}\" have names of different languages",
                first.name, other.name
            ))),
        }
    }
}

/// Two letters each, in the first part of the name that is no number.
fn languages(file: &Named) -> Option<Languages> {
    let mut parts = file.name.split('.').skip(1);
    let part = parts.find(|part| !part.bytes().all(|byte| byte.is_ascii_digit()))?;
    let is_pair = part.len() == 4 && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let (source, target) = part.split_at_checked(2).filter(|_| is_pair)?;
    Some(Languages { source: source.to_owned(), target: target.to_owned() })
}

fn unknown(file: &Named) -> Error {
    let kinds = [Role::Model, Role::Vocabulary, Role::Shortlist].map(Role::describe);
    Error::invalid(format!("is not {}, {} or {}", kinds[0], kinds[1], kinds[2]))
        .at(format!("\"{}\"", file.name))
}

fn doubled(first: &Named, second: &Named, role: Role) -> Error {
    let (one, other) = (&first.name, &second.name);
    let is_own = |name: &String| OWN_VOCABULARIES.iter().any(|start| name.starts_with(start));
    if role == Role::Vocabulary && is_own(one) && is_own(other) {
        return Error::unsupported(format!(
            "\"{one}\" and \"{other}\": a vocabulary for each language; this build runs models whose \
             languages share one"
        ));
    }
    Error::invalid(format!("\"{one}\" and \"{other}\": each is {}, one is needed", role.describe()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    const MODEL: &[u8] = b"\x01\0\0\0\0\0\0\0 and so on";
    const SHORTLIST: &[u8] = b"\xf5\x17\x34\x01\xd5\x48\x1a\xf1 and so on";
    const VOCABULARY: &[u8] = b"\x0a\x0d\x0a\x04</s>\x15\0\0\0\0\x18\x03";

    fn named(name: &str, bytes: &'static [u8]) -> Named {
        Named { name: name.into(), bytes: Bytes::from_static(bytes) }
    }

    fn choose(files: &[(&str, &'static [u8])]) -> Result<[String; 3]> {
        let sources =
            Sources::choose(files.iter().map(|(name, bytes)| named(name, bytes)).collect())?;
        let shortlist = sources.shortlist.map(|file| file.name);
        Ok([sources.model.name, sources.vocabulary.name, shortlist.unwrap_or_default()])
    }

    #[test]
    fn content_tells_what_a_file_is_and_its_name_only_where_content_does_not() {
        let mixed = [("model.bin", VOCABULARY), ("lex.bin", MODEL), ("vocab.spm", SHORTLIST)];
        assert_eq!(choose(&mixed).unwrap(), ["lex.bin", "model.bin", "vocab.spm"]);
        let damaged = [("lex.enpt.bin", &b"cut"[..]), ("model.enpt.bin", b""), ("x.spm", b"\0\0")];
        assert_eq!(choose(&damaged).unwrap(), ["model.enpt.bin", "x.spm", "lex.enpt.bin"]);
        assert_eq!(choose(&[("a", MODEL), ("b", VOCABULARY)]).unwrap(), ["a", "b", ""]);
    }

    #[test]
    fn what_is_missing_doubled_or_unknown_is_named() {
        let invalid = [
            (&[][..], "a Marian model (model.*.bin) is missing; given were: nothing"),
            (
                &[("a", MODEL), ("c", SHORTLIST)][..],
                "a SentencePiece vocabulary (vocab.*.spm) is missing",
            ),
            (&[("b", VOCABULARY)][..], "is missing; given were: b"),
            (&[("a", MODEL), ("z", MODEL)][..], "\"a\" and \"z\": each is a Marian model"),
            (
                &[("b", VOCABULARY), ("y", VOCABULARY)][..],
                "\"b\" and \"y\": each is a SentencePiece",
            ),
            (
                &[("a", MODEL), ("notes.txt", b"to be done")][..],
                "\"notes.txt\": is not a Marian model",
            ),
        ];
        for (files, words) in invalid {
            let error = choose(files).unwrap_err();
            assert_eq!(error.kind(), Kind::InvalidInput, "{error}");
            assert!(error.to_string().contains(words), "{error}");
        }
        let own = [("srcvocab.enzh.spm", VOCABULARY), ("trgvocab.enzh.spm", VOCABULARY)];
        assert_eq!(choose(&own).unwrap_err().kind(), Kind::Unsupported);
    }

    #[test]
    fn names_tell_the_languages() {
        let told = |model: &str, vocabulary: &str, shortlist: Option<&str>| {
            let sources = Sources {
                model: named(model, MODEL),
                vocabulary: named(vocabulary, VOCABULARY),
                shortlist: shortlist.map(|name| named(name, SHORTLIST)),
            };
            sources.languages().map(|told| told.map(|l| format!("{} {}", l.source, l.target)))
        };
        let lex = Some("lex.50.50.enpt.s2t.bin");
        let all = told("model.enpt.intgemm.alphas.bin", "vocab.enpt.spm", lex).unwrap();
        assert_eq!(all.as_deref(), Some("en pt"));
        assert_eq!(told("model.bin", "my.spm", lex).unwrap().as_deref(), Some("en pt"));
        assert_eq!(told("model.bin", "vocab.spm", None).unwrap(), None);
        assert_eq!(told("model.npz.best.bin", "vocab", None).unwrap(), None);
        let error = told("model.enpt.bin", "vocab.pten.spm", lex).unwrap_err();
        assert!(error.to_string().contains("\"model.enpt.bin\" and \"vocab.pten.spm\""), "{error}");
    }
}
