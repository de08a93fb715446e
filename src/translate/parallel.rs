//! Many texts at once, for callers that stand still until all is done: on several threads with one
//! copy of the weights, each thread taking whole batches, or on one for backends that keep to
//! theirs. [`super::Scheduler`] serves those that can't stand still.

use futures_lite::future::block_on;

use super::Translator;
use super::batch::{Batch, Limits, Place, batches};
use super::plan::Plan;
use crate::backend::Backend;
use crate::error::Result;
use crate::model::Source;
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
        on_pool(self.0.pool(), translator, texts, limits)
    }
}

/// As [`Threads::translate`], with the threads of a pool.
///
/// # Errors
/// The first failure of any text.
pub fn on_pool<B>(
    pool: &Pool,
    translator: &Translator<B>,
    texts: &[impl AsRef<str> + Sync],
    limits: Limits,
) -> Result<Vec<String>>
where
    B: Backend,
    Translator<B>: Sync,
{
    let prepared = pool.map(texts.len(), |text| translator.prepare(texts[text].as_ref()));
    let request = Request::new(prepared, limits, pool.threads())?;
    let batches = &request.batches;
    let translated = pool.map(batches.len(), |n| block_on(translator.translate(&batches[n])));
    request.join(translated)
}

/// As [`Threads::translate`], on this thread alone.
///
/// # Errors
/// The first failure of any text.
pub fn on_one_thread<B: Backend>(
    translator: &Translator<B>,
    texts: &[impl AsRef<str>],
    limits: Limits,
) -> Result<Vec<String>> {
    let prepared = texts.iter().map(|text| translator.prepare(text.as_ref()));
    let request = Request::new(prepared, limits, 1)?;
    let batches = request.batches.iter();
    let translated: Vec<_> = batches.map(|batch| block_on(translator.translate(batch))).collect();
    request.join(translated)
}

/// Texts on their way.
struct Request {
    plans: Vec<Plan>,
    batches: Vec<Batch>,
}

impl Request {
    /// Batches of prepared texts, in their order, for so many threads.
    fn new(
        prepared: impl IntoIterator<Item = Result<(Plan, Vec<Source>)>>,
        limits: Limits,
        threads: usize,
    ) -> Result<Self> {
        let mut plans = Vec::new();
        let mut encoded = Vec::new();
        for (text, prepared) in prepared.into_iter().enumerate() {
            let (plan, sources) = prepared?;
            plans.push(plan);
            let place = |(piece, source)| (Place { text, piece }, source);
            encoded.extend(sources.into_iter().enumerate().map(place));
        }
        let length = |(_, source): &(_, Source)| source.tokens.len();
        let batches = batches(encoded, length, limits, threads);
        Ok(Request { plans, batches: batches.into_iter().map(Batch::new).collect() })
    }

    /// The texts, from the translations of the batches.
    fn join(mut self, translated: Vec<Result<Vec<String>>>) -> Result<Vec<String>> {
        for (batch, translations) in self.batches.iter().zip(translated) {
            for (&Place { text, piece }, translation) in batch.places.iter().zip(translations?) {
                self.plans[text].set(piece, translation);
            }
        }
        Ok(self.plans.iter().map(Plan::join).collect())
    }
}
