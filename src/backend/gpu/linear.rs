//! Products with weight matrices: the twin of `shaders/product.wgsl` and `shaders/matvec.wgsl`.

use std::rc::Rc;

use super::device::Device;
use super::kernels::{Flags, Kernel, Variant};
use super::pool::{Buffer, Use};
use super::recorder::Dispatch;
use super::tensor::{BLOCK, Pending, Tensor, Vector, View, blocks};
use super::weights::Matrix;
use crate::backend::Activation;

/// Rows and columns of a tile of `product.wgsl`.
pub const TILE: [usize; 2] = [8, 256];
/// Rows and columns of a tile of `matvec.wgsl`, `ssru.wgsl` too.
pub const SMALL_TILE: [usize; 2] = [4, 32];
/// The larger tile reads weights less often, but only where so many workgroups remain.
const WORKGROUPS: usize = 64;

/// Layers over one input.
#[derive(Debug)]
pub enum Stack {
    /// In one matrix of several parts, with all their biases.
    Joined(Matrix, Rc<Buffer>),
    /// Of different kinds, one by one.
    Apart(Vec<(Matrix, Option<Vector>)>),
}

/// What a product is made of.
pub struct Layer<'a> {
    pub weight: &'a Matrix,
    pub bias: Option<&'a Buffer>,
    pub activation: Activation,
    pub residual: Option<&'a View>,
}

/// A tensor as the kernels of products take it.
pub struct Input {
    pub view: View,
    /// Whether the kernel has to normalise it, and with what.
    pub normalise: bool,
    pub norm: Pending,
}

/// The fields of `struct Product` in `shaders/lib/rows.wgsl`.
pub fn parameters(rows: usize, x: &View, weight: &Matrix, residual: Option<&View>) -> [u32; 11] {
    let (offset, stride) = residual.map_or((0, 0), |view| (view.offset, view.stride));
    [
        rows as u32,
        weight.width as u32,
        x.offset as u32,
        x.stride as u32,
        blocks(weight.width) as u32,
        blocks(weight.columns) as u32,
        weight.column_blocks() as u32,
        weight.input_scale.to_bits(),
        weight.group_blocks as u32,
        offset as u32,
        stride as u32,
    ]
}

/// Which kernel multiplies so many rows, and in how many workgroups.
pub fn plan(rows: usize, columns: usize) -> (Kernel, [usize; 2]) {
    let grid = |[r, c]: [usize; 2]| [columns.div_ceil(c), rows.div_ceil(r)];
    let large = grid(TILE);
    if large[0] * large[1] >= WORKGROUPS {
        (Kernel::Product, large)
    } else {
        (Kernel::Matvec, grid(SMALL_TILE))
    }
}

impl Device {
    /// `x` as the kernels of products take it: what has been normalised before is not again.
    pub fn input(&self, x: &Tensor) -> Input {
        match (&*x.normal.borrow(), &x.pending) {
            (None, Some(norm)) => {
                Input { view: x.view.clone(), normalise: true, norm: Rc::clone(norm) }
            }
            (view, _) => Input {
                view: view.as_ref().unwrap_or(&x.view).clone(),
                normalise: false,
                norm: self.nothing(),
            },
        }
    }

    /// `activation(x · weightᵀ + bias) + residual`, `[rows, parts · columns]`.
    pub fn product(&self, x: &Tensor, layer: &Layer<'_>) -> View {
        let Layer { weight, bias, activation, residual } = *layer;
        assert_eq!(x.width, weight.width, "the product's inner dimensions differ");
        let Input { view, normalise, norm } = self.input(x);
        let out = View::new(self, x.rows, weight.column_blocks());
        // Written down for those who come later, as residual or as another input.
        let normal = normalise.then(|| View::new(self, x.rows, blocks(x.width)));
        let (kernel, grid) = plan(x.rows, weight.column_blocks() * BLOCK);
        let flags = Flags {
            normalise,
            bias: bias.is_some(),
            relu: activation == Activation::Relu,
            residual: residual.is_some(),
        };
        let (none, spare) = (self.nothing(), self.spare());
        self.dispatch(&Dispatch {
            variant: Variant::reading(kernel, weight.form, flags),
            parameters: bytemuck::cast_slice(&parameters(x.rows, &view, weight, residual)),
            buffers: &[
                &view.buffer,
                &norm,
                &weight.weights,
                &weight.scales,
                bias.unwrap_or(&none),
                residual.map_or(&none, |view| &view.buffer),
                &out.buffer,
                normal.as_ref().map_or(&spare, |view| &view.buffer),
            ],
            grid,
            multiply_adds: x.rows * weight.width * weight.columns * weight.parts,
            bytes_read: weight.bytes + 4 * x.rows * x.width,
        });
        if let Some(view) = normal {
            *x.normal.borrow_mut() = Some(view);
        }
        out
    }

    /// The parts of a joined product.
    pub fn part(&self, whole: &View, part: usize, rows: usize, columns: usize) -> Tensor {
        let offset = whole.offset + part * blocks(columns);
        let view = View { buffer: Rc::clone(&whole.buffer), offset, stride: whole.stride };
        Tensor::of(view, rows, columns)
    }

    /// The biases of layers of `columns` each, one behind the other, with zeros for who has none.
    pub fn biases(&self, columns: usize, biases: &[Option<&Buffer>]) -> Rc<Buffer> {
        let zeros = self.upload(Use::Weights, &vec![0; blocks(columns) * BLOCK * size_of::<f32>()]);
        self.join(&biases.iter().map(|bias| bias.unwrap_or(&zeros)).collect::<Vec<_>>())
    }

    /// Scale and bias as the kernels want them, one behind the other.
    pub fn norm(&self, scale: &Vector, bias: &Vector) -> Pending {
        let mut kept = scale.norm.borrow_mut();
        match &*kept {
            Some((id, norm)) if *id == bias.buffer.id => Rc::clone(norm),
            _ => {
                let norm = self.join(&[&scale.buffer, &bias.buffer]);
                *kept = Some((bias.buffer.id, Rc::clone(&norm)));
                norm
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_shared_out_among_enough_workgroups() {
        for rows in [1, 3, 64, 500, 1600, 5000] {
            for columns in [4, 256, 768, 1536, 2048] {
                let (kernel, [wide, high]) = plan(rows, columns);
                assert!(wide * high * 4096 >= rows * columns, "{kernel:?}, {rows} × {columns}");
            }
        }
    }
}
