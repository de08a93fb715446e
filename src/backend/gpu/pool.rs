//! Buffers of a device: made once, used again and again, counted, and given back.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

/// What a buffer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Activations: after use it serves another. Work on a device is done in order, so that this
    /// may be at once, while its last reader still waits to run.
    Scratch,
    /// Written from this side: it serves another only after what reads it has been submitted,
    /// since writing goes before all that is submitted later.
    Upload,
    /// Weights: destroyed after use.
    Weights,
    /// Read on this side.
    Staging,
}

/// What lies idle for later use at most, in bytes.
const IDLE_BYTES: u64 = 64 << 20;
/// The smallest buffer.
const LEAST: u64 = 1 << 10;

/// A buffer, which returns to its pool when nobody holds it.
#[derive(Debug)]
pub struct Buffer {
    /// Never used again for another buffer.
    pub id: u32,
    pub raw: wgpu::Buffer,
    /// Bytes that were asked for; it may have more.
    pub bytes: u64,
    purpose: Use,
    pool: Weak<Pool>,
}

/// A buffer that waits, and its number.
type Idle = (u32, wgpu::Buffer);

/// The buffers of one device.
#[derive(Debug)]
pub struct Pool {
    device: wgpu::Device,
    next: Cell<u32>,
    bytes: Cell<u64>,
    idle_bytes: Cell<u64>,
    idle: RefCell<BTreeMap<(u8, u64), Vec<Idle>>>,
    /// To be had again after the next submission.
    limbo: RefCell<Vec<(Use, u32, wgpu::Buffer)>>,
}

impl Pool {
    pub fn new(device: wgpu::Device) -> Rc<Self> {
        Rc::new(Pool {
            device,
            next: Cell::new(0),
            bytes: Cell::new(0),
            idle_bytes: Cell::new(0),
            idle: RefCell::default(),
            limbo: RefCell::default(),
        })
    }

    /// Bytes of all buffers, idle ones among them.
    pub fn bytes(&self) -> u64 {
        self.bytes.get()
    }

    /// A buffer of at least `bytes`, with whatever its last user left in it.
    pub fn take(self: &Rc<Self>, purpose: Use, bytes: u64) -> Rc<Buffer> {
        // Weights stay, so they get what they need; others are easier to use again in few sizes.
        let size = match purpose {
            Use::Weights => bytes.next_multiple_of(16).max(16),
            _ => bytes.max(LEAST).next_power_of_two(),
        };
        let kept = self.idle.borrow_mut().get_mut(&(purpose as u8, size)).and_then(Vec::pop);
        let (id, raw) = match kept {
            Some(kept) => {
                self.idle_bytes.set(self.idle_bytes.get() - size);
                kept
            }
            None => (self.next.replace(self.next.get() + 1), self.create(purpose, size)),
        };
        Rc::new(Buffer { id, raw, bytes, purpose, pool: Rc::downgrade(self) })
    }

    fn create(&self, purpose: Use, size: u64) -> wgpu::Buffer {
        use wgpu::BufferUsages as Usage;
        self.bytes.set(self.bytes.get() + size);
        let usage = match purpose {
            Use::Staging => Usage::MAP_READ | Usage::COPY_DST,
            _ => Usage::STORAGE | Usage::COPY_SRC | Usage::COPY_DST,
        };
        let label = Some(match purpose {
            Use::Scratch => "activations",
            Use::Upload => "upload",
            Use::Weights => "weights",
            Use::Staging => "staging",
        });
        self.device.create_buffer(&wgpu::BufferDescriptor {
            label,
            size,
            usage,
            mapped_at_creation: false,
        })
    }

    fn put_back(&self, purpose: Use, id: u32, raw: wgpu::Buffer) {
        match purpose {
            Use::Scratch | Use::Staging => self.keep(purpose, id, raw),
            Use::Upload | Use::Weights => self.limbo.borrow_mut().push((purpose, id, raw)),
        }
    }

    fn keep(&self, purpose: Use, id: u32, raw: wgpu::Buffer) {
        let size = raw.size();
        if self.idle_bytes.get() + size > IDLE_BYTES {
            // Something that is recorded may still use it.
            self.limbo.borrow_mut().push((Use::Weights, id, raw));
            return;
        }
        self.idle_bytes.set(self.idle_bytes.get() + size);
        self.idle.borrow_mut().entry((purpose as u8, size)).or_default().push((id, raw));
    }

    /// Everything recorded so far has been submitted. True when buffers are gone for good.
    pub fn submitted(&self) -> bool {
        let mut gone = false;
        for (purpose, id, raw) in self.limbo.take() {
            if purpose == Use::Upload {
                self.keep(purpose, id, raw);
            } else {
                self.bytes.set(self.bytes.get() - raw.size());
                raw.destroy();
                gone = true;
            }
        }
        gone
    }

    /// Gives all that is idle back to the device. Everything recorded must have been submitted.
    pub fn clear(&self) {
        for (_, raw) in self.idle.take().into_values().flatten() {
            self.bytes.set(self.bytes.get() - raw.size());
            raw.destroy();
        }
        self.idle_bytes.set(0);
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if let Some(pool) = self.pool.upgrade() {
            pool.put_back(self.purpose, self.id, self.raw.clone());
        }
    }
}
