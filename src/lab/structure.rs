//! Steps that make the network smaller: its matrices, its architecture and the names of its tensors
//! change together.

use super::calibrate::calibrate;
use super::compress::{CALIBRATION, insert};
use super::layers;
use crate::compress::heads::{self, Attention};
use crate::compress::recipe::{Heads, Neurons, Structure};
use crate::compress::target::Target;
use crate::compress::{Statistics, Weight, neurons};
use crate::error::{At, Error, Result};
use crate::format::Package;
use crate::format::architecture::LayerSizes;

/// Takes one step; `package` follows `weights`. `progress` hears what is going on, and the share of
/// the step that is done.
///
/// # Errors
/// `InvalidInput` when the target matches nothing, or when nothing of a layer would be left;
/// `Malformed` when the matrices do not fit the architecture.
pub fn take(
    structure: &Structure,
    target: &Target,
    weights: &mut Vec<Weight>,
    package: &mut Package,
    calibration: &[String],
    progress: &mut dyn FnMut(&str, f64),
) -> Result<()> {
    match structure {
        Structure::Neurons(step) => {
            let blocks = choose(target, weights, package, ["ffn", "ffn"])?;
            let step = Narrow { method: *step, input: step.needs_calibration().then_some("w2") };
            step.take(blocks, weights, package, calibration, progress)
        }
        Structure::Heads(step) => {
            let blocks = choose(target, weights, package, ["attention", "cross"])?;
            let step = Narrow { method: *step, input: step.needs_calibration().then_some("o") };
            step.take(blocks, weights, package, calibration, progress)
        }
        Structure::Layers(step) => layers::drop(step, weights, package, calibration, progress),
    }
}

/// A feed-forward or attention layer.
struct Block {
    /// As in the names of its matrices: `encoder.0.ffn`.
    name: String,
    sizes: LayerSizes,
}

/// The blocks of which the target names a matrix. `kinds` is what they are called in the encoder and
/// in the decoder.
fn choose(
    target: &Target,
    weights: &[Weight],
    package: &Package,
    kinds: [&str; 2],
) -> Result<Vec<Block>> {
    let architecture = &package.metadata.architecture;
    let stacks = [("encoder", architecture.encoder()), ("decoder", architecture.decoder())];
    let all = stacks.into_iter().zip(kinds).flat_map(|((stack, layers), kind)| {
        let block = move |(n, sizes)| Block { name: format!("{stack}.{n}.{kind}"), sizes };
        layers.into_iter().enumerate().map(block)
    });
    let meant = |block: &Block| {
        let own = |weight: &&Weight| {
            weight.name.rsplit_once('.').is_some_and(|(place, _)| place == block.name)
        };
        weights.iter().filter(own).any(|weight| target.matches(&weight.name))
    };
    let blocks: Vec<Block> = all.filter(meant).collect();
    if blocks.is_empty() {
        let [one, other] = kinds;
        let kinds = if one == other { one.to_owned() } else { format!("{one} or {other}") };
        return Err(Error::invalid(format!(
            "key `target`: `{target}` matches no matrix of a layer `{kinds}` of this model"
        )));
    }
    Ok(blocks)
}

/// A method that makes blocks narrower inside, and the matrix whose inputs it asks for.
struct Narrow<M> {
    method: M,
    input: Option<&'static str>,
}

impl<M> Narrow<M>
where
    Narrow<M>: Apply,
{
    fn take(
        &self,
        blocks: Vec<Block>,
        weights: &mut [Weight],
        package: &mut Package,
        calibration: &[String],
        progress: &mut dyn FnMut(&str, f64),
    ) -> Result<()> {
        let (mut statistics, mut before) = (Statistics::new(), 0.0);
        if let Some(input) = self.input {
            let wanted = blocks.iter().map(|block| format!("{}.{input}", block.name)).collect();
            before = CALIBRATION;
            let mut progress = |share| progress("calibration", CALIBRATION * share);
            statistics = calibrate(package, calibration, wanted, &mut progress)?;
        }
        let each = (1.0 - before) / blocks.len() as f64;
        for (turn, block) in blocks.iter().enumerate() {
            progress(&block.name, before + each * turn as f64);
            self.apply(block, weights, package, &statistics)
                .at(format!("layer \"{}\"", block.name))?;
        }
        measure(package)
    }
}

/// What a method does to one block.
trait Apply {
    fn apply(
        &self,
        block: &Block,
        weights: &mut [Weight],
        package: &mut Package,
        statistics: &Statistics,
    ) -> Result<()>;
}

impl Apply for Narrow<Neurons> {
    fn apply(
        &self,
        block: &Block,
        weights: &mut [Weight],
        package: &mut Package,
        statistics: &Statistics,
    ) -> Result<()> {
        let (width, ffn) = (package.metadata.architecture.width, block.sizes.ffn);
        let matrices = [("w1", [ffn, width]), ("w2", [width, ffn])];
        let [first, second] = find(weights, &block.name, matrices)?;
        let outputs = statistics.get(&second.name).map(|gram| &**gram);
        neurons::prune(first, second, self.method, outputs)?;
        [first, second].into_iter().try_for_each(|weight| insert(package, weight))
    }
}

impl Apply for Narrow<Heads> {
    fn apply(
        &self,
        block: &Block,
        weights: &mut [Weight],
        package: &mut Package,
        statistics: &Statistics,
    ) -> Result<()> {
        let (width, head) =
            (package.metadata.architecture.width, package.metadata.architecture.head_width());
        let all = block.sizes.heads * head;
        let matrices =
            [("q", [all, width]), ("k", [all, width]), ("v", [all, width]), ("o", [width, all])];
        let [q, k, v, o] = find(weights, &block.name, matrices)?;
        let mixed = statistics.get(&o.name).map(|gram| &**gram);
        heads::prune(Attention { q, k, v, o }, head, self.method, mixed)?;
        [q, k, v, o].into_iter().try_for_each(|weight| insert(package, weight))
    }
}

/// The matrices of a block, each of which must have its shape.
fn find<'a, const N: usize>(
    weights: &'a mut [Weight],
    block: &str,
    matrices: [(&str, [usize; 2]); N],
) -> Result<[&'a mut Weight; N]> {
    let mut places = [0; N];
    for (place, (part, shape)) in places.iter_mut().zip(matrices) {
        let name = format!("{block}.{part}");
        let found = weights.iter().position(|weight| weight.name == name);
        let missing = || Error::malformed("is missing").at(format!("matrix \"{name}\""));
        *place = found.ok_or_else(missing)?;
        let held = weights[*place].matrix().shape();
        if held != shape {
            let message = format!("expected shape {shape:?}, the model has {held:?}");
            return Err(Error::malformed(message).at(format!("matrix \"{name}\"")));
        }
    }
    // No two parts of a block have one name.
    weights.get_disjoint_mut(places).map_err(|error| Error::invalid(error.to_string()))
}

/// Sets the sizes of all layers to those that the matrices have now.
fn measure(package: &mut Package) -> Result<()> {
    let metadata = &mut package.metadata;
    let head = metadata.architecture.head_width();
    let rows = |name: String| -> Result<usize> {
        let info = metadata.matrices.get(&name);
        let missing = || Error::malformed("is missing").at(format!("matrix \"{name}\""));
        Ok(info.ok_or_else(missing)?.shape[0])
    };
    let layers = |stack: &str, attention: &str, depth: usize| -> Result<Vec<LayerSizes>> {
        let layer = |n| -> Result<LayerSizes> {
            let heads = rows(format!("{stack}.{n}.{attention}.q"))? / head;
            Ok(LayerSizes { heads, ffn: rows(format!("{stack}.{n}.ffn.w1"))? })
        };
        (0..depth).map(layer).collect()
    };
    let encoder = layers("encoder", "attention", metadata.architecture.encoder_layers)?;
    let decoder = layers("decoder", "cross", metadata.architecture.decoder_layers)?;
    metadata.architecture.set_layers(encoder, decoder);
    Ok(())
}
