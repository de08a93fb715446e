//! Embedding with positions: the twin of `shaders/embed.wgsl`.

use std::rc::Rc;

use super::device::Device;
use super::kernels::{Flags, Kernel, Variant};
use super::pool::Buffer;
use super::recorder::Dispatch;
use super::tensor::{Tensor, Tokens, blocks};
use super::weights::Table;

/// Where rows stand.
pub enum Places<'a> {
    /// All at one step.
    Step(usize),
    /// Each at its own position, all below a length.
    Own(&'a Rc<Buffer>, usize),
}

impl Device {
    pub fn embed(&self, Table(table): &Table, tokens: &Tokens, places: &Places<'_>) -> Tensor {
        let (rows, width) = (tokens.rows, table.width);
        let out = Tensor::new(self, rows, width);
        let none = self.nothing();
        let (step, length, positions) = match places {
            Places::Step(step) => (*step as u32, step + 1, &none),
            Places::Own(positions, length) => (u32::MAX, *length, *positions),
        };
        let sinusoids = self.sinusoids(width, length);
        let parameters = [
            rows as u32,
            blocks(width) as u32,
            table.group_blocks as u32,
            step,
            (width as f32).sqrt().to_bits(),
        ];
        self.dispatch(&Dispatch {
            variant: Variant::reading(Kernel::Embed, table.form, Flags::default()),
            parameters: bytemuck::cast_slice(&parameters),
            buffers: &[
                &tokens.buffer,
                positions,
                &table.weights,
                &table.scales,
                &sinusoids,
                &out.view.buffer,
            ],
            grid: [blocks(width).div_ceil(64), rows],
            multiply_adds: rows * width,
            bytes_read: 8 * rows * width,
        });
        out
    }
}
