//! Many texts on several threads: one copy of the weights, each thread taking whole batches. For
//! callers that stand still until all is done; [`super::Scheduler`] serves those that can't.

use futures_lite::future::block_on;

use super::Translator;
use super::batch::{Batch, Limits, Place, batches};
use super::plan::Plan;
use crate::backend::Backend;
use crate::error::Result;
use crate::threads::{Crew, Pool};

/// Threads for translating.
#[derive(Debug)]
pub struct Threads(Crew);

impl Threads {
    /// `count` threads with the one that calls; 0 for as many as the machine runs at once.
    ///
    /// # Errors
    /// `Io` when the system refuses them.
    pub fn new(count: usize) -> Result<Self> {
        Crew::new(count).map(Threads)
    }

    /// What they work for.
    pub fn pool(&self) -> &Pool {
        self.0.pool()
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
        B: Backend,
        Translator<B>: Sync,
    {
        let pool = self.0.pool();
        let mut plans = Vec::with_capacity(texts.len());
        let mut encoded = Vec::new();
        let prepared = pool.map(texts.len(), |text| translator.prepare(texts[text].as_ref()));
        for (text, prepared) in prepared.into_iter().enumerate() {
            let (plan, sources) = prepared?;
            plans.push(plan);
            let place = |(piece, source)| (Place { text, piece }, source);
            encoded.extend(sources.into_iter().enumerate().map(place));
        }
        let length = |(_, source): &(_, crate::model::Source)| source.tokens.len();
        let batches = batches(encoded, length, limits, pool.threads());
        let batches: Vec<_> = batches.into_iter().map(Batch::new).collect();
        let translated = pool.map(batches.len(), |n| block_on(translator.translate(&batches[n])));
        for (batch, translations) in batches.iter().zip(translated) {
            for (&Place { text, piece }, translation) in batch.places.iter().zip(translations?) {
                plans[text].set(piece, translation);
            }
        }
        Ok(plans.iter().map(Plan::join).collect())
    }
}
