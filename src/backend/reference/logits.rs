//! The output projection over each row's candidates, and the best of them.

use crate::backend::Candidates;
use crate::backend::host::RaggedLogits;
use crate::token::TokenId;

/// The twin of [`Backend::logits`](crate::backend::Backend::logits): `product(row, token)` is the
/// row's scalar product with the token's embedding.
pub fn logits(
    product: impl Fn(usize, usize) -> f32,
    bias: &[f32],
    choices: &[Candidates],
) -> RaggedLogits {
    let mut logits = RaggedLogits::zeros(choices.iter().map(|list| list.len()));
    for (row, list) in choices.iter().enumerate() {
        for (logit, token) in logits.row_mut(row).iter_mut().zip(list.iter()) {
            *logit = product(row, token.index()) + bias[token.index()];
        }
    }
    logits
}

/// The twin of [`Backend::best`](crate::backend::Backend::best).
pub fn best(
    logits: &RaggedLogits,
    choices: &[Candidates],
    last: &[TokenId],
    end: TokenId,
) -> Vec<TokenId> {
    let best_of = |(row, list): (usize, &Candidates)| {
        if last[row] == end {
            return end;
        }
        let logits = logits.row(row);
        let first =
            (1..list.len()).fold(0, |best, i| if logits[i] > logits[best] { i } else { best });
        list[first]
    };
    choices.iter().enumerate().map(best_of).collect()
}
