//! A search for the recipes that lose least at each size: how many bits each group of matrices gets,
//! which layers, neurons and pieces go, and which matrices are thinned out or factored.
//!
//! 1. `choices`: what each choice costs by itself, everything else being as it is; `sensitivity`
//!    makes of it what several may be expected to cost together.
//! 2. `evolve`: candidates that these costs make promising, and children of the best; each is
//!    really made, of parts that were rounded before where it can be (`frame`), and compared with
//!    the original along its translations (`teacher`), which takes seconds.
//! 3. [`front`]: those that none is better than, at most as large as the budget. Each is a recipe
//!    (`genome`).
//! 4. [`confirm`] applies such a recipe as `compress` does, and scores what comes out. [`report`]
//!    writes tables and charts.
//!
//! There are no threads and no clocks in here but those that are given.

mod choices;
pub mod confirm;
pub mod evaluate;
mod evolve;
mod frame;
pub mod front;
mod genome;
mod groups;
pub mod report;
mod sensitivity;
mod teacher;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use serde::Serialize;

use crate::compress::{Random, Recipe};
use crate::error::{Error, Result};
use crate::format::Package;
use crate::threads::Pool;
use evaluate::{Clock, Evaluator, Measured};
use evolve::{Breeder, SMALLEST};
use genome::Genome;
use sensitivity::Sensitivity;

/// What is searched for.
#[derive(Clone, Copy)]
pub struct Settings<'a> {
    /// The most bytes that a user may have to download: of the gzipped package.
    pub budget: usize,
    /// Candidates that are measured, after those that measure single choices.
    pub evaluations: usize,
    /// Where random numbers begin: the same ones give the same candidates.
    pub seed: u64,
    /// Where it is given, time is an aim beside bytes and divergence.
    pub clock: Option<Clock<'a>>,
    /// Whether the network may change: layers, neurons, pieces of the vocabulary, forms of matrices.
    /// Without, bits are all that is looked for, and nothing but the network as it is is calibrated.
    pub structure: bool,
    /// Networks of another structure that are kept at a time, each of which takes a hundred megabytes
    /// or so for models of 17 million weights. What was not kept is made again when it is needed, and
    /// is the same again.
    pub networks: usize,
}

/// What is heard of a search.
#[derive(Clone, Copy, Debug)]
pub enum News<'a> {
    /// Single choices: so many of so many have been measured.
    Choices(usize, usize),
    /// A candidate was measured.
    Found {
        /// The candidate.
        point: &'a Point,
        /// The front by now: places among all candidates that were found, this one the last.
        front: &'a [usize],
        /// Candidates that were tried, those that could not be made among them.
        done: usize,
        /// How many there will be.
        all: usize,
    },
}

/// A candidate.
#[derive(Clone, Debug, Serialize)]
pub struct Point {
    /// The recipe that makes it of the original.
    #[serde(serialize_with = "given")]
    pub recipe: Recipe,
    /// The length of its gzipped file, to about a thousandth.
    pub bytes: usize,
    /// How far it is from the original: nats a target token.
    pub divergence: f64,
    /// Milliseconds a target token, on one thread, where time was measured.
    pub latency: Option<f64>,
}

fn given<S: serde::Serializer>(recipe: &Recipe, serializer: S) -> Result<S::Ok, S::Error> {
    recipe.given().serialize(serializer)
}

/// What single choices cost, each by itself.
#[derive(Clone, Debug, Serialize)]
pub struct Choice {
    /// The group of matrices, or what is done to the network.
    pub what: String,
    /// Bits a weight, where that is the choice.
    pub bits: Option<f64>,
    /// How far from the original that is: nats a target token.
    pub divergence: f64,
}

/// What a search found.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// Single choices, in the order in which they were measured.
    pub choices: Vec<Choice>,
    /// All candidates that could be made, in that order.
    pub points: Vec<Point>,
    /// The places of those that none is better than, from the smallest to the budget.
    pub front: Vec<usize>,
    /// Candidates that could not be made.
    pub refused: usize,
}

/// Of three lines of text, two calibrate, and one shows what that did to text which had no part in it.
const THIRD: usize = 3;
/// Lines on which candidates are compared, at most.
const COMPARED: usize = 96;
/// How far below the budget candidates stay, as a share of it: files differ a little from what is
/// computed of their parts.
const MARGIN: f64 = 0.002;
/// What files take more than their bits say, before any was measured.
const TYPICALLY_OFF: f64 = 1.007;
/// Candidates from which children come.
const PARENTS: usize = 24;
/// Children of a generation.
const TOGETHER: usize = 8;

/// Searches for recipes for `package`, with `text` in its source language to learn what it does.
/// `hear` may end the search after any news; what was found until then is kept.
///
/// # Errors
/// `InvalidInput` for less than six lines of text, for no candidates, and for a budget that nothing
/// fits into or that nothing fills; and what loading and translating report.
pub fn search(
    package: &Package,
    text: &[String],
    settings: Settings<'_>,
    pool: &Pool,
    hear: &mut dyn FnMut(News<'_>) -> ControlFlow<()>,
) -> Result<Found> {
    if text.len() < 2 * THIRD {
        let (lines, least) = (text.len(), 2 * THIRD);
        return Err(Error::invalid(format!(
            "a search needs {least} lines of text or more, and has {lines}"
        )));
    }
    if settings.evaluations == 0 {
        return Err(Error::invalid("a search measures one candidate or more"));
    }
    let third = |(at, _): &(usize, &String)| at % THIRD == THIRD - 1;
    let all = || text.iter().enumerate();
    let (other, own): (Vec<_>, Vec<_>) = all().partition(third);
    let stride = other.len().div_ceil(COMPARED);
    let lines = |lines: Vec<(usize, &String)>, stride: usize| -> Vec<String> {
        lines.into_iter().step_by(stride).map(|(_, line)| line.clone()).collect()
    };
    let (own, other) = (lines(own, 1), lines(other, stride));
    let kept = settings.networks;
    let mut evaluator = Evaluator::new(package, own, &other, kept, settings.clock, pool)?;
    let mut found =
        Found { choices: Vec::new(), points: Vec::new(), front: Vec::new(), refused: 0 };
    let budget = settings.budget as f64 * (1.0 - MARGIN);
    expect_room(&evaluator, settings)?;
    let structure = settings.structure;
    let Some(sensitivity) = choices::measure(&mut evaluator, structure, &mut found, hear)? else {
        return Ok(found);
    };
    let groups = evaluator.groups().clone();
    let random = Random::new(settings.seed);
    let (groups, sensitivity) = (&groups, &sensitivity);
    let at_first = budget / TYPICALLY_OFF;
    let mut breeder = Breeder { groups, sensitivity, budget: at_first, structure, random };
    let mut seen: BTreeMap<Genome, Option<Measured>> = BTreeMap::new();
    // In the order of `found.points`.
    let mut made: Vec<(Genome, Measured)> = Vec::new();
    let mut next = breeder.first();
    while seen.len() < settings.evaluations {
        let mut once = BTreeSet::new();
        next.retain(|genome| !seen.contains_key(genome) && once.insert(genome.clone()));
        next.truncate(settings.evaluations - seen.len());
        for some in next.chunks(evaluator.together()) {
            for (genome, result) in some.iter().zip(evaluator.evaluate(some)?) {
                seen.insert(genome.clone(), result.as_ref().ok().copied());
                let Ok(measured) = result else {
                    found.refused += 1;
                    continue;
                };
                made.push((genome.clone(), measured));
                found.points.push(point(genome, &measured, groups)?);
                found.front = front_of(&made, budget);
                let Some(point) = found.points.last() else { continue };
                let (front, done, all) = (&found.front, seen.len(), settings.evaluations);
                if hear(News::Found { point, front, done, all }).is_break() {
                    finish(&mut found, &mut made, &evaluator, budget);
                    return Ok(found);
                }
            }
        }
        // What is measured shows how far predicted sizes are off.
        let parents = parents(&made, budget);
        if parents.is_empty() {
            break;
        }
        breeder.budget = budget / off(&made, sensitivity, groups);
        next = (0..TOGETHER).map(|_| breeder.child(&parents)).collect();
        // In a small space children may all have been seen; then chance has to go on for a while.
        for _ in 0..TOGETHER * PARENTS {
            if next.iter().any(|genome| !seen.contains_key(genome)) {
                break;
            }
            next = vec![breeder.child(&parents)];
        }
        if next.iter().all(|genome| seen.contains_key(genome)) {
            break;
        }
    }
    finish(&mut found, &mut made, &evaluator, budget);
    Ok(found)
}

/// A budget that even the fewest bits exceed, or the most do not fill, leaves nothing to search for.
fn expect_room(evaluator: &Evaluator<'_>, settings: Settings<'_>) -> Result<()> {
    let (budget, rest, groups) = (settings.budget, evaluator.rest_bytes(), evaluator.groups());
    if rest >= budget {
        return Err(Error::invalid(format!(
            "nothing fits into {budget} bytes: without any matrix this model takes {rest}"
        )));
    }
    let bytes = |bits| sensitivity::bytes_of(&Genome::uniform(groups, Some(bits)), groups, rest);
    let (fewest, most) = (f64::from(genome::LEAST) / 8.0, f64::from(genome::MOST) / 8.0);
    let (least, whole) = (bytes(genome::LEAST) as usize, bytes(genome::MOST) as usize);
    if least > budget && !settings.structure {
        return Err(Error::invalid(format!(
            "nothing fits into {budget} bytes: with {fewest} bits a weight, the fewest that are tried, \
             this model takes about {least}"
        )));
    }
    if (whole as f64) < SMALLEST * budget as f64 {
        return Err(Error::invalid(format!(
            "nothing fills {budget} bytes: with {most} bits a weight, the most that are tried, this \
             model takes about {whole}"
        )));
    }
    Ok(())
}

fn point(genome: &Genome, measured: &Measured, groups: &groups::Groups) -> Result<Point> {
    let Measured { bytes, divergence, latency } = *measured;
    Ok(Point { recipe: genome.recipe(groups)?, bytes, divergence, latency })
}

/// Whether a candidate is as large as a front asks for.
fn fits(measured: &Measured, budget: f64) -> bool {
    (SMALLEST * 0.98 * budget..=budget).contains(&(measured.bytes as f64))
}

/// The best so far, or where none fits those nearest to the budget.
fn parents(made: &[(Genome, Measured)], budget: f64) -> Vec<Genome> {
    let fitting: Vec<&(Genome, Measured)> =
        made.iter().filter(|(_, measured)| fits(measured, budget)).collect();
    if fitting.is_empty() {
        let mut all: Vec<&(Genome, Measured)> = made.iter().collect();
        all.sort_by_key(|(_, measured)| measured.bytes);
        return all.into_iter().take(PARENTS).map(|(genome, _)| genome.clone()).collect();
    }
    let figures: Vec<Measured> = fitting.iter().map(|(_, measured)| *measured).collect();
    front::select(&figures, PARENTS).into_iter().map(|at| fitting[at].0.clone()).collect()
}

/// What files take, by what their bits say, on average.
fn off(made: &[(Genome, Measured)], sensitivity: &Sensitivity, groups: &groups::Groups) -> f64 {
    let ratio = |(genome, measured): &(Genome, Measured)| {
        measured.bytes as f64 / sensitivity.bytes(genome, groups).max(1.0)
    };
    made.iter().map(ratio).sum::<f64>() / made.len().max(1) as f64
}

/// Fills in what is known at the end: the least times, and the front.
fn finish(
    found: &mut Found,
    made: &mut [(Genome, Measured)],
    evaluator: &Evaluator<'_>,
    budget: f64,
) {
    for ((genome, measured), point) in made.iter_mut().zip(&mut found.points) {
        measured.latency = evaluator.latency(&genome.structure);
        point.latency = measured.latency;
    }
    found.front = front_of(made, budget);
}

/// The places of those that none is better than, among those that fit.
fn front_of(made: &[(Genome, Measured)], budget: f64) -> Vec<usize> {
    let fitting: Vec<usize> = (0..made.len()).filter(|&at| fits(&made[at].1, budget)).collect();
    let figures: Vec<Measured> = fitting.iter().map(|&at| made[at].1).collect();
    front::front(&figures).into_iter().map(|at| fitting[at]).collect()
}
