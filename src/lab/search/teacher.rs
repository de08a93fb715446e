//! How far a compressed model is from the original: the divergence of what both think comes next, all
//! along the original's own translations. Cheaper than translating and scoring, and finer: it moves
//! with every change, where a translation changes or does not.

use std::collections::BTreeSet;

use futures_lite::future::block_on;

use super::evaluate::Clock;
use crate::backend::cpu::Cpu;
use crate::error::{Error, Result};
use crate::format::Package;
use crate::lab::calibrate::{SENTENCES, sources};
use crate::model::forced::Step;
use crate::model::{Network, Source};
use crate::text::vocabulary::Vocabulary;
use crate::token::TokenId;
use crate::translate::Translator;

/// What the original makes of some text.
pub struct Teacher {
    vocabulary: Vocabulary,
    batches: Vec<Lesson>,
    /// Target tokens in all, the ends of sentences among them.
    tokens: usize,
}

/// A batch of sentences.
struct Lesson {
    sources: Vec<Source>,
    /// The original's translations, each without its end.
    targets: Vec<Vec<TokenId>>,
    /// Of each sentence and step, one after the other: the logarithms of the probabilities of its
    /// candidates.
    expected: Vec<Vec<f32>>,
}

/// Candidates of a sentence, above which those are left out that the original never thinks likely:
/// a model without a shortlist would make a table of its whole vocabulary for each token.
const CANDIDATES: usize = 4096;
/// The likeliest of each step that stay then.
const LIKELY: usize = 64;

/// What a piece is taken to cost, in nats, that a model has not: it would have to be written with
/// several others, most of them unlikely.
const MISSING: f64 = 10.0;

impl Teacher {
    /// Lets the original translate `texts`, and looks at all that it considers.
    ///
    /// # Errors
    /// `InvalidInput` without any text, and what loading and translating report.
    pub fn new(original: &Package, texts: &[String]) -> Result<Self> {
        let mut exact = original.clone();
        exact.set_screening(None);
        let translator = Translator::load(Cpu::default(), &exact)?;
        let network = translator.network();
        let all = sources(&translator, texts)?;
        let mut teacher = Teacher {
            vocabulary: Vocabulary::read(original.vocabulary()?)?,
            batches: Vec::new(),
            tokens: 0,
        };
        for batch in all.chunks(SENTENCES) {
            let targets = block_on(network.translate(batch))?;
            let mut sources = batch.to_vec();
            shorten(network, &mut sources, &targets)?;
            let mut expected = vec![Vec::new(); sources.len()];
            let mut hear = |step: Step<'_>| {
                let rest = normaliser(step.logits);
                let each = step.logits.iter().map(|&logit| (f64::from(logit) - rest) as f32);
                expected[step.sentence].extend(each);
            };
            block_on(network.force(&sources, &targets, &mut hear))?;
            teacher.tokens += targets.iter().map(|target| target.len() + 1).sum::<usize>();
            teacher.batches.push(Lesson { sources, targets, expected });
        }
        Ok(teacher)
    }

    /// The mean over all target tokens of the divergence KL(original ‖ model), in nats, over the
    /// original's candidates (Kullback & Leibler 1951). A piece that the model has not costs it ten
    /// nats, and where one comes in a translation, the model is given the unknown one.
    ///
    /// # Errors
    /// `Malformed` when the package holds no model that runs.
    pub fn divergence(&self, package: &Package) -> Result<f64> {
        let network = Network::load(Cpu::default(), package)?;
        let vocabulary = Vocabulary::read(package.vocabulary()?)?;
        let same = vocabulary.size() == self.vocabulary.size();
        let pieces = if same { None } else { Some(Pieces::new(&self.vocabulary, vocabulary)?) };
        let (mut sum, mut broken) = (0.0, 0usize);
        for lesson in &self.batches {
            let translated;
            let (sources, targets) = match &pieces {
                None => (&lesson.sources, &lesson.targets),
                Some(pieces) => {
                    translated = pieces.translate(lesson)?;
                    (&translated.0, &translated.1)
                }
            };
            // Of each sentence, which of the original's candidates the model has.
            let has = |sentence: usize| {
                let own = &lesson.sources[sentence].candidates;
                own.iter().map(|&token| pieces.as_ref().is_none_or(|p| p.find(token).is_some()))
            };
            block_on(network.force(sources, targets, &mut |step| {
                let count = lesson.sources[step.sentence].candidates.len();
                let expected = &lesson.expected[step.sentence][step.token * count..][..count];
                let rest = normaliser(step.logits);
                let mut logits = step.logits.iter();
                let mut divergence = 0.0;
                for (&wanted, has) in expected.iter().zip(has(step.sentence)) {
                    let ours = match has {
                        true => logits.next().map_or(f64::NAN, |&logit| f64::from(logit) - rest),
                        false => -MISSING,
                    };
                    let wanted = f64::from(wanted);
                    divergence += wanted.exp() * (wanted - ours);
                }
                broken += usize::from(!divergence.is_finite());
                sum += divergence;
            }))?;
        }
        if broken > 0 {
            return Err(Error::invalid(format!("{broken} steps gave no finite logits")));
        }
        Ok(sum / self.tokens as f64)
    }
}

impl Teacher {
    /// Milliseconds a target token that a model takes for the original's translations, on this
    /// thread.
    ///
    /// # Errors
    /// As [`Teacher::divergence`].
    pub fn time(&self, package: &Package, clock: Clock<'_>) -> Result<f64> {
        let network = Network::load(Cpu::default(), package)?;
        let vocabulary = Vocabulary::read(package.vocabulary()?)?;
        let pieces = Pieces::new(&self.vocabulary, vocabulary)?;
        let mut took = 0.0;
        for lesson in &self.batches {
            let (sources, targets) = pieces.translate(lesson)?;
            let start = clock();
            block_on(network.force(&sources, &targets, &mut |_| {}))?;
            took += clock() - start;
        }
        Ok(took / self.tokens as f64)
    }
}

/// Leaves of long lists of candidates those that are likely in some step, and those that come.
fn shorten(network: &Network<Cpu>, sources: &mut [Source], targets: &[Vec<TokenId>]) -> Result<()> {
    if sources.iter().all(|source| source.candidates.len() <= CANDIDATES) {
        return Ok(());
    }
    let mut likely: Vec<BTreeSet<TokenId>> = targets
        .iter()
        .zip(&*sources)
        .map(|(target, source)| target.iter().copied().chain([source.end]).collect())
        .collect();
    block_on(network.force(sources, targets, &mut |step| {
        let mut order: Vec<usize> = (0..step.logits.len()).collect();
        let few = LIKELY.min(order.len().saturating_sub(1));
        order.select_nth_unstable_by(few, |&a, &b| step.logits[b].total_cmp(&step.logits[a]));
        let candidates = &sources[step.sentence].candidates;
        likely[step.sentence].extend(order[..few].iter().map(|&at| candidates[at]));
    }))?;
    for (source, likely) in sources.iter_mut().zip(likely) {
        source.candidates = likely.into_iter().collect();
    }
    Ok(())
}

/// The logarithm of the sum of the exponentials.
fn normaliser(logits: &[f32]) -> f64 {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = logits.iter().map(|&logit| f64::from(logit - most).exp()).sum();
    f64::from(most) + sum.ln()
}

/// The pieces of the original in a vocabulary from which some went.
struct Pieces<'a> {
    original: &'a Vocabulary,
    vocabulary: Vocabulary,
    /// Of each piece of the original: its id, where it is still there.
    ids: Vec<Option<TokenId>>,
}

impl<'a> Pieces<'a> {
    fn new(original: &'a Vocabulary, vocabulary: Vocabulary) -> Result<Self> {
        let mut ids = Vec::with_capacity(original.size());
        let mut next = 0;
        // They stay in their order.
        for id in 0..original.size() as u32 {
            let found = vocabulary.piece(TokenId(next)) == original.piece(TokenId(id));
            ids.push(found.then_some(TokenId(next)));
            next += u32::from(found);
        }
        if next as usize != vocabulary.size() {
            return Err(Error::invalid("the vocabulary is no part of the original's"));
        }
        Ok(Pieces { original, vocabulary, ids })
    }

    fn find(&self, token: TokenId) -> Option<TokenId> {
        self.ids.get(token.index()).copied().flatten()
    }

    /// Sources, cut with the pieces that there are, and translations.
    fn translate(&self, lesson: &Lesson) -> Result<(Vec<Source>, Vec<Vec<TokenId>>)> {
        let source = |source: &Source| -> Result<Source> {
            let whole: Option<Vec<TokenId>> =
                source.tokens.iter().map(|&token| self.find(token)).collect();
            let end = self.vocabulary.end();
            let tokens = match whole {
                Some(tokens) => tokens,
                None => {
                    let mut tokens =
                        self.vocabulary.encode(&self.original.decode(&source.tokens)?)?;
                    tokens.push(end);
                    tokens
                }
            };
            let candidates = source.candidates.iter().filter_map(|&token| self.find(token));
            Ok(Source { tokens, candidates: candidates.collect(), end })
        };
        let target = |target: &Vec<TokenId>| {
            let unknown = self.vocabulary.unknown();
            target.iter().map(|&token| self.find(token).unwrap_or(unknown)).collect()
        };
        let sources = lesson.sources.iter().map(source).collect::<Result<_>>()?;
        Ok((sources, lesson.targets.iter().map(target).collect()))
    }
}
