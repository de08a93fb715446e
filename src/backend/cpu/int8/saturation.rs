//! Exact products on machines that saturate.
//!
//! x86 without VNNI multiplies unsigned activations with signed weights and adds neighbouring
//! products in 16 bits, where two large weights of one sign can exceed the range. In such a pair
//! the larger weight is made smaller, until no activation can; what was taken off it is multiplied
//! apart. In trained models about one pair in 6,000 is so.

use super::matrix::Int8Matrix;

/// The greatest sum of two neighbouring weights: 128 · 255 is still a 16-bit number.
const LARGEST_PAIR: i32 = 128;
/// A row that needs nothing.
const SOUND: u32 = u32::MAX;

/// The rows of a matrix that would saturate, with smaller weights, and what is missing from them.
#[derive(Clone, Debug, Default)]
pub struct Corrections {
    /// `[out]`: the place of a row among those that are changed, or [`SOUND`]; empty where no row
    /// is changed.
    places: Vec<u32>,
    /// `[changed, stride]`.
    codes: Vec<i8>,
    /// `[changed]`: where a row's entries end.
    ends: Vec<usize>,
    /// Columns, and what their weights lack, row by row.
    missing: Vec<(u32, i32)>,
}

impl Corrections {
    /// Finds the rows that need it.
    pub fn of(matrix: &Int8Matrix) -> Self {
        let mut found = Corrections::default();
        let mut places = vec![SOUND; matrix.rows()];
        for (row, place) in places.iter_mut().enumerate() {
            let codes = matrix.original_row(row);
            let pairs = codes.as_chunks::<2>().0;
            if pairs.iter().all(|pair| excess(*pair) == 0) {
                continue;
            }
            *place = found.ends.len() as u32;
            for (at, &pair) in pairs.iter().enumerate() {
                let excess = excess(pair);
                let larger = usize::from(pair[1].unsigned_abs() > pair[0].unsigned_abs());
                let mut smaller = pair;
                if excess != 0 {
                    smaller[larger] = (i32::from(pair[larger]) - excess) as i8;
                    found.missing.push(((2 * at + larger) as u32, excess));
                }
                found.codes.extend(smaller);
            }
            found.ends.push(found.missing.len());
        }
        if !found.ends.is_empty() {
            found.places = places;
        }
        found
    }

    /// The smaller weights of a row, where it has such.
    #[inline(always)]
    pub fn row(&self, row: usize, stride: usize) -> Option<&[i8]> {
        let place = *self.places.get(row)?;
        (place != SOUND).then(|| &self.codes[place as usize * stride..][..stride])
    }

    /// Whether any of some rows has smaller weights.
    pub fn concern(&self, rows: std::ops::Range<usize>) -> bool {
        !self.places.is_empty() && self.places[rows].iter().any(|&place| place != SOUND)
    }

    /// What the product of a row with `x`, as it is stored for such machines, lacks.
    pub fn missing(&self, row: usize, x: &[i8]) -> i32 {
        let place = match self.places.get(row) {
            Some(&place) if place != SOUND => place as usize,
            _ => return 0,
        };
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        let signed = |column: u32| i32::from(x[column as usize] ^ i8::MIN);
        self.missing[start..self.ends[place]]
            .iter()
            .fold(0, |sum, &(column, weight)| sum.wrapping_add(weight * signed(column)))
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        4 * self.places.len()
            + self.codes.len()
            + size_of_val(&self.ends[..])
            + size_of_val(&self.missing[..])
    }
}

/// By how much a pair is too large, with its sign.
fn excess([a, b]: [i8; 2]) -> i32 {
    let sum = i32::from(a) + i32::from(b);
    sum - sum.clamp(-LARGEST_PAIR, LARGEST_PAIR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_pair_that_is_left_can_exceed_16_bits() {
        for a in i8::MIN..=i8::MAX {
            for b in i8::MIN..=i8::MAX {
                let excess = excess([a, b]);
                let (larger, other) =
                    if b.unsigned_abs() > a.unsigned_abs() { (b, a) } else { (a, b) };
                let smaller = i32::from(larger) - excess;
                assert!(i8::try_from(smaller).is_ok(), "{a} and {b}");
                for (x, y) in [(0, 255), (255, 0), (255, 255)] {
                    let sum = x * smaller + y * i32::from(other);
                    assert!(i16::try_from(sum).is_ok(), "{a} and {b}: {sum}");
                }
            }
        }
    }
}
