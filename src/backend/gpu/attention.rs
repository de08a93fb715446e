//! Multi-head attention: the twin of `shaders/attention.wgsl`.

use super::device::Device;
use super::kernels::{Kernel, Variant};
use super::recorder::Dispatch;
use super::tensor::{Spans, Tensor, View, blocks};

/// Heads that the kernel has room for.
pub const MOST_HEADS: usize = 256;

impl Device {
    /// Attention within spans; a head's width is a multiple of 4.
    pub fn attention(&self, q: &Tensor, [k, v]: [&View; 2], spans: &Spans, heads: usize) -> View {
        let columns = blocks(q.width);
        let out = View::new(self, q.rows, columns);
        let at = self.plain(q);
        let scale = 1.0 / ((q.width / heads) as f32).sqrt();
        let [q_offset, q_stride, k_offset, k_stride, v_offset, v_stride, columns_, heads_] =
            [at.offset, at.stride, k.offset, k.stride, v.offset, v.stride, columns, heads]
                .map(|number| number as u32);
        let parameters = [
            q_offset,
            q_stride,
            k_offset,
            k_stride,
            v_offset,
            v_stride,
            columns_,
            heads_,
            scale.to_bits(),
        ];
        self.dispatch(&Dispatch {
            variant: Variant::plain(Kernel::Attention),
            parameters: bytemuck::cast_slice(&parameters),
            buffers: &[&at.buffer, &k.buffer, &v.buffer, &spans.keys, &out.buffer],
            grid: [q.rows, 1],
            multiply_adds: 2 * spans.pairs * q.width,
            bytes_read: 4 * q.width * (q.rows + 2 * spans.pairs),
        });
        out
    }
}
