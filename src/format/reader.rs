//! A cursor over little-endian bytes that can't run past the end.

use bytes::Bytes;

use crate::error::{Error, Result};

pub(super) struct Reader {
    bytes: Bytes,
    at: usize,
}

impl Reader {
    pub fn new(bytes: Bytes) -> Self {
        Reader { bytes, at: 0 }
    }

    /// Bytes read so far.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Bytes not yet read.
    pub fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// The next `length` bytes, shared, not copied. Nothing is allocated from `length`.
    pub fn take(&mut self, length: u64, what: &str) -> Result<Bytes> {
        match usize::try_from(length) {
            Ok(length) if length <= self.left() => {
                let bytes = self.bytes.slice(self.at..self.at + length);
                self.at += length;
                Ok(bytes)
            }
            _ => Err(Error::malformed(format!(
                "{what}: needs {length} bytes at offset {}, the file has {} left (truncated download?)",
                self.at,
                self.left()
            ))),
        }
    }

    /// `count` items of `size` bytes each.
    pub fn take_items(&mut self, count: u64, size: usize, what: &str) -> Result<Bytes> {
        let length = count.checked_mul(size as u64).ok_or_else(|| {
            Error::malformed(format!("{what}: {count} items at offset {} are absurd", self.at))
        })?;
        self.take(length, what)
    }

    pub fn u64(&mut self, what: &str) -> Result<u64> {
        let bytes = self.take(8, what)?;
        Ok(u64::from_le_bytes(*bytes.as_array().expect("take gave 8 bytes")))
    }
}
