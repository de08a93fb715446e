//! Layer norm on its own: the twin of `shaders/norm.wgsl`. Mostly it is left to the kernel that
//! reads its result.

use super::device::Device;
use super::kernels::{Flags, Kernel, Variant};
use super::recorder::Dispatch;
use super::tensor::{Pending, Tensor, View, blocks};

impl Device {
    /// `norm(x + residual)`, or `norm(x)`.
    pub fn normalise(&self, x: &Tensor, residual: Option<&View>, norm: &Pending) -> View {
        let columns = blocks(x.width);
        let out = View::new(self, x.rows, columns);
        let none = self.nothing();
        let (offset, stride) = residual.map_or((0, 0), |view| (view.offset, view.stride));
        let parameters = [x.width, columns, x.view.offset, x.view.stride, offset, stride]
            .map(|number| number as u32);
        let flags = Flags { residual: residual.is_some(), ..Flags::default() };
        self.dispatch(&Dispatch {
            variant: Variant { kernel: Kernel::Norm, form: None, flags },
            parameters: bytemuck::cast_slice(&parameters),
            buffers: &[
                &x.view.buffer,
                residual.map_or(&none, |view| &view.buffer),
                norm,
                &out.buffer,
            ],
            grid: [x.rows, 1],
            multiply_adds: 2 * x.rows * x.width,
            bytes_read: 4 * x.rows * x.width * (1 + usize::from(residual.is_some())),
        });
        out
    }

    /// The values of a tensor, whatever was left to do for them.
    pub fn plain(&self, x: &Tensor) -> View {
        let Some(norm) = &x.pending else { return x.view.clone() };
        if let Some(view) = &*x.normal.borrow() {
            return view.clone();
        }
        let view = self.normalise(x, None, norm);
        *x.normal.borrow_mut() = Some(view.clone());
        view
    }
}
