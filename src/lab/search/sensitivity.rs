//! What each choice costs by itself, everything else being as it is, and what choices together may
//! then be expected to cost: the sum (Dong et al. 2020, "HAWQ-V2", section 3, where a trace of the
//! Hessian stands in the place of what is measured here).

use std::collections::{BTreeMap, BTreeSet};

use super::genome::{Eighths, Form, Genome, LEAST, MOST, Structure, rank, whole_bits};
use super::groups::{Group, Groups, Layer};
use crate::compress::layers::Stack;

/// One change of the network's structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// A layer goes.
    Drop(Layer),
    /// So many eighths of the vocabulary's pieces stay.
    Keep(u8),
    /// So many eighths of a layer's feed-forward neurons go.
    Narrow(Layer, u8),
    /// A group takes another form.
    Form(usize, Form),
}

/// The bits at which each group is measured.
pub const PROBED: [Eighths; 3] = [20, 26, 32];
/// What a change is measured at.
const NARROW: u8 = 2;
const KEEP: [u8; 3] = [7, 6, 4];
const FORMS: [Form; 2] = [Form::Sparse(4), Form::Rank(8)];

impl Change {
    /// Makes it.
    pub fn apply(self, structure: &mut Structure, groups: &Groups) {
        match self {
            Change::Drop(layer) => {
                structure.dropped.insert(layer);
            }
            Change::Keep(share) => {
                structure.keep = Some(groups.vocabulary * usize::from(share) / 8);
            }
            Change::Narrow(layer, share) => {
                structure.narrow.insert(layer, share);
            }
            Change::Form(at, form) => {
                structure.forms.insert(at, form);
            }
        }
    }

    /// Unmakes it, or what stands in its place.
    pub fn undo(self, structure: &mut Structure) {
        match self {
            Change::Drop(layer) => {
                structure.dropped.remove(&layer);
            }
            Change::Keep(_) => structure.keep = None,
            Change::Narrow(layer, _) => {
                structure.narrow.remove(&layer);
            }
            Change::Form(at, _) => {
                structure.forms.remove(&at);
            }
        }
    }

    /// What it does, for people.
    pub fn describe(self, groups: &Groups) -> String {
        let layer = |(stack, layer): Layer| format!("{}.{layer}", Stack::ALL[stack].name());
        match self {
            Change::Drop(gone) => format!("without {}", layer(gone)),
            Change::Keep(share) => format!("{share}/8 of the vocabulary"),
            Change::Narrow(of, share) => {
                format!("{}.ffn without {share}/8 of its neurons", layer(of))
            }
            Change::Form(at, Form::Sparse(share)) => {
                format!("{} without {share}/16 of its weights", groups.all[at].name)
            }
            Change::Form(at, Form::Rank(share)) => {
                format!("{} of {share}/16 of its rank", groups.all[at].name)
            }
        }
    }

    /// All that a search may make, and which of them is measured for it: forms are measured of one
    /// group of a role.
    pub fn all(groups: &Groups) -> Vec<(Change, Change)> {
        let mut all = Vec::new();
        for layer @ (stack, _) in groups.layers() {
            if groups.depth[stack] > 1 {
                all.push((Change::Drop(layer), Change::Drop(layer)));
            }
            let probe = Change::Narrow(layer, NARROW);
            all.extend([1, NARROW, 4].map(|share| (Change::Narrow(layer, share), probe)));
        }
        all.extend(KEEP.map(|share| (Change::Keep(share), Change::Keep(share))));
        // The embedding is looked up by rows, so that neither method knows what would suit it.
        let linear = || groups.all.iter().enumerate().filter(|(_, group)| !group.is_embedding());
        let mut roles: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        linear().for_each(|(at, group)| roles.entry(group.role()).or_default().push(at));
        for places in roles.values() {
            let middle = places[places.len() / 2];
            for form in FORMS {
                let change = |&at: &usize| (Change::Form(at, form), Change::Form(middle, form));
                all.extend(places.iter().map(change));
            }
        }
        all
    }

    /// Those of [`Change::all`] that have to be measured.
    pub fn probes(groups: &Groups) -> Vec<Change> {
        let probes: BTreeSet<Change> = Self::all(groups).into_iter().map(|(_, p)| p).collect();
        probes.into_iter().collect()
    }
}

/// Divergence of a group at any bits: `exp(height − slope · bits)`, which is what the squared error of
/// a uniform grid does (Gish & Pierce 1968).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Curve {
    height: f64,
    slope: f64,
}

/// Less is nothing that could be told from rounding errors.
const NOTHING: f64 = 1e-7;

impl Curve {
    /// The nearest to what was measured, by least squares of logarithms. Each counts as much as its
    /// divergence: the smallest are mostly chance.
    pub fn fit(points: &[(Eighths, f64)]) -> Self {
        let logs = || {
            points.iter().map(|(bits, divergence)| {
                let divergence = divergence.clamp(NOTHING, f64::MAX);
                (f64::from(*bits) / 8.0, divergence.ln(), divergence)
            })
        };
        let all: f64 = logs().map(|(.., weight)| weight).sum::<f64>().max(NOTHING);
        let mean = |f: fn((f64, f64, f64)) -> f64| logs().map(f).sum::<f64>() / all;
        let (x, y) = (mean(|(x, _, weight)| weight * x), mean(|(_, y, weight)| weight * y));
        let (xx, xy) = logs().fold((0.0, 0.0), |(xx, xy), (a, b, weight)| {
            (xx + weight * (a - x) * (a - x), xy + weight * (a - x) * (b - y))
        });
        let slope = if xx > 0.0 { (-xy / xx).clamp(FLAT, STEEP) } else { FLAT };
        Curve { height: y + slope * x, slope }
    }

    /// At so many bits.
    pub fn at(&self, bits: Eighths) -> f64 {
        (self.height - self.slope * f64::from(bits) / 8.0).exp()
    }
}

/// Slopes that a curve may have. A bit halves the step of a grid, and so takes three quarters off the
/// squared error, which is a slope of 1.39; where few codes are left it is more.
const FLAT: f64 = 1.0;
const STEEP: f64 = 2.5;

/// What was measured.
#[derive(Clone, Debug)]
pub struct Sensitivity {
    /// Of each group.
    pub curves: Vec<Curve>,
    /// Of each change that was measured.
    pub changes: BTreeMap<Change, f64>,
    /// What a file takes besides matrices.
    pub rest_bytes: usize,
}

impl Sensitivity {
    /// The divergence that a candidate may be expected to have: the sum of what its choices cost.
    pub fn divergence(&self, genome: &Genome, groups: &Groups) -> f64 {
        let structure = &genome.structure;
        let bits = self.curves.iter().zip(&genome.bits);
        let rounding: f64 = bits.filter_map(|(curve, bits)| Some(curve.at((*bits)?))).sum();
        let cost = |change: &Change| self.changes.get(change).copied().unwrap_or_default();
        let dropped = structure.dropped.iter().map(|layer| cost(&Change::Drop(*layer)));
        let narrowed = structure.narrow.iter().map(|(layer, share)| {
            let ratio = f64::from(*share) / f64::from(NARROW);
            ratio * ratio * cost(&Change::Narrow(*layer, NARROW))
        });
        let kept = structure.keep.map_or(0.0, |keep| {
            let share = (keep * 8).div_ceil(groups.vocabulary.max(1)) as u8;
            cost(&Change::Keep(share))
        });
        let formed = structure.forms.iter().map(|(at, form)| self.form(*at, *form, groups));
        rounding + dropped.sum::<f64>() + narrowed.sum::<f64>() + kept + formed.sum::<f64>()
    }

    /// What was measured of a form, of this group or of one of its role.
    fn form(&self, at: usize, form: Form, groups: &Groups) -> f64 {
        let role = groups.all[at].role();
        let same = |change: &Change| match change {
            Change::Form(other, its) => *its == form && groups.all[*other].role() == role,
            _ => false,
        };
        self.changes.iter().find(|(change, _)| same(change)).map_or(0.0, |(_, cost)| *cost)
    }

    /// The bytes that a candidate may be expected to take, from its bits alone.
    pub fn bytes(&self, genome: &Genome, groups: &Groups) -> f64 {
        bytes_of(genome, groups, self.rest_bytes)
    }

    /// Makes a candidate as large as `target` bytes, as far as bits can: an eighth of a bit at a time,
    /// where it costs least or gains most among those that `choose` offers of all groups.
    pub fn fit(
        &self,
        genome: &mut Genome,
        groups: &Groups,
        target: f64,
        choose: &mut dyn FnMut(&[usize]) -> Vec<usize>,
    ) {
        let there: Vec<usize> =
            (0..genome.bits.len()).filter(|&at| genome.bits[at].is_some()).collect();
        let mut now = self.bytes(genome, groups);
        let down = now > target;
        // More rounds than there are bits to give: each moves one group by an eighth.
        for _ in 0..there.len() * usize::from(MOST) {
            let step = |at: usize| -> Option<(usize, Eighths, f64, f64)> {
                let bits = genome.bits[at]?;
                let next = if down { bits.checked_sub(1)? } else { bits + 1 };
                if !(LEAST..=MOST).contains(&next) {
                    return None;
                }
                let of = |bits| bytes(&genome.structure, groups, at, &groups.all[at], bits);
                let (saved, worse) =
                    (of(next) - of(bits), self.curves[at].at(next) - self.curves[at].at(bits));
                // Both change in opposite directions; few bytes for much divergence come last.
                Some((at, next, saved, worse / saved.abs().max(1.0)))
            };
            if (down && now <= target) || (!down && now >= target) {
                break;
            }
            let movable: Vec<usize> =
                there.iter().copied().filter(|&at| step(at).is_some()).collect();
            if movable.is_empty() {
                break;
            }
            let offered = choose(&movable);
            let best = offered.into_iter().filter_map(step).min_by(|a, b| a.3.total_cmp(&b.3));
            let Some((at, next, saved, _)) = best else { break };
            if !down && now + saved > target {
                break;
            }
            genome.bits[at] = Some(next);
            now += saved;
        }
    }
}

/// The bytes of a candidate, from its bits and from what the original has besides its matrices.
pub fn bytes_of(genome: &Genome, groups: &Groups, rest_bytes: usize) -> f64 {
    let each = groups.all.iter().enumerate().map(|(at, group)| {
        genome.bits[at].map_or(0.0, |bits| bytes(&genome.structure, groups, at, group, bits))
    });
    let kept = genome.structure.keep.unwrap_or(groups.vocabulary) as f64;
    each.sum::<f64>() + rest_bytes as f64 * kept / groups.vocabulary.max(1) as f64
}

/// Bytes of a group at these bits.
fn bytes(structure: &Structure, groups: &Groups, at: usize, group: &Group, bits: Eighths) -> f64 {
    if !structure.has(group) {
        return 0.0;
    }
    if let Some(Form::Rank(share)) = structure.forms.get(&at) {
        // A scale of 16 bits for each 64 codes.
        let code = f64::from(whole_bits(bits)) + 16.0 / 64.0;
        let pair = |shape: &[usize; 2]| ((shape[0] + shape[1]) * rank(*shape, *share)) as f64;
        return group.shapes.iter().map(pair).sum::<f64>() * code / 8.0;
    }
    let mut weights = group.weights() as f64;
    if let (true, Some(share)) =
        (group.is_ffn(), group.layer.and_then(|l| structure.narrow.get(&l)))
    {
        weights *= 1.0 - f64::from(*share) / 8.0;
    }
    if let (true, Some(keep)) = (group.is_embedding(), structure.keep) {
        weights *= keep as f64 / groups.vocabulary.max(1) as f64;
    }
    weights * f64::from(bits) / 64.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_follows_what_is_large_and_is_not_led_by_chance() {
        // A slope of 1.5, and at most bits nothing but chance.
        let exact = |bits: Eighths| 0.5 * (-1.5 * f64::from(bits) / 8.0).exp();
        let curve = Curve::fit(&PROBED.map(|bits| (bits, exact(bits))));
        assert!((curve.at(24) / exact(24) - 1.0).abs() < 1e-6);
        let chance = Curve::fit(&[(20, exact(20)), (26, exact(26)), (32, 0.0)]);
        assert!((chance.at(24) / exact(24) - 1.0).abs() < 0.05, "{chance:?}");
        for curve in
            [Curve::fit(&[]), Curve::fit(&[(20, 0.0)]), Curve::fit(&[(20, 1.0), (26, 2.0)])]
        {
            assert!(curve.at(12).is_finite() && curve.at(12) > curve.at(20), "{curve:?}");
        }
    }
}
