//! One step of the Simpler Simple Recurrent Unit.

use super::arithmetic::Arithmetic;
use crate::backend::host::Activations;

/// The twin of [`Backend::recurrence`](crate::backend::Backend::recurrence): output and new state.
pub fn recurrence(
    Arithmetic { exp, .. }: Arithmetic,
    forget: &Activations,
    candidate: &Activations,
    state: &Activations,
) -> (Activations, Activations) {
    let mut next = state.clone();
    let gates = forget.data().iter().zip(candidate.data());
    for (state, (&forget, candidate)) in next.data_mut().iter_mut().zip(gates) {
        let keep = 1.0 / (1.0 + exp(-forget));
        *state = keep * *state + (1.0 - keep) * candidate;
    }
    let mut output = next.clone();
    output.data_mut().iter_mut().for_each(|value| *value = value.max(0.0));
    (output, next)
}
