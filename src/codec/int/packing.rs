//! Values of a row to codes of a few bits, one after the other from the least significant bit of
//! the first byte on, and back.

use super::Bits;

/// Codes that fill whole bytes together, whatever their bits.
const BLOCK: usize = 8;

/// Packs the values of a row, each of which `bits` hold, into its bytes.
pub fn pack(bits: Bits, values: &[i8], bytes: &mut [u8]) {
    for (values, bytes) in values.chunks(BLOCK).zip(bytes.chunks_mut(bits.get())) {
        let code = |value: &i8| (i16::from(*value) + bits.offset()) as u64;
        let codes = values.iter().map(code).enumerate();
        let word = codes.fold(0, |word, (at, code)| word | code << (at * bits.get()));
        bytes.copy_from_slice(&word.to_le_bytes()[..bytes.len()]);
    }
}

/// Unpacks a row's bytes to its values, as floats.
pub fn unpack(bits: Bits, bytes: &[u8], values: &mut [f32]) {
    // Loops of their own, in which all shifts are constants.
    match bits.get() {
        2 => unpack_row::<2>(bytes, values),
        3 => unpack_row::<3>(bytes, values),
        4 => unpack_row::<4>(bytes, values),
        5 => unpack_row::<5>(bytes, values),
        6 => unpack_row::<6>(bytes, values),
        7 => unpack_row::<7>(bytes, values),
        8 => unpack_row::<8>(bytes, values),
        bits => unreachable!("{bits} bits"),
    }
}

fn unpack_row<const BITS: usize>(bytes: &[u8], values: &mut [f32]) {
    let (blocks, rest) = values.as_chunks_mut::<BLOCK>();
    let (words, last) = bytes.split_at(blocks.len() * BITS);
    for (word, values) in words.as_chunks::<BITS>().0.iter().zip(blocks) {
        unpack_block::<BITS>(word, values);
    }
    unpack_block::<BITS>(last, rest);
}

#[inline(always)]
fn unpack_block<const BITS: usize>(bytes: &[u8], values: &mut [f32]) {
    let mut word = [0; 8];
    word[..bytes.len()].copy_from_slice(bytes);
    let word = u64::from_le_bytes(word);
    for (at, value) in values.iter_mut().enumerate() {
        let code = (word >> (at * BITS)) as u8 & (u8::MAX >> (8 - BITS));
        *value = f32::from(code.wrapping_sub(1 << (BITS - 1)).cast_signed());
    }
}

/// The first row with a bit that is not zero after the last of its `columns` codes.
pub fn unclean(bits: Bits, columns: usize, rows: &[u8]) -> Option<usize> {
    let used = columns % BLOCK * bits.get() % 8;
    if used == 0 {
        return None;
    }
    rows.chunks_exact(bits.row_bytes(columns)).position(|row| row[row.len() - 1] >> used != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bit by bit, as the format is written down.
    fn plain(bits: Bits, bytes: &[u8], column: usize) -> i16 {
        let bit = |at: usize| i16::from(bytes[at / 8] >> (at % 8) & 1);
        let code = |(n, at): (usize, usize)| bit(at) << n;
        let first = column * bits.get();
        (first..first + bits.get()).enumerate().map(code).sum::<i16>() - bits.offset()
    }

    #[test]
    fn rows_of_any_length_and_bits_are_packed_as_written_down() {
        for bits in (2..=8).map(|bits| Bits::new(bits).unwrap()) {
            for columns in 0..40 {
                let mut state = 7 * columns as u32 + 1;
                let mut next = || {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    let code = (state >> 24) as i16 & (2 * bits.offset() - 1);
                    (code - bits.offset()) as i8
                };
                let values: Vec<i8> = (0..columns).map(|_| next()).collect();
                let mut bytes = vec![0xff; bits.row_bytes(columns)];
                pack(bits, &values, &mut bytes);
                assert_eq!(bytes.len(), (columns * bits.get()).div_ceil(8));
                assert_eq!(unclean(bits, columns, &bytes.repeat(3)), None);
                let written: Vec<i16> =
                    (0..columns).map(|column| plain(bits, &bytes, column)).collect();
                assert!(values.iter().map(|&value| i16::from(value)).eq(written));
                let mut unpacked = vec![f32::NAN; columns];
                unpack(bits, &bytes, &mut unpacked);
                assert!(values.iter().map(|&value| f32::from(value)).eq(unpacked));
                if !(columns * bits.get()).is_multiple_of(8) {
                    let mut rows = bytes.repeat(3);
                    rows[2 * bytes.len() - 1] |= 0x80;
                    assert_eq!(unclean(bits, columns, &rows), Some(1), "{columns} of {bits:?}");
                }
            }
        }
    }
}
