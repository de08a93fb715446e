//! Our package, damaged: the safetensors header, and the JSON value in its metadata.

use std::fs;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use pocketglot::format::Package;
use pocketglot::format::bergamot::{Named, Sources, import};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use crate::codecs::mixed_file;
use crate::common::marian::{Form, Tiny, shortlist};
use crate::common::models;
use crate::edit::{apply, edits};
use crate::guard::{PACKAGE, bounded, cases, load, placed};
use crate::marian::{languages, provenance};
use crate::vocabulary::{FEW, few_pieces};

/// A package in two halves: the header as JSON, and what follows it.
#[derive(Clone)]
struct Halves {
    /// With the value of `pocketglot` as an object, not as the string that the file holds.
    header: Value,
    data: Bytes,
}

impl Halves {
    fn split(file: Bytes) -> Self {
        let length = u64::from_le_bytes(*file.as_array_prefix()) as usize;
        let mut header: Value = serde_json::from_slice(&file[8..8 + length]).unwrap();
        let ours = &mut header["__metadata__"]["pocketglot"];
        *ours = serde_json::from_str(ours.as_str().unwrap()).unwrap();
        Halves { header, data: file.slice(8 + length..) }
    }

    fn join(&self) -> Vec<u8> {
        let mut header = self.header.clone();
        if let Some(ours) = header.pointer_mut("/__metadata__/pocketglot") {
            *ours = Value::String(ours.to_string());
        }
        let mut header = header.to_string().into_bytes();
        header.resize(header.len().next_multiple_of(8), b' ');
        [&(header.len() as u64).to_le_bytes(), &header[..], &self.data].concat()
    }
}

trait Prefix {
    fn as_array_prefix(&self) -> &[u8; 8];
}

impl Prefix for Bytes {
    fn as_array_prefix(&self) -> &[u8; 8] {
        self.first_chunk().expect("a safetensors file has a length")
    }
}

/// The default model.
fn real() -> &'static Halves {
    static REAL: OnceLock<Halves> = OnceLock::new();
    REAL.get_or_init(|| {
        let file = fs::read(models::model_path("en", "pt")).expect("run `make model`");
        Halves::split(file.into())
    })
}

/// The tiny model as an import gives it.
pub fn tiny_file() -> &'static [u8] {
    static TINY: OnceLock<Vec<u8>> = OnceLock::new();
    TINY.get_or_init(|| {
        let named = |name: &str, bytes| Named { name: name.to_owned(), bytes };
        let model = Tiny::new(Form::Int8, FEW).bytes();
        let sources = Sources {
            model: named("model.bin", model.into()),
            vocabulary: named("vocab.spm", few_pieces().into()),
            shortlist: Some(named("lex.bin", shortlist(FEW).into())),
        };
        import(&sources, languages(), provenance()).unwrap().write().unwrap()
    })
}

/// As an import gives it, and in every codec.
fn files() -> [&'static [u8]; 2] {
    [tiny_file(), mixed_file()]
}

fn halves() -> &'static [Halves; 2] {
    static HALVES: OnceLock<[Halves; 2]> = OnceLock::new();
    HALVES.get_or_init(|| files().map(|file| Halves::split(Bytes::from_static(file))))
}

fn read(file: Vec<u8>) -> Option<Package> {
    bounded(file.len(), || placed(Package::read(file.into()), PACKAGE))
}

fn survive(file: Vec<u8>) {
    if let Some(package) = read(file) {
        load(&package);
    }
}

fn refusal(change: impl FnOnce(&mut Value)) -> String {
    let mut halves = halves()[0].clone();
    change(&mut halves.header);
    let package = match Package::read(halves.join().into()) {
        Ok(package) => package,
        Err(error) => return error.to_string(),
    };
    let loaded = pocketglot::translate::Translator::load(
        pocketglot::backend::reference::Reference,
        &package,
    );
    loaded.err().expect("it was read and loaded").to_string()
}

#[test]
fn errors_name_the_field() {
    let ours = |change: &dyn Fn(&mut Value)| {
        refusal(|header| change(&mut header["__metadata__"]["pocketglot"]))
    };
    let text = ours(&|ours| ours["format"] = json!(2));
    assert!(text.contains("package format 2; this build reads format 1"), "{text}");
    let text = ours(&|ours| ours["architecture"]["width"] = json!(1u64 << 40));
    assert!(text.contains("metadata: architecture: width is 1099511627776"), "{text}");
    let text = ours(&|ours| ours["architecture"]["heads"] = json!("two"));
    assert!(text.starts_with("metadata: "), "{text}");
    let text = ours(&|ours| drop(ours.as_object_mut().unwrap().remove("languages")));
    assert!(text.contains("metadata: missing field `languages`"), "{text}");
    let sizes = |ours: &mut Value, sizes| ours["architecture"]["encoder_sizes"] = sizes;
    let text = ours(&|ours| sizes(ours, json!([{"heads": 2, "ffn": 12}])));
    assert!(text.contains("metadata: architecture: encoder_sizes has 1 entries"), "{text}");
    let text =
        ours(&|ours| sizes(ours, json!([{"heads": 257, "ffn": 12}, {"heads": 2, "ffn": 12}])));
    assert!(text.contains("encoder_sizes: layer 0: heads is 257, expected 1 to 256"), "{text}");
    let text = ours(&|ours| sizes(ours, json!([{"heads": 3, "ffn": 12}, {"heads": 2, "ffn": 12}])));
    assert!(text.contains("tensor \"encoder.0.attention.q.bias\": expected shape [12]"), "{text}");
    let text = ours(&|ours| sizes(ours, json!([{"heads": 2, "ffn": 12}, {"heads": 2}])));
    assert!(text.contains("metadata: missing field `ffn`"), "{text}");
    let text = ours(&|ours| sizes(ours, json!([{"heads": 2, "ffn": 12}, {"heads": 2, "ffn": 11}])));
    assert!(text.contains("tensor \"encoder.1.ffn.w1.bias\": expected shape [11]"), "{text}");
    let text = ours(&|ours| sizes(ours, json!([{"heads": 1, "ffn": 12}, {"heads": 2, "ffn": 12}])));
    assert!(text.contains("tensor \"encoder.0.attention.q.bias\": expected shape [4]"), "{text}");
    let text = ours(&|ours| ours["architecture"]["decoder_layers"] = json!(2));
    assert!(text.contains("\"decoder.1."), "{text}");
    let text = ours(&|ours| ours["matrices"]["embedding"]["codec"] = json!("int3"));
    assert!(text.starts_with("matrix \"embedding\": unknown codec `int3`"), "{text}");
    let text = ours(&|ours| ours["matrices"]["encoder.0.ffn.w1"]["shape"] = json!([8, 12]));
    assert!(text.contains("matrix \"encoder.0.ffn.w1\": expected shape [12, 8]"), "{text}");
    let text = refusal(|header| header["encoder.0.ffn.w1.codes"]["dtype"] = json!("U8"));
    assert!(text.contains("matrix \"encoder.0.ffn.w1\": codec int8: "), "{text}");
    let text = refusal(|header| header["output.bias"]["dtype"] = json!("BF16"));
    assert!(text.contains("safetensors") || text.contains("tensor \"output.bias\""), "{text}");
    let text = refusal(|header| *header = json!({"__metadata__": {"format": "pt"}}));
    assert!(text.contains("no `pocketglot` in its metadata") || text.contains("safetensors"));
}

#[test]
fn a_package_cut_anywhere_is_refused() {
    for whole in files() {
        let header = 8 + u64::from_le_bytes(*whole.first_chunk().unwrap()) as usize;
        let ends = (0..64).map(|step| header + (whole.len() - header) * step / 64);
        let places = (0..header).step_by(17).chain(0..20).chain(header - 20..header + 20);
        for length in places.chain(ends) {
            assert!(read(whole[..length].to_vec()).is_none(), "{length} of {} bytes", whole.len());
        }
        let mut longer = whole.to_vec();
        longer.push(0);
        assert!(read(longer).is_none());
    }
}

#[test]
fn no_length_of_a_header_is_believed() {
    for length in crate::edit::ABSURD {
        let mut file = tiny_file().to_vec();
        file[..8].copy_from_slice(&length.to_le_bytes());
        assert!(read(file).is_none(), "{length}");
    }
}

/// What a value in the header may become.
#[derive(Clone, Debug)]
enum Change {
    Set(Vec<Index>, Value),
    Remove(Vec<Index>),
    /// The value of another place.
    Copy(Vec<Index>, Vec<Index>),
    /// Another key for the same value.
    Rename(Vec<Index>, String),
}

fn change() -> impl Strategy<Value = Change> {
    let path = || prop::collection::vec(any::<Index>(), 1..6);
    let values = vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(1),
        json!(2),
        json!(3),
        json!(1.5),
        json!(1e300),
        json!(4_294_967_296u64),
        json!(u64::MAX),
        json!(""),
        json!("int8"),
        json!("int"),
        json!("f16"),
        json!("F32"),
        json!("U8"),
        json!("I64"),
        json!("BOOL"),
        json!("ssru"),
        json!("\u{0}\u{ffff}"),
        json!("x".repeat(5000)),
        json!([]),
        json!({}),
        json!([0, 0]),
        json!([u64::MAX, u64::MAX]),
        json!([4_294_967_296u64, 4_294_967_296u64]),
        json!([[[[[[[[]]]]]]]]),
    ];
    let names = vec![
        "",
        "embedding",
        "vocabulary",
        "shortlist",
        "__metadata__",
        "x.codes",
        "bits",
        "\u{0}",
    ];
    prop_oneof![
        4 => (path(), prop::sample::select(values)).prop_map(|(at, to)| Change::Set(at, to)),
        2 => (path(), 0..70_000u64).prop_map(|(at, to)| Change::Set(at, json!(to))),
        1 => path().prop_map(Change::Remove),
        2 => (path(), path()).prop_map(|(from, to)| Change::Copy(from, to)),
        1 => (path(), prop::sample::select(names))
            .prop_map(|(at, name)| Change::Rename(at, name.to_owned())),
    ]
}

/// Walks down from the top, as far as the path and the value go.
fn find(value: &Value, path: &[Index]) -> String {
    let Some((first, rest)) = path.split_first() else { return String::new() };
    let (key, inner) = match value {
        Value::Object(map) if !map.is_empty() => {
            let (key, inner) = map.iter().nth(first.index(map.len())).unwrap();
            (key.replace('~', "~0").replace('/', "~1"), inner)
        }
        Value::Array(items) if !items.is_empty() => {
            let at = first.index(items.len());
            (at.to_string(), &items[at])
        }
        _ => return String::new(),
    };
    format!("/{key}{}", find(inner, rest))
}

fn apply_change(header: &mut Value, root: &str, change: &Change) {
    let locate = |header: &Value, path| {
        header.pointer(root).map(|value| format!("{root}{}", find(value, path)))
    };
    let set = |header: &mut Value, place: &str, to: Value| {
        *header.pointer_mut(place).unwrap() = to;
    };
    match change {
        Change::Set(at, to) => {
            if let Some(place) = locate(header, at) {
                set(header, &place, to.clone());
            }
        }
        Change::Copy(from, to) => {
            if let (Some(from), Some(to)) = (locate(header, from), locate(header, to)) {
                let value = header.pointer(&from).unwrap().clone();
                set(header, &to, value);
            }
        }
        Change::Remove(at) | Change::Rename(at, _) => {
            let place = locate(header, at).unwrap_or_default();
            let Some((parent, key)) = place.rsplit_once('/') else { return };
            let key = key.replace("~1", "/").replace("~0", "~");
            match header.pointer_mut(parent) {
                Some(Value::Object(map)) => {
                    let value = map.remove(&key).unwrap();
                    if let Change::Rename(_, name) = change {
                        map.insert(name.clone(), value);
                    }
                }
                Some(Value::Array(items)) => drop(items.remove(key.parse().unwrap())),
                _ => {}
            }
        }
    }
}

/// Where to damage: our metadata, one of its halves, or the list of tensors.
fn root() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just(""),
        Just("/__metadata__/pocketglot"),
        Just("/__metadata__/pocketglot/architecture"),
        Just("/__metadata__/pocketglot/matrices"),
    ]
}

proptest! {
    #![proptest_config(cases(1200))]

    #[test]
    fn damaged_bytes_never_panic(which in 0..2usize, damage in edits()) {
        let mut file = files()[which].to_vec();
        let header = 8 + u64::from_le_bytes(*file.first_chunk().unwrap()) as usize;
        let places: Vec<usize> = (0..header).chain((header..file.len()).step_by(997)).collect();
        apply(&mut file, &damage, &places);
        survive(file);
    }

    #[test]
    fn wrong_values_never_panic(
        which in 0..2usize,
        changes in prop::collection::vec((root(), change()), 1..3),
    ) {
        let mut halves = halves()[which].clone();
        for (root, change) in &changes {
            apply_change(&mut halves.header, root, change);
        }
        survive(halves.join());
    }
}

/// Loading the real model takes a while, so only some of the packages that are read are loaded.
const LOADS: u32 = 8;

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn wrong_values_in_a_real_header_never_panic(
        changes in prop::collection::vec((root(), change()), 1..3),
    ) {
        static LOADED: AtomicU32 = AtomicU32::new(0);
        let mut halves = real().clone();
        for (root, change) in &changes {
            apply_change(&mut halves.header, root, change);
        }
        if let Some(package) = read(halves.join())
            && LOADED.fetch_add(1, Ordering::Relaxed) < LOADS
        {
            load(&package);
        }
    }
}
