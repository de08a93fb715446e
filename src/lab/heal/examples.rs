//! What a student learns from: sentences, and what the first teacher makes of them.

use fastrand::Rng;
use futures_lite::future::block_on;

use crate::backend::cpu::Cpu;
use crate::error::{Error, Result};
use crate::format::Package;
use crate::model::{MAX_LENGTH_FACTOR, Pair, Source};
use crate::threads::Pool;
use crate::token::TokenId;
use crate::translate::Translator;

/// Longer sentences are left out: they are rare, and cost as much as many others.
const MOST_TOKENS: usize = 96;

/// Sentences that a teacher translates together.
const TOGETHER: usize = 32;

/// Sentences, each with its translation as soon as it was needed once (sequence-level distillation:
/// Kim & Rush 2016).
pub struct Examples {
    teacher: Translator<Cpu>,
    sources: Vec<Source>,
    translations: Vec<Option<Vec<TokenId>>>,
    seed: u64,
    /// The order of an epoch, and which.
    order: (Option<u64>, Vec<usize>),
}

/// Where in the examples training stands: the next sentence of an epoch. Batches do not cross epochs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Place {
    /// How often all were seen.
    pub epoch: u64,
    /// Sentences of this epoch that were.
    pub next: usize,
}

impl Examples {
    /// Splits texts into sentences.
    ///
    /// # Errors
    /// `InvalidInput` when there is no sentence to learn from.
    pub fn new(teacher: &Package, texts: &[String], seed: u64, pool: &Pool) -> Result<Self> {
        let teacher = Translator::load(Cpu::default(), teacher)?;
        let mut sources = Vec::new();
        for prepared in pool.map(texts.len(), |n| teacher.prepare(&texts[n])) {
            sources.extend(prepared?.1);
        }
        // A sentence of one token is its end alone.
        sources.retain(|source| (2..=MOST_TOKENS).contains(&source.tokens.len()));
        if sources.is_empty() {
            return Err(Error::invalid("the text holds no sentence to learn from"));
        }
        let translations = vec![None; sources.len()];
        Ok(Examples { teacher, sources, translations, seed, order: (None, Vec::new()) })
    }

    /// Sentences.
    pub fn len(&self) -> usize {
        self.sources.len()
    }

    /// The next sentences with translations of about `tokens` tokens in all, and the place after
    /// them. A sentence whose translation found no end teaches nothing and is passed over.
    ///
    /// # Errors
    /// What translating reports.
    pub fn batch(
        &mut self,
        place: Place,
        tokens: usize,
        pool: &Pool,
    ) -> Result<(Vec<Pair>, Place)> {
        self.set_order(place.epoch);
        let chosen = &self.order.1[place.next..];
        let mut sum = 0;
        let count = chosen.iter().take_while(|&&at| {
            let before = sum;
            sum += self.sources[at].tokens.len();
            before < tokens
        });
        let count = count.count();
        let chosen: Vec<usize> = chosen[..count].to_vec();
        self.translate(&chosen, pool)?;
        let pair = |&at: &usize| {
            let target = self.translations[at].as_ref().filter(|target| !target.is_empty())?;
            Some(Pair { source: self.sources[at].clone(), target: target.clone() })
        };
        let pairs = chosen.iter().filter_map(pair).collect();
        let next = place.next + count;
        let next = if next < self.len() {
            Place { next, ..place }
        } else {
            Place { epoch: place.epoch + 1, next: 0 }
        };
        Ok((pairs, next))
    }

    fn set_order(&mut self, epoch: u64) {
        if self.order.0 != Some(epoch) {
            let mut order: Vec<usize> = (0..self.len()).collect();
            Rng::with_seed(self.seed.wrapping_add(epoch)).shuffle(&mut order);
            self.order = (Some(epoch), order);
        }
    }

    /// Makes sure that these sentences are translated; an empty translation stands for one that
    /// found no end.
    fn translate(&mut self, wanted: &[usize], pool: &Pool) -> Result<()> {
        let mut missing: Vec<usize> =
            wanted.iter().copied().filter(|&at| self.translations[at].is_none()).collect();
        missing.sort_by_key(|&at| self.sources[at].tokens.len());
        let chunks: Vec<&[usize]> = missing.chunks(TOGETHER).collect();
        let translated = pool.map(chunks.len(), |n| {
            let sources: Vec<_> = chunks[n].iter().map(|&at| self.sources[at].clone()).collect();
            block_on(self.teacher.network().translate(&sources))
        });
        for (chunk, targets) in chunks.iter().zip(translated) {
            for (&at, mut target) in chunk.iter().zip(targets?) {
                let source = &self.sources[at];
                let most = (source.tokens.len() as f32 * MAX_LENGTH_FACTOR) as usize;
                if target.len() >= most {
                    target.clear();
                } else {
                    target.push(source.end);
                }
                self.translations[at] = Some(target);
            }
        }
        Ok(())
    }
}
