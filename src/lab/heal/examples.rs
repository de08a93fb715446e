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

/// Texts, and the translations of their sentences as soon as they were needed once (sequence-level
/// distillation: Kim & Rush 2016). Sentences are made of texts anew each time: with all that they may
/// be translated with, they take a hundred times the room.
pub struct Examples {
    teacher: Translator<Cpu>,
    texts: Vec<String>,
    /// Of each text, where it was translated: of each sentence, the tokens and the end; none where
    /// no end was found.
    translations: Vec<Option<Vec<Vec<TokenId>>>>,
    seed: u64,
    /// The order of an epoch, and which.
    order: (Option<u64>, Vec<usize>),
}

/// Where in the examples training stands: the next text of an epoch. Batches do not cross epochs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Place {
    /// How often all were seen.
    pub epoch: u64,
    /// Texts of this epoch that were.
    pub next: usize,
}

impl Examples {
    /// # Errors
    /// `InvalidInput` when there is nothing to learn from, and `Malformed` or `Unsupported` where the
    /// package holds no sound model.
    pub fn new(teacher: &Package, texts: Vec<String>, seed: u64) -> Result<Self> {
        let teacher = Translator::load(Cpu::default(), teacher)?;
        if texts.iter().all(|text| text.trim().is_empty()) {
            return Err(Error::invalid("the text holds no sentence to learn from"));
        }
        let translations = vec![None; texts.len()];
        Ok(Examples { teacher, texts, translations, seed, order: (None, Vec::new()) })
    }

    /// Texts.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// The sentences of the next texts, of about `tokens` tokens in all, with their translations, and
    /// the place after them. A sentence whose translation found no end teaches nothing and is left
    /// out.
    ///
    /// # Errors
    /// What the vocabulary and translating report.
    pub fn batch(
        &mut self,
        place: Place,
        tokens: usize,
        pool: &Pool,
    ) -> Result<(Vec<Pair>, Place)> {
        self.set_order(place.epoch);
        let (mut chosen, mut sum) = (Vec::new(), 0);
        for &text in &self.order.1[place.next..] {
            if sum >= tokens {
                break;
            }
            let mut sources = self.teacher.prepare(&self.texts[text])?.1;
            // A sentence of one token is its end alone.
            sources.retain(|source| (2..=MOST_TOKENS).contains(&source.tokens.len()));
            sum += sources.iter().map(|source| source.tokens.len()).sum::<usize>();
            chosen.push((text, sources));
        }
        self.translate(&chosen, pool)?;
        let next = place.next + chosen.len();
        let mut pairs = Vec::new();
        for (text, sources) in chosen {
            let targets = self.translations[text].iter().flatten();
            for (source, target) in sources.into_iter().zip(targets) {
                if !target.is_empty() {
                    pairs.push(Pair { source, target: target.clone() });
                }
            }
        }
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

    /// Makes sure that these texts are translated, sentence by sentence.
    fn translate(&mut self, chosen: &[(usize, Vec<Source>)], pool: &Pool) -> Result<()> {
        let mut sources: Vec<(usize, usize, &Source)> = Vec::new();
        for (text, of_text) in chosen {
            if self.translations[*text].is_some() {
                continue;
            }
            let numbered = of_text.iter().enumerate();
            sources.extend(numbered.map(|(n, source)| (*text, n, source)));
            self.translations[*text] = Some(vec![Vec::new(); of_text.len()]);
        }
        // Those of one length end together.
        sources.sort_by_key(|(.., source)| source.tokens.len());
        let chunks: Vec<_> = sources.chunks(TOGETHER).collect();
        let translated = pool.map(chunks.len(), |n| {
            let sources: Vec<_> = chunks[n].iter().map(|(.., source)| (*source).clone()).collect();
            block_on(self.teacher.network().translate(&sources))
        });
        for (chunk, targets) in chunks.iter().zip(translated) {
            for ((text, n, source), mut target) in chunk.iter().zip(targets?) {
                let most = (source.tokens.len() as f32 * MAX_LENGTH_FACTOR) as usize;
                if target.len() < most {
                    target.push(source.end);
                    if let Some(of_text) = &mut self.translations[*text] {
                        of_text[*n] = target;
                    }
                }
            }
        }
        Ok(())
    }
}
