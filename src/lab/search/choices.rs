//! Measuring single choices, each by itself, everything else being as it is.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::evaluate::Evaluator;
use super::genome::{Eighths, Genome};
use super::groups::Groups;
use super::sensitivity::{Change, Curve, PROBED, Sensitivity};
use super::{Choice, Found, News};
use crate::error::Result;

/// A single choice.
#[derive(Clone, Copy)]
enum Single {
    /// Vectors in half floats, as all candidates have them.
    Vectors,
    /// A group rounded to so many bits.
    Bits(usize, Eighths),
    /// A change of the network.
    Change(Change),
}

impl Single {
    /// All that are measured; changes of the network only where it may change.
    fn all(groups: &Groups, structure: bool) -> Vec<Single> {
        let bits = (0..groups.all.len()).flat_map(|at| PROBED.map(|bits| Single::Bits(at, bits)));
        let changes = if structure { Change::probes(groups) } else { Vec::new() };
        let changes = changes.into_iter().map(Single::Change);
        [Single::Vectors].into_iter().chain(bits).chain(changes).collect()
    }

    fn genome(self, groups: &Groups) -> Genome {
        let mut genome = Genome::uniform(groups, None);
        match self {
            Single::Vectors => {}
            Single::Bits(at, bits) => genome.bits[at] = Some(bits),
            Single::Change(change) => change.apply(&mut genome.structure, groups),
        }
        genome.tidy(groups);
        genome
    }

    fn describe(self, groups: &Groups) -> (String, Option<f64>) {
        match self {
            Single::Vectors => ("vectors in half floats".to_owned(), None),
            Single::Bits(at, bits) => (groups.all[at].name.clone(), Some(f64::from(bits) / 8.0)),
            Single::Change(change) => (change.describe(groups), None),
        }
    }
}

/// Measures all single choices and notes them in `found`; none when `hear` ended it.
///
/// # Errors
/// As [`Evaluator::evaluate`].
pub fn measure(
    evaluator: &mut Evaluator<'_>,
    structure: bool,
    found: &mut Found,
    hear: &mut dyn FnMut(News<'_>) -> ControlFlow<()>,
) -> Result<Option<Sensitivity>> {
    let groups = evaluator.groups().clone();
    let singles = Single::all(&groups, structure);
    let mut points: Vec<Vec<(Eighths, f64)>> = vec![Vec::new(); groups.all.len()];
    let (mut changes, mut vectors) = (BTreeMap::new(), 0.0);
    for some in singles.chunks(evaluator.together()) {
        let genomes: Vec<Genome> = some.iter().map(|single| single.genome(&groups)).collect();
        for (single, result) in some.iter().zip(evaluator.evaluate(&genomes)?) {
            // What cannot be done at all is never worth trying.
            let divergence = result.map_or(f64::INFINITY, |measured| measured.divergence);
            // Vectors are in half floats in all others too: what that costs comes off.
            let own = (divergence - vectors).max(0.0);
            match *single {
                Single::Vectors => vectors = divergence,
                Single::Bits(at, bits) => points[at].push((bits, own)),
                Single::Change(change) => drop(changes.insert(change, own)),
            }
            let (what, bits) = single.describe(&groups);
            found.choices.push(Choice { what, bits, divergence });
        }
        if hear(News::Choices(found.choices.len(), singles.len())).is_break() {
            return Ok(None);
        }
    }
    let curves = points.iter().map(|points| Curve::fit(points)).collect();
    Ok(Some(Sensitivity { curves, changes, rest_bytes: evaluator.rest_bytes() }))
}
