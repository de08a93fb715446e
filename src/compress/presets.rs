//! Recipes with names: the files of `recipes/`.

use super::Recipe;
use crate::error::{Error, Result};

/// Name and text of each.
const PRESETS: &[(&str, &str)] = &[
    ("half", include_str!("../../recipes/half.toml")),
    ("int8", include_str!("../../recipes/int8.toml")),
    ("int6", include_str!("../../recipes/int6.toml")),
    ("int5", include_str!("../../recipes/int5.toml")),
    ("int4", include_str!("../../recipes/int4.toml")),
    ("int4-gptq", include_str!("../../recipes/int4-gptq.toml")),
    ("small", include_str!("../../recipes/small.toml")),
    ("tiny", include_str!("../../recipes/tiny.toml")),
    ("sparse-20", include_str!("../../recipes/sparse-20.toml")),
    ("sparse-40", include_str!("../../recipes/sparse-40.toml")),
];

/// Their names.
pub fn names() -> impl Iterator<Item = &'static str> {
    PRESETS.iter().map(|(name, _)| *name)
}

/// The recipe of that name, where there is one.
///
/// # Errors
/// None: a test reads them all.
pub fn find(name: &str) -> Option<Result<Recipe>> {
    let (_, text) = PRESETS.iter().find(|(preset, _)| *preset == name)?;
    Some(Recipe::from_toml(text))
}

/// The same, for those who asked for a preset or for nothing.
///
/// # Errors
/// `InvalidInput`, with the names that there are.
pub fn named(name: &str) -> Result<Recipe> {
    find(name).unwrap_or_else(|| {
        let known: Vec<_> = names().collect();
        let message = format!("no such recipe; presets are {}", known.join(", "));
        Err(Error::invalid(message))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_sound_and_every_file_is_one() {
        for name in names() {
            find(name).expect("it was listed").unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/recipes");
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        files.sort();
        let mut listed: Vec<_> = names().collect();
        listed.sort();
        assert_eq!(files, listed);
        assert!(find("int9").is_none());
        let error = named("int9").unwrap_err().to_string();
        assert!(names().all(|name| error.contains(name)), "{error}");
    }
}
