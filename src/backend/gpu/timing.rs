//! How long kernels take, by the device's own clock: for benchmarks.

use serde::Serialize;

use super::Gpu;
use super::kernels::Kernel;
use crate::error::Result;

/// Kernels that are timed at most: a query set holds 4096 times (WebGPU), and each kernel takes two.
const MOST: u32 = 2048;
const TIME_BYTES: u64 = 8;

/// A kernel's time.
#[derive(Clone, Debug, Serialize)]
pub struct KernelTime {
    /// The name of its file.
    pub name: &'static str,
    /// How often it was started.
    pub dispatches: usize,
    /// In all.
    pub ms: f64,
}

/// Kernels that are being timed: each in a pass of its own, at whose ends the clock is read.
#[derive(Debug)]
pub struct Timing {
    times: wgpu::QuerySet,
    kernels: Vec<Kernel>,
}

impl Timing {
    /// Where the next kernel's times go, while there is room.
    pub fn next(&mut self, kernel: Kernel) -> Option<wgpu::ComputePassTimestampWrites<'_>> {
        let at = self.kernels.len() as u32;
        if at == MOST {
            return None;
        }
        self.kernels.push(kernel);
        Some(wgpu::ComputePassTimestampWrites {
            query_set: &self.times,
            beginning_of_pass_write_index: Some(2 * at),
            end_of_pass_write_index: Some(2 * at + 1),
        })
    }
}

impl Gpu {
    /// Times the next kernels, 2048 at most; false where the device has no clock.
    pub fn start_timing(&self) -> bool {
        if !self.0.raw.features().contains(wgpu::Features::TIMESTAMP_QUERY) {
            return false;
        }
        let times = self.0.raw.create_query_set(&wgpu::QuerySetDescriptor {
            label: Some("times"),
            ty: wgpu::QueryType::Timestamp,
            count: 2 * MOST,
        });
        self.0.submit();
        self.0.recorder.borrow_mut().timing = Some(Timing { times, kernels: Vec::new() });
        true
    }

    /// Ends the timing, and gives the times by kernel, the longest first. Browsers make them coarse
    /// on purpose, so that only sums mean much.
    ///
    /// # Errors
    /// `Device`, with whatever went wrong there.
    pub async fn end_timing(&self) -> Result<Vec<KernelTime>> {
        let device = &self.0;
        let Some(timing) = device.recorder.borrow_mut().timing.take() else {
            return Ok(Vec::new());
        };
        let count = 2 * timing.kernels.len() as u32;
        if count == 0 {
            return Ok(Vec::new());
        }
        let bytes = u64::from(count) * TIME_BYTES;
        let resolved = device.raw.create_buffer(&wgpu::BufferDescriptor {
            label: Some("times"),
            size: bytes,
            usage: wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC,
            mapped_at_creation: false,
        });
        device.recorder.borrow_mut().outside_a_pass(&device.raw).resolve_query_set(
            &timing.times,
            0..count,
            &resolved,
            0,
        );
        let reading = device.request_raw(&[(&resolved, bytes as usize)]);
        let read = device.read(reading).await?;
        let period = f64::from(device.queue.get_timestamp_period());
        let mut kernels: Vec<KernelTime> = Vec::new();
        let times = read.as_chunks::<8>().0.iter().map(|time| u64::from_le_bytes(*time));
        let times: Vec<u64> = times.collect();
        for (kernel, time) in timing.kernels.iter().zip(times.as_chunks::<2>().0) {
            let ms = time[1].saturating_sub(time[0]) as f64 * period / 1e6;
            match kernels.iter_mut().find(|known| known.name == kernel.name()) {
                Some(known) => {
                    known.dispatches += 1;
                    known.ms += ms;
                }
                None => kernels.push(KernelTime { name: kernel.name(), dispatches: 1, ms }),
            }
        }
        kernels.sort_by(|a, b| b.ms.total_cmp(&a.ms));
        Ok(kernels)
    }
}
