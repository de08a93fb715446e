//! Activations and plain weights in ordinary memory, for the backends that compute there.

use crate::codec::Codec;

/// f32 `[rows, width]`, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Activations {
    rows: usize,
    width: usize,
    data: Vec<f32>,
}

impl Activations {
    /// All zero.
    pub fn zeros(rows: usize, width: usize) -> Self {
        Activations { rows, width, data: vec![0.0; rows * width] }
    }

    /// From its values, row-major.
    ///
    /// # Panics
    /// When they do not fill the shape.
    pub fn new(rows: usize, width: usize, data: Vec<f32>) -> Self {
        assert_eq!(data.len(), rows * width, "values do not fill the shape");
        Activations { rows, width, data }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Elements a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Row `index`.
    pub fn row(&self, index: usize) -> &[f32] {
        &self.data[index * self.width..][..self.width]
    }

    /// Row `index`, to write.
    pub fn row_mut(&mut self, index: usize) -> &mut [f32] {
        &mut self.data[index * self.width..][..self.width]
    }

    /// All values, row-major.
    pub fn data(&self) -> &[f32] {
        &self.data
    }

    /// All values, row-major, to write.
    pub fn data_mut(&mut self) -> &mut [f32] {
        &mut self.data
    }

    /// The rows at `rows`, in that order.
    pub fn gather(&self, rows: &[usize]) -> Self {
        let mut out = Activations::zeros(rows.len(), self.width);
        for (to, &from) in rows.iter().enumerate() {
            out.row_mut(to).copy_from_slice(self.row(from));
        }
        out
    }
}

/// Weights as plain floats, `[rows, columns]`, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Dense {
    rows: usize,
    columns: usize,
    values: Vec<f32>,
}

impl Dense {
    /// Unpacks a matrix from its codec, once.
    pub fn new(matrix: &dyn Codec) -> Self {
        let [rows, columns] = matrix.shape();
        Dense { rows, columns, values: matrix.to_f32() }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Elements a row.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Row `index`.
    pub fn row(&self, index: usize) -> &[f32] {
        &self.values[index * self.columns..][..self.columns]
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.values[..])
    }
}

/// One number a row and candidate: `offsets[r]..offsets[r + 1]` are those of row r.
#[derive(Clone, Debug, PartialEq)]
pub struct RaggedLogits {
    offsets: Vec<usize>,
    values: Vec<f32>,
}

impl RaggedLogits {
    /// Zeros, with a list of each length.
    pub fn zeros(lengths: impl Iterator<Item = usize>) -> Self {
        let offsets: Vec<usize> = std::iter::once(0)
            .chain(lengths.scan(0, |end, length| {
                *end += length;
                Some(*end)
            }))
            .collect();
        let values = vec![0.0; offsets[offsets.len() - 1]];
        RaggedLogits { offsets, values }
    }

    /// The logits of row `index`, in the order of its candidates.
    pub fn row(&self, index: usize) -> &[f32] {
        &self.values[self.offsets[index]..self.offsets[index + 1]]
    }

    /// The logits of row `index`, to write.
    pub fn row_mut(&mut self, index: usize) -> &mut [f32] {
        &mut self.values[self.offsets[index]..self.offsets[index + 1]]
    }
}
