//! Many texts on several threads: one copy of the weights, each thread taking whole batches.
//! The only place that knows about threads.

use futures_lite::future::block_on;
use rayon::prelude::*;

use super::Translator;
use super::batch::{Limits, Place, batches};
use super::plan::Plan;
use crate::backend::Backend;
use crate::error::{Error, Result};
use crate::token::TokenId;

/// A pool of threads.
#[derive(Debug)]
pub struct Threads(rayon::ThreadPool);

impl Threads {
    /// `count` threads; 0 for as many as the machine runs at once.
    ///
    /// # Errors
    /// `Io` when the system refuses them.
    pub fn new(count: usize) -> Result<Self> {
        rayon::ThreadPoolBuilder::new()
            .num_threads(count)
            .build()
            .map(Threads)
            .map_err(|error| Error::from(std::io::Error::other(error)).at("threads"))
    }

    /// Translates texts; the results are in their order and do not depend on `limits` or on the
    /// number of threads.
    ///
    /// # Errors
    /// The first failure of any text.
    pub fn translate<B>(
        &self,
        translator: &Translator<B>,
        texts: &[impl AsRef<str> + Sync],
        limits: Limits,
    ) -> Result<Vec<String>>
    where
        B: Backend + Sync,
        Translator<B>: Sync,
    {
        self.0.install(|| {
            let mut plans = Vec::with_capacity(texts.len());
            let mut encoded = Vec::new();
            let prepared: Vec<_> =
                texts.par_iter().map(|text| translator.prepare(text.as_ref())).collect();
            for (text, prepared) in prepared.into_iter().enumerate() {
                let (plan, sources) = prepared?;
                plans.push(plan);
                let place = |(piece, source)| (Place { text, piece }, source);
                encoded.extend(sources.into_iter().enumerate().map(place));
            }
            let batches = batches(encoded, |(_, source)| source.tokens.len(), limits);
            let translated: Result<Vec<_>> = batches
                .into_par_iter()
                .map(|batch| {
                    let (places, sources): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
                    let targets = block_on(translator.network.translate(&sources))?;
                    let text = |target: Vec<TokenId>| translator.vocabulary.decode(&target);
                    let texts = targets.into_iter().map(text).collect::<Result<Vec<_>>>()?;
                    Ok(places.into_iter().zip(texts).collect::<Vec<_>>())
                })
                .collect();
            for (Place { text, piece }, translation) in translated?.into_iter().flatten() {
                plans[text].set(piece, translation);
            }
            Ok(plans.iter().map(Plan::join).collect())
        })
    }
}
