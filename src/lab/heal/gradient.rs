//! One batch's loss and its gradient.

use std::sync::{Mutex, PoisonError};

use candle_core::Tensor;
use candle_core::backprop::GradStore;
use futures_lite::future::block_on;

use super::weights::{Gradients, Seen, Weights, add, add_pieces};
use crate::backend::Candidates;
use crate::backend::autodiff::{
    Autodiff, Distillation, Distributions, EMBEDDING, Mixture, Var, failed, values,
};
use crate::error::Result;
use crate::format::Package;
use crate::model::{Network, OUTPUT_BIAS, Pair, Taught};
use crate::threads::Pool;
use crate::token::TokenId;

/// Parts of a batch whose gradients are computed apart and added in order: as many on every machine,
/// so that sums do not depend on the number of threads.
const PARTS: usize = 2;

/// A student's network and those of its teachers, for each part of a batch.
pub struct Networks {
    parts: Vec<Mutex<Part>>,
    embedding: usize,
    output_bias: usize,
}

struct Part {
    student: Network<Autodiff>,
    teachers: Vec<Network<Autodiff>>,
}

/// What a student is trained by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Objective {
    /// How its predictions are judged.
    pub mixture: Mixture,
    /// How much the mean squared difference of its decoder's representations from those of the
    /// first teacher counts (Romero et al. 2015, Jiao et al. 2020); of the same width, then.
    pub hidden: f32,
}

/// What came of a part of a batch.
struct Computed {
    loss: f32,
    gradients: GradStore,
    pieces: Candidates,
    table: [Var; 2],
}

impl Networks {
    /// Loads the networks; `weights` are the student's.
    ///
    /// # Errors
    /// `Malformed` where a package holds no sound network.
    pub fn load(student: &Package, teachers: &[Package], weights: &Weights) -> Result<Self> {
        let networks = |package: &Package| -> Result<Vec<Network<Autodiff>>> {
            let first = Network::load(Autodiff::default(), package)?;
            let mut copies = vec![first];
            for _ in 1..PARTS {
                let copy = copies[0].backend().share();
                copies.push(Network::load(copy, package)?);
            }
            Ok(copies)
        };
        let mut parts: Vec<Part> = networks(student)?
            .into_iter()
            .map(|student| Part { student, teachers: Vec::new() })
            .collect();
        for teacher in teachers {
            for (part, teacher) in parts.iter_mut().zip(networks(teacher)?) {
                part.teachers.push(teacher);
            }
        }
        Ok(Networks {
            parts: parts.into_iter().map(Mutex::new).collect(),
            embedding: weights.place(EMBEDDING)?,
            output_bias: weights.place(OUTPUT_BIAS)?,
        })
    }

    /// The loss of a batch, as a mean over its target tokens, and the gradients of what the network
    /// sees of its weights.
    ///
    /// # Errors
    /// What candle reports.
    pub fn gradients(
        &self,
        batch: &[Pair],
        objective: &Objective,
        weights: &Weights,
        pool: &Pool,
    ) -> Result<(f32, Gradients)> {
        let seen = weights.seen(pool)?;
        let tokens: usize = batch.iter().map(|pair| pair.target.len()).sum();
        let shares = shares(batch);
        let computed = pool.map(shares.len(), |n| {
            let part = self.parts[n].lock().unwrap_or_else(PoisonError::into_inner);
            part.compute(&shares[n], objective, &seen, 1.0 / tokens as f32)
        });
        let (mut loss, mut sums) = (0.0, weights.no_gradients());
        for computed in computed {
            let Computed { loss: part, gradients, pieces, table } = computed?;
            loss += part;
            for (place, _, variable) in &seen.whole {
                if let Some(gradient) = gradients.get(variable) {
                    add(gradient, &mut sums[*place])?;
                }
            }
            for (variable, place) in table.iter().zip([self.embedding, self.output_bias]) {
                if let Some(gradient) = gradients.get(variable) {
                    add_pieces(gradient, &pieces, &mut sums[place])?;
                }
            }
        }
        Ok((loss, sums))
    }
}

/// A batch in parts of about the same length: dealt out from the longest on.
fn shares(batch: &[Pair]) -> Vec<Vec<Pair>> {
    let mut order: Vec<&Pair> = batch.iter().collect();
    order.sort_by_key(|pair| std::cmp::Reverse(pair.source.tokens.len() + pair.target.len()));
    let share = |n| order.iter().skip(n).step_by(PARTS).map(|pair| (*pair).clone()).collect();
    (0..PARTS).map(share).filter(|share: &Vec<Pair>| !share.is_empty()).collect()
}

/// All that the sentences of a part may be translated with, together, and all that occurs in it.
fn pieces(pairs: &[Pair]) -> (Candidates, Candidates) {
    let together = |mut all: Vec<TokenId>| {
        all.sort_unstable();
        all.dedup();
        all
    };
    let own = |pair: &Pair| [&pair.source.candidates[..], &pair.target].concat();
    let candidates = together(pairs.iter().flat_map(own).collect());
    let sources = pairs.iter().flat_map(|pair| &pair.source.tokens);
    let all = together(candidates.iter().chain(sources).copied().collect());
    (candidates.into(), all.into())
}

impl Part {
    /// `weight` is what a token counts.
    fn compute(
        &self,
        pairs: &[Pair],
        objective: &Objective,
        seen: &Seen,
        weight: f32,
    ) -> Result<Computed> {
        let (candidates, pieces) = pieces(pairs);
        let table = seen.pieces(&pieces)?;
        let backend = self.student.backend();
        for (_, name, variable) in &seen.whole {
            backend.set(name, variable.as_tensor().clone())?;
        }
        for (name, variable) in [EMBEDDING, OUTPUT_BIAS].into_iter().zip(&table) {
            backend.set(name, variable.as_tensor().clone())?;
        }
        backend.set_pieces(Some(pieces.clone()));

        let taught = block_on(self.student.teach(pairs, &candidates));
        let teach = |teacher: &Network<Autodiff>| block_on(teacher.teach(pairs, &candidates));
        let teachers: Vec<Taught<Autodiff>> = self.teachers.iter().map(teach).collect();
        let logits = taught.logits[0].logits();
        let teacher = average(&teachers, objective.mixture.temperature)?;
        let place = |token: &TokenId| candidates.binary_search(token).unwrap_or_default();
        let targets = pairs.iter().flat_map(|pair| &pair.target).map(place).collect();
        let loss = Distillation::new(objective.mixture, teacher, targets, weight);
        let mut loss = logits.apply_op1(loss).map_err(failed)?;
        if let (true, Some(teacher)) = (objective.hidden > 0.0, teachers.first()) {
            let hidden = hidden(&taught.decoded, &teacher.decoded, objective.hidden * weight);
            loss = hidden.and_then(|hidden| loss + hidden).map_err(failed)?;
        }
        let gradients = loss.backward().map_err(failed)?;
        let loss = loss.to_scalar::<f32>().map_err(failed)?;
        Ok(Computed { loss, gradients, pieces, table })
    }
}

/// The mean of the teachers' distributions.
fn average(teachers: &[Taught<Autodiff>], temperature: f32) -> Result<Distributions> {
    let mut candidates = 0;
    let of = |teacher: &Taught<Autodiff>| {
        let logits = teacher.logits[0].logits();
        candidates = logits.dims().last().copied().unwrap_or_default();
        values(logits, |logits| Distributions::of(logits, candidates, temperature))
    };
    let all = teachers.iter().map(of).collect::<Result<Vec<_>>>()?;
    Ok(Distributions::mean(all, candidates))
}

/// `weight` times the squared difference of representations `[tokens, width]`, a mean over width.
fn hidden(own: &Tensor, teacher: &Tensor, weight: f32) -> candle_core::Result<Tensor> {
    let width = own.dim(1)? as f64;
    (own.sub(teacher)?.sqr()?.sum_all()? * (f64::from(weight) / width))?.contiguous()
}
