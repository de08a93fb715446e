//! The output projection over each row's candidates.

use super::simd::{Level, dispatch, dot};
use crate::backend::Candidates;
use crate::backend::host::{Activations, Dense, RaggedLogits};

/// The twin of [`Backend::logits`](crate::backend::Backend::logits).
pub fn logits(
    level: Level,
    h: &Activations,
    table: &Dense,
    bias: &[f32],
    choices: &[Candidates],
) -> RaggedLogits {
    let mut logits = RaggedLogits::zeros(choices.iter().map(|list| list.len()));
    run(level, h, table, bias, choices, &mut logits);
    logits
}

dispatch! {
    fn run(
        h: &Activations,
        table: &Dense,
        bias: &[f32],
        choices: &[Candidates],
        logits: &mut RaggedLogits,
    ) = body
}

#[inline(always)]
fn body<const FMA: bool>(
    h: &Activations,
    table: &Dense,
    bias: &[f32],
    choices: &[Candidates],
    logits: &mut RaggedLogits,
) {
    for (row, list) in choices.iter().enumerate() {
        for (logit, token) in logits.row_mut(row).iter_mut().zip(list.iter()) {
            *logit = dot::<FMA>(h.row(row), table.row(token.index())) + bias[token.index()];
        }
    }
}
