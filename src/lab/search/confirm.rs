//! What a recipe that was found really gives: applied as `compress` does, written, and scored.

use serde::Serialize;
use serde_json::Value;

use super::evaluate::Clock;
use crate::backend::cpu::Cpu;
use crate::compress::Recipe;
use crate::error::Result;
use crate::eval;
use crate::format::Package;
use crate::lab::bytes::gzip;
use crate::lab::compress::compress;
use crate::translate::parallel::on_one_thread;
use crate::translate::{Limits, Translator};

/// A test set: sources, and their translations line by line.
#[derive(Clone, Copy, Debug)]
pub struct Test<'a> {
    /// Text to translate.
    pub sources: &'a [String],
    /// Its translations.
    pub references: &'a [String],
}

/// What a recipe gives.
#[derive(Clone, Debug, Serialize)]
pub struct Confirmed {
    /// The recipe.
    pub recipe: Value,
    /// The length of the gzipped package.
    pub wire_bytes: usize,
    /// The length of the package as a plain file.
    pub file_bytes: usize,
    /// See [`eval::Score::chrf`].
    pub chrf: f64,
    /// See [`eval::Score::bleu`].
    pub bleu: f64,
    /// Of the source text, on one thread, where there is a clock.
    pub words_per_second: Option<f64>,
}

/// Makes the package of `recipe` of `original`, with all of `text` to calibrate it, as `compress` does
/// with the same text, and translates a test set with it.
///
/// # Errors
/// As [`compress`], and what translating and scoring report.
pub fn confirm(
    original: &Package,
    recipe: &Recipe,
    text: &[String],
    test: Test<'_>,
    clock: Option<Clock<'_>>,
) -> Result<Confirmed> {
    let made = compress(original, recipe, text, &mut |_| {})?.package;
    let file = made.write()?;
    let measured = score(&made, test, clock)?;
    Ok(Confirmed {
        recipe: recipe.given().clone(),
        wire_bytes: gzip(&file)?.len(),
        file_bytes: file.len(),
        ..measured
    })
}

/// The same of a package as it is.
///
/// # Errors
/// What translating and scoring report.
pub fn confirm_original(
    original: &Package,
    test: Test<'_>,
    clock: Option<Clock<'_>>,
) -> Result<Confirmed> {
    let file = original.write()?;
    let measured = score(original, test, clock)?;
    Ok(Confirmed { wire_bytes: gzip(&file)?.len(), file_bytes: file.len(), ..measured })
}

/// All but the bytes and the recipe.
fn score(package: &Package, test: Test<'_>, clock: Option<Clock<'_>>) -> Result<Confirmed> {
    let translator = Translator::load(Cpu::default(), package)?;
    let start = clock.map(|clock| clock());
    let translations = on_one_thread(&translator, test.sources, Limits::BULK)?;
    let words: usize = test.sources.iter().map(|line| line.split_whitespace().count()).sum();
    let took = clock.zip(start).map(|(clock, start)| clock() - start);
    let eval::Score { bleu, chrf } = eval::score(&translations, test.references)?;
    Ok(Confirmed {
        recipe: Value::Null,
        wire_bytes: 0,
        file_bytes: 0,
        chrf,
        bleu,
        words_per_second: took.map(|took| 1000.0 * words as f64 / took),
    })
}
