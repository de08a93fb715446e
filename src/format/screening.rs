//! Screenings: what a package may hold in place of a shortlist. With it the few pieces that a step of
//! decoding may well produce are found from the state of the decoder: by logits of low rank, which
//! are cheap enough to be computed for all pieces.
//!
//! With `S` and `T` the two matrices here, the logit of piece t for the state h is about
//! `(S·h) · (T·Eₜ) + bₜ`, Eₜ being the piece's embedding and bₜ its bias.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::codec::Integers;
use crate::error::{At, Error, Result};
use crate::tensor::{Dtype, Tensor};

/// What the metadata of a package says of its screening.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScreeningInfo {
    /// How many pieces to look at closer, about.
    pub candidates: usize,
}

/// The two maps of a screening, and how many pieces it is to leave.
#[derive(Clone, Debug, PartialEq)]
pub struct Screening {
    candidates: usize,
    state: Map,
    pieces: Map,
}

/// A matrix `[rank, width]` of 8-bit codes, each row with a scale.
#[derive(Clone, Debug, PartialEq)]
pub struct Map {
    /// I8 `[rank, width]`.
    codes: Tensor,
    /// `[rank]`: the value of one unit of a row's codes.
    scales: Vec<f32>,
}

/// The greatest code: −128 is not used, so that a map can be turned round.
const LARGEST: f32 = 127.0;

impl Map {
    /// Rounds `values` `[rank, width]`, row-major, each row by the scale that its largest needs.
    ///
    /// # Errors
    /// `InvalidInput` when they do not fill rows or are not finite.
    pub fn round(width: usize, values: &[f32]) -> Result<Self> {
        if width == 0 || !values.len().is_multiple_of(width) {
            return Err(Error::invalid(format!("{} values in rows of {width}", values.len())));
        }
        if !values.iter().all(|value| value.is_finite()) {
            return Err(Error::invalid("a map with values that are not finite"));
        }
        let rank = values.len() / width;
        let (mut codes, mut scales) = (Vec::with_capacity(values.len()), Vec::with_capacity(rank));
        for row in values.chunks_exact(width) {
            let most = row.iter().fold(0f32, |most, value| most.max(value.abs()));
            let scale = most / LARGEST;
            let unit = if scale > 0.0 { scale } else { 1.0 };
            let code = |value: &f32| (value / unit).round_ties_even() as i8;
            codes.extend(row.iter().map(|value| code(value).cast_unsigned()));
            scales.push(scale);
        }
        let codes = Tensor::new(Dtype::I8, vec![rank, width], codes.into())?;
        Ok(Map { codes, scales })
    }

    /// For products in integers, with the multiplier of the activations where that is fixed.
    pub fn integers(&self, input_scale: Option<f32>) -> Integers {
        Integers { codes: self.codes.clone(), steps: self.scales.clone(), input_scale }
    }

    /// The values, `[rank, width]`, row-major.
    pub fn to_f32(&self) -> Vec<f32> {
        let width = self.codes.shape()[1];
        let rows = self.codes.data().chunks_exact(width).zip(&self.scales);
        rows.flat_map(|(row, scale)| row.iter().map(move |&code| f32::from(code as i8) * scale))
            .collect()
    }

    fn read(tensors: &BTreeMap<String, Tensor>, name: &str, width: usize) -> Result<Self> {
        let tensor = |part: &str| {
            let name = format!("{name}.{part}");
            tensors.get(&name).ok_or_else(|| Error::malformed("is missing")).at(name)
        };
        let codes = tensor("codes")?;
        codes.expect(Dtype::I8).at(format!("{name}.codes"))?;
        let &[rank, columns] = codes.shape() else {
            return Err(Error::malformed(format!(
                "{name}.codes: {:?} is no matrix",
                codes.shape()
            )));
        };
        if columns != width || rank == 0 || rank > width {
            return Err(Error::malformed(format!(
                "{name}.codes: expected 1 to {width} rows of {width}, found {rank} of {columns}"
            )));
        }
        let scales = tensor("scales")?;
        if scales.shape() != [rank] {
            return Err(Error::malformed(format!(
                "{name}.scales: expected shape [{rank}], found {:?}",
                scales.shape()
            )));
        }
        Ok(Map { codes: codes.clone(), scales: scales.to_f32().at(format!("{name}.scales"))? })
    }

    fn write(&self, tensors: &mut BTreeMap<String, Tensor>, name: &str) {
        tensors.insert(format!("{name}.codes"), self.codes.clone());
        let scales = Tensor::from_f32(vec![self.scales.len()], &self.scales);
        tensors.insert(format!("{name}.scales"), scales);
    }
}

const STATE: &str = "screening.state";
const PIECES: &str = "screening.pieces";

impl Screening {
    /// One that leaves about `candidates` pieces.
    ///
    /// # Errors
    /// `InvalidInput` when the maps have different shapes, or nothing would be left.
    pub fn new(candidates: usize, state: Map, pieces: Map) -> Result<Self> {
        if candidates == 0 {
            return Err(Error::invalid("a screening must leave one candidate at least"));
        }
        if state.codes.shape() != pieces.codes.shape() {
            return Err(Error::invalid(format!(
                "maps of different shapes, {:?} and {:?}",
                state.codes.shape(),
                pieces.codes.shape()
            )));
        }
        Ok(Screening { candidates, state, pieces })
    }

    /// How many pieces it is to leave, about.
    pub fn candidates(&self) -> usize {
        self.candidates
    }

    /// Numbers that a state or a piece is mapped to.
    pub fn rank(&self) -> usize {
        self.state.scales.len()
    }

    /// The map of states. Its results are about −1 to 1.
    pub fn state(&self) -> &Map {
        &self.state
    }

    /// The map of embeddings.
    pub fn pieces(&self) -> &Map {
        &self.pieces
    }

    /// What the metadata says of it.
    pub(super) fn info(&self) -> ScreeningInfo {
        ScreeningInfo { candidates: self.candidates }
    }

    /// The screening of a model that is `width` wide.
    pub(super) fn read(
        tensors: &BTreeMap<String, Tensor>,
        info: &ScreeningInfo,
        width: usize,
    ) -> Result<Self> {
        let (state, pieces) =
            (Map::read(tensors, STATE, width)?, Map::read(tensors, PIECES, width)?);
        let sound = Screening::new(info.candidates, state, pieces);
        sound.map_err(|error| Error::malformed(error.to_string()))
    }

    pub(super) fn write(&self, tensors: &mut BTreeMap<String, Tensor>) {
        self.state.write(tensors, STATE);
        self.pieces.write(tensors, PIECES);
    }

    /// Takes whatever [`Screening::write`] wrote out of `tensors`.
    pub(super) fn remove(tensors: &mut BTreeMap<String, Tensor>) {
        for name in [STATE, PIECES] {
            for part in ["codes", "scales"] {
                tensors.remove(&format!("{name}.{part}"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_are_rounded_row_by_row() {
        let map = Map::round(2, &[127.0, -63.4, 0.0, 0.0, -2.54, 0.01]).unwrap();
        assert_eq!(map.to_f32(), [127.0, -63.0, 0.0, 0.0, -2.54, 0.0]);
        assert!(Map::round(2, &[1.0; 3]).is_err() && Map::round(0, &[]).is_err());
        assert!(Map::round(1, &[f32::NAN]).is_err());
    }

    #[test]
    fn a_screening_leaves_something_and_its_maps_fit() {
        let map = |rows: usize| Map::round(2, &vec![1.0; 2 * rows]).unwrap();
        assert!(Screening::new(1, map(2), map(2)).is_ok());
        assert!(Screening::new(0, map(2), map(2)).is_err());
        assert!(Screening::new(1, map(2), map(1)).is_err());
    }
}
