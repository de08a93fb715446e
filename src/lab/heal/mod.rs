//! Healing: a compressed model learns again what it lost, from the model that it was made of
//! (knowledge distillation: Hinton et al. 2015; on the teacher's own translations: Kim & Rush 2016).
//!
//! Training sees weights as the file will have them, rounded, masked, shared, at every step
//! ([`crate::codec::latent`]), so that what was trained is what is shipped. A student of any shape is
//! trained alike; to heal is to train one that is nearly right.
//!
//! The floats behind the codes start where the codes allow that is nearest to the first teacher's
//! weights, so that those that lie between two codes are the first to change. Starting from the codes
//! themselves, every one has half a step to go before anything is seen of it.
//!
//! [`Healing`] is driven from outside, a step at a time: whoever holds it knows the time, may stop,
//! look at the student, or write a checkpoint, after which training goes on to the bit as if nothing
//! had happened. The student that is given back is the best that was seen on text held out from
//! training, at the beginning that which came in: it never ends worse than it began.

mod adam;
pub mod checkpoint;
mod examples;
mod gradient;
mod judge;
mod pruning;
#[cfg(test)]
mod tests;
mod weights;

use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::Bytes;
use fastrand::Rng;

pub use adam::Adam;
pub use gradient::Objective;
pub use pruning::{Criterion, Pruning};

use crate::backend::autodiff::Mixture;
use crate::error::{At, Error, Result};
use crate::format::Package;
use crate::threads::Pool;
use checkpoint::State;
use examples::Examples;
use gradient::Networks;
use judge::Judge;
use weights::{Pace, Weights};

/// How a student is trained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// What it is trained by.
    pub objective: Objective,
    /// The optimiser.
    pub adam: Adam,
    /// The greatest rate.
    pub rate: f32,
    /// Steps over which the rate rises to that; later it falls as a cosine does.
    pub warm_up: u64,
    /// The greatest norm of all gradients together.
    pub clip: f32,
    /// Source tokens of a batch, about.
    pub batch: usize,
    /// Every weight that is zero stays that.
    pub keep_zeros: bool,
    /// More and more weights become zero, and stay that.
    pub pruning: Option<Pruning>,
    /// Texts held out from training to judge by, where no others are given.
    pub held_out: usize,
    /// Of the order of examples.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            objective: Objective { mixture: Mixture { soft: 0.9, temperature: 1.0 }, hidden: 0.0 },
            adam: Adam::default(),
            rate: 2e-4,
            warm_up: 50,
            clip: 1.0,
            batch: 1500,
            keep_zeros: false,
            pruning: None,
            held_out: 200,
            seed: 1,
        }
    }
}

/// The share of the greatest rate that is left at the end.
const LAST_RATE: f32 = 0.02;
/// Losses whose mean is told, about.
const LOSSES: f64 = 20.0;

impl Options {
    /// # Errors
    /// `InvalidInput`, naming what is out of range.
    fn validate(&self) -> Result<()> {
        let Mixture { soft, temperature } = self.objective.mixture;
        let positive = [("rate", self.rate), ("clip", self.clip), ("temperature", temperature)];
        if let Some((name, value)) = positive.iter().find(|(_, v)| !(*v > 0.0 && v.is_finite())) {
            return Err(Error::invalid(format!("{name} {value}: expected a positive number")));
        }
        if !(0.0..=1.0).contains(&soft) {
            return Err(Error::invalid(format!("soft {soft}: expected a share from 0 to 1")));
        }
        let weights = [("hidden", self.objective.hidden), ("decay", self.adam.decay)];
        if let Some((name, value)) = weights.iter().find(|(_, v)| !(*v >= 0.0 && v.is_finite())) {
            return Err(Error::invalid(format!("{name} {value}: expected no negative number")));
        }
        match self.batch {
            0 => Err(Error::invalid("a batch of no tokens")),
            _ => Ok(()),
        }
    }

    /// The rate of a step, when the share `done` of all training is done.
    fn rate(&self, step: u64, done: f64) -> f32 {
        let rise = ((step + 1) as f32 / self.warm_up.max(1) as f32).min(1.0);
        let fall = 0.5 * (1.0 + (std::f64::consts::PI * done.clamp(0.0, 1.0)).cos() as f32);
        self.rate * rise * (LAST_RATE + (1.0 - LAST_RATE) * fall)
    }
}

/// What a step was.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Counted from 1.
    pub step: u64,
    /// The batch's, a mean over its target tokens.
    pub loss: f64,
    /// The mean of the last losses.
    pub mean_loss: f64,
}

/// What the student was on held-out text.
#[derive(Clone, Copy, Debug)]
pub struct Judgement {
    /// Steps so far.
    pub step: u64,
    /// As it is now.
    pub chrf: f64,
    /// At its best, the beginning included; of one that is pruned, since it has been.
    pub best: Option<f64>,
    /// Before the first step.
    pub first: f64,
    /// Judgements since the best.
    pub since_best: u32,
}

/// A model in training.
pub struct Healing {
    options: Options,
    weights: Weights,
    networks: Networks,
    examples: Examples,
    judge: Judge,
    state: State,
    best: Package,
    /// The share of zeros in the beginning.
    zeros_at_first: f64,
}

impl Healing {
    /// Prepares to train `student` by what `teachers` say of `texts`. It is judged by
    /// `test`, texts and reference translations, or else by how near it comes to the first teacher's
    /// translations of some of the texts, which are held out.
    ///
    /// # Errors
    /// `InvalidInput` for options out of range, without a teacher, for too little text, and when
    /// teachers differ from the student in languages or vocabulary; `Malformed` or `Unsupported`
    /// where a package holds no sound model.
    pub fn new(
        student: &Package,
        teachers: &[Package],
        mut texts: Vec<String>,
        test: Option<(Vec<String>, Vec<String>)>,
        options: Options,
        pool: &Pool,
    ) -> Result<Self> {
        options.validate()?;
        let first = teachers.first().ok_or_else(|| Error::invalid("there is no teacher"))?;
        for teacher in teachers {
            expect_alike(student, teacher, options.objective.hidden > 0.0)?;
        }
        let identity = identity(student, teachers, &texts, test.as_ref(), &options);
        let judge = match test {
            Some((sources, references)) => Judge::by_references(sources, references)?,
            None => {
                Rng::with_seed(options.seed).shuffle(&mut texts);
                if texts.len() < 2 * options.held_out.max(1) {
                    return Err(Error::invalid(format!(
                        "{} lines of text: {} are held out to judge by, and at least as many must \
                         be left to learn from",
                        texts.len(),
                        options.held_out.max(1)
                    )));
                }
                let held_out = texts.split_off(texts.len() - options.held_out.max(1));
                Judge::by_teacher(first, held_out, pool)?
            }
        };
        let prunes = options.pruning.is_some();
        let mut weights = Weights::new(student, options.keep_zeros || prunes)?;
        weights.start_near(first).at("the first teacher")?;
        let zeros_at_first = pruning::sparsity(&weights);
        if let Some(pruning) = options.pruning {
            pruning.validate(zeros_at_first)?;
        }
        let networks = Networks::load(student, teachers, &weights)?;
        let examples = Examples::new(first, texts, options.seed)?;
        let state = State::new(identity, judge.chrf(student, pool)?, prunes);
        let best = student.clone();
        Ok(Healing { options, weights, networks, examples, judge, state, best, zeros_at_first })
    }

    /// Texts to learn from.
    pub fn texts(&self) -> usize {
        self.examples.len()
    }

    /// Steps so far.
    pub fn steps(&self) -> u64 {
        self.state.step
    }

    /// chrF on held-out text before the first step.
    pub fn first(&self) -> f64 {
        self.state.first
    }

    /// The share of all training that was done before the last checkpoint, from 0 to 1, as the steps
    /// were told.
    pub fn done(&self) -> f64 {
        self.state.done
    }

    /// The mean of the last losses, where there are any.
    pub fn mean_loss(&self) -> Option<f64> {
        self.state.loss
    }

    /// Makes one step, when the share `done` of all training is done, from 0 to 1: rates fall with
    /// it.
    ///
    /// # Errors
    /// What translating reports, and `InvalidInput` when the loss is no longer a number.
    pub fn step(&mut self, done: f64, pool: &Pool) -> Result<Step> {
        let (mut batch, mut place) = (Vec::new(), self.state.place);
        while batch.is_empty() {
            let from = place;
            (batch, place) = self.examples.batch(from, self.options.batch, pool)?;
            if batch.is_empty() && place.epoch > self.state.place.epoch + 1 {
                let message = "the teacher finds an end for no sentence of the text";
                return Err(Error::invalid(message));
            }
        }
        let Options { objective, adam, clip, .. } = &self.options;
        let (loss, gradients) = self.networks.gradients(&batch, objective, &self.weights, pool)?;
        if !loss.is_finite() {
            let step = self.state.step + 1;
            return Err(Error::invalid(format!(
                "the loss of step {step} is {loss}: try a lower rate"
            )));
        }
        let rate = self.options.rate(self.state.step, done);
        self.state.step += 1;
        self.state.done = done;
        self.state.place = place;
        let zeros_stay = self.options.pruning.is_some();
        let pace = Pace { step: self.state.step, rate, clip: *clip, zeros_stay };
        self.weights.step(adam, pace, &gradients, pool);
        self.prune(done, false);
        let loss = f64::from(loss);
        let share = 1.0 / LOSSES.min(self.state.step as f64);
        let mean_loss = self.state.loss.map_or(loss, |mean| mean + share * (loss - mean));
        self.state.loss = Some(mean_loss);
        Ok(Step { step: self.state.step, loss, mean_loss })
    }

    /// Prunes if it is time for that, or in any case.
    fn prune(&mut self, done: f64, now: bool) {
        let Some(pruning) = self.options.pruning.filter(|_| self.state.to_prune) else { return };
        let ends = done >= pruning.until;
        if now || ends || self.state.step.is_multiple_of(pruning.every) {
            pruning.prune(&mut self.weights, pruning.share(self.zeros_at_first, done));
            self.state.to_prune = !ends;
        }
    }

    /// Prunes what was still to be pruned, when training ends before its time.
    pub fn finish(&mut self) {
        self.prune(1.0, true);
    }

    /// The share of the weights of matrices that have been pruned, or were zero before.
    pub fn sparsity(&self) -> f64 {
        pruning::sparsity(&self.weights)
    }

    /// Judges the student as it is, and keeps it if it is the best so far. While there is something
    /// to prune none is.
    ///
    /// # Errors
    /// What translating reports, and where a codec can't hold what became of a matrix.
    pub fn judge(&mut self, pool: &Pool) -> Result<Judgement> {
        let package = self.weights.package()?;
        let chrf = self.judge.chrf(&package, pool)?;
        if !self.state.to_prune {
            if self.state.best.is_none_or(|best| chrf > best) {
                (self.state.best, self.state.since_best) = (Some(chrf), 0);
                self.best = package;
            } else {
                self.state.since_best += 1;
            }
        }
        let State { step, best, first, since_best, .. } = self.state;
        Ok(Judgement { step, chrf, best, first, since_best })
    }

    /// The student at its best: as it came, if it has not been better since, or has not been pruned
    /// and judged yet.
    pub fn best(&self) -> &Package {
        &self.best
    }

    /// All that it takes to go on: a file.
    ///
    /// # Errors
    /// In practice none: it all happens in memory.
    pub fn checkpoint(&self) -> Result<Vec<u8>> {
        checkpoint::write(&self.state, &self.weights, &self.best)
    }

    /// Goes on from a checkpoint of a training of the same student, teachers, texts and options.
    ///
    /// # Errors
    /// `InvalidInput` for a checkpoint of another training, which changes nothing; `Malformed` for a
    /// file that is none, after which training must begin anew, since weights may have changed.
    pub fn resume(&mut self, file: &Bytes) -> Result<()> {
        let identity = self.state.identity;
        (self.state, self.best) = checkpoint::read(file, identity, &mut self.weights)?;
        Ok(())
    }
}

/// `InvalidInput` unless a teacher's tokens mean what the student's do.
fn expect_alike(student: &Package, teacher: &Package, hidden: bool) -> Result<()> {
    let [own, other] = [student, teacher].map(|package| &package.metadata);
    if own.languages != other.languages {
        let [own, other] =
            [own, other].map(|m| format!("{} to {}", m.languages.source, m.languages.target));
        return Err(Error::invalid(format!(
            "the student translates from {own}, a teacher from {other}"
        )));
    }
    if student.vocabulary()? != teacher.vocabulary()? {
        return Err(Error::invalid("a teacher has another vocabulary than the student"));
    }
    if hidden && own.architecture.width != other.architecture.width {
        return Err(Error::invalid(
            "representations of different width can't be compared: `hidden` must be 0",
        ));
    }
    Ok(())
}

/// What a training is of, as one number.
fn identity(
    student: &Package,
    teachers: &[Package],
    texts: &[String],
    test: Option<&(Vec<String>, Vec<String>)>,
    options: &Options,
) -> u64 {
    let mut hasher = DefaultHasher::new();
    for package in std::iter::once(student).chain(teachers) {
        format!("{:?}", package.metadata).hash(&mut hasher);
        package.tensors.len().hash(&mut hasher);
        for (name, tensor) in &package.tensors {
            (name, tensor.data()).hash(&mut hasher);
        }
    }
    (texts, test).hash(&mut hasher);
    format!("{options:?}").hash(&mut hasher);
    hasher.finish()
}
