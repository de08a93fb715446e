//! Codes on a grid: a parameter stands for the nearest multiple of its step that the codec has a code
//! for. Steps stay as they are.

use half::f16;

use super::part;
use super::single::Rows;
use crate::codec::entropy::{Entropy, MOST};
use crate::codec::int::nearest::round;
use crate::codec::int::{Bits, GroupSize, Int, packing};
use crate::codec::int8::Int8;
use crate::codec::{Codec, Integers, Matrix};
use crate::error::{Error, Result};
use crate::tensor::{Dtype, Tensor};

/// How far from a code a parameter may start, in steps: half a step away the next code begins.
const CELL: f32 = 0.45;

/// A matrix of codes with steps.
#[derive(Debug)]
pub struct Grid {
    shape: [usize; 2],
    /// I8 `[out, in]`: those at the start.
    codes: Tensor,
    /// `[out, groups]`: `weight = code · step / multiplier`.
    steps: Vec<f32>,
    /// Columns that share a step, at least 1; the last group of a row may have fewer.
    group: usize,
    multiplier: f32,
    /// The least and the largest code.
    range: [f32; 2],
    kind: Kind,
}

/// What makes a matrix of codes.
#[derive(Debug)]
enum Kind {
    Int8 { scale: f32, input_scale: Option<f32> },
    Int { bits: Bits, group_size: GroupSize, scales: Vec<f16> },
    Entropy { classes: Tensor, steps: Vec<f32> },
}

impl Grid {
    /// That of a matrix in the codec `int8`, with codes from −127 to 127, which is what Marian makes,
    /// or from −128 where that occurs.
    pub fn int8(matrix: &dyn Codec, scale: f32, input_scale: Option<f32>) -> Result<Self> {
        let codes = part(matrix, "codes")?;
        let lowest = codes.data().contains(&i8::MIN.cast_unsigned());
        let least = if lowest { i8::MIN } else { -i8::MAX };
        let [rows, columns] = matrix.shape();
        Grid {
            shape: [rows, columns],
            codes,
            steps: vec![1.0; rows],
            group: columns.max(1),
            multiplier: scale,
            range: [f32::from(least), f32::from(i8::MAX)],
            kind: Kind::Int8 { scale, input_scale },
        }
        .checked()
    }

    /// That of a matrix in the codec `int`, from what it keeps.
    pub fn int(
        shape: [usize; 2],
        bits: Bits,
        group_size: GroupSize,
        packed: &[u8],
        scales: &[u8],
    ) -> Result<Self> {
        let [rows, columns] = shape;
        let mut codes = vec![0; rows * columns];
        let mut values = vec![0.0; columns];
        let packed = packed.chunks_exact(bits.row_bytes(columns).max(1));
        for (codes, packed) in codes.chunks_exact_mut(columns.max(1)).zip(packed) {
            packing::unpack(bits, packed, &mut values);
            let signed = values.iter().map(|value| *value as i8);
            codes.iter_mut().zip(signed).for_each(|(code, value)| *code = value.cast_unsigned());
        }
        let scales: Vec<f16> =
            scales.as_chunks::<2>().0.iter().map(|bytes| f16::from_le_bytes(*bytes)).collect();
        Grid {
            shape,
            codes: Tensor::new(Dtype::I8, shape.to_vec(), codes.into())?,
            steps: scales.iter().map(|scale| scale.to_f32()).collect(),
            group: group_size.get(),
            multiplier: 1.0,
            range: [f32::from(-bits.offset()), f32::from(bits.offset() - 1)],
            kind: Kind::Int { bits, group_size, scales },
        }
        .checked()
    }

    /// That of an entropy-coded matrix. Which codes are frequent is found anew for each matrix that
    /// is made.
    pub fn entropy(matrix: &dyn Codec) -> Result<Self> {
        let shape @ [rows, columns] = matrix.shape();
        let (codes, steps) = match matrix.integers() {
            Some(Integers { codes, steps, .. }) => (codes, steps),
            // There are no rows.
            None => (Tensor::new(Dtype::I8, vec![rows, columns], Vec::new().into())?, Vec::new()),
        };
        let kind = Kind::Entropy {
            classes: part(matrix, "classes")?,
            steps: part(matrix, "steps")?.to_f32()?,
        };
        let range = [-f32::from(MOST), f32::from(MOST)];
        Grid { shape, codes, steps, group: columns.max(1), multiplier: 1.0, range, kind }.checked()
    }

    /// `InvalidInput` when a code would stand for no finite weight.
    fn checked(self) -> Result<Self> {
        let finite = |&step: &f32| {
            let line = self.line(step);
            self.range.into_iter().all(|code| line.value(code).is_finite())
        };
        match self.steps.iter().position(|step| !finite(step)) {
            None => Ok(self),
            Some(at) => {
                let step = self.steps[at] / self.multiplier;
                let row = at * self.group / self.shape[1].max(1);
                Err(Error::invalid(format!(
                    "row {row}: the largest code of a step of {step} is no finite weight"
                )))
            }
        }
    }

    fn line(&self, step: f32) -> Line {
        let [least, most] = self.range;
        Line { step, multiplier: self.multiplier, least, most }
    }

    /// The lines of a row's groups.
    fn lines(&self, row: usize) -> impl Iterator<Item = Line> {
        let groups = self.shape[1].div_ceil(self.group);
        self.steps[row * groups..][..groups].iter().map(|step| self.line(*step))
    }
}

/// The weights that a group can have.
#[derive(Clone, Copy, Debug)]
struct Line {
    step: f32,
    multiplier: f32,
    least: f32,
    most: f32,
}

impl Line {
    /// Where a parameter lies between the codes. With a step of zero, at zero.
    #[inline]
    fn position(self, parameter: f32) -> f32 {
        let step = if self.step == 0.0 { f32::INFINITY } else { self.step };
        parameter * self.multiplier / step
    }

    /// The nearest code, of two equally near the even one.
    #[inline]
    fn code(self, parameter: f32) -> f32 {
        round(self.position(parameter).clamp(self.least, self.most))
    }

    /// The weight of a code. Step or multiplier is 1, which changes no bit: this is what the codecs
    /// themselves compute.
    #[inline]
    fn value(self, code: f32) -> f32 {
        code * self.step / self.multiplier
    }

    /// The parameter nearest to `goal` that stands for the same code as `parameter`, by some margin.
    fn near(self, parameter: f32, goal: f32) -> f32 {
        if self.step == 0.0 || !goal.is_finite() {
            return parameter;
        }
        let code = self.code(parameter);
        let position = self.position(goal).clamp(code - CELL, code + CELL);
        position * self.step / self.multiplier
    }

    /// The gradient of a parameter, of which a step goes against it.
    #[inline]
    fn pull(self, parameter: f32, gradient: f32) -> f32 {
        let position = self.position(parameter);
        // Codes of a negative step move the other way. No code moves a weight where it is zero.
        let upwards = if self.step < 0.0 { gradient } else { -gradient };
        let outwards = (position >= self.most && upwards > 0.0)
            || (position <= self.least && upwards < 0.0)
            || self.step == 0.0;
        if outwards { 0.0 } else { gradient }
    }
}

impl Rows for Grid {
    fn shape(&self) -> [usize; 2] {
        self.shape
    }

    fn start(&self) -> Vec<f32> {
        let columns = self.shape[1].max(1);
        let codes: &[i8] = bytemuck::cast_slice(self.codes.data());
        let mut weights = vec![0.0; codes.len()];
        let rows = codes.chunks_exact(columns).zip(weights.chunks_exact_mut(columns));
        for (row, (codes, weights)) in rows.enumerate() {
            let groups = codes.chunks(self.group).zip(weights.chunks_mut(self.group));
            for ((codes, weights), line) in groups.zip(self.lines(row)) {
                let value = |code: &i8| line.value(f32::from(*code));
                weights.iter_mut().zip(codes).for_each(|(weight, code)| *weight = value(code));
            }
        }
        weights
    }

    fn start_near(&self, row: usize, goal: &[f32], parameters: &mut [f32]) {
        let groups = parameters.chunks_mut(self.group).zip(goal.chunks(self.group));
        for ((parameters, goal), line) in groups.zip(self.lines(row)) {
            for (parameter, goal) in parameters.iter_mut().zip(goal) {
                *parameter = line.near(*parameter, *goal);
            }
        }
    }

    fn weights(&self, row: usize, parameters: &[f32], out: &mut [f32]) {
        let groups = parameters.chunks(self.group).zip(out.chunks_mut(self.group));
        for ((parameters, out), line) in groups.zip(self.lines(row)) {
            for (out, parameter) in out.iter_mut().zip(parameters) {
                *out = line.value(line.code(*parameter));
            }
        }
    }

    fn pull(&self, row: usize, parameters: &[f32], gradient: &[f32], out: &mut [f32]) {
        let groups = parameters.chunks(self.group).zip(gradient.chunks(self.group));
        let groups = groups.zip(out.chunks_mut(self.group)).zip(self.lines(row));
        for (((parameters, gradient), out), line) in groups {
            for ((out, parameter), gradient) in out.iter_mut().zip(parameters).zip(gradient) {
                *out = line.pull(*parameter, *gradient);
            }
        }
    }

    fn matrix(&self, parameters: &[f32]) -> Result<Matrix> {
        let mut codes = Vec::with_capacity(parameters.len());
        for (row, parameters) in parameters.chunks_exact(self.shape[1].max(1)).enumerate() {
            for (parameters, line) in parameters.chunks(self.group).zip(self.lines(row)) {
                codes.extend(parameters.iter().map(|parameter| line.code(*parameter) as i8));
            }
        }
        Ok(match &self.kind {
            Kind::Int8 { scale, input_scale } => {
                let codes = codes.into_iter().map(i8::cast_unsigned).collect::<Vec<u8>>();
                let codes = Tensor::new(Dtype::I8, self.shape.to_vec(), codes.into())?;
                Box::new(Int8::new(codes, *scale, *input_scale)?)
            }
            Kind::Int { bits, group_size, scales } => {
                Box::new(Int::from_values(self.shape, *bits, *group_size, &codes, scales)?)
            }
            Kind::Entropy { classes, steps } => {
                Box::new(Entropy::from_codes(self.shape, &codes, classes.data(), steps)?)
            }
        })
    }
}
