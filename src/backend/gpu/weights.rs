//! Weights on the device: in their codec's own bits, only in another order, so that threads that
//! work side by side read what lies side by side.

use std::borrow::Cow;
use std::rc::Rc;

use half::f16;

use super::device::Device;
use super::kernels::Form;
use super::pool::{Buffer, Use};
use super::tensor::{BLOCK, blocks};
use crate::codec::int::packing::unpack;
use crate::codec::{Codec, Stored};
use crate::error::{Error, Result};

/// A matrix `[out, in]`, or several over the same input, part after part.
#[derive(Clone, Debug)]
pub struct Matrix {
    pub(super) form: Form,
    pub(super) weights: Rc<Buffer>,
    /// Steps or scales; anything for forms without.
    pub(super) scales: Rc<Buffer>,
    pub(super) parts: usize,
    /// Of one part.
    pub(super) columns: usize,
    pub(super) width: usize,
    /// The multiplier of activations; 0 where each row has its own.
    pub(super) input_scale: f32,
    /// Blocks of inputs that share a scale.
    pub(super) group_blocks: usize,
    pub(super) bytes: usize,
}

/// An embedding `[vocabulary, d]`, by rows. The fields of a matrix, with `columns` for its rows.
#[derive(Debug)]
pub struct Table(pub(super) Matrix);

/// The bits of a matrix, before they are laid out.
struct Plain<'a> {
    form: Form,
    rows: usize,
    width: usize,
    source: Source<'a>,
    input_scale: f32,
    group_blocks: usize,
}

enum Source<'a> {
    F32(Cow<'a, [f32]>),
    F16(Vec<u16>),
    /// Codes `[rows, width]` and one step, or one a row.
    Int8(&'a [i8], Vec<f32>),
    /// Nibbles `[rows, width]` and half floats `[rows, groups]`.
    Int4(Vec<u8>, Vec<u16>),
}

fn halves(bytes: &[u8]) -> Vec<u16> {
    bytes.as_chunks::<2>().0.iter().map(|half| u16::from_le_bytes(*half)).collect()
}

/// Lets `use_it` have a matrix in the form in which the device holds it.
fn with_plain<R>(matrix: &dyn Codec, use_it: impl FnOnce(Plain<'_>) -> R) -> R {
    let [rows, width] = matrix.shape();
    let plain =
        |form, source| Plain { form, rows, width, source, input_scale: 0.0, group_blocks: 1 };
    if let Some(integers) = matrix.integers() {
        let codes = bytemuck::cast_slice(integers.codes.data());
        let source = Source::Int8(codes, integers.steps.clone());
        let input_scale = integers.input_scale.unwrap_or(0.0);
        return use_it(Plain { input_scale, ..plain(Form::Int8, source) });
    }
    let stored = matrix.stored();
    if let Stored::Sparse(dense) = stored {
        return with_plain(&**dense, use_it);
    }
    use_it(match stored {
        Stored::Float32(values) => plain(Form::F32, Source::F32(values.into())),
        Stored::Float16(bytes) => plain(Form::F16, Source::F16(halves(bytes))),
        Stored::Int { bits, group_size, codes, scales }
            if bits.get() <= 4 && group_size.get() % BLOCK == 0 =>
        {
            // Codes of fewer bits are codes of four bits, too.
            let mut nibbles = Vec::with_capacity(rows * width);
            let mut values = vec![0f32; width];
            let row_bytes = bits.row_bytes(width);
            for row in codes.chunks_exact(row_bytes.max(1)).take(rows) {
                unpack(bits, row, &mut values);
                nibbles.extend(values.iter().map(|value| (value + 8.0) as u8));
            }
            let source = Source::Int4(nibbles, halves(scales));
            let group_blocks = group_size.get() / BLOCK;
            Plain { group_blocks, ..plain(Form::Int4, source) }
        }
        // Every other form in half floats, which are finer than its codes.
        _ => {
            let values = matrix.to_f32();
            let fits = values.iter().all(|value| f16::from_f32(*value).is_finite());
            match fits {
                true => {
                    let halves = values.iter().map(|value| f16::from_f32(*value).to_bits());
                    plain(Form::F16, Source::F16(halves.collect()))
                }
                false => plain(Form::F32, Source::F32(values.into())),
            }
        }
    })
}

impl Plain<'_> {
    fn groups(&self) -> usize {
        blocks(self.width).div_ceil(self.group_blocks)
    }

    /// For products: along the input first, then the columns, which are the matrix's rows.
    fn by_input(&self) -> (Vec<u8>, Vec<u8>) {
        let (columns, inputs) = (blocks(self.rows) * BLOCK, blocks(self.width) * BLOCK);
        let mut weights = Vec::new();
        let mut scales = Vec::new();
        match &self.source {
            Source::F32(values) => {
                let mut out = vec![0f32; columns * inputs];
                self.transpose(values, &mut out, columns);
                weights.extend_from_slice(bytemuck::cast_slice(&out));
            }
            Source::F16(values) => {
                let mut out = vec![0u16; columns * inputs];
                self.transpose(values, &mut out, columns);
                weights.extend_from_slice(bytemuck::cast_slice(&out));
            }
            Source::Int8(codes, steps) => {
                let mut out = vec![0i8; columns * inputs];
                for (row, codes) in codes.chunks_exact(self.width.max(1)).enumerate() {
                    for (block, codes) in codes.chunks(BLOCK).enumerate() {
                        let at = (block * columns + row) * BLOCK;
                        out[at..at + codes.len()].copy_from_slice(codes);
                    }
                }
                weights.extend_from_slice(bytemuck::cast_slice(&out));
                scales.extend_from_slice(bytemuck::cast_slice(&self.steps(steps, columns)));
            }
            Source::Int4(nibbles, halves) => {
                // The value 0 where there is nothing: 8 in each nibble.
                weights.resize(columns * inputs / 2, 0x88);
                for (row, nibbles) in nibbles.chunks_exact(self.width.max(1)).enumerate() {
                    for (input, nibble) in nibbles.iter().enumerate() {
                        let block = input / BLOCK * (columns / BLOCK) + row / BLOCK;
                        let at = block * 16 + input % BLOCK * 4 + row % BLOCK;
                        set_nibble(&mut weights, at, *nibble);
                    }
                }
                let groups = self.groups();
                let mut out = vec![0u16; groups * columns];
                for (at, half) in halves.iter().enumerate() {
                    out[at % groups * columns + at / groups] = *half;
                }
                scales.extend_from_slice(bytemuck::cast_slice(&out));
            }
        }
        (weights, scales)
    }

    /// For looking rows up, and for products with some of them.
    fn by_row(&self) -> (Vec<u8>, Vec<u8>) {
        let mut scales = Vec::new();
        let weights = match &self.source {
            Source::F32(values) => bytemuck::cast_slice(&self.padded(values, BLOCK, 0.0)).to_vec(),
            Source::F16(values) => bytemuck::cast_slice(&self.padded(values, BLOCK, 0)).to_vec(),
            Source::Int8(codes, steps) => {
                scales.extend_from_slice(bytemuck::cast_slice(&self.steps(steps, self.rows)));
                bytemuck::cast_slice(&self.padded(codes, 4 * BLOCK, 0)).to_vec()
            }
            Source::Int4(nibbles, halves) => {
                scales.extend_from_slice(bytemuck::cast_slice(halves));
                let padded = self.padded(nibbles, 4 * BLOCK, 8);
                padded.as_chunks::<2>().0.iter().map(|[low, high]| low | high << 4).collect()
            }
        };
        (weights, scales)
    }

    fn transpose<T: Copy>(&self, values: &[T], out: &mut [T], columns: usize) {
        for (row, values) in values.chunks_exact(self.width.max(1)).enumerate() {
            for (input, value) in values.iter().enumerate() {
                out[input * columns + row] = *value;
            }
        }
    }

    fn padded<T: Copy>(&self, values: &[T], to: usize, padding: T) -> Vec<T> {
        let width = self.width.max(1);
        let stride = width.next_multiple_of(to);
        let mut out = vec![padding; self.rows * stride];
        for (to, from) in out.chunks_exact_mut(stride).zip(values.chunks_exact(width)) {
            to[..width].copy_from_slice(from);
        }
        out
    }

    fn steps(&self, steps: &[f32], count: usize) -> Vec<f32> {
        let step = |row: usize| match steps {
            [one] => *one,
            _ => steps.get(row).copied().unwrap_or(0.0),
        };
        (0..count).map(step).collect()
    }
}

fn set_nibble(bytes: &mut [u8], at: usize, value: u8) {
    let shift = at % 2 * 4;
    let byte = &mut bytes[at / 2];
    *byte = *byte & !(15 << shift) | value << shift;
}

impl Matrix {
    fn upload(
        device: &Device,
        plain: &Plain<'_>,
        (weights, scales): (Vec<u8>, Vec<u8>),
    ) -> Result<Self> {
        let most = device.limits.max_storage_buffer_binding_size.min(device.limits.max_buffer_size);
        let bytes = weights.len() + scales.len();
        if weights.len() as u64 > most {
            return Err(Error::device(format!(
                "{}: a matrix of {} bytes, where a buffer has {most} at most",
                device.name(),
                weights.len()
            )));
        }
        Ok(Matrix {
            form: plain.form,
            weights: device.upload(Use::Weights, &weights),
            scales: device.upload(Use::Weights, &scales),
            parts: 1,
            columns: plain.rows,
            width: plain.width,
            input_scale: plain.input_scale,
            group_blocks: plain.group_blocks,
            bytes,
        })
    }

    /// Blocks of columns of all parts.
    pub(super) fn column_blocks(&self) -> usize {
        self.parts * blocks(self.columns)
    }

    /// Takes a matrix over for products.
    pub(super) fn new(device: &Device, matrix: &dyn Codec) -> Result<Self> {
        with_plain(matrix, |plain| Matrix::upload(device, &plain, plain.by_input()))
    }

    /// Whether one kernel can multiply both at once.
    pub(super) fn goes_with(&self, other: &Matrix) -> bool {
        self.form == other.form
            && self.columns == other.columns
            && self.width == other.width
            && self.input_scale == other.input_scale
            && self.group_blocks == other.group_blocks
    }

    /// One matrix of several that go together.
    pub(super) fn join(device: &Device, matrices: &[&Matrix]) -> Option<Self> {
        let (first, rest) = matrices.split_first()?;
        if !rest.iter().all(|matrix| first.goes_with(matrix)) {
            return None;
        }
        let join = |of: fn(&Matrix) -> &Rc<Buffer>| {
            device.join(&matrices.iter().map(|matrix| &**of(matrix)).collect::<Vec<_>>())
        };
        Some(Matrix {
            weights: join(|matrix| &matrix.weights),
            scales: join(|matrix| &matrix.scales),
            parts: matrices.len(),
            bytes: matrices.iter().map(|matrix| matrix.bytes).sum(),
            ..(*first).clone()
        })
    }
}

impl Table {
    /// Takes an embedding over.
    pub(super) fn new(device: &Device, matrix: &dyn Codec) -> Result<Self> {
        with_plain(matrix, |plain| Matrix::upload(device, &plain, plain.by_row())).map(Table)
    }
}

impl Device {
    /// The contents of buffers that were made for weights, one after the other.
    pub fn join(&self, buffers: &[&Buffer]) -> Rc<Buffer> {
        let total = buffers.iter().map(|buffer| buffer.bytes).sum();
        let joined = self.pool.take(Use::Weights, total);
        let mut offset = 0;
        for buffer in buffers {
            self.copy((&buffer.raw, 0), (&joined.raw, offset), buffer.bytes);
            offset += buffer.bytes;
        }
        joined
    }
}
