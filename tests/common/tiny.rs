//! A model that is quick to train, with a vocabulary: it translates letters into letters, at random
//! but always the same.

use std::sync::OnceLock;

use futures_lite::future::block_on;
use pocketglot::backend::cpu::Cpu;
use pocketglot::codec::Matrix;
use pocketglot::codec::float::Float32;
use pocketglot::format::bergamot::{Named, Sources, import};
use pocketglot::format::{Languages, Package, Provenance};
use pocketglot::model::Source;
use pocketglot::translate::Translator;

use super::marian::{Form, Random, Tiny};

/// Where `</s>` stands in the vocabulary, and what is added to its logit: about half of all
/// translations end then, most of them not at once.
const END: usize = 2;
const END_BIAS: f32 = 1.0;

const LETTERS: std::ops::RangeInclusive<char> = 'a'..='z';

/// A field of a protocol buffer, with its content.
fn message(field: u8, content: &[u8]) -> Vec<u8> {
    assert!(content.len() < 128);
    [&[field << 3 | 2, content.len() as u8], content].concat()
}

/// SentencePiece's file of a piece for each letter, after `<unk>`, `<s>`, `</s>` and the space.
fn vocabulary() -> (Vec<u8>, usize) {
    let mut pieces = vec![("<unk>".to_owned(), 2), ("<s>".to_owned(), 3), ("</s>".to_owned(), 3)];
    pieces.push(("\u{2581}".to_owned(), 1));
    pieces.extend(LETTERS.map(|letter| (letter.to_string(), 1)));
    let piece = |(text, kind): &(String, u8)| {
        let score = [&[2 << 3 | 5], &(-1f32).to_le_bytes()[..]].concat();
        message(1, &[message(1, text.as_bytes()), score, vec![3 << 3, *kind]].concat())
    };
    let file: Vec<u8> = pieces.iter().flat_map(piece).collect();
    ([file, message(2, &[]), message(3, &[])].concat(), pieces.len())
}

/// The model, in single floats.
pub fn package() -> Package {
    let named = |name: &str, bytes: Vec<u8>| Named { name: name.to_owned(), bytes: bytes.into() };
    let (vocabulary, pieces) = vocabulary();
    let sources = Sources {
        model: named("model.bin", Tiny::new(Form::Float, pieces).bytes()),
        vocabulary: named("vocab.spm", vocabulary),
        shortlist: None,
    };
    let languages = Languages { source: "en".to_owned(), target: "pt".to_owned() };
    let mut package = import(&sources, languages, Provenance::default()).unwrap();
    // With biases at random, those of the norms drown what depends on the text.
    for name in package.vector_names() {
        let value = f32::from(u8::from(name.ends_with(".scale")));
        let mut values = vec![value; package.tensors[&name].shape()[0]];
        if name == "output.bias" {
            values[END] = END_BIAS;
        }
        package.set_vector(&name, &values).unwrap();
    }
    package
}

/// The model with each weight `w` of its matrices replaced by `change(w, a number in −1…1)`.
pub fn changed(package: &Package, seed: u64, change: impl Fn(f32, f32) -> f32) -> Package {
    let (mut changed, mut random) = (package.clone(), Random(seed));
    for (name, info) in &package.metadata.matrices {
        let weights = package.matrix(name, info.shape).unwrap().to_f32();
        let weights = weights.into_iter().map(|weight| change(weight, random.unit())).collect();
        let matrix: Matrix = Box::new(Float32::new(info.shape, weights));
        changed.insert_matrix(name, &matrix);
    }
    changed
}

/// The model as compression might leave it: it says other things, but could learn again.
pub fn damaged(package: &Package) -> Package {
    changed(package, 3, |weight, noise| weight + 0.3 * noise)
}

/// How many texts there are.
const TEXTS: usize = 450;

/// Lines of words of letters, the same on every run: such of which the model's translation has an end
/// and more than one letter.
pub fn texts(count: usize) -> Vec<String> {
    static ALL: OnceLock<Vec<String>> = OnceLock::new();
    ALL.get_or_init(|| {
        let translator = Translator::load(Cpu::default(), &package()).unwrap();
        let mut random = Random(5);
        let mut word = |_| -> String {
            let length = 1 + random.below(4);
            (0..length).map(|_| char::from(b'a' + random.below(26) as u8)).collect()
        };
        let mut texts = Vec::new();
        while texts.len() < TEXTS {
            let some: Vec<String> = (0..600)
                .map(|n| (0..2 + n % 3).map(&mut word).collect::<Vec<_>>().join(" "))
                .collect();
            // Each is one sentence.
            let sources: Vec<Source> =
                some.iter().flat_map(|text| translator.prepare(text).unwrap().1).collect();
            let targets = block_on(translator.network().translate(&sources)).unwrap();
            let lengths = sources.iter().zip(&targets).map(|(s, t)| (s.tokens.len(), t.len()));
            let ended = lengths.map(|(source, target)| (2..2 * source).contains(&target));
            texts.extend(
                some.into_iter().zip(ended).filter_map(|(text, ended)| ended.then_some(text)),
            );
        }
        texts.truncate(TEXTS);
        texts
    })[..count]
        .to_vec()
}
