//! Steps of the SSRU: the twin of `shaders/ssru.wgsl` and `shaders/recurrence.wgsl`.

use std::rc::Rc;

use super::device::Device;
use super::kernels::{Flags, Kernel, Variant};
use super::linear::{Input, SMALL_TILE, parameters};
use super::pool::Buffer;
use super::recorder::Dispatch;
use super::tensor::{BLOCK, Tensor, View, blocks};
use super::weights::Matrix;

impl Device {
    /// Both gates, the recurrence and the residual in one: the sum that is still to be normalised,
    /// and the new state.
    pub fn ssru(&self, x: &Tensor, gates: (&Matrix, &Rc<Buffer>), state: &View) -> (View, View) {
        let (weight, bias) = gates;
        assert_eq!(x.width, weight.width, "the gates' inner dimension differs");
        let Input { view, normalise, norm } = self.input(x);
        let columns = blocks(weight.columns);
        let (out, next) = (View::new(self, x.rows, columns), View::new(self, x.rows, columns));
        let flags = Flags { normalise, ..Flags::default() };
        self.dispatch(&Dispatch {
            variant: Variant::reading(Kernel::Ssru, weight.form, flags),
            parameters: bytemuck::cast_slice(&parameters(x.rows, &view, weight, Some(state))),
            buffers: &[
                &view.buffer,
                &norm,
                &weight.weights,
                &weight.scales,
                bias,
                &state.buffer,
                &out.buffer,
                &next.buffer,
            ],
            grid: [(columns * BLOCK).div_ceil(SMALL_TILE[1]), x.rows.div_ceil(SMALL_TILE[0])],
            multiply_adds: x.rows * weight.width * weight.columns * weight.parts,
            bytes_read: weight.bytes + 4 * x.rows * (x.width + weight.columns),
        });
        (out, next)
    }

    /// The recurrence alone: output and new state.
    pub fn recurrence(&self, forget: &View, candidate: &View, state: &Tensor) -> (View, View) {
        let columns = blocks(state.width);
        let view = &state.view;
        let (out, next) =
            (View::new(self, state.rows, columns), View::new(self, state.rows, columns));
        let parameters = [
            state.rows,
            columns,
            forget.offset,
            forget.stride,
            candidate.offset,
            candidate.stride,
            view.offset,
            view.stride,
        ]
        .map(|number| number as u32);
        self.dispatch(&Dispatch {
            variant: Variant::plain(Kernel::Recurrence),
            parameters: bytemuck::cast_slice(&parameters),
            buffers: &[&forget.buffer, &candidate.buffer, &view.buffer, &out.buffer, &next.buffer],
            grid: [columns.div_ceil(64), state.rows],
            multiply_adds: 2 * state.rows * state.width,
            bytes_read: 12 * state.rows * state.width,
        });
        (out, next)
    }
}
