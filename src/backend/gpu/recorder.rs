//! Commands on their way to the device: dispatches are recorded into one pass, and their
//! parameters into one buffer, until something wants to be read.

use std::collections::HashMap;
use std::rc::Rc;

use super::device::{Device, PARAMETER_BYTES};
use super::kernels::Variant;
use super::pool::{Buffer, Use};
use super::timing::Timing;

/// Dispatches a submission; after so many a new one begins.
const MOST: usize = 1024;
/// Bind groups that are kept at most.
const BIND_GROUPS: usize = 4096;
/// A kernel and the numbers of its buffers.
type Key = (Variant, [u32; 8]);

/// What is recorded and not yet submitted.
#[derive(Debug)]
pub struct Recorder {
    encoder: Option<wgpu::CommandEncoder>,
    pass: Option<wgpu::ComputePass<'static>>,
    parameters: Vec<u8>,
    stride: usize,
    buffer: wgpu::Buffer,
    bind_groups: HashMap<Key, wgpu::BindGroup>,
    counts: Counts,
    pub timing: Option<Timing>,
}

/// What has been asked of the device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Kernels started.
    pub dispatches: u64,
    /// Workgroups in all.
    pub workgroups: u64,
    /// Products of a weight or an activation with another number, as the formulas have them.
    pub multiply_adds: u64,
    /// Bytes that the kernels' inputs take, each counted once a dispatch.
    pub bytes_read: u64,
    /// Read-backs.
    pub reads: u64,
}

impl Counts {
    /// What has been asked since `earlier`.
    #[must_use]
    pub fn since(self, earlier: Counts) -> Counts {
        Counts {
            dispatches: self.dispatches - earlier.dispatches,
            workgroups: self.workgroups - earlier.workgroups,
            multiply_adds: self.multiply_adds - earlier.multiply_adds,
            bytes_read: self.bytes_read - earlier.bytes_read,
            reads: self.reads - earlier.reads,
        }
    }
}

/// One kernel's work.
pub struct Dispatch<'a> {
    pub variant: Variant,
    /// Its parameters, as they stand in the shader.
    pub parameters: &'a [u8],
    /// In the order of its bindings.
    pub buffers: &'a [&'a Buffer],
    pub grid: [usize; 2],
    pub multiply_adds: usize,
    pub bytes_read: usize,
}

impl Recorder {
    pub fn new(device: &wgpu::Device) -> Self {
        let alignment = device.limits().min_uniform_buffer_offset_alignment as u64;
        let stride = PARAMETER_BYTES.next_multiple_of(alignment);
        let buffer = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("parameters"),
            size: stride * MOST as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        Recorder {
            encoder: None,
            pass: None,
            parameters: Vec::new(),
            stride: stride as usize,
            buffer,
            bind_groups: HashMap::new(),
            counts: Counts::default(),
            timing: None,
        }
    }

    fn is_full(&self) -> bool {
        self.parameters.len() >= MOST * self.stride
    }

    /// For commands that no pass holds.
    pub fn outside_a_pass(&mut self, device: &wgpu::Device) -> &mut wgpu::CommandEncoder {
        self.pass = None;
        self.encoder.get_or_insert_with(|| device.create_command_encoder(&Default::default()))
    }
}

impl Device {
    /// Records one kernel. An empty grid is no work.
    pub fn dispatch(&self, work: &Dispatch<'_>) {
        let [width, height] = work.grid;
        if width == 0 || height == 0 {
            return;
        }
        let pipeline = self.pipeline(work.variant);
        debug_assert_eq!(work.buffers.len(), pipeline.kernel.bindings().len());
        if self.recorder.borrow().is_full() {
            self.submit();
        }
        let recorder = &mut *self.recorder.borrow_mut();
        let offset = recorder.parameters.len();
        recorder.parameters.extend_from_slice(work.parameters);
        recorder.parameters.resize(offset + recorder.stride, 0);

        let mut ids = [u32::MAX; 8];
        ids.iter_mut().zip(work.buffers).for_each(|(id, buffer)| *id = buffer.id);
        if recorder.bind_groups.len() >= BIND_GROUPS {
            recorder.bind_groups.clear();
        }
        let parameters = &recorder.buffer;
        let group = recorder.bind_groups.entry((work.variant, ids)).or_insert_with(|| {
            let parameters = wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                buffer: parameters,
                offset: 0,
                size: wgpu::BufferSize::new(PARAMETER_BYTES),
            });
            let buffers = work.buffers.iter().map(|buffer| buffer.raw.as_entire_binding());
            let entries: Vec<_> = std::iter::once(parameters)
                .chain(buffers)
                .enumerate()
                .map(|(at, resource)| wgpu::BindGroupEntry { binding: at as u32, resource })
                .collect();
            self.raw.create_bind_group(&wgpu::BindGroupDescriptor {
                label: None,
                layout: &pipeline.layout,
                entries: &entries,
            })
        });

        let encoder = recorder
            .encoder
            .get_or_insert_with(|| self.raw.create_command_encoder(&Default::default()));
        // Clocks are read where passes begin and end, so a kernel that is timed has its own.
        let timestamp_writes = recorder.timing.as_mut().and_then(|timing| {
            recorder.pass = None;
            timing.next(work.variant.kernel)
        });
        let pass = recorder.pass.get_or_insert_with(|| {
            let descriptor = wgpu::ComputePassDescriptor { label: None, timestamp_writes };
            encoder.begin_compute_pass(&descriptor).forget_lifetime()
        });
        pass.set_pipeline(&pipeline.raw);
        pass.set_bind_group(0, &*group, &[offset as u32]);
        pass.dispatch_workgroups(width as u32, height as u32, 1);
        let counts = &mut recorder.counts;
        counts.dispatches += 1;
        counts.workgroups += (width * height) as u64;
        counts.multiply_adds += work.multiply_adds as u64;
        counts.bytes_read += work.bytes_read as u64;
    }

    /// Records a copy between buffers.
    pub fn copy(&self, from: (&wgpu::Buffer, u64), to: (&wgpu::Buffer, u64), bytes: u64) {
        if bytes == 0 {
            return;
        }
        self.recorder
            .borrow_mut()
            .outside_a_pass(&self.raw)
            .copy_buffer_to_buffer(from.0, from.1, to.0, to.1, bytes);
    }

    /// Records that a buffer becomes zero.
    pub fn clear(&self, buffer: &Buffer) {
        self.recorder.borrow_mut().outside_a_pass(&self.raw).clear_buffer(&buffer.raw, 0, None);
    }

    /// Begins everything that is recorded.
    pub fn submit(&self) -> Option<wgpu::SubmissionIndex> {
        let recorder = &mut *self.recorder.borrow_mut();
        recorder.pass = None;
        let encoder = recorder.encoder.take();
        if !recorder.parameters.is_empty() {
            self.queue.write_buffer(&recorder.buffer, 0, &recorder.parameters);
            recorder.parameters.clear();
        }
        let index = encoder.map(|encoder| self.queue.submit([encoder.finish()]));
        if self.pool.submitted() {
            // They may hold buffers that are gone.
            recorder.bind_groups.clear();
        }
        index
    }

    /// What has been asked of the device until now.
    pub fn counts(&self) -> Counts {
        self.recorder.borrow().counts
    }

    pub fn count_read(&self) {
        self.recorder.borrow_mut().counts.reads += 1;
    }

    /// Gives back what only waits to be used again.
    pub fn give_back(&self) {
        self.submit();
        self.pool.clear();
        self.recorder.borrow_mut().bind_groups.clear();
    }

    /// A new buffer with `bytes` in it, padded with zeros.
    pub fn upload(&self, purpose: Use, bytes: &[u8]) -> Rc<Buffer> {
        let buffer = self.pool.take(purpose, bytes.len() as u64);
        let whole = bytes.len() / 4 * 4;
        self.queue.write_buffer(&buffer.raw, 0, &bytes[..whole]);
        if whole < bytes.len() {
            let mut last = [0; 4];
            last[..bytes.len() - whole].copy_from_slice(&bytes[whole..]);
            self.queue.write_buffer(&buffer.raw, whole as u64, &last);
        }
        buffer
    }
}
