//! k-means over the runs of a matrix: the first codes by k-means++ (Arthur & Vassilvitskii 2007),
//! then Lloyd's algorithm (1982), on a sample first and at last on all.

use super::Runs;
use super::nearest::Nearest;
use crate::compress::Random;

/// Runs in the sample, for each code.
const SAMPLE: usize = 64;
/// Rounds of Lloyd's algorithm on the sample, at most. All runs take part in one more.
const ROUNDS: usize = 20;
/// Rounds end when one takes less than this share off the error.
const ENOUGH: f64 = 1e-3;

/// Values of `codes` codes, `[codes, dimension]`, of small squared error; fewer codes when there are
/// fewer different runs.
pub fn kmeans(runs: &Runs<'_>, codes: usize, seed: u64) -> Vec<f32> {
    let all = runs.count();
    let mut random = Random::new(seed);
    let sample: Vec<usize> = if all <= SAMPLE * codes {
        (0..all).collect()
    } else {
        // One of each of as many equal parts, so that no two are the same.
        // In 64 bits, since a page counts bytes in 32.
        let part = |n: usize| (n as u64 * all as u64 / (SAMPLE * codes) as u64) as usize;
        (0..SAMPLE * codes).map(|n| part(n) + random.below(part(n + 1) - part(n))).collect()
    };
    let mut book = first(runs, &sample, codes, &mut random);
    lloyd(runs, || sample.iter().copied(), &mut book, ROUNDS);
    if sample.len() < all {
        lloyd(runs, || 0..all, &mut book, 1);
    }
    book
}

/// k-means++: each code is a run, chosen in proportion to its squared distance from those before.
fn first(runs: &Runs<'_>, sample: &[usize], codes: usize, random: &mut Random) -> Vec<f32> {
    let dimension = runs.dimension;
    let mut book: Vec<f32> = Vec::with_capacity(codes * dimension);
    let mut distances = vec![f32::INFINITY; sample.len()];
    let mut next = sample.get(random.below(sample.len())).copied();
    while let Some(at) = next {
        let code = runs.run(at).0;
        for (distance, &at) in distances.iter_mut().zip(sample) {
            *distance = distance.min(squared(runs.run(at), code));
        }
        book.extend_from_slice(code);
        book.resize(book.len().next_multiple_of(dimension), 0.0);
        if book.len() == codes * dimension {
            break;
        }
        let total: f64 = distances.iter().copied().map(f64::from).sum();
        let mut left = random.share() * total;
        let chosen = distances.iter().position(|&distance| {
            left -= f64::from(distance);
            left < 0.0
        });
        // Sums that are rounded may end a little early; where all is zero, no run is left.
        let last = || distances.iter().rposition(|distance| *distance > 0.0);
        next = chosen.or_else(last).map(|n| sample[n]);
    }
    book
}

/// The squared distance of a run from a code, as far as both go.
fn squared((run, importance): (&[f32], Option<&[f32]>), code: &[f32]) -> f32 {
    let each = run.iter().zip(code).enumerate();
    let h = |n: usize| importance.map_or(1.0, |importance| importance[n]);
    each.map(|(n, (x, c))| h(n) * (x - c) * (x - c)).sum()
}

/// Gives every code the mean of the runs that are nearest to it, again and again. A code without
/// runs stays as it is.
fn lloyd<I: Iterator<Item = usize>>(
    runs: &Runs<'_>,
    which: impl Fn() -> I,
    book: &mut [f32],
    rounds: usize,
) {
    let mut before = f64::INFINITY;
    for _ in 0..rounds {
        let mut nearest = Nearest::new(runs.dimension, book, runs.weighted());
        let mut sums = vec![0.0; book.len()];
        let mut counts = vec![0.0; book.len()];
        let mut error = 0.0;
        for at in which() {
            let (run, importance) = runs.run(at);
            let (code, distance) = nearest.find((run, importance));
            error += f64::from(distance);
            let first = usize::from(code) * runs.dimension;
            for (n, x) in run.iter().enumerate() {
                let h = importance.map_or(1.0, |importance| f64::from(importance[n]));
                sums[first + n] += h * f64::from(*x);
                counts[first + n] += h;
            }
        }
        for ((value, sum), count) in book.iter_mut().zip(sums).zip(counts) {
            if count > 0.0 {
                *value = (sum / count) as f32;
            }
        }
        if before - error < ENOUGH * before {
            break;
        }
        before = error;
    }
}
