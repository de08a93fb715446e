//! Reading back, the only thing that waits.

use std::rc::Rc;

use futures_channel::oneshot;

use super::device::Device;
use super::pool::{Buffer, Use};
use crate::error::{Error, Result};

/// Values on their way back.
#[derive(Debug)]
pub struct Reading {
    staging: Rc<Buffer>,
    bytes: usize,
    mapped: oneshot::Receiver<Result<(), wgpu::BufferAsyncError>>,
    #[cfg_attr(
        target_arch = "wasm32",
        expect(dead_code, reason = "browsers call back by themselves")
    )]
    submission: Option<wgpu::SubmissionIndex>,
}

impl Device {
    /// Asks for the first bytes of some buffers, each with its number of bytes, and begins all that
    /// is recorded.
    pub fn request(&self, parts: &[(&Buffer, usize)]) -> Reading {
        let parts: Vec<_> = parts.iter().map(|(buffer, bytes)| (&buffer.raw, *bytes)).collect();
        self.request_raw(&parts)
    }

    /// The same of buffers that are not the pool's.
    pub fn request_raw(&self, parts: &[(&wgpu::Buffer, usize)]) -> Reading {
        let bytes = parts.iter().map(|(_, bytes)| bytes).sum();
        let staging = self.pool.take(Use::Staging, bytes as u64);
        let mut offset = 0;
        for (buffer, bytes) in parts {
            self.copy((buffer, 0), (&staging.raw, offset), *bytes as u64);
            offset += *bytes as u64;
        }
        let submission = self.submit();
        self.count_read();
        let (sender, mapped) = oneshot::channel();
        if bytes > 0 {
            staging.raw.map_async(wgpu::MapMode::Read, 0..bytes as u64, move |result| {
                // Nobody may be left to hear it.
                let _ = sender.send(result);
            });
        } else {
            let _ = sender.send(Ok(()));
        }
        Reading { staging, bytes, mapped, submission }
    }

    /// Waits for what was asked for.
    pub async fn read(&self, mut reading: Reading) -> Result<Vec<u8>> {
        // A browser's device goes on by itself; elsewhere it is this thread that waits for it.
        #[cfg(not(target_arch = "wasm32"))]
        if reading.bytes > 0 {
            let wait =
                wgpu::PollType::Wait { submission_index: reading.submission.take(), timeout: None };
            self.raw.poll(wait).map_err(|error| Error::device(error.to_string()))?;
        }
        let mapped = (&mut reading.mapped).await;
        let mapped = mapped.map_err(|_| Error::device("the device does not answer"))?;
        self.check()?;
        mapped.map_err(|error| Error::device(error.to_string()))?;
        if reading.bytes == 0 {
            return Ok(Vec::new());
        }
        let slice = reading.staging.raw.slice(0..reading.bytes as u64);
        let view = slice.get_mapped_range().map_err(|error| Error::device(error.to_string()))?;
        let values = view.to_vec();
        drop(view);
        reading.staging.raw.unmap();
        reading.bytes = 0;
        Ok(values)
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        // Given up, or failed: whoever uses the buffer next needs it unmapped.
        if self.bytes > 0 {
            self.staging.raw.unmap();
        }
    }
}
