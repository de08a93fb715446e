//! What a translation costs on a graphics processor: counted, and measured on the device at hand.

use serde::Serialize;

use super::greedy::rows;
use super::{Network, Source};
use crate::backend::Backend;
use crate::backend::gpu::{Counts, Gpu, KernelTime};
use crate::backend::host::Activations;
use crate::error::Result;
use crate::token::TokenId;

/// What a batch costs.
#[derive(Clone, Debug, Serialize)]
pub struct Profile {
    /// What people call the adapter.
    pub adapter: String,
    /// Sentences of the batch.
    pub sentences: usize,
    /// Their tokens.
    pub source_tokens: usize,
    /// Decode steps that were measured, with all sentences in each.
    pub steps: usize,
    /// Embedding and encoder, from the upload of the tokens to the result on this side.
    pub encoder_ms: f64,
    /// The steps, their read-backs among them.
    pub steps_ms: f64,
    /// One encoder layer.
    pub encoder_layer: Cost,
    /// One decode step.
    pub step: Cost,
    /// Each kernel's time in an encoder and the steps, by the device's own clock, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernels: Option<Vec<KernelTime>>,
}

/// What the encoder makes of a batch.
#[derive(Clone, Debug)]
pub struct Encoding {
    /// A row a token.
    pub encoded: Activations,
    /// From the upload of the tokens to the result on this side.
    pub ms: f64,
}

/// What the device is asked for.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Cost {
    /// Kernels started.
    pub dispatches: f64,
    /// Multiplications with an addition, as the formulas have them.
    pub multiply_adds: f64,
    /// Bytes that the kernels' inputs take, each counted once a dispatch.
    pub bytes_read: f64,
}

impl Cost {
    /// One of `count` equal shares.
    fn of(counts: Counts, count: usize) -> Self {
        let share = |total: u64| total as f64 / count.max(1) as f64;
        Cost {
            dispatches: share(counts.dispatches),
            multiply_adds: share(counts.multiply_adds),
            bytes_read: share(counts.bytes_read),
        }
    }
}

/// Steps that are measured.
const STEPS: usize = 8;

impl Network<Gpu> {
    /// Measures one batch; `now` tells the time in milliseconds. The first batch of its size
    /// compiles kernels too: measure it twice.
    ///
    /// # Errors
    /// `Device`, with whatever goes wrong there.
    pub async fn profile(&self, sources: &[Source], now: impl Fn() -> f64) -> Result<Profile> {
        let gpu = &self.backend;
        let mut layers = Counts::default();
        let mut steps = Counts::default();
        let (memory, Encoding { ms: encoder_ms, .. }) =
            self.encode_here(sources, &mut layers, &now).await?;
        let start = now();
        self.steps(&memory, sources, &mut steps).await?;
        let steps_ms = now() - start;

        let kernels = if gpu.start_timing() {
            let memory = self.encode(sources, &mut Counts::default()).await;
            self.steps(&memory, sources, &mut Counts::default()).await?;
            Some(gpu.end_timing().await?)
        } else {
            None
        };
        Ok(Profile {
            adapter: gpu.adapter().to_owned(),
            sentences: sources.len(),
            source_tokens: memory.rows(),
            steps: STEPS,
            encoder_ms,
            steps_ms,
            encoder_layer: Cost::of(layers, self.encoder.depth()),
            step: Cost::of(steps, STEPS),
            kernels,
        })
    }

    /// The encoder alone, timed.
    ///
    /// # Errors
    /// `Device`, with whatever goes wrong there.
    pub async fn encoding(&self, sources: &[Source], now: impl Fn() -> f64) -> Result<Encoding> {
        let (_, encoding) = self.encode_here(sources, &mut Counts::default(), &now).await?;
        Ok(encoding)
    }

    /// The encoder's result, there and on this side, and what its layers asked of the device.
    async fn encode_here(
        &self,
        sources: &[Source],
        layers: &mut Counts,
        now: &impl Fn() -> f64,
    ) -> Result<(<Gpu as Backend>::Tensor, Encoding)> {
        let start = now();
        let memory = self.encode(sources, layers).await;
        let encoded = self.backend.values(&memory).await?;
        Ok((memory, Encoding { encoded, ms: now() - start }))
    }

    /// The encoder's result, and what its layers asked of the device.
    async fn encode(&self, sources: &[Source], layers: &mut Counts) -> <Gpu as Backend>::Tensor {
        let (embedded, spans) = self.embed(sources);
        let before = self.backend.counts();
        let memory = self.encoder.forward(&self.backend, embedded, &spans).await;
        *layers = self.backend.counts().since(before);
        memory
    }

    /// Steps with read-backs, and what they asked of the device.
    async fn steps(
        &self,
        memory: &<Gpu as Backend>::Tensor,
        sources: &[Source],
        counts: &mut Counts,
    ) -> Result<()> {
        let backend = &self.backend;
        let rows = rows(sources);
        let mut state = self.decoder.start(backend, memory, rows.len()).await;
        let queries = self.queries(&rows, sources);
        let mut last = backend.tokens(&vec![TokenId::START; rows.len()]);
        let before = backend.counts();
        let mut readings = Vec::new();
        for first in (0..STEPS).step_by(backend.steps_per_read()) {
            let mut steps = Vec::new();
            for step in first..STEPS.min(first + backend.steps_per_read()) {
                steps.push(self.step(steps.last().unwrap_or(&last), step, &mut state, &queries));
            }
            readings.push(backend.request(&steps));
            last = steps.pop().unwrap_or(last);
        }
        let mut read = Vec::new();
        for reading in readings {
            backend.read(reading, &mut read).await?;
        }
        *counts = backend.counts().since(before);
        Ok(())
    }
}
