//! A candidate of a search, as choices that can be varied, and the recipe that they are.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::groups::{Group, Groups, Layer};
use crate::codec::low_rank::least_rank;
use crate::compress::Recipe;
use crate::compress::layers::Stack;
use crate::error::Result;

/// Bits a weight on average, in eighths.
pub type Eighths = u8;

/// The fewest and the most bits that a search tries: below, hardly anything but zeros is left, and
/// above nothing is gained that could be seen.
pub const LEAST: Eighths = 12;
pub const MOST: Eighths = 48;

/// What becomes of the matrices of a group before they are rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// So many sixteenths of the weights go (OBS).
    Sparse(u8),
    /// A pair of factors, of so many sixteenths of the shorter side.
    Rank(u8),
}

/// Parts of the network that go, and what comes before rounding.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Structure {
    /// Layers that are dropped.
    pub dropped: BTreeSet<Layer>,
    /// Pieces of the vocabulary that stay, where not all do.
    pub keep: Option<usize>,
    /// Of a layer, the eighths of its feed-forward neurons that go.
    pub narrow: BTreeMap<Layer, u8>,
    /// Of a group, by its place, another form than whole matrices.
    pub forms: BTreeMap<usize, Form>,
}

/// One candidate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Genome {
    /// What is done before rounding.
    pub structure: Structure,
    /// Of each group: the bits that it is rounded to; none where it stays as it is, which the
    /// measurement of single groups needs.
    pub bits: Vec<Option<Eighths>>,
}

impl Structure {
    /// Without choices for what is gone, so that what is the same is equal.
    pub fn tidy(&mut self, groups: &Groups) {
        let Structure { dropped, narrow, forms, .. } = self;
        narrow.retain(|layer, share| *share > 0 && !dropped.contains(layer));
        let there =
            |at: &usize| groups.all[*at].layer.is_none_or(|layer| !dropped.contains(&layer));
        forms.retain(|at, _| there(at));
    }

    /// Whether a group is still there.
    pub fn has(&self, group: &Group) -> bool {
        group.layer.is_none_or(|layer| !self.dropped.contains(&layer))
    }

    /// The pattern of a group in the model without the layers that were dropped.
    pub fn name(&self, group: &Group) -> String {
        let Some((stack, layer)) = group.layer else { return group.name.clone() };
        let gone = self.dropped.range((stack, 0)..(stack, layer)).count();
        let rest = group.name.splitn(3, '.').nth(2).unwrap_or_default();
        format!("{}.{}.{rest}", Stack::ALL[stack].name(), layer - gone)
    }

    /// The names that the matrices of a group have there.
    pub fn names(&self, group: &Group) -> Vec<String> {
        let stem = |name: &str| name.rsplit_once('.').map_or(name.len(), |(stem, _)| stem.len());
        let pattern = self.name(group);
        let name = |matrix: &String| match pattern.strip_suffix('*') {
            Some(before) => format!("{before}{}", &matrix[stem(matrix) + 1..]),
            None => pattern.clone(),
        };
        group.matrices.iter().map(name).collect()
    }

    /// The steps of a recipe that do this; none for the network as it is.
    pub fn steps(&self, groups: &Groups) -> Vec<Value> {
        let mut steps = Vec::new();
        if !self.dropped.is_empty() {
            let mut step = Map::from_iter([("method".to_owned(), json!("drop_layers"))]);
            for (place, stack) in Stack::ALL.iter().enumerate() {
                let gone = self.dropped.range((place, 0)..(place + 1, 0)).map(|(_, layer)| *layer);
                let gone: Vec<usize> = gone.collect();
                if !gone.is_empty() {
                    step.insert(stack.name().to_owned(), json!(gone));
                }
            }
            steps.push(Value::Object(step));
        }
        if let Some(keep) = self.keep {
            steps.push(json!({ "method": "trim_vocabulary", "keep": keep }));
        }
        for (layer, share) in &self.narrow {
            let first = |group: &&Group| group.layer == Some(*layer) && group.is_ffn();
            if let Some(group) = groups.all.iter().find(first) {
                steps.push(json!({
                    "method": "prune_neurons", "target": self.name(group),
                    "criterion": "activation", "share": f64::from(*share) / 8.0,
                }));
            }
        }
        for (at, form) in &self.forms {
            let group = &groups.all[*at];
            let target = self.name(group);
            steps.push(match form {
                Form::Sparse(share) => json!({
                    "method": "prune", "target": target, "criterion": "obs",
                    "sparsity": f64::from(*share) / 16.0,
                }),
                Form::Rank(share) => json!({
                    "method": "low_rank", "target": target, "whiten": true,
                    "rank": rank(group.shapes[0], *share),
                }),
            });
        }
        steps
    }
}

/// So many sixteenths of a matrix's shorter side, as far as the codec allows it.
pub fn rank(shape: [usize; 2], sixteenths: u8) -> usize {
    let short = shape[0].min(shape[1]);
    (short * usize::from(sixteenths) / 16).max(least_rank(shape))
}

/// Bits of the codes of factors, which are rounded in groups.
pub fn whole_bits(eighths: Eighths) -> u8 {
    ((eighths + 4) / 8).clamp(2, 8)
}

/// The keys of `quantize` for a group.
pub fn precision(form: Option<Form>, eighths: Eighths) -> Value {
    match form {
        Some(Form::Rank(_)) => {
            json!({ "bits": whole_bits(eighths), "group_size": 64, "rounding": "gptq" })
        }
        _ => json!({
            "bits": f64::from(eighths) / 8.0, "group_size": "matrix", "coding": "entropy",
            "rounding": "gptq",
        }),
    }
}

impl Genome {
    /// The same bits for all groups of the network as it is.
    pub fn uniform(groups: &Groups, bits: Option<Eighths>) -> Self {
        Genome { structure: Structure::default(), bits: vec![bits; groups.all.len()] }
    }

    /// Without choices for what is gone, so that what is the same is equal.
    pub fn tidy(&mut self, groups: &Groups) {
        self.structure.tidy(groups);
        for (group, bits) in groups.all.iter().zip(&mut self.bits) {
            match self.structure.has(group) {
                true => *bits = bits.map(|bits| bits.clamp(LEAST, MOST)),
                false => *bits = None,
            }
        }
    }

    /// The recipe of this candidate: its structure, its bits, vectors in half floats, and a screening
    /// in place of the shortlist.
    ///
    /// # Errors
    /// None for a candidate that is tidy: what it says are sound steps.
    pub fn recipe(&self, groups: &Groups) -> Result<Recipe> {
        let mut steps = self.structure.steps(groups);
        let chosen = || groups.all.iter().zip(&self.bits).enumerate();
        let form = |at: usize| self.structure.forms.get(&at).copied();
        // Bits are an average over the matrices that share a grid: each group must have its own. So
        // all are exceptions but one, the largest of those that have a grid.
        let gridded =
            |at: &usize| self.bits[*at].is_some() && !matches!(form(*at), Some(Form::Rank(_)));
        let main = (0..groups.all.len()).filter(gridded).max_by_key(|&at| groups.all[at].weights());
        if let Some((main, most)) = main.and_then(|at| Some((at, self.bits[at]?))) {
            let mut except = Map::new();
            for (at, (group, bits)) in chosen().filter(|(at, _)| *at != main) {
                let Some(bits) = *bits else { continue };
                let own = match form(at) {
                    rank @ Some(Form::Rank(_)) => precision(rank, bits),
                    _ => json!(f64::from(bits) / 8.0),
                };
                except.insert(self.structure.name(group), own);
            }
            let mut step = precision(None, most);
            step["method"] = json!("quantize");
            step["target"] = json!("all");
            if !except.is_empty() {
                step["except"] = Value::Object(except);
            }
            steps.push(step);
        }
        steps.push(json!({ "method": "quantize", "target": "vectors", "bits": 16 }));
        steps.push(json!({ "method": "screen" }));
        Recipe::from_value(json!({ "step": steps }))
    }
}
