//! Embedding rows with Marian's sinusoidal positions, and what comes back.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};

use super::floats;
use crate::backend::reference::embed::sinusoids;

/// Rows of a table `[pieces, d]`, times √d, plus the positions' sinusoids: `[rows, d]`.
pub struct Embed {
    /// The row of the table that each row takes; none for that before the first token.
    pub rows: Vec<Option<usize>>,
    pub positions: Vec<usize>,
}

impl CustomOp1 for Embed {
    fn name(&self) -> &'static str {
        "embed"
    }

    fn cpu_fwd(&self, table: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (_, width) = layout.shape().dims2()?;
        let (table, scale) = (floats::of(table, layout)?, (width as f32).sqrt());
        // Many rows have the same few positions.
        let places = self.positions.iter().max().map_or(0, |most| most + 1);
        let mut encodings = vec![0.0; places * width];
        let each = encodings.chunks_exact_mut(width).enumerate();
        each.for_each(|(position, out)| sinusoids(position, out));
        let mut out = vec![0.0; self.rows.len() * width];
        let rows = self.rows.iter().zip(&self.positions);
        for (out, (row, position)) in out.chunks_exact_mut(width).zip(rows) {
            out.copy_from_slice(&encodings[position * width..][..width]);
            if let Some(row) = row {
                let weights = &table[row * width..][..width];
                out.iter_mut().zip(weights).for_each(|(out, weight)| *out += weight * scale);
            }
        }
        Ok((CpuStorage::F32(out), (self.rows.len(), width).into()))
    }

    fn bwd(&self, table: &Tensor, _out: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let (pieces, width) = table.dims2()?;
        let scale = (width as f32).sqrt();
        let of_table = floats::with([gradient], |[gradient]| {
            let mut of_table = vec![0.0; pieces * width];
            for (row, gradient) in self.rows.iter().zip(gradient.chunks_exact(width)) {
                if let Some(row) = row {
                    let sums = &mut of_table[row * width..][..width];
                    sums.iter_mut().zip(gradient).for_each(|(sum, g)| *sum += g * scale);
                }
            }
            of_table
        })?;
        Ok(Some(floats::tensor(of_table, (pieces, width))?))
    }
}
