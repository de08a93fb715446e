//! A model and its jobs, on the processor and, where that is wanted, on the graphics processor.

use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::graphics::{self, Graphics};
use super::helpers::POOL;
use super::loader::Loader;
use super::poll::{Encoded, Poll};
use super::values::{to_js, to_js_error};
use super::{now, promise};
use crate::backend::Backend;
use crate::backend::cpu::Cpu;
use crate::backend::gpu::Gpu;
use crate::error::{Error, Result};
use crate::format::{Architecture, Package};
use crate::model::Source;
use crate::translate::{JobId, Limits, Priority, Scheduler, Translator};

/// A model and its queue of jobs.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Engine {
    package: Package,
    cpu: Scheduler<Cpu>,
    gpu: Option<Scheduler<Gpu>>,
    file_bytes: usize,
}

/// What a page may want to show about a model.
#[derive(Debug, Serialize)]
struct Info<'a> {
    source: &'a str,
    target: &'a str,
    architecture: &'a Architecture,
    licence: Option<&'a str>,
    credit: Option<&'a str>,
    /// The package as a plain file.
    file_bytes: usize,
    /// The weights in this memory.
    memory_bytes: usize,
}

/// What a page may want to show about a model on a graphics processor.
#[derive(Debug, Serialize)]
struct GraphicsInfo<'a> {
    adapter: &'a str,
    /// The weights there.
    weight_bytes: usize,
}

/// What batches take at most, on two threads. Taken once and given back at once, it stays with this
/// memory, which then does not grow bit by bit whenever large batches happen to meet.
const ROOM_FOR_BATCHES: usize = 16 << 20;

impl Engine {
    /// The model of a package file, and the helpers of this memory.
    fn new(file: Bytes) -> Result<Engine> {
        let file_bytes = file.len();
        let package = Package::read(file)?;
        let translator = Translator::load(Cpu::default(), &package)?;
        // Where there is no such room, translation may still get by with less.
        let _ = Vec::<u8>::new().try_reserve_exact(ROOM_FOR_BATCHES);
        let (translator, pool) = (Arc::new(translator), Arc::clone(&POOL));
        let cpu = Scheduler::with_helpers(translator, Limits::SLICED, pool);
        Ok(Engine { package, cpu, gpu: None, file_bytes })
    }

    /// The model on the graphics processor, and the sentences of texts for it.
    fn batch_on_gpu(&self, texts: &[String]) -> Result<(Arc<Translator<Gpu>>, Vec<Source>)> {
        let Some(gpu) = &self.gpu else {
            return Err(Error::device("the model is not on a graphics processor"));
        };
        let translator = Arc::clone(gpu.translator());
        let mut sources = Vec::new();
        for text in texts {
            sources.extend(translator.prepare(text)?.1);
        }
        Ok((translator, sources))
    }
}

#[wasm_bindgen]
impl Loader {
    /// The engine for the model that the chunks make up.
    ///
    /// # Errors
    /// A JavaScript `Error` whose `name` is the kind of failure.
    pub fn finish(self) -> Result<Engine, JsValue> {
        Engine::new(self.into_bytes()).map_err(to_js_error)
    }
}

#[wasm_bindgen]
impl Engine {
    /// Languages, architecture, bytes, licence.
    ///
    /// # Errors
    /// Never in practice: the values are plain.
    pub fn info(&self) -> Result<JsValue, JsValue> {
        let metadata = &self.package.metadata;
        to_js(&Info {
            source: &metadata.languages.source,
            target: &metadata.languages.target,
            architecture: &metadata.architecture,
            licence: metadata.provenance.licence.as_deref(),
            credit: metadata.provenance.credit.as_deref(),
            file_bytes: self.file_bytes,
            memory_bytes: self.cpu.translator().network().weight_bytes(),
        })
    }

    /// Takes the model to a graphics processor too. What goes wrong there later, the next polls
    /// tell.
    ///
    /// # Errors
    /// A JavaScript `Error` named `Unsupported` when it cannot run this model, `Device` when it is
    /// of no use any more.
    pub fn use_gpu(&mut self, graphics: &Graphics) -> Result<JsValue, JsValue> {
        self.drop_gpu();
        let gpu = graphics.device();
        let translator = gpu
            .check()
            .and_then(|()| self.cpu.translator().on(gpu.clone(), &self.package))
            .map_err(to_js_error)?;
        let weight_bytes = translator.network().weight_bytes();
        let scheduler = Scheduler::new(translator.into(), Limits::BULK);
        self.gpu = Some(scheduler.with_news(graphics::news));
        to_js(&GraphicsInfo { adapter: gpu.adapter(), weight_bytes })
    }

    /// Leaves the graphics processor; jobs there go on on the processor.
    pub fn drop_gpu(&mut self) {
        if let Some(mut gpu) = self.gpu.take() {
            gpu.hand_over(&mut self.cpu);
            let device = gpu.translator().network().backend().clone();
            drop(gpu);
            device.give_back();
        }
    }

    /// Queues texts, on the graphics processor if that is wanted and this model is there; the result
    /// names the job.
    pub fn submit(&mut self, texts: Vec<String>, interactive: bool, gpu: bool) -> u32 {
        let priority = if interactive { Priority::Interactive } else { Priority::Batch };
        let job = match &mut self.gpu {
            Some(scheduler) if gpu => scheduler.submit(texts, priority),
            _ => self.cpu.submit(texts, priority),
        };
        job.0
    }

    /// Queues a text whose translation is told as it comes.
    pub fn stream(&mut self, text: String, interactive: bool, gpu: bool) -> u32 {
        let priority = if interactive { Priority::Interactive } else { Priority::Batch };
        let job = match &mut self.gpu {
            Some(scheduler) if gpu => scheduler.stream(text, priority),
            _ => self.cpu.stream(text, priority),
        };
        job.0
    }

    /// Works for about `budget_ms` milliseconds, and tells what has been done.
    ///
    /// # Errors
    /// Never in practice: the values are plain.
    pub fn poll(&mut self, budget_ms: f64) -> Result<JsValue, JsValue> {
        let deadline = now() + budget_ms;
        let mut poll = Poll::default();
        // First the device, which has work to do by itself meanwhile.
        if let Some(gpu) = &mut self.gpu {
            let events = gpu.poll(|| now() >= deadline);
            poll.add(events, gpu.translator().network().backend().name());
        }
        if poll.gpu_lost.is_some() {
            self.drop_gpu();
        }
        let events = self.cpu.poll(|| now() >= deadline);
        poll.add(events, self.cpu.translator().network().backend().name());
        let gpu = self.gpu.as_ref();
        poll.idle = self.cpu.is_idle() && gpu.is_none_or(Scheduler::is_idle);
        poll.waiting = !poll.idle
            && (self.cpu.is_idle() || self.cpu.is_waiting())
            && gpu.is_none_or(|gpu| gpu.is_idle() || gpu.is_waiting());
        to_js(&poll)
    }

    /// Drops a job; false when it had already ended.
    pub fn cancel(&mut self, id: u32) -> bool {
        let on_gpu = self.gpu.as_mut().is_some_and(|gpu| gpu.cancel(JobId(id)));
        on_gpu || self.cpu.cancel(JobId(id))
    }

    /// What these texts cost as one batch on the graphics processor: for benchmarks. The first time
    /// compiles kernels too.
    ///
    /// # Errors
    /// A JavaScript `Error` named `Device` when the model is not there.
    pub fn profile(&self, texts: Vec<String>) -> Result<js_sys::Promise, JsValue> {
        let (translator, sources) = self.batch_on_gpu(&texts).map_err(to_js_error)?;
        Ok(promise::of(async move {
            let profile = translator.network().profile(&sources, now).await;
            profile.map_err(to_js_error).and_then(|profile| to_js(&profile))
        }))
    }

    /// What the encoder makes of these texts as one batch on the graphics processor: for benchmarks
    /// that compare it with others.
    ///
    /// # Errors
    /// A JavaScript `Error` named `Device` when the model is not there.
    pub fn encode(&self, texts: Vec<String>) -> Result<js_sys::Promise, JsValue> {
        let (translator, sources) = self.batch_on_gpu(&texts).map_err(to_js_error)?;
        Ok(promise::of(async move {
            let encoding = translator.network().encoding(&sources, now).await;
            encoding.map_err(to_js_error).and_then(|encoding| Encoded::to_js(&sources, &encoding))
        }))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.drop_gpu();
    }
}
