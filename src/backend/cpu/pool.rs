//! Memory for activations, used again and again: once a thread has decoded a few steps, it
//! allocates nothing.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

use crate::token::TokenId;

/// What a thread keeps for its next batch at most, in bytes a type.
const KEPT_BYTES: usize = 24 << 20;
/// Shorter buffers are not worth telling apart.
const LEAST: usize = 64;

/// Free memory of one thread, by the logarithm of its length, which is a power of two.
#[derive(Debug)]
pub struct Free<T> {
    lists: [Vec<Vec<T>>; usize::BITS as usize],
    bytes: usize,
}

impl<T> Free<T> {
    const fn new() -> Self {
        Free { lists: [const { Vec::new() }; usize::BITS as usize], bytes: 0 }
    }
}

/// An element that buffers are kept of.
pub trait Pooled: Copy + Default + 'static {
    /// Lends this thread's free memory; none while the thread ends.
    fn with<R>(use_it: impl FnOnce(&mut Free<Self>) -> R) -> Option<R>;
}

macro_rules! pooled {
    ($($type:ty),*) => {$(
        impl Pooled for $type {
            fn with<R>(use_it: impl FnOnce(&mut Free<Self>) -> R) -> Option<R> {
                thread_local! {
                    static FREE: RefCell<Free<$type>> = const { RefCell::new(Free::new()) };
                }
                FREE.try_with(|free| use_it(&mut free.borrow_mut())).ok()
            }
        }
    )*};
}
pooled!(f32, i8, i32, u64, usize, TokenId);

/// A slice that returns its memory to the thread that drops it.
#[derive(Debug, Default)]
pub struct Buffer<T: Pooled> {
    /// As long as a power of two, or empty.
    memory: Vec<T>,
    length: usize,
}

impl<T: Pooled> Buffer<T> {
    /// `length` elements of any value: whatever the last user left there.
    pub fn any(length: usize) -> Self {
        let size = length.max(LEAST).next_power_of_two();
        let list = size.trailing_zeros() as usize;
        let kept = T::with(|free| {
            let memory = free.lists[list].pop()?;
            free.bytes -= size_of_val(&memory[..]);
            Some(memory)
        });
        let memory = kept.flatten().unwrap_or_else(|| vec![T::default(); size]);
        Buffer { memory, length }
    }

    /// `length` elements of value `value`.
    pub fn filled(length: usize, value: T) -> Self {
        let mut buffer = Buffer::any(length);
        buffer.fill(value);
        buffer
    }

    /// A copy of `values`.
    pub fn copy(values: &[T]) -> Self {
        let mut buffer = Buffer::any(values.len());
        buffer.copy_from_slice(values);
        buffer
    }
}

impl<T: Pooled> Drop for Buffer<T> {
    fn drop(&mut self) {
        let memory = std::mem::take(&mut self.memory);
        let bytes = size_of_val(&memory[..]);
        if bytes == 0 {
            return;
        }
        T::with(|free| {
            if free.bytes + bytes <= KEPT_BYTES {
                free.bytes += bytes;
                free.lists[memory.len().trailing_zeros() as usize].push(memory);
            }
        });
    }
}

impl<T: Pooled> Clone for Buffer<T> {
    fn clone(&self) -> Self {
        Buffer::copy(self)
    }
}

impl<T: Pooled> Deref for Buffer<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        &self.memory[..self.length]
    }
}

impl<T: Pooled> DerefMut for Buffer<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.memory[..self.length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_comes_back_and_is_bounded() {
        let first = Buffer::<f32>::filled(100, 1.0);
        let place = first.as_ptr();
        drop(first);
        let second = Buffer::<f32>::any(120);
        assert_eq!((second.as_ptr(), second.len()), (place, 120));
        let many: Vec<_> = (0..64).map(|_| Buffer::<f32>::any(1 << 20)).collect();
        drop(many);
        f32::with(|free| assert!(free.bytes <= KEPT_BYTES)).unwrap();
        assert!(Buffer::<TokenId>::any(0).is_empty());
    }
}
