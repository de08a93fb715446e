//! The default models, as `make model` writes them, and the evaluation set.

use std::fs;
use std::path::{Path, PathBuf};

use pocketglot::format::Package;

/// Both directions: source, target.
pub const DIRECTIONS: [(&str, &str); 2] = [("en", "pt"), ("pt", "en")];

pub fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

pub fn model_path(source: &str, target: &str) -> PathBuf {
    root(&format!("models/{source}-{target}.safetensors"))
}

pub fn package(source: &str, target: &str) -> Package {
    let path = model_path(source, target);
    let bytes = fs::read(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; run `make model`", path.display()));
    Package::read(bytes.into()).expect("the default model is sound")
}

/// The column of a language in the evaluation set.
pub fn evaluation(language: &str) -> Vec<String> {
    let table = fs::read_to_string(root("data/evaluation.en-pt.tsv")).expect("the evaluation set");
    let mut lines = table.lines().map(|line| line.split('\t'));
    let mut header = lines.next().expect("a header");
    let column = header.position(|name| name == language).expect("a column a language");
    lines.map(|mut cells| cells.nth(column).expect("a cell").to_owned()).collect()
}

/// What the production engine makes of the evaluation set.
pub fn production(source: &str, target: &str) -> Vec<String> {
    let path = root(&format!("data/production/evaluation.{source}-{target}.txt"));
    fs::read_to_string(path).expect("production's outputs").lines().map(str::to_owned).collect()
}
