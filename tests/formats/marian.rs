//! Marian's `.bin`, damaged.

use std::sync::OnceLock;

use bytes::Bytes;
use pocketglot::Result;
use pocketglot::format::bergamot::{Named, Sources, import};
use pocketglot::format::{Languages, Package, Provenance};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::common::marian::{FLOAT32, Form, INT8, INTGEMM8, Item, Tiny, file};
use crate::common::models;
use crate::edit::{ABSURD, Edit, apply, edits, number};
use crate::guard::{bounded, cases, load, placed};
use crate::vocabulary::{FEW, few_pieces};

/// The vocabulary of the default English–Portuguese model.
pub fn spm() -> Bytes {
    static SPM: OnceLock<Bytes> = OnceLock::new();
    SPM.get_or_init(|| {
        let whole = models::package("en", "pt");
        Bytes::copy_from_slice(whole.vocabulary().expect("the default model has a vocabulary"))
    })
    .clone()
}

/// How many pieces it has.
pub fn pieces() -> usize {
    32_000
}

pub fn languages() -> Languages {
    Languages { source: "en".to_owned(), target: "pt".to_owned() }
}

pub fn provenance() -> Provenance {
    Provenance { licence: Some("MPL-2.0".to_owned()), ..Provenance::default() }
}

fn read(model: Vec<u8>) -> Result<Package> {
    let named = |name: &str, bytes| Named { name: name.to_owned(), bytes };
    let model = named("model.bin", model.into());
    let sources = Sources { model, vocabulary: named("vocab.spm", Bytes::new()), shortlist: None };
    import(&sources, languages(), provenance())
}

/// Reads a file within bounds; what is read must load, or say why not.
fn survive(model: Vec<u8>) {
    let length = model.len();
    let package = bounded(length, || placed(read(model), &["model.bin: "]));
    if let Some(mut package) = package {
        package.set_texts(few_pieces().into(), None);
        load(&package);
    }
}

/// With few pieces, so that what is left is almost all headers.
fn small(form: Form) -> Tiny {
    Tiny::new(form, FEW)
}

/// Where each part of the file begins: words of the head, names, shapes, padding, data.
fn places(items: &[Item]) -> Vec<usize> {
    let mut places = vec![0, 8];
    places.extend((0..items.len() * 4).map(|word| 16 + 8 * word));
    let mut at = 16 + 32 * items.len();
    for item in items {
        places.push(at);
        at += item.name.len() + 1;
    }
    for item in items {
        places.push(at);
        at += 4 * item.shape.len();
    }
    places.push(at);
    let data: usize = items.iter().map(|item| item.data.len()).sum();
    at = file(items).len() - data;
    for item in items {
        places.push(at);
        at += item.data.len();
    }
    places
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let tiny = small(Form::Int8);
    let whole = tiny.bytes();
    assert!(read(whole.clone()).is_ok());
    let near = |place: usize| place.saturating_sub(1)..=place + 1;
    for length in places(&tiny.items).into_iter().flat_map(near) {
        if length < whole.len() {
            let cut = whole[..length].to_vec();
            let result = bounded(length, || placed(read(cut), &["model.bin: "]));
            assert!(result.is_none(), "{length} of {} bytes were read", whole.len());
        }
    }
    let longer = [&whole[..], &[0]].concat();
    assert!(read(longer).unwrap_err().to_string().contains("1 bytes follow the last tensor"));
}

#[test]
fn no_size_in_a_header_is_believed() {
    let tiny = small(Form::Float);
    let whole = tiny.bytes();
    for word in 0..2 + 4 * tiny.items.len() {
        for value in ABSURD {
            let mut bytes = whole.clone();
            bytes[8 * word..][..8].copy_from_slice(&value.to_le_bytes());
            bounded(bytes.len(), || placed(read(bytes), &["model.bin: "]));
        }
    }
}

#[test]
fn errors_name_the_tensor() {
    let error = |change: &dyn Fn(&mut Tiny)| {
        let mut tiny = small(Form::Int8);
        change(&mut tiny);
        read(tiny.bytes()).unwrap_err().to_string()
    };
    let find = |tiny: &Tiny, name: &str| {
        tiny.items.iter().position(|item| item.name == name.as_bytes()).unwrap()
    };
    let text = error(&|tiny| {
        let at = find(tiny, "encoder_l2_ffn_W1");
        tiny.items[at].shape[0] += 100;
    });
    assert!(text.starts_with("model.bin: tensor \"encoder_l2_ffn_W1\": elements"), "{text}");
    let text = error(&|tiny| tiny.items[3].shape[0] = -1);
    assert!(text.contains("a dimension of length -1"), "{text}");
    let text = error(&|tiny| tiny.items[3].kind = 0x4201);
    assert!(text.contains("type 0x4201"), "{text}");
    let text = error(&|tiny| tiny.items.push(tiny.items[0].clone()));
    assert!(text.contains("holds tensor \"Wemb\" twice"), "{text}");
    let text = error(&|tiny| tiny.items[0].name = vec![0xff]);
    assert!(text.contains("the name of tensor 0"), "{text}");
    let text = error(&|tiny| tiny.items[0].name = b"decoder_l1_self_Wq".to_vec());
    assert!(text.contains("tensor \"decoder_l1_self_Wq\": is no part"), "{text}");
    let text = error(&|tiny| {
        let at = find(tiny, "special:model.yml");
        tiny.items.remove(at);
    });
    assert!(text.contains("holds no `special:model.yml`"), "{text}");
}

/// Damage to the list of tensors, which then is written as a sound file would be.
#[derive(Clone, Debug)]
enum Change {
    Kind(Index, u64),
    Side(Index, Index, i32),
    Rank(Index, Vec<i32>),
    Name(Index, Vec<u8>),
    Rename(Index, Index),
    Data(Index, Index, u32),
    Length(Index, Index),
    Double(Index),
    Drop(Index),
    Swap(Index, Index),
    Config(Index, String),
}

fn change() -> impl Strategy<Value = Change> {
    let item = any::<Index>;
    let kinds = vec![FLOAT32, INT8, INTGEMM8, 0x0102, 0x0408, 0x4102, 0x8101, 0, u64::MAX];
    let sides = prop_oneof![
        prop::sample::select(vec![0, 1, -1, i32::MAX, i32::MIN, 7, 8, 12, 60, 1 << 16]),
        any::<i32>(),
    ];
    let bits = vec![0u32, 0x7f80_0000, 0xff80_0000, 0x7fc0_0000, 1, 0x8000_0000, 0x7f7f_ffff];
    let words =
        vec!["99999999999", "-1", "0", "\"\"", "[[[[", "&a [*a]", "gru", "true", "1e9", "3"];
    prop_oneof![
        (item(), prop::sample::select(kinds)).prop_map(|(at, kind)| Change::Kind(at, kind)),
        (item(), item(), sides.clone()).prop_map(|(at, side, to)| Change::Side(at, side, to)),
        (item(), prop::collection::vec(sides, 0..10)).prop_map(|(at, to)| Change::Rank(at, to)),
        (item(), prop::collection::vec(any::<u8>(), 0..30))
            .prop_map(|(at, name)| Change::Name(at, name)),
        (item(), item()).prop_map(|(at, like)| Change::Rename(at, like)),
        (item(), item(), prop::sample::select(bits))
            .prop_map(|(at, place, to)| Change::Data(at, place, to)),
        (item(), item()).prop_map(|(at, length)| Change::Length(at, length)),
        item().prop_map(Change::Double),
        item().prop_map(Change::Drop),
        (item(), item()).prop_map(|(a, b)| Change::Swap(a, b)),
        (item(), prop::sample::select(words))
            .prop_map(|(line, to)| Change::Config(line, to.to_owned())),
    ]
}

fn apply_change(items: &mut Vec<Item>, change: &Change) {
    let count = items.len();
    let of = |index: &Index| index.index(count);
    match change {
        Change::Kind(at, kind) => items[of(at)].kind = *kind,
        Change::Side(at, side, to) => {
            let shape = &mut items[of(at)].shape;
            if !shape.is_empty() {
                let side = side.index(shape.len());
                shape[side] = *to;
            }
        }
        Change::Rank(at, to) => items[of(at)].shape.clone_from(to),
        Change::Name(at, name) => items[of(at)].name.clone_from(name),
        Change::Rename(at, like) => {
            let name = items[of(like)].name.clone();
            items[of(at)].name = name;
        }
        Change::Data(at, place, to) => {
            let data = &mut items[of(at)].data;
            if data.len() >= 4 {
                let place = place.index(data.len() - 3) / 4 * 4;
                data[place..place + 4].copy_from_slice(&to.to_le_bytes());
            }
        }
        Change::Length(at, length) => {
            let data = &mut items[of(at)].data;
            data.truncate(length.index(data.len() + 1));
        }
        Change::Double(at) => items.push(items[of(at)].clone()),
        Change::Drop(at) => {
            if items.len() > 1 {
                items.remove(of(at));
            }
        }
        Change::Swap(a, b) => {
            let (a, b) = (of(a), of(b));
            items.swap(a, b);
        }
        Change::Config(line, to) => {
            let config = items.iter_mut().find(|item| item.name == b"special:model.yml");
            if let Some(config) = config {
                let text = String::from_utf8_lossy(&config.data).into_owned();
                let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
                let line = line.index(lines.len());
                let key = lines[line].split(':').next().unwrap_or_default().to_owned();
                lines[line] = format!("{key}: {to}");
                config.data = lines.join("\n").into_bytes();
                config.shape = vec![config.data.len() as i32];
            }
        }
    }
}

fn form() -> impl Strategy<Value = Form> {
    prop_oneof![Just(Form::Int8), Just(Form::Float)]
}

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn damaged_bytes_never_panic(form in form(), damage in edits()) {
        let tiny = small(form);
        let mut bytes = tiny.bytes();
        apply(&mut bytes, &damage, &places(&tiny.items));
        survive(bytes);
    }

    #[test]
    fn every_word_of_the_head_may_lie(form in form(), at in any::<Index>(), word in number()) {
        let tiny = small(form);
        let mut bytes = tiny.bytes();
        let head: Vec<usize> = places(&tiny.items)[..2 + 4 * tiny.items.len()].to_vec();
        apply(&mut bytes, &[Edit::Word(at, word)], &head);
        survive(bytes);
    }

    #[test]
    fn wrong_tensors_never_panic(
        form in form(),
        changes in prop::collection::vec(change(), 1..3),
    ) {
        let mut items = small(form).items;
        for change in &changes {
            apply_change(&mut items, change);
        }
        survive(file(&items));
    }
}
