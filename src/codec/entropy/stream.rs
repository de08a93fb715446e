//! The coder. Its state is 64 bits wide and at least 2³² as long as words are left; a symbol of
//! frequency f and cumulative frequency c, of 2¹² in all, is read as the state's lowest 12 bits q with
//! `c ≤ q < c + f`, whereupon `state ← (state >> 12) · f + q − c`, and a 32-bit word is shifted in from
//! below when the state has fallen under 2³². Words are little-endian and are read from the last one
//! on; the first two of these are the state at the start, its higher half first. At the end nothing is
//! left of words and state.

use constriction::stream::Decode;
use constriction::stream::model::{
    IterableEntropyModel, SmallContiguousCategoricalEntropyModel, SmallContiguousLookupDecoderModel,
};
use constriction::stream::stack::DefaultAnsCoder;

use crate::error::{Error, Result};

/// What frequencies add up to.
const WHOLE: u32 = 1 << 12;

/// How often each symbol of a class occurs.
#[derive(Clone, Debug)]
pub struct Table {
    frequencies: Vec<u16>,
}

impl Table {
    /// That of a file.
    ///
    /// # Errors
    /// `Malformed` when a frequency is zero, or they add up to anything but 4096.
    pub fn new(frequencies: &[u32]) -> Result<Self> {
        if frequencies.contains(&0) {
            return Err(Error::malformed("a frequency is zero"));
        }
        let sum = frequencies.iter().fold(0u32, |sum, &frequency| sum.saturating_add(frequency));
        if sum != WHOLE || frequencies.len() < 2 {
            return Err(Error::malformed(format!("frequencies add up to {sum}, not {WHOLE}")));
        }
        // Each is smaller than their sum.
        Ok(Table { frequencies: frequencies.iter().map(|&frequency| frequency as u16).collect() })
    }

    /// The one with which symbols that occur `counts` times take the fewest bits.
    ///
    /// # Errors
    /// `InvalidInput` when there are less than 2 symbols, or too many.
    pub fn fitting(counts: &[u64]) -> Result<Self> {
        // No count at all: every table is as good.
        let some = counts.iter().any(|count| *count > 0);
        let weights: Vec<f64> =
            counts.iter().map(|&count| if some { count as f64 } else { 1.0 }).collect();
        let model =
            SmallContiguousCategoricalEntropyModel::from_floating_point_probabilities_perfect(
                &weights,
            );
        let model = model.map_err(|()| {
            Error::invalid(format!("{} symbols have no frequencies", counts.len()))
        })?;
        let frequencies = model.symbol_table().map(|(_, _, frequency)| frequency.get());
        Ok(Table { frequencies: frequencies.collect() })
    }

    /// The frequencies, all above zero.
    pub fn frequencies(&self) -> impl Iterator<Item = u16> {
        self.frequencies.iter().copied()
    }

    fn decoder(&self) -> Result<SmallContiguousLookupDecoderModel> {
        SmallContiguousLookupDecoderModel::from_nonzero_fixed_point_probabilities(
            &self.frequencies,
            false,
        )
        .map_err(|()| Error::malformed("frequencies that no coder takes"))
    }

    fn encoder(&self) -> SmallContiguousCategoricalEntropyModel {
        SmallContiguousCategoricalEntropyModel::from_nonzero_fixed_point_probabilities(
            &self.frequencies,
            false,
        )
        .expect("frequencies that were checked")
    }
}

/// The bytes of `codes`, `[out, columns]`, each row with the table of its class.
///
/// # Panics
/// When a class has no table, or a code is not in it.
pub fn encode(
    codes: &[i8],
    columns: usize,
    least: i8,
    classes: &[u8],
    tables: &[Table],
) -> Vec<u8> {
    let models: Vec<_> = tables.iter().map(Table::encoder).collect();
    let mut coder = DefaultAnsCoder::new();
    // What is encoded last is decoded first.
    for (codes, class) in codes.chunks_exact(columns.max(1)).zip(classes).rev() {
        let model = &models[usize::from(*class)];
        let symbols = codes.iter().map(|code| usize::from(code.abs_diff(least)));
        coder.encode_iid_symbols_reverse(symbols, model).expect("every code is in its table");
    }
    let Ok(words) = coder.into_compressed();
    words.into_iter().flat_map(u32::to_le_bytes).collect()
}

/// Reads `codes`, `[out, columns]`, from what [`encode`] made of them.
///
/// # Errors
/// `Malformed` when the bytes are no whole words, or do not end with the last code.
pub fn decode(
    bytes: &[u8],
    columns: usize,
    least: i8,
    classes: &[u8],
    tables: &[Table],
    codes: &mut [i8],
) -> Result<()> {
    let models = tables.iter().map(Table::decoder).collect::<Result<Vec<_>>>()?;
    let (words, rest) = bytes.as_chunks::<4>();
    if !rest.is_empty() {
        return Err(Error::malformed(format!("{} bytes are no whole words", bytes.len())));
    }
    let words: Vec<u32> = words.iter().map(|word| u32::from_le_bytes(*word)).collect();
    let broken = || Error::malformed("does not end with the last code: it is damaged");
    let mut coder = DefaultAnsCoder::from_compressed(words).map_err(|_| broken())?;
    for (codes, class) in codes.chunks_exact_mut(columns.max(1)).zip(classes) {
        let model = models[usize::from(*class)].as_view();
        for code in codes {
            let symbol = coder.decode_symbol(model).map_err(|_| broken())?;
            // Tables reach to 127 at most.
            *code = least.wrapping_add_unsigned(symbol as u8);
        }
    }
    if !coder.is_empty() {
        return Err(broken());
    }
    Ok(())
}
