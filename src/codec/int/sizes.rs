//! The two numbers that make one codec of many.

use crate::error::{Error, Result};

/// Bits a code: 2 to 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Bits(u8);

impl Bits {
    pub(super) const LEAST: u64 = 2;
    pub(super) const MOST: u64 = 8;

    /// # Errors
    /// `InvalidInput` for fewer than 2 or more than 8.
    pub fn new(bits: u64) -> Result<Self> {
        match bits {
            Self::LEAST..=Self::MOST => Ok(Bits(bits as u8)),
            _ => Err(Error::invalid(format!("{bits} bits a code: 2 to 8 are possible"))),
        }
    }

    /// The number.
    pub fn get(self) -> usize {
        usize::from(self.0)
    }

    /// What is added to a value to make its code: `2^(bits − 1)`. Values are `-offset` and above,
    /// and below `offset`.
    pub fn offset(self) -> i16 {
        1 << (self.0 - 1)
    }

    /// Bytes of a row of `columns` codes.
    pub fn row_bytes(self, columns: usize) -> usize {
        // 8 codes fill as many bytes as one has bits. No sum here exceeds `columns`.
        columns / 8 * self.get() + (columns % 8 * self.get()).div_ceil(8)
    }
}

/// Columns that share a scale: at least 1. The last group of a row may be shorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupSize(u32);

impl GroupSize {
    /// # Errors
    /// `InvalidInput` for 0 and for what 32 bits do not hold.
    pub fn new(columns: u64) -> Result<Self> {
        match u32::try_from(columns) {
            Ok(columns @ 1..) => Ok(GroupSize(columns)),
            _ => Err(Error::invalid(format!("no group has {columns} columns"))),
        }
    }

    /// The number.
    pub fn get(self) -> usize {
        self.0 as usize
    }

    /// Groups in a row of `columns`.
    pub fn groups(self, columns: usize) -> usize {
        columns.div_ceil(self.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_out_of_range_are_refused() {
        for bits in [0, 1, 9, 260, u64::MAX] {
            let error = Bits::new(bits).unwrap_err().to_string();
            assert_eq!(error, format!("{bits} bits a code: 2 to 8 are possible"));
        }
        assert_eq!(GroupSize::new(0).unwrap_err().to_string(), "no group has 0 columns");
        assert!(GroupSize::new(1 << 32).is_err());
    }

    #[test]
    fn no_number_of_columns_overflows() {
        let bits = Bits::new(7).unwrap();
        assert_eq!(bits.row_bytes(0), 0);
        assert_eq!(bits.row_bytes(9), 8);
        assert_eq!(bits.row_bytes(usize::MAX), (usize::MAX as u128 * 7).div_ceil(8) as usize);
        assert_eq!(GroupSize::new(64).unwrap().groups(65), 2);
        assert_eq!(GroupSize::new(64).unwrap().groups(usize::MAX), 1 << (usize::BITS - 6));
    }
}
