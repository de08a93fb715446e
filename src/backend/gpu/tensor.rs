//! What lives on the device: activations, vectors, tokens, and the tables that kernels look into.

use std::cell::RefCell;
use std::rc::Rc;

use super::device::Device;
use super::pool::{Buffer, Use};
use crate::backend::reference::embed::sinusoids;

/// Elements that kernels read at a time: rows are padded to so many.
pub const BLOCK: usize = 4;

/// A number of blocks as the kernels take it.
pub fn blocks(width: usize) -> usize {
    width.div_ceil(BLOCK)
}

/// Where a tensor's values lie: from `offset` on, a row every `stride` blocks.
#[derive(Clone, Debug)]
pub struct View {
    pub buffer: Rc<Buffer>,
    pub offset: usize,
    pub stride: usize,
}

/// Scale and bias of a norm that whoever reads the tensor has to apply.
pub type Pending = Rc<Buffer>;

/// f32 `[rows, width]`.
#[derive(Clone, Debug)]
pub struct Tensor {
    pub(super) rows: usize,
    pub(super) width: usize,
    /// The values; sums that are still to be normalised where `pending` says so.
    pub(super) view: View,
    pub(super) pending: Option<Pending>,
    /// The normalised values, once someone has written them down.
    pub(super) normal: RefCell<Option<View>>,
}

impl Tensor {
    /// Values that the next kernel writes.
    pub(super) fn new(device: &Device, rows: usize, width: usize) -> Self {
        let view = View::new(device, rows, blocks(width));
        Tensor { rows, width, view, pending: None, normal: RefCell::default() }
    }

    pub(super) fn of(view: View, rows: usize, width: usize) -> Self {
        Tensor { rows, width, view, pending: None, normal: RefCell::default() }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Elements a row.
    pub fn width(&self) -> usize {
        self.width
    }
}

impl View {
    pub(super) fn new(device: &Device, rows: usize, stride: usize) -> Self {
        let bytes = rows * stride * BLOCK * size_of::<f32>();
        View { buffer: device.pool.take(Use::Scratch, bytes as u64), offset: 0, stride }
    }
}

/// f32 `[width]`.
#[derive(Debug)]
pub struct Vector {
    pub(super) buffer: Rc<Buffer>,
    /// This one as a scale with the bias of that number behind it, once a norm has asked for it.
    pub(super) norm: RefCell<Option<(u32, Pending)>>,
}

/// Token ids `[rows]`.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub(super) buffer: Rc<Buffer>,
    pub(super) rows: usize,
}

/// First key and number of keys of each query row, and its place in its sentence.
#[derive(Debug)]
pub struct Spans {
    pub(super) keys: Rc<Buffer>,
    pub(super) positions: Rc<Buffer>,
    /// Each row's number of keys, summed up: what attention costs.
    pub(super) pairs: usize,
    /// One more than the last position.
    pub(super) length: usize,
}

/// Each row's candidates, ragged.
#[derive(Debug)]
pub struct Choices {
    pub(super) rows: usize,
    pub(super) offsets: Rc<Buffer>,
    pub(super) candidates: Rc<Buffer>,
    /// Candidates of all rows, and of that which has most.
    pub(super) total: usize,
    pub(super) most: usize,
}

/// One number a row and candidate, ragged.
#[derive(Debug)]
pub struct Logits {
    pub(super) buffer: Rc<Buffer>,
    pub(super) total: usize,
}

/// The encoding of positions, computed on this side and kept on the device.
#[derive(Debug, Default)]
pub struct Sinusoids {
    /// Width, positions, values.
    kept: Vec<(usize, usize, Rc<Buffer>)>,
}

/// Positions that are made at least.
const POSITIONS: usize = 256;

impl Device {
    /// Sinusoids for rows of `width`, of at least `count` positions.
    pub fn sinusoids(&self, width: usize, count: usize) -> Rc<Buffer> {
        let kept = &mut self.sinusoids.borrow_mut().kept;
        if let Some((.., buffer)) = kept.iter().find(|(w, n, _)| *w == width && *n >= count) {
            return Rc::clone(buffer);
        }
        let count = count.max(POSITIONS).next_power_of_two();
        let stride = blocks(width) * BLOCK;
        let mut values = vec![0f32; count * stride];
        for (position, row) in values.chunks_exact_mut(stride).enumerate() {
            sinusoids(position, &mut row[..width]);
        }
        let buffer = self.upload(Use::Weights, bytemuck::cast_slice(&values));
        kept.retain(|(w, ..)| *w != width);
        kept.push((width, count, Rc::clone(&buffer)));
        buffer
    }

    /// Forgets what can be made again.
    pub fn forget(&self) {
        self.sinusoids.borrow_mut().kept.clear();
    }
}
