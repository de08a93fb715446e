//! Dropping layers: those that a recipe names, or those that a model misses least, which only running
//! it tells.

use crate::backend::cpu::Cpu;
use crate::compress::Weight;
use crate::compress::layers::Stack;
use crate::compress::recipe::{Layers, Which};
use crate::error::{Error, Result};
use crate::eval;
use crate::format::Package;
use crate::translate::parallel::on_one_thread;
use crate::translate::{Limits, Translator};

/// Lines of text that are translated without each layer.
const LINES: usize = 100;

/// Takes layers out of a model; `package` follows `weights`.
///
/// # Errors
/// `InvalidInput` when a layer does not exist or none would be left, and whatever translating
/// reports.
pub fn drop(
    step: &Layers,
    weights: &mut Vec<Weight>,
    package: &mut Package,
    calibration: &[String],
    progress: &mut dyn FnMut(&str, f64),
) -> Result<()> {
    // Every nth line, so that all of the text is heard.
    let lines = calibration.iter().step_by(calibration.len().div_ceil(LINES).max(1));
    let lines: Vec<&String> = lines.collect();
    let whole = if step.needs_calibration() { translate(package, &lines)? } else { Vec::new() };
    let stacks = Stack::ALL.into_iter().zip([&step.encoder, &step.decoder]);
    let trials = stacks.clone().map(|(stack, which)| trials(stack.depth(package), which)).sum();
    let mut search = Search { lines, whole, trials, done: 0, progress };
    for (stack, which) in stacks {
        match which {
            // From behind, so that the numbers of the others stay.
            Which::These(layers) => {
                for &layer in layers.iter().rev() {
                    stack.drop(package, layer)?;
                    stack.drop_weights(weights, layer);
                }
            }
            Which::Cheapest(count) => {
                let depth = stack.depth(package);
                if *count >= depth {
                    return Err(Error::invalid(format!(
                        "this step would leave no layer of the {}, which has {depth}",
                        stack.name()
                    )));
                }
                for _ in 0..*count {
                    let layer = search.cheapest(stack, package)?;
                    stack.drop(package, layer)?;
                    stack.drop_weights(weights, layer);
                }
            }
        }
    }
    Ok(())
}

/// Models that are tried: one for each layer that is still there, as often as one goes.
fn trials(depth: usize, which: &Which) -> usize {
    match which {
        Which::These(_) => 0,
        Which::Cheapest(count) => (0..*count.min(&depth)).map(|gone| depth - gone).sum(),
    }
}

/// The search for layers that are missed least.
struct Search<'a> {
    lines: Vec<&'a String>,
    /// Their translations by the whole model.
    whole: Vec<String>,
    trials: usize,
    done: usize,
    progress: &'a mut dyn FnMut(&str, f64),
}

impl Search<'_> {
    /// The layer without which translations are nearest to those of the whole model, by chrF; of
    /// equals the first.
    fn cheapest(&mut self, stack: Stack, package: &Package) -> Result<usize> {
        let mut best = (0, f64::NEG_INFINITY);
        for layer in 0..stack.depth(package) {
            let name = format!("without {}.{layer}", stack.name());
            (self.progress)(&name, self.done as f64 / self.trials as f64);
            self.done += 1;
            let mut without = package.clone();
            stack.drop(&mut without, layer)?;
            let score = eval::score(&translate(&without, &self.lines)?, &self.whole)?.chrf;
            if score > best.1 {
                best = (layer, score);
            }
        }
        Ok(best.0)
    }
}

/// One thread: each line is translated as it would be by itself, so that the same text gives the
/// same choice.
fn translate(package: &Package, lines: &[&String]) -> Result<Vec<String>> {
    on_one_thread(&Translator::load(Cpu::default(), package)?, lines, Limits::BULK)
}
