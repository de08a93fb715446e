//! Steps for what a package knows of words.

use std::collections::BTreeSet;

use futures_lite::future::block_on;

use super::calibrate::{SENTENCES, calibrate, sources};
use super::compress::insert;
use crate::backend::cpu::Cpu;
use crate::compress::Weight;
use crate::compress::recipe::Screen;
use crate::compress::screening::screening;
use crate::compress::target::EMBEDDING;
use crate::error::{Error, Result};
use crate::format::Package;
use crate::model::OUTPUT_BIAS;
use crate::text::trim;
use crate::token::TokenId;
use crate::translate::Translator;

/// Puts a screening in the place of the shortlist, made for the states that the model goes through
/// while it translates `calibration`.
pub fn screen(
    screen: Screen,
    package: &mut Package,
    calibration: &[String],
    tell: &mut dyn FnMut(&str, f64),
) -> Result<()> {
    let mut progress = |share| tell("calibration", share);
    let wanted = BTreeSet::from([EMBEDDING.to_owned()]);
    let statistics = calibrate(package, calibration, wanted, &mut progress)?;
    let states = statistics.get(EMBEDDING);
    let states =
        states.ok_or_else(|| Error::invalid("nothing in the calibration text to translate"))?;
    let shape = package.metadata.matrices[EMBEDDING].shape;
    let embedding = package.matrix(EMBEDDING, shape)?;
    let screening = screening(states, &embedding, screen.rank, screen.candidates)?;
    package.set_screening(Some(&screening));
    package.set_texts(package.vocabulary()?.clone(), None);
    Ok(())
}

/// Leaves `keep` pieces in the vocabulary, and in everything that has a row or an entry a piece: those
/// that it cannot do without, those of `calibration` and its translation, and of the others those
/// with the best scores. Where the first two are more than `keep`, they stay all the same.
pub fn trim(
    keep: usize,
    weights: &mut [Weight],
    package: &mut Package,
    calibration: &[String],
    tell: &mut dyn FnMut(&str, f64),
) -> Result<()> {
    let vocabulary = package.vocabulary()?.clone();
    let worth = trim::worth(&vocabulary)?;
    if worth.len() != package.metadata.architecture.vocabulary {
        return Err(Error::malformed("the vocabulary and the network have different sizes"));
    }
    let used = pieces_of(package, calibration, tell)?;
    let mut kept: Vec<bool> = worth.iter().map(Option::is_none).collect();
    used.iter().for_each(|token| kept[token.index()] = true);
    let mut others: Vec<(usize, f32)> = (0..kept.len())
        .filter(|&id| !kept[id])
        .filter_map(|id| worth[id].map(|score| (id, score)))
        .collect();
    others.sort_by(|a, b| b.1.total_cmp(&a.1));
    let room = keep.saturating_sub(kept.len() - others.len());
    others.iter().take(room).for_each(|&(id, _)| kept[id] = true);

    let rows: Vec<usize> = (0..kept.len()).filter(|&id| kept[id]).collect();
    let bias = package.vector(OUTPUT_BIAS, kept.len())?;
    let bias: Vec<f32> = rows.iter().map(|&row| bias[row]).collect();
    let shortlist = package.shortlist()?.map(|list| list.keep(&kept)).transpose()?;
    let trimmed = trim::keep_pieces(&vocabulary, &kept)?;
    let embedding = weights.iter_mut().find(|weight| weight.name == EMBEDDING);
    let embedding = embedding.ok_or_else(|| Error::malformed("this model has no embedding"))?;
    embedding.keep_rows(&rows)?;
    insert(package, embedding)?;
    package.set_vector(OUTPUT_BIAS, &bias)?;
    package.set_texts(trimmed.into(), shortlist.as_ref());
    package.metadata.architecture.vocabulary = rows.len();
    Ok(())
}

/// The pieces of a text and of its translation.
fn pieces_of(
    package: &Package,
    texts: &[String],
    tell: &mut dyn FnMut(&str, f64),
) -> Result<BTreeSet<TokenId>> {
    let translator = Translator::load(Cpu::default(), package)?;
    let sources = sources(&translator, texts)?;
    let mut used: BTreeSet<TokenId> =
        sources.iter().flat_map(|source| source.tokens.iter().copied()).collect();
    for (done, batch) in sources.chunks(SENTENCES).enumerate() {
        tell("calibration", (done * SENTENCES) as f64 / sources.len() as f64);
        used.extend(block_on(translator.network().translate(batch))?.into_iter().flatten());
    }
    Ok(used)
}
