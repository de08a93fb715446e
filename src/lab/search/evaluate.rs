//! From candidates to figures: bytes on the wire, divergence from the original and, where a clock is
//! given, time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::frame::Frame;
use super::genome::{Eighths, Genome, Structure};
use super::groups::Groups;
use super::teacher::Teacher;
use crate::error::{Error, Kind, Result};
use crate::format::Package;
use crate::lab::bytes::gzip;
use crate::threads::Pool;

/// Tells the time in milliseconds: there is no clock in here.
pub type Clock<'a> = &'a (dyn Fn() -> f64 + Sync);

/// What is known of a candidate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// The length of its gzipped file, to about a thousandth.
    pub bytes: usize,
    /// The mean divergence KL(original ‖ candidate), in nats a target token.
    pub divergence: f64,
    /// Milliseconds a target token on one thread, the least of all candidates of its structure, since
    /// bits make no difference there.
    pub latency: Option<f64>,
}

/// Measures candidates.
pub struct Evaluator<'a> {
    original: &'a Package,
    groups: Groups,
    calibration: Vec<String>,
    teacher: Teacher,
    /// The network as it is, of which most candidates are made.
    plain: Arc<Frame>,
    /// Others, at most `kept`; those used last come last.
    frames: Vec<Arc<Frame>>,
    kept: usize,
    /// What a gzipped file takes for each of its matrices besides its parts, each gzipped by itself:
    /// names.
    overhead: f64,
    latencies: BTreeMap<Structure, (usize, f64)>,
    clock: Option<Clock<'a>>,
    pool: &'a Pool,
}

/// Candidates that are measured together where there are threads for it. Alone, one follows the other,
/// and each is heard of at once.
const TOGETHER: usize = 8;
/// How often a structure is timed, at most.
const TIMINGS: usize = 3;
/// Bytes of a screening's maps as `screen` makes them: two of 48 rows, each with a scale.
const SCREENING_ROWS: usize = 2 * 48;

impl<'a> Evaluator<'a> {
    /// For candidates of `original`; what they do with text is learnt from `calibration`, and seen on
    /// `text`, which should be other text. `kept`: see [`super::Settings::networks`].
    ///
    /// # Errors
    /// What loading and translating report.
    pub fn new(
        original: &'a Package,
        calibration: Vec<String>,
        text: &[String],
        kept: usize,
        clock: Option<Clock<'a>>,
        pool: &'a Pool,
    ) -> Result<Self> {
        let groups = Groups::new(original)?;
        let teacher = Teacher::new(original, text)?;
        // One real file tells what all take besides their parts.
        let genome = Genome::uniform(&groups, Some(TYPICAL));
        let plain = Frame::new(original, &groups, &genome.structure, &calibration)?;
        for at in 0..genome.bits.len() {
            plain.round(&groups, at, TYPICAL)?;
        }
        let (mut package, parts) = plain.assemble(&genome)?;
        package.metadata.recipe = Some(genome.recipe(&groups)?.given().clone());
        let file = gzip(&package.write()?)?.len();
        let matrices = package.metadata.matrices.len().max(1);
        let overhead = file.saturating_sub(parts) as f64 / matrices as f64;
        let (plain, kept) = (Arc::new(plain), kept.max(1));
        let (frames, latencies) = (Vec::new(), BTreeMap::new());
        Ok(Evaluator {
            original,
            groups,
            calibration,
            teacher,
            plain,
            frames,
            kept,
            overhead,
            latencies,
            clock,
            pool,
        })
    }

    /// How many candidates should be given to [`Evaluator::evaluate`] at once.
    pub fn together(&self) -> usize {
        if self.pool.threads() > 1 { TOGETHER } else { 1 }
    }

    /// What a gzipped file of so many matrices takes besides its parts.
    fn besides(&self, matrices: usize) -> usize {
        let screening =
            SCREENING_ROWS * (self.original.metadata.architecture.width + size_of::<f32>());
        screening + (self.overhead * matrices as f64) as usize
    }

    /// The groups of the original.
    pub fn groups(&self) -> &Groups {
        &self.groups
    }

    /// What a file takes besides its matrices, gzipped: vectors, the vocabulary, names.
    pub fn rest_bytes(&self) -> usize {
        self.plain.rest_bytes() + self.besides(self.original.metadata.matrices.len())
    }

    /// The least latency that was measured of a structure.
    pub fn latency(&self, structure: &Structure) -> Option<f64> {
        self.latencies.get(structure).map(|(_, latency)| *latency)
    }

    /// Measures candidates, several at a time where the pool has threads and no time is measured. Of
    /// one that cannot be made, such as one of which nothing but zeros would be left, the reason.
    ///
    /// # Errors
    /// All but `InvalidInput`, which is a candidate's own.
    pub fn evaluate(&mut self, genomes: &[Genome]) -> Result<Vec<Result<Measured>>> {
        let structures: BTreeSet<&Structure> =
            genomes.iter().map(|genome| &genome.structure).collect();
        let structures: Vec<&Structure> = structures.into_iter().collect();
        let mut results: Vec<Option<Result<Measured>>> = vec![None; genomes.len()];
        // Not more at a time than are kept.
        for some in structures.chunks(self.kept) {
            let frames = self.frames(some)?;
            let of = |genome: &Genome| some.iter().position(|one| **one == genome.structure);
            let mut wanted: BTreeSet<(usize, usize, Eighths)> = BTreeSet::new();
            for genome in genomes {
                let Some(place) = of(genome) else { continue };
                let Ok(frame) = &frames[place] else { continue };
                let groups = genome.bits.iter().enumerate();
                let asked = groups.filter_map(|(at, bits)| Some((place, at, (*bits)?)));
                wanted.extend(asked.filter(|(_, at, bits)| !frame.has(*at, *bits)));
            }
            let wanted: Vec<_> = wanted.into_iter().collect();
            let rounded = self.pool.map(wanted.len(), |n| {
                let (place, at, bits) = wanted[n];
                frames[place].as_ref().map_or(Ok(()), |frame| frame.round(&self.groups, at, bits))
            });
            let mut refused: BTreeMap<(usize, usize, Eighths), Error> = BTreeMap::new();
            for (key, result) in wanted.into_iter().zip(rounded) {
                if let Err(error) = result {
                    refused.insert(key, own(error)?);
                }
            }
            let here: Vec<usize> =
                (0..genomes.len()).filter(|&n| of(&genomes[n]).is_some()).collect();
            let measure = |n: usize| -> Result<Measured> {
                let genome = &genomes[here[n]];
                let place = of(genome).unwrap_or_default();
                let frame = frames[place].as_ref().map_err(Clone::clone)?;
                let bits = genome.bits.iter().enumerate();
                let keys = bits.filter_map(|(at, bits)| Some((place, at, (*bits)?)));
                if let Some(error) = keys.into_iter().find_map(|key| refused.get(&key)) {
                    return Err(error.clone());
                }
                let (package, parts) = frame.assemble(genome)?;
                let divergence = self.teacher.divergence(&package)?;
                let latency = match (self.clock, self.latencies.get(&genome.structure)) {
                    (Some(clock), known) if known.is_none_or(|known| known.0 < TIMINGS) => {
                        Some(self.teacher.time(&package, clock)?)
                    }
                    _ => None,
                };
                let bytes = parts + self.besides(package.metadata.matrices.len());
                Ok(Measured { bytes, divergence, latency })
            };
            let measured = match self.clock {
                // Two at a time would disturb each other.
                Some(_) => (0..here.len()).map(measure).collect(),
                None => self.pool.map(here.len(), measure),
            };
            for (at, result) in here.into_iter().zip(measured) {
                let result = match result {
                    Ok(mut measured) => {
                        measured.latency = self.note(&genomes[at].structure, measured.latency);
                        Ok(measured)
                    }
                    Err(error) => Err(own(error)?),
                };
                results[at] = Some(result);
            }
        }
        Ok(results.into_iter().flatten().collect())
    }

    /// Notes a latency; the least of its structure so far.
    fn note(&mut self, structure: &Structure, latency: Option<f64>) -> Option<f64> {
        if let Some(latency) = latency {
            let (times, least) =
                self.latencies.entry(structure.clone()).or_insert((0, f64::INFINITY));
            *times += 1;
            *least = least.min(latency);
        }
        self.latency(structure)
    }

    /// The networks of these structures, of which there may be at most as many as are kept.
    fn frames(&mut self, structures: &[&Structure]) -> Result<Vec<Result<Arc<Frame>>>> {
        let known = |structure: &Structure| {
            let mut all = self.frames.iter().chain([&self.plain]);
            all.find(|frame| frame.structure() == structure).cloned()
        };
        let found: Vec<Option<Arc<Frame>>> = structures.iter().map(|one| known(one)).collect();
        // Those that are made need the room of others.
        let missing = found.iter().filter(|found| found.is_none()).count();
        self.make_room(missing, structures);
        let made = self.pool.map(structures.len(), |n| match &found[n] {
            Some(frame) => Ok(Arc::clone(frame)),
            None => Frame::new(self.original, &self.groups, structures[n], &self.calibration)
                .map(Arc::new),
        });
        let mut frames = Vec::with_capacity(made.len());
        for frame in made {
            frames.push(match frame {
                Ok(frame) => {
                    self.frames.retain(|one| one.structure() != frame.structure());
                    if !Arc::ptr_eq(&frame, &self.plain) {
                        self.frames.push(Arc::clone(&frame));
                    }
                    Ok(frame)
                }
                Err(error) => Err(own(error)?),
            });
        }
        Ok(frames)
    }

    /// Lets go of those used longest ago, but for `wanted`, so that so many more are not too many.
    fn make_room(&mut self, more: usize, wanted: &[&Structure]) {
        let mut over = (self.frames.len() + more).saturating_sub(self.kept);
        self.frames.retain(|frame| {
            let goes = over > 0 && !wanted.contains(&frame.structure());
            over -= usize::from(goes);
            !goes
        });
    }
}

/// The bits that the one file is made with whose overhead all are taken to have.
const TYPICAL: Eighths = 26;

/// An error that is a candidate's own; others end the search.
fn own(error: Error) -> Result<Error> {
    if error.kind() == Kind::InvalidInput { Ok(error) } else { Err(error) }
}
