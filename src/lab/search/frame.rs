//! A network with its structure decided: all that its candidates share is computed once, and each
//! group of matrices is rounded once to the bits that a candidate asks for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::genome::{Eighths, Form, Genome, Structure, precision};
use super::groups::Groups;
use crate::compress::quantize::quantize;
use crate::compress::recipe::{Method, Precision};
use crate::compress::target::EMBEDDING;
use crate::compress::{Recipe, Statistics, Weight};
use crate::error::{At, Error, Result};
use crate::format::Package;
use crate::lab::bytes::gzip;
use crate::lab::calibrate::calibrate;
use crate::lab::compress::{insert, read, take};

/// A network before rounding.
pub struct Frame {
    structure: Structure,
    /// Vectors in half floats, without shortlist and screening.
    package: Package,
    weights: Vec<Weight>,
    /// What enters the products of this network.
    statistics: Statistics,
    /// What there is besides matrices, gzipped.
    rest_bytes: usize,
    rounded: Mutex<BTreeMap<(usize, Eighths), Arc<Rounded>>>,
}

/// The matrices of a group, rounded.
#[derive(Debug)]
struct Rounded {
    weights: Vec<Weight>,
    /// Their parts, each gzipped by itself.
    bytes: usize,
}

impl Frame {
    /// Takes the steps of `structure`, which look at `calibration` as those of a recipe do.
    ///
    /// # Errors
    /// What [`crate::lab::compress::compress`] reports of these steps.
    pub fn new(
        original: &Package,
        groups: &Groups,
        structure: &Structure,
        calibration: &[String],
    ) -> Result<Self> {
        let mut package = original.clone();
        let names = original.metadata.matrices.keys();
        let mut weights = names.map(|name| read(original, name)).collect::<Result<Vec<_>>>()?;
        let steps = structure.steps(groups);
        if !steps.is_empty() {
            let recipe = Recipe::from_value(serde_json::json!({ "step": steps }))?;
            for step in recipe.steps() {
                take(step, &mut weights, &mut package, calibration, &mut |_, _| {})
                    .at(step.method.name())?;
            }
        }
        let products = weights.iter().filter(|weight| weight.name != EMBEDDING);
        let wanted = products.map(|weight| weight.name.clone()).collect();
        let statistics = calibrate(&package, calibration, wanted, &mut |_| {})?;
        for name in package.vector_names() {
            let held = package.tensors[&name].halved().at(format!("tensor \"{name}\""))?;
            package.tensors.insert(name, held);
        }
        package.set_texts(package.vocabulary()?.clone(), None);
        package.set_screening(None);
        let mut rest = package.clone();
        let vectors = rest.vector_names();
        rest.tensors.retain(|name, _| name == "vocabulary" || vectors.contains(name));
        let rest_bytes = gzip(&rest.write()?)?.len();
        let (structure, rounded) = (structure.clone(), Mutex::default());
        Ok(Frame { structure, package, weights, statistics, rest_bytes, rounded })
    }

    /// The structure that it has.
    pub fn structure(&self) -> &Structure {
        &self.structure
    }

    /// What there is besides matrices, gzipped.
    pub fn rest_bytes(&self) -> usize {
        self.rest_bytes
    }

    /// Rounds a group, unless that was done before.
    ///
    /// # Errors
    /// What rounding reports, such as that nothing but zeros would be left.
    pub fn round(&self, groups: &Groups, at: usize, bits: Eighths) -> Result<()> {
        if self.find(at, bits).is_some() {
            return Ok(());
        }
        let form = self.structure.forms.get(&at).copied();
        let names = self.structure.names(&groups.all[at]);
        let of_group = self.weights.iter().filter(|weight| names.contains(&weight.name));
        let mut weights = of_group.map(Weight::duplicate).collect::<Result<Vec<_>>>()?;
        let mut chosen: Vec<&mut Weight> = weights.iter_mut().collect();
        quantize(&mut chosen, setting(form, bits)?, &self.statistics, &mut |_| {})?;
        let parts = weights.iter().flat_map(|weight| weight.matrix().parts());
        let bytes = parts.map(|(_, part)| gzip(part.data()).map(|zipped| zipped.len()));
        let bytes = bytes.sum::<Result<usize>>()?;
        let rounded = Arc::new(Rounded { weights, bytes });
        self.lock().insert((at, bits), rounded);
        Ok(())
    }

    /// Whether a group was rounded to these bits.
    pub fn has(&self, at: usize, bits: Eighths) -> bool {
        self.find(at, bits).is_some()
    }

    /// The package of a candidate of this structure, all of whose groups have been rounded, without a
    /// screening, and the sum of what its parts take when they are gzipped one by one.
    ///
    /// # Errors
    /// `Internal` when a group was not rounded; `InvalidInput` when a bias is above the largest half
    /// float.
    pub fn assemble(&self, genome: &Genome) -> Result<(Package, usize)> {
        let (mut package, mut bytes) = (self.package.clone(), self.rest_bytes);
        for (at, bits) in genome.bits.iter().enumerate() {
            let Some(bits) = *bits else { continue };
            let rounded = self.find(at, bits);
            let missing = || Error::new(crate::Kind::Internal, "a group was not rounded");
            let rounded = rounded.ok_or_else(missing)?;
            bytes += rounded.bytes;
            rounded.weights.iter().try_for_each(|weight| insert(&mut package, weight))?;
        }
        Ok((package, bytes))
    }

    fn find(&self, at: usize, bits: Eighths) -> Option<Arc<Rounded>> {
        self.lock().get(&(at, bits)).cloned()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<(usize, Eighths), Arc<Rounded>>> {
        // Nothing that could panic runs under the lock.
        self.rounded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a recipe's keys for this group mean.
fn setting(form: Option<Form>, bits: Eighths) -> Result<Precision> {
    let mut step = precision(form, bits);
    step["method"] = "quantize".into();
    step["target"] = "all".into();
    let recipe = Recipe::from_value(serde_json::json!({ "step": [step] }))?;
    match recipe.steps() {
        [step] => match &step.method {
            Method::Quantize(precision) => Ok(*precision),
            _ => Err(Error::invalid("this is no step that rounds")),
        },
        _ => Err(Error::invalid("expected one step")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::compress::compress;

    fn text() -> Vec<String> {
        let table = include_str!("../../../data/calibration.en-pt.tsv");
        let column = |line: &str| line.split('\t').nth(1).unwrap_or_default().to_owned();
        table.lines().skip(1).step_by(20).map(column).collect()
    }

    /// All that a candidate may be, in one.
    fn candidate(groups: &Groups) -> Genome {
        let mut genome = Genome::uniform(groups, Some(28));
        let at = |name: &str| groups.all.iter().position(|group| group.name == name).unwrap();
        genome.bits[at("embedding")] = Some(30);
        genome.bits[at("encoder.0.attention.*")] = Some(20);
        let structure = &mut genome.structure;
        structure.dropped.insert((0, 1));
        structure.keep = Some(24_000);
        structure.narrow.insert((0, 2), 2);
        structure.forms.insert(at("encoder.3.attention.*"), Form::Sparse(4));
        structure.forms.insert(at("decoder.1.ssru.*"), Form::Rank(8));
        genome.tidy(groups);
        genome
    }

    #[test]
    fn what_is_assembled_is_what_the_recipe_makes_of_the_same_text() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/models/en-pt.safetensors");
        let file = std::fs::read(path).expect("run `make model`");
        let original = Package::read(file.into()).unwrap();
        let groups = Groups::new(&original).unwrap();
        let (genome, text) = (candidate(&groups), text());
        let frame = Frame::new(&original, &groups, &genome.structure, &text).unwrap();
        for (at, bits) in genome.bits.iter().enumerate() {
            bits.iter().for_each(|bits| frame.round(&groups, at, *bits).unwrap());
        }
        let (assembled, _) = frame.assemble(&genome).unwrap();
        let recipe = genome.recipe(&groups).unwrap();
        let mut made = compress(&original, &recipe, &text, &mut |_| {}).unwrap().package;
        assert!(made.metadata.screening.is_some());
        // A candidate has neither, and says not how it was made.
        made.set_screening(None);
        made.metadata.recipe = original.metadata.recipe.clone();
        assert_eq!(assembled.metadata, made.metadata);
        for (name, tensor) in &made.tensors {
            assert!(assembled.tensors.get(name) == Some(tensor), "{name}");
        }
        assert_eq!(assembled.tensors.len(), made.tensors.len());
    }
}
