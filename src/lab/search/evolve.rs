//! New candidates from old ones: choices of two parents are mixed, some are changed, and what was
//! measured of single choices says which of several children is worth being measured (Wang et al.
//! 2020, "HAT", search by evolution with cheap predictors).

use super::genome::{Eighths, Genome};
use super::groups::Groups;
use super::sensitivity::{Change, Sensitivity};
use crate::compress::Random;

/// The smallest file that a search looks for, as a share of its budget: a front below would be one
/// that nobody asked for.
pub const SMALLEST: f64 = 0.75;

/// Children of which the one is measured that promises most.
const CHILDREN: usize = 4;
/// One of so many children has a change of its structure.
const RESTRUCTURED: usize = 3;
/// Groups whose bits are compared when a child is brought to its size: few, so that children differ.
const COMPARED: usize = 4;
/// Sizes of the first candidates, as shares of the budget.
const SIZES: [f64; 5] = [SMALLEST, 0.82, 0.88, 0.94, 1.0];
/// The first candidates with a change of their structure.
const CHANGED: usize = 8;

/// Makes candidates.
pub struct Breeder<'a> {
    pub groups: &'a Groups,
    pub sensitivity: &'a Sensitivity,
    /// The most bytes, of candidates as they are predicted.
    pub budget: f64,
    /// Whether the network may change.
    pub structure: bool,
    pub random: Random,
}

impl Breeder<'_> {
    /// The first candidates: of several sizes, with the same bits everywhere and with those that what
    /// was measured makes the best; and those with the one change that promises most.
    pub fn first(&self) -> Vec<Genome> {
        let mut first = Vec::new();
        for size in SIZES {
            let target = size * self.budget;
            first.push(self.even(target));
            first.push(self.best(Genome::uniform(self.groups, Some(START)), target));
        }
        if !self.structure {
            return first;
        }
        let mut changed: Vec<(f64, Genome)> = Vec::new();
        for (change, _) in Change::all(self.groups) {
            let mut genome = Genome::uniform(self.groups, Some(START));
            change.apply(&mut genome.structure, self.groups);
            genome.tidy(self.groups);
            let genome = self.best(genome, self.budget);
            changed.push((self.predicted(&genome), genome));
        }
        changed.sort_by(|a, b| a.0.total_cmp(&b.0));
        first.extend(changed.into_iter().take(CHANGED).map(|(_, genome)| genome));
        first
    }

    /// A child of two of `parents`, the better ones of which come first.
    pub fn child(&mut self, parents: &[Genome]) -> Genome {
        let (one, other) = (self.parent(parents), self.parent(parents));
        // Half of all children are as large as they may be.
        let share = if self.random.below(2) == 0 { 1.0 } else { self.share() };
        let target = self.budget * (SMALLEST + share * (1.0 - SMALLEST));
        let mut best: Option<(f64, Genome)> = None;
        for _ in 0..CHILDREN {
            let child = self.mutated(&parents[one], &parents[other], target);
            let predicted = self.predicted(&child);
            if best.as_ref().is_none_or(|(least, _)| predicted < *least) {
                best = Some((predicted, child));
            }
        }
        best.map_or_else(|| parents[one].clone(), |(_, child)| child)
    }

    fn mutated(&mut self, one: &Genome, other: &Genome, target: f64) -> Genome {
        let mut child = one.clone();
        for (bits, others) in child.bits.iter_mut().zip(&other.bits) {
            if self.random.below(2) == 0 {
                *bits = others.or(*bits);
            }
        }
        if self.structure && self.random.below(RESTRUCTURED) == 0 {
            let changes = Change::all(self.groups);
            let (change, _) = changes[self.random.below(changes.len())];
            let before = child.structure.clone();
            change.apply(&mut child.structure, self.groups);
            if child.structure == before {
                change.undo(&mut child.structure);
            }
            let empty = (0..self.groups.depth.len()).any(|stack| {
                let gone = child.structure.dropped.iter().filter(|layer| layer.0 == stack);
                gone.count() >= self.groups.depth[stack]
            });
            if empty {
                child.structure = before;
            }
        }
        // A group that was gone and is back has no bits of its own.
        for (group, bits) in self.groups.all.iter().zip(&mut child.bits) {
            if child.structure.has(group) && bits.is_none() {
                *bits = Some(START);
            }
        }
        for _ in 0..1 + self.random.below(4) {
            let at = self.random.below(child.bits.len());
            let by = 1 + self.random.below(4) as Eighths;
            let up = self.random.below(2) == 0;
            child.bits[at] =
                child.bits[at].map(|bits| if up { bits + by } else { bits.saturating_sub(by) });
        }
        child.tidy(self.groups);
        let random = &mut self.random;
        let mut few =
            |all: &[usize]| (0..COMPARED).map(|_| all[random.below(all.len())]).collect::<Vec<_>>();
        self.sensitivity.fit(&mut child, self.groups, target, &mut few);
        child
    }

    /// The bits that promise most at this size.
    fn best(&self, mut genome: Genome, target: f64) -> Genome {
        self.sensitivity.fit(&mut genome, self.groups, target, &mut |all| all.to_vec());
        genome
    }

    /// About the same bits everywhere, at most `target` bytes.
    fn even(&self, target: f64) -> Genome {
        let of = |bits| Genome::uniform(self.groups, Some(bits));
        let fits = |bits: &Eighths| self.sensitivity.bytes(&of(*bits), self.groups) <= target;
        of((super::genome::LEAST..=super::genome::MOST)
            .rev()
            .find(fits)
            .unwrap_or(super::genome::LEAST))
    }

    fn predicted(&self, genome: &Genome) -> f64 {
        // What no bits could bring to its size is not worth measuring.
        let over = self.sensitivity.bytes(genome, self.groups) > 1.001 * self.budget;
        if over { f64::INFINITY } else { self.sensitivity.divergence(genome, self.groups) }
    }

    /// The better of two that are drawn.
    fn parent(&mut self, parents: &[Genome]) -> usize {
        self.random.below(parents.len()).min(self.random.below(parents.len()))
    }

    /// From 0 to 1.
    fn share(&mut self) -> f64 {
        self.random.below(1001) as f64 / 1000.0
    }
}

/// Bits to begin with, before a candidate is brought to its size.
const START: Eighths = 26;
