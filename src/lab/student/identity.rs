//! The scale and bias with which a layer norm gives back, nearly, what comes in.

use std::cell::RefCell;
use std::collections::BTreeMap;

use futures_lite::future::block_on;

use crate::backend::cpu::Cpu;
use crate::backend::record::{Listener, Record};
use crate::backend::reference::norm::EPSILON;
use crate::compress::layers::Stack;
use crate::error::{Error, Result};
use crate::format::Package;
use crate::lab::calibrate::{SENTENCES, sources};
use crate::translate::Translator;

/// A layer norm's parameters, `[width]` each.
pub struct Norm {
    /// Of each element.
    pub scale: Vec<f32>,
    /// Of each element.
    pub bias: Vec<f32>,
}

/// For the outputs x of each layer `wanted`, the norm that is nearest to the identity on them: for
/// each element `min Σ(scale · x̂ + bias − x)²`, x̂ being x with mean 0 and variance 1.
///
/// # Errors
/// `InvalidInput` without any text, and whatever translating reports.
pub fn norms(
    package: &Package,
    calibration: &[String],
    wanted: Vec<(Stack, usize)>,
) -> Result<BTreeMap<(&'static str, usize), Norm>> {
    if calibration.is_empty() {
        return Err(Error::invalid("repeating layers needs calibration text, and none was given"));
    }
    let depths = Stack::ALL.map(|stack| stack.depth(package));
    // Outputs are heard where they go into the next product.
    let reader = |(stack, layer): (Stack, usize)| match stack {
        Stack::Encoder if layer + 1 == depths[0] => "decoder.0.cross.k".to_owned(),
        Stack::Encoder => format!("encoder.{}.attention.q", layer + 1),
        Stack::Decoder if layer + 1 == depths[1] => "embedding".to_owned(),
        Stack::Decoder => format!("decoder.{}.ssru.forget", layer + 1),
    };
    let width = package.metadata.architecture.width;
    let sums = wanted.iter().map(|&layer| (reader(layer), Sums::new(width))).collect();
    let listener = Outputs(RefCell::new(sums));
    let translator = Translator::load(Record::new(Cpu::default(), listener), package)?;
    for batch in sources(&translator, calibration)?.chunks(SENTENCES) {
        block_on(translator.network().translate(batch))?;
    }
    let sums = translator.network().backend().listener().0.borrow();
    let norm = |layer: (Stack, usize)| ((layer.0.name(), layer.1), sums[&reader(layer)].norm());
    Ok(wanted.into_iter().map(norm).collect())
}

struct Outputs(RefCell<BTreeMap<String, Sums>>);

impl Listener for Outputs {
    fn product(&self, names: &[String], inputs: &[f32], width: usize) {
        let mut all = self.0.borrow_mut();
        for name in names {
            if let Some(sums) = all.get_mut(name) {
                inputs.chunks_exact(width).for_each(|row| sums.add(row));
            }
        }
    }
}

/// Of each element x and its normalised x̂: sums in double precision.
struct Sums {
    rows: f64,
    /// Σx, Σx̂, Σx̂², Σx·x̂.
    each: Vec<[f64; 4]>,
}

impl Sums {
    fn new(width: usize) -> Self {
        Sums { rows: 0.0, each: vec![[0.0; 4]; width] }
    }

    fn add(&mut self, row: &[f32]) {
        let width = row.len() as f64;
        let mean = row.iter().map(|x| f64::from(*x)).sum::<f64>() / width;
        let variance = row.iter().map(|x| (f64::from(*x) - mean).powi(2)).sum::<f64>() / width;
        let inverse = 1.0 / (variance + f64::from(EPSILON)).sqrt();
        self.rows += 1.0;
        for (sums, &x) in self.each.iter_mut().zip(row) {
            let x = f64::from(x);
            let unit = (x - mean) * inverse;
            let more = [x, unit, unit * unit, x * unit];
            sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        }
    }

    fn norm(&self) -> Norm {
        let rows = self.rows.max(1.0);
        let fit = |&[x, unit, square, product]: &[f64; 4]| {
            let variance = square - unit * unit / rows;
            // An element that never changes is all bias.
            let scale = match variance > 1e-9 * rows {
                true => (product - x * unit / rows) / variance,
                false => 0.0,
            };
            (scale as f32, ((x - scale * unit) / rows) as f32)
        };
        let (scale, bias) = self.each.iter().map(fit).unzip();
        Norm { scale, bias }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_of_one_mean_and_variance_come_back_exactly() {
        // Mean 1, variance 2.5 in each row.
        let rows = [[3.0, 0.0, 2.0, -1.0], [-1.0, 2.0, 0.0, 3.0], [0.0, 3.0, -1.0, 2.0]];
        let mut sums = Sums::new(4);
        rows.iter().for_each(|row| sums.add(row));
        let norm = sums.norm();
        for row in rows {
            for (at, x) in row.into_iter().enumerate() {
                let back = norm.scale[at] * (x - 1.0) / 2.5f32.sqrt() + norm.bias[at];
                assert!((back - x).abs() < 1e-4, "{back}, not {x}");
            }
        }
    }
}
