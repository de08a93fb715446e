//! A device: opened once, shared by all models on it.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use super::kernels::{Access, Kernel, Variant, constants, source};
use super::pool::{Buffer, Pool, Use};
use super::recorder::Recorder;
use super::tensor::Sinusoids;
use crate::error::{Error, Result};

/// Bytes of a kernel's parameters at most.
pub const PARAMETER_BYTES: u64 = 64;

/// An open device with everything that is made on it.
#[derive(Debug)]
pub struct Device {
    pub raw: wgpu::Device,
    pub queue: wgpu::Queue,
    pub limits: wgpu::Limits,
    pub pool: Rc<Pool>,
    pub recorder: RefCell<Recorder>,
    pub sinusoids: RefCell<Sinusoids>,
    name: String,
    /// Why nothing can be relied on any more.
    failure: Arc<Mutex<Option<String>>>,
    pipelines: RefCell<HashMap<Variant, Rc<Pipeline>>>,
    /// What stands where a kernel has nothing to read, and where it has nothing to write.
    blank: OnceCell<[Rc<Buffer>; 2]>,
}

/// A compiled kernel.
#[derive(Debug)]
pub struct Pipeline {
    pub raw: wgpu::ComputePipeline,
    pub layout: wgpu::BindGroupLayout,
    pub kernel: Kernel,
}

impl Device {
    /// Opens the adapter that the system prefers.
    pub async fn open() -> Result<Rc<Self>> {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..Default::default()
        };
        let adapter = instance
            .request_adapter(&options)
            .await
            .map_err(|error| Error::device(format!("there is no graphics adapter: {error}")))?;
        let info = adapter.get_info();
        let offered = adapter.limits();
        // What models need beyond the least that every adapter has.
        let limits = wgpu::Limits {
            max_buffer_size: offered.max_buffer_size,
            max_storage_buffer_binding_size: offered.max_storage_buffer_binding_size,
            ..wgpu::Limits::default()
        };
        let limits = if limits.check_limits(&offered) { limits } else { offered };
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("pocketglot"),
            // For benchmarks.
            required_features: adapter.features() & wgpu::Features::TIMESTAMP_QUERY,
            required_limits: limits.clone(),
            ..Default::default()
        };
        let (raw, queue) = adapter
            .request_device(&descriptor)
            .await
            .map_err(|error| Error::device(format!("the graphics adapter refused: {error}")))?;
        let failure: Arc<Mutex<Option<String>>> = Arc::default();
        let note = {
            let failure = Arc::clone(&failure);
            move |what: String| {
                if let Ok(mut failure) = failure.lock() {
                    failure.get_or_insert(what);
                }
            }
        };
        let lost = note.clone();
        raw.set_device_lost_callback(move |_, why| {
            lost(if why.is_empty() { "the device was lost".to_owned() } else { why });
        });
        raw.on_uncaptured_error(Arc::new(move |error: wgpu::Error| note(error.to_string())));
        let pool = Pool::new(raw.clone());
        let recorder = RefCell::new(Recorder::new(&raw));
        let name = match (info.name.trim(), info.driver.trim()) {
            ("", "") => "unknown adapter".to_owned(),
            ("", driver) => driver.to_owned(),
            (name, _) => name.to_owned(),
        };
        Ok(Rc::new(Device {
            raw,
            queue,
            limits,
            pool,
            recorder,
            sinusoids: RefCell::default(),
            name,
            failure,
            pipelines: RefCell::default(),
            blank: OnceCell::new(),
        }))
    }

    /// What people call the adapter.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// An error once anything has failed on the device.
    pub fn check(&self) -> Result<()> {
        let failure = self.failure.lock().ok().and_then(|failure| failure.clone());
        failure.map_or(Ok(()), |what| Err(Error::device(format!("{}: {what}", self.name))))
    }

    /// Gives the device up: whatever still runs there ends.
    pub fn destroy(&self) {
        if let Ok(mut failure) = self.failure.lock() {
            failure.get_or_insert_with(|| "the device was destroyed".to_owned());
        }
        self.raw.destroy();
    }

    fn blank(&self) -> &[Rc<Buffer>; 2] {
        self.blank.get_or_init(|| {
            [self.upload(Use::Weights, &[0; 16]), self.upload(Use::Weights, &[0; 16])]
        })
    }

    /// For a binding that a kernel does not read.
    pub fn nothing(&self) -> Rc<Buffer> {
        Rc::clone(&self.blank()[0])
    }

    /// For a binding that a kernel does not write.
    pub fn spare(&self) -> Rc<Buffer> {
        Rc::clone(&self.blank()[1])
    }

    /// A kernel, compiled when it is first asked for. What is wrong with it shows at the next
    /// [`Device::check`].
    pub fn pipeline(&self, variant: Variant) -> Rc<Pipeline> {
        let known = self.pipelines.borrow().get(&variant).cloned();
        known.unwrap_or_else(|| {
            let pipeline = Rc::new(self.compile(variant));
            self.pipelines.borrow_mut().insert(variant, Rc::clone(&pipeline));
            pipeline
        })
    }

    fn compile(&self, Variant { kernel, form, flags }: Variant) -> Pipeline {
        let label = Some(kernel.name());
        let storage = |(at, access): (usize, &Access)| wgpu::BindGroupLayoutEntry {
            binding: at as u32 + 1,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer {
                ty: wgpu::BufferBindingType::Storage { read_only: *access == Access::Read },
                has_dynamic_offset: false,
                min_binding_size: None,
            },
            count: None,
        };
        let parameters = wgpu::BindGroupLayoutEntry {
            binding: 0,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer {
                ty: wgpu::BufferBindingType::Uniform,
                has_dynamic_offset: true,
                min_binding_size: wgpu::BufferSize::new(PARAMETER_BYTES),
            },
            count: None,
        };
        let entries: Vec<_> = std::iter::once(parameters)
            .chain(kernel.bindings().iter().enumerate().map(storage))
            .collect();
        let layout = self.raw.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label,
            entries: &entries,
        });
        let whole = self.raw.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label,
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let module = self.raw.create_shader_module(wgpu::ShaderModuleDescriptor {
            label,
            source: wgpu::ShaderSource::Wgsl(source(kernel, form).into()),
        });
        let raw = self.raw.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label,
            layout: Some(&whole),
            module: &module,
            entry_point: Some("main"),
            compilation_options: wgpu::PipelineCompilationOptions {
                constants: &constants(kernel, flags),
                // Every kernel writes before it reads.
                zero_initialize_workgroup_memory: false,
            },
            cache: None,
        });
        Pipeline { raw, layout, kernel }
    }
}
