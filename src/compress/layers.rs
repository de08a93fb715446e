//! Fewer layers: whole ones go, and those behind them move up. Without training that costs much;
//! Behnke & Heafield 2021 and Sajjad et al. 2023, "On the Effect of Dropping Layers of Pre-trained
//! Transformer Models", train the model on afterwards.

use std::collections::BTreeMap;

use super::Weight;
use crate::error::{Error, Result};
use crate::format::Package;

/// A stack of layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stack {
    /// The encoder.
    Encoder,
    /// The decoder.
    Decoder,
}

impl Stack {
    /// Both.
    pub const ALL: [Stack; 2] = [Stack::Encoder, Stack::Decoder];

    /// What the names of its matrices begin with.
    pub fn name(self) -> &'static str {
        match self {
            Stack::Encoder => "encoder",
            Stack::Decoder => "decoder",
        }
    }

    /// Its layers in a package.
    pub fn depth(self, package: &Package) -> usize {
        match self {
            Stack::Encoder => package.metadata.architecture.encoder_layers,
            Stack::Decoder => package.metadata.architecture.decoder_layers,
        }
    }

    /// The name of a tensor once `layer` is gone: none for its own.
    fn renamed(self, name: &str, layer: usize) -> Option<String> {
        let place = name.strip_prefix(self.name()).and_then(|rest| rest.strip_prefix('.'));
        let Some((number, rest)) = place.and_then(|rest| rest.split_once('.')) else {
            return Some(name.to_owned());
        };
        match number.parse::<usize>() {
            Ok(number) if number == layer => None,
            Ok(number) if number > layer => Some(format!("{}.{}.{rest}", self.name(), number - 1)),
            _ => Some(name.to_owned()),
        }
    }

    /// Takes a layer out of a package.
    ///
    /// # Errors
    /// `InvalidInput` when there is no such layer, or when it is the last one.
    pub fn drop(self, package: &mut Package, layer: usize) -> Result<()> {
        let depth = self.depth(package);
        if layer >= depth {
            return Err(Error::invalid(format!(
                "the {} has no layer {layer}: its layers are 0 to {}",
                self.name(),
                depth.saturating_sub(1)
            )));
        }
        if depth == 1 {
            return Err(Error::invalid(format!(
                "this step would leave no layer of the {}",
                self.name()
            )));
        }
        let architecture = &mut package.metadata.architecture;
        let (mut encoder, mut decoder) = (architecture.encoder(), architecture.decoder());
        match self {
            Stack::Encoder => encoder.remove(layer),
            Stack::Decoder => decoder.remove(layer),
        };
        architecture.set_layers(encoder, decoder);
        package.tensors = self.without(std::mem::take(&mut package.tensors), layer);
        let matrices = &mut package.metadata.matrices;
        *matrices = self.without(std::mem::take(matrices), layer);
        Ok(())
    }

    fn without<T>(self, named: BTreeMap<String, T>, layer: usize) -> BTreeMap<String, T> {
        let keep = |(name, value): (String, T)| Some((self.renamed(&name, layer)?, value));
        named.into_iter().filter_map(keep).collect()
    }

    /// Takes the matrices of a layer out of those of a model, as [`Stack::drop`] does.
    pub fn drop_weights(self, weights: &mut Vec<Weight>, layer: usize) {
        weights.retain_mut(|weight| match self.renamed(&weight.name, layer) {
            Some(name) => {
                weight.name = name;
                true
            }
            None => false,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_behind_the_one_that_goes_move_up() {
        let after = |name: &str| Stack::Encoder.renamed(name, 9);
        for same in ["embedding", "encoder.2.ffn.w1.codes", "decoder.9.ffn.w1", "encoder.9"] {
            assert_eq!(after(same).as_deref(), Some(same));
        }
        assert_eq!(after("encoder.9.ffn.w1.codes"), None);
        assert_eq!(after("encoder.10.ffn.w1.bias").as_deref(), Some("encoder.9.ffn.w1.bias"));
        assert_eq!(
            Stack::Decoder.renamed("decoder.1.cross.q", 0).as_deref(),
            Some("decoder.0.cross.q")
        );
    }
}
