//! The output projection over candidates, and the best of them: the twin of `shaders/logits.wgsl`
//! and `shaders/best.wgsl`.

use super::device::Device;
use super::kernels::{Flags, Kernel, Variant};
use super::linear::{Input, parameters};
use super::pool::Use;
use super::recorder::Dispatch;
use super::tensor::{Choices, Logits, Tensor, Tokens, Vector};
use super::weights::Table;
use crate::token::TokenId;

impl Device {
    pub fn logits(&self, h: &Tensor, table: &Table, bias: &Vector, choices: &Choices) -> Logits {
        let Table(table) = table;
        let Input { view, normalise, norm } = self.input(h);
        let buffer = self.pool.take(Use::Scratch, 4 * choices.total as u64);
        let flags = Flags { normalise, ..Flags::default() };
        self.dispatch(&Dispatch {
            variant: Variant::reading(Kernel::Logits, table.form, flags),
            parameters: bytemuck::cast_slice(&parameters(h.rows, &view, table, None)),
            buffers: &[
                &view.buffer,
                &norm,
                &table.weights,
                &table.scales,
                &bias.buffer,
                &choices.offsets,
                &choices.candidates,
                &buffer,
            ],
            grid: [choices.most.div_ceil(64), choices.rows],
            multiply_adds: choices.total * table.width,
            bytes_read: choices.total * table.bytes / table.columns.max(1) + 4 * h.rows * h.width,
        });
        Logits { buffer, total: choices.total }
    }

    pub fn best(&self, logits: &Logits, choices: &Choices, last: &Tokens, end: TokenId) -> Tokens {
        let buffer = self.pool.take(Use::Scratch, 4 * choices.rows as u64);
        self.dispatch(&Dispatch {
            variant: Variant::plain(Kernel::Best),
            parameters: &end.0.to_le_bytes(),
            buffers: &[
                &logits.buffer,
                &choices.offsets,
                &choices.candidates,
                &last.buffer,
                &buffer,
            ],
            grid: [choices.rows, 1],
            multiply_adds: 0,
            bytes_read: 4 * choices.total,
        });
        Tokens { buffer, rows: choices.rows }
    }
}
