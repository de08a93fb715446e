//! Rows and tokens by number: the twin of `shaders/gather.wgsl` and `shaders/select.wgsl`.

use super::device::Device;
use super::kernels::{Kernel, Variant};
use super::pool::{Buffer, Use};
use super::recorder::Dispatch;
use super::tensor::{BLOCK, Tokens, View};

impl Device {
    /// The first `rows` rows of `x` that `which` numbers; `x` is as wide as its stride.
    pub fn gather(&self, x: &View, which: &Buffer, rows: usize) -> View {
        let out = View::new(self, rows, x.stride);
        let parameters = [rows, x.stride, x.offset, x.stride].map(|number| number as u32);
        self.dispatch(&Dispatch {
            variant: Variant::plain(Kernel::Gather),
            parameters: bytemuck::cast_slice(&parameters),
            buffers: &[&x.buffer, which, &out.buffer],
            grid: [x.stride.div_ceil(64), rows],
            multiply_adds: 0,
            bytes_read: rows * x.stride * BLOCK * size_of::<f32>(),
        });
        out
    }

    /// The tokens of the first `rows` rows that `which` numbers.
    pub fn select(&self, tokens: &Tokens, which: &Buffer, rows: usize) -> Tokens {
        let buffer = self.pool.take(Use::Scratch, 4 * rows as u64);
        self.dispatch(&Dispatch {
            variant: Variant::plain(Kernel::Select),
            parameters: &(rows as u32).to_le_bytes(),
            buffers: &[&tokens.buffer, which, &buffer],
            grid: [rows.div_ceil(64), 1],
            multiply_adds: 0,
            bytes_read: 4 * rows,
        });
        Tokens { buffer, rows }
    }
}
