//! Scores of all pieces for a state, in integers, and which of them are the best: the inner loops of
//! a screening.
//!
//! A score is `bias + Σ state · piece` over a few dozen products, so that nothing is to be gained
//! from adding across a vector: here every lane of a vector is another piece, and four bytes of the
//! state meet four bytes of each piece at once.
//!
//! How many pieces are to be left is known, and the score that so many reach is not. It is taken
//! from a sample, so that one pass over all pieces is enough and no score has to be kept.

use super::isa::{Isa, STEP};
use super::kernel::dispatch;
use super::quantize::Codes;
#[cfg(not(target_arch = "wasm32"))]
use super::scalar::Scalar;
#[cfg(target_arch = "wasm32")]
use super::wasm;
#[cfg(target_arch = "x86_64")]
use super::x86;
use crate::backend::Candidates;
use crate::backend::cpu::logits::Found;
use crate::backend::cpu::pool::Buffer;
use crate::backend::cpu::simd::Level;
use crate::token::TokenId;

/// The greatest code of a piece: two products of such with a byte still fit into 16 bits, so that
/// nothing saturates where that is how products are added.
pub const LARGEST: f32 = 64.0;

/// Pieces whose scores are computed together: as many as a word has bits.
const BLOCK: usize = 64;
/// Every so many blocks, one belongs to the sample.
const SAMPLED: usize = 16;
/// Bytes that are multiplied at once.
const GROUP: usize = 4;
/// Vectors of pieces in a tile.
const VECTORS: usize = 4;
/// Rows of states that meet a tile, or tiles that a row meets where it is the only one: so many sums
/// are on their way at once that none waits for another.
const TOGETHER: usize = 2;

/// Words with more marks than these are rare.
const FEW: usize = 4;

/// Of pieces that there are not: nothing raises it to a score that counts.
const NEVER: i32 = i32::MIN / 2;
/// What all scores but those reach.
const ALWAYS: i32 = NEVER / 2;
/// Beyond these a bias decides alone, and sums with it must not overflow.
const BIAS_RANGE: f32 = (1 << 28) as f32;

/// Pieces `[vocabulary, rank]` in 8-bit codes, as the loops want them.
#[derive(Clone, Debug)]
pub struct Pieces {
    count: usize,
    groups: usize,
    /// By tiles of [`VECTORS`] vectors, within them by groups of four codes.
    codes: Vec<i8>,
    /// `[vocabulary]`, to whole blocks: where each score begins.
    biases: Vec<i32>,
}

impl Pieces {
    /// From codes `[vocabulary, rank]`, row-major, none beyond [`LARGEST`], and biases
    /// `[vocabulary]` in units of the scores.
    pub fn new(level: Level, rank: usize, codes: &[i8], biases: &[f32]) -> Self {
        let count = biases.len();
        assert!(count < i32::MAX as usize && codes.len() == count * rank);
        let (padded, groups) = (count.next_multiple_of(BLOCK), rank.div_ceil(GROUP));
        let mut pieces = Pieces {
            count,
            groups,
            codes: vec![0; padded * groups * GROUP],
            biases: vec![NEVER; padded],
        };
        arrange(level, rank, codes, biases, &mut pieces);
        pieces
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        self.codes.len() + size_of_val(&self.biases[..])
    }
}

dispatch! {
    fn arrange(rank: usize, codes: &[i8], biases: &[f32], pieces: &mut Pieces) = arrange_body
}

#[inline(always)]
fn arrange_body<I: Isa>(rank: usize, codes: &[i8], biases: &[f32], pieces: &mut Pieces) {
    let lanes = I::WIDTH / GROUP;
    let tile = VECTORS * lanes;
    for (piece, (codes, bias)) in codes.chunks_exact(rank.max(1)).zip(biases).enumerate() {
        let (vector, lane) = (piece % tile / lanes, piece % lanes);
        let start = piece / tile * pieces.groups * VECTORS + vector;
        for (group, four) in codes.chunks(GROUP).enumerate() {
            let at = (start + group * VECTORS) * I::WIDTH;
            for (k, &code) in four.iter().enumerate() {
                pieces.codes[at + I::place(lane, k)] = code;
            }
        }
        let sum: i32 = codes.iter().map(|&code| i32::from(code)).sum();
        let bias = bias.clamp(-BIAS_RANGE, BIAS_RANGE).round_ties_even() as i32;
        pieces.biases[piece] = bias - I::OFFSET * sum;
    }
}

/// The best pieces of each row, about `wanted` and at most `most` of them, ascending: of those in
/// the row's list of `choices` the ones whose scores reach what about `wanted` of all reach.
pub fn select(
    level: Level,
    states: &Codes,
    pieces: &Pieces,
    [wanted, most]: [usize; 2],
    choices: &[Candidates],
) -> Found {
    let rows = choices.len();
    assert!(states.stride() >= pieces.groups * GROUP && states.rows() == rows);
    let blocks = pieces.biases.len() / BLOCK;
    let mut inputs = Buffer::any(rows * pieces.groups * STEP);
    let mut scores = Buffer::any(rows * sample(pieces).count() * BLOCK);
    let mut least = Buffer::any(rows);
    let mut words = Buffer::any(rows * blocks);
    let apart = most + BLOCK;
    let mut found = Found { tokens: Buffer::any(rows * apart), ends: Buffer::filled(rows, 0) };
    let work = Work { inputs: &mut inputs, scores: &mut scores, least: &mut least, wanted };
    run(level, states, pieces, work, &mut words);
    for (row, (end, list)) in found.ends.iter_mut().zip(choices).enumerate() {
        let words = &mut words[row * blocks..][..blocks];
        remove_all_but(list, pieces.count, words);
        let tokens = &mut found.tokens[row * apart..][..apart];
        *end = unpack(words, tokens).min(most);
        // Where none that the list has came that far, a row must not go without all the same.
        if let (0, Some(&first)) = (*end, list.first()) {
            tokens[0] = first;
            *end = 1;
        }
    }
    found.close_up(apart);
    found
}

/// Memory on the way.
pub struct Work<'a> {
    /// `[rows, groups, STEP]`: each four bytes of a state, repeated to a vector.
    inputs: &'a mut [i8],
    /// `[rows, sampled pieces]`.
    scores: &'a mut [i32],
    /// `[rows]`: the score that is good enough.
    least: &'a mut [i32],
    wanted: usize,
}

/// The blocks of the sample: from the middle of each stretch, since the first pieces are like no
/// others.
fn sample(pieces: &Pieces) -> impl Iterator<Item = usize> {
    let blocks = pieces.biases.len() / BLOCK;
    (SAMPLED.min(blocks) / 2..blocks).step_by(SAMPLED)
}

dispatch! {
    /// Marks in `words` `[rows, blocks]` the pieces that score well enough, a bit each.
    fn run(states: &Codes, pieces: &Pieces, work: Work<'_>, words: &mut [u64]) = body
}

#[inline(always)]
fn body<I: Isa>(states: &Codes, pieces: &Pieces, work: Work<'_>, words: &mut [u64]) {
    let Work { inputs, scores, least, wanted } = work;
    let rows = least.len();
    if rows == 0 || pieces.count == 0 {
        return;
    }
    for (row, inputs) in inputs.chunks_exact_mut((pieces.groups * STEP).max(1)).enumerate() {
        let fours = states.row(row).as_chunks::<GROUP>().0;
        for (four, input) in fours.iter().zip(inputs.as_chunks_mut::<STEP>().0) {
            spread::<I>(*four, input);
        }
    }
    let (pairs, sampled) = (rows / TOGETHER * TOGETHER, scores.len() / rows);
    for (place, block) in sample(pieces).enumerate() {
        let scores = &mut scores[place * BLOCK..];
        for row in (0..pairs).step_by(TOGETHER) {
            keep::<I, TOGETHER, 1>(pieces, block, inputs, row, (sampled, scores));
        }
        for row in pairs..rows {
            keep::<I, 1, TOGETHER>(pieces, block, inputs, row, (sampled, scores));
        }
    }
    // As many of the sample as the share that it is of all.
    let share = (wanted * sampled).div_ceil(pieces.count).min(sampled);
    for (least, scores) in least.iter_mut().zip(scores.chunks_exact(sampled)) {
        *least = reached_by(share, scores);
    }
    for block in 0..pieces.biases.len() / BLOCK {
        for row in (0..pairs).step_by(TOGETHER) {
            mark::<I, TOGETHER, 1>(pieces, block, inputs, row, least, words);
        }
        for row in pairs..rows {
            mark::<I, 1, TOGETHER>(pieces, block, inputs, row, least, words);
        }
    }
}

/// Writes the scores of a block for `R` rows from `row` on, whose places are `apart`.
#[inline(always)]
fn keep<I: Isa, const R: usize, const T: usize>(
    pieces: &Pieces,
    block: usize,
    inputs: &[i8],
    row: usize,
    (apart, scores): (usize, &mut [i32]),
) {
    let lanes = I::WIDTH / GROUP;
    for first in (0..BLOCK).step_by(T * VECTORS * lanes) {
        let sums = score::<I, R, T>(pieces, block * BLOCK + first, inputs, row);
        for (r, sums) in sums.iter().enumerate() {
            let to = &mut scores[(row + r) * apart + first..][..T * VECTORS * lanes];
            for (&sums, to) in sums.as_flattened().iter().zip(to.chunks_exact_mut(lanes)) {
                // SAFETY: `dispatch` runs this where the instructions exist, and `to` has a place
                // for each lane.
                unsafe { I::store(sums, to.as_mut_ptr()) };
            }
        }
    }
}

/// Marks the pieces of a block that reach what is good enough, for `R` rows from `row` on. No branch
/// depends on scores: which way it goes would be known too late.
#[inline(always)]
fn mark<I: Isa, const R: usize, const T: usize>(
    pieces: &Pieces,
    block: usize,
    inputs: &[i8],
    row: usize,
    least: &[i32],
    words: &mut [u64],
) {
    let lanes = I::WIDTH / GROUP;
    let mut marks = [0; R];
    for first in (0..BLOCK).step_by(T * VECTORS * lanes) {
        let sums = score::<I, R, T>(pieces, block * BLOCK + first, inputs, row);
        for (r, marks) in marks.iter_mut().enumerate() {
            for (vector, &sums) in sums[r].as_flattened().iter().enumerate() {
                // SAFETY: `dispatch` runs this where the instructions exist.
                let reaching = unsafe { I::reaching(sums, least[row + r]) };
                *marks |= u64::from(reaching) << (first + vector * lanes);
            }
        }
    }
    let blocks = pieces.biases.len() / BLOCK;
    for (r, marks) in marks.into_iter().enumerate() {
        words[(row + r) * blocks + block] = marks;
    }
}

/// Four bytes, to where they meet those of every lane.
#[inline(always)]
fn spread<I: Isa>(four: [i8; GROUP], to: &mut [i8; STEP]) {
    for vector in to.chunks_exact_mut(I::WIDTH) {
        for lane in 0..I::WIDTH / GROUP {
            for (k, &byte) in four.iter().enumerate() {
                vector[I::place(lane, k)] = byte;
            }
        }
    }
}

/// The scores of `T` tiles of pieces from `first` on, for `R` rows from `row` on.
#[inline(always)]
fn score<I: Isa, const R: usize, const T: usize>(
    pieces: &Pieces,
    first: usize,
    inputs: &[i8],
    row: usize,
) -> [[[I::Sums; VECTORS]; T]; R] {
    let (groups, lanes) = (pieces.groups, I::WIDTH / GROUP);
    let tile = VECTORS * lanes;
    let inputs = &inputs[row * groups * STEP..][..R * groups * STEP];
    let codes = &pieces.codes[first * groups * GROUP..][..T * tile * groups * GROUP];
    let biases = &pieces.biases[first..][..T * tile];
    // SAFETY: `dispatch` runs this where the instructions exist; slices were made as long as what is
    // read.
    unsafe {
        let bias = |at: usize| I::load(biases.as_ptr().add(at * lanes));
        let start: [[_; VECTORS]; T] =
            std::array::from_fn(|t| std::array::from_fn(|vector| bias(t * VECTORS + vector)));
        let mut sums = [start; R];
        for group in 0..groups {
            for t in 0..T {
                let start = codes.as_ptr().add((t * groups + group) * VECTORS * I::WIDTH);
                let w: [I::Weights; VECTORS] =
                    std::array::from_fn(|vector| I::weights(start.add(vector * I::WIDTH)));
                for (r, sums) in sums.iter_mut().enumerate() {
                    let x = I::input(inputs.as_ptr().add((r * groups + group) * STEP));
                    for (sums, &w) in sums[t].iter_mut().zip(&w) {
                        *sums = I::multiply_add(*sums, w, x);
                    }
                }
            }
        }
        sums
    }
}

/// A score that at least `share` of `scores` reach, and few more, unless many are the same.
#[inline(always)]
fn reached_by(share: usize, scores: &[i32]) -> i32 {
    // Counting a few times is faster than sorting: it is what vectors are good at.
    let count =
        |least: i32| scores.iter().map(|&score| u32::from(score >= least)).sum::<u32>() as usize;
    let mut reached = ALWAYS;
    let mut missed = i64::from(scores.iter().fold(i32::MIN, |a, &b| a.max(b))) + 1;
    let real = |least: i32, &score: &i32| if score > ALWAYS { least.min(score) } else { least };
    let mut low = i64::from(scores.iter().fold(i32::MAX, real));
    while missed - low > 1 {
        let middle = low + (missed - low) / 2;
        let of_middle = count(middle as i32);
        if of_middle < share {
            missed = middle;
            continue;
        }
        (reached, low) = (middle as i32, middle);
        if of_middle <= share + share / 8 {
            break;
        }
    }
    reached
}

/// Takes the marks off pieces, of `count`, that `list`, ascending, does not hold.
fn remove_all_but(list: &[TokenId], count: usize, words: &mut [u64]) {
    // What the list lacks is found by stretches that lack nothing: they are few and long.
    let (mut place, mut piece) = (0, 0);
    while piece < count {
        let rest = &list[place..];
        let stretch = stretch(rest, piece);
        place += stretch;
        let next = list.get(place).map_or(count, |id| id.index().min(count));
        for gone in piece + stretch..next {
            words[gone / BLOCK] &= !(1 << (gone % BLOCK));
        }
        piece = next;
    }
}

/// How many at the front of `list`, ascending, are `piece`, `piece + 1` and so on.
fn stretch(list: &[TokenId], piece: usize) -> usize {
    let (mut low, mut high) = (0, list.len());
    while low < high {
        let middle = low.midpoint(high);
        if list[middle].index() == piece + middle { low = middle + 1 } else { high = middle }
    }
    low
}

/// Writes the pieces that are marked to the front of `tokens`, ascending, and returns how many: until
/// there is no room for all that one more word may hold.
fn unpack(words: &[u64], tokens: &mut [TokenId]) -> usize {
    let mut end = 0;
    for (block, &word) in words.iter().enumerate() {
        let Some(room) = tokens[end..].first_chunk_mut::<BLOCK>() else { break };
        let (first, mut rest, mut count) = ((block * BLOCK) as u32, word, 0);
        // Nearly all words hold so few. Written always and counted if there, they need no branch
        // whose way nobody could know.
        for place in &mut room[..FEW] {
            *place = TokenId(first + rest.trailing_zeros());
            count += usize::from(rest != 0);
            rest &= rest.wrapping_sub(1);
        }
        while rest != 0 {
            room[count] = TokenId(first + rest.trailing_zeros());
            count += 1;
            rest &= rest - 1;
        }
        end += count;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::cpu::logits::Lists;

    /// Reproducible numbers.
    fn codes(seed: u64, count: usize, most: i64) -> Vec<i8> {
        let next = |state: &mut u64| {
            *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            Some(((*state >> 33) as i64 % (2 * most + 1) - most) as i8)
        };
        std::iter::repeat_n((), count).scan(seed, |state, ()| next(state)).collect()
    }

    fn all(count: usize) -> Candidates {
        (0..count as u32).map(TokenId).collect()
    }

    #[test]
    fn every_level_finds_those_that_score_best() {
        for (count, rank, rows) in [(1, 1, 1), (63, 3, 2), (64, 4, 3), (1000, 50, 1), (5000, 48, 5)]
        {
            let pieces = codes(1, count * rank, 64);
            let states: Vec<f32> =
                codes(2, rows * rank, 127).iter().map(|&code| f32::from(code)).collect();
            let biases: Vec<f32> =
                codes(3, count, 127).iter().map(|&code| 50.0 * f32::from(code)).collect();
            let score = |row: usize, piece: usize| {
                let products = pieces[piece * rank..][..rank].iter().zip(&states[row * rank..]);
                let sum: f32 = products.map(|(&piece, state)| f32::from(piece) * state).sum();
                (sum + biases[piece]) as i32
            };
            let (wanted, lists) = (count.div_ceil(20), vec![all(count); rows]);
            for level in Level::all() {
                let pieces = Pieces::new(level, rank, &pieces, &biases);
                let states = Codes::of(level, &states, rank, Some(1.0));
                let found = select(level, &states, &pieces, [wanted, count], &lists);
                for row in 0..rows {
                    let list = Lists::Found(&found).row(row).to_vec();
                    assert!(list.is_sorted() && !list.is_empty(), "{level:?}, {count}: {list:?}");
                    let least = list.iter().map(|id| score(row, id.index())).min().unwrap();
                    let best = (0..count).filter(|&piece| score(row, piece) >= least);
                    assert!(list.iter().map(|id| id.index()).eq(best), "{level:?}, {count}");
                    // An estimate, from a sixteenth of them.
                    let few = count < 2000 || (wanted / 2..2 * wanted).contains(&list.len());
                    assert!(few, "{level:?}: {} of {count}, {wanted} wanted", list.len());
                }
            }
        }
    }

    #[test]
    fn only_what_a_list_has_is_found_and_no_row_goes_without() {
        let biases: Vec<f32> = (0..200).map(|piece| 200.0 - piece as f32).collect();
        let level = Level::detect();
        let pieces = Pieces::new(level, 1, &[0; 200], &biases);
        let states = Codes::of(level, &[1.0; 3], 1, Some(1.0));
        let without = |gone: &[u32]| -> Candidates {
            (0..200).filter(|id| !gone.contains(id)).map(TokenId).collect()
        };
        let lists = [without(&[0, 3]), without(&[]), [TokenId(199)].into()];
        let found = select(level, &states, &pieces, [4, 6], &lists);
        let list = |row| Lists::Found(&found).row(row).to_vec();
        assert!(list(1).starts_with(&[0, 1, 2, 3].map(TokenId)), "{:?}", list(1));
        assert!(list(0).starts_with(&[1, 2].map(TokenId)) && !list(0).contains(&TokenId(3)));
        assert_eq!(list(2), [TokenId(199)]);
        assert!((0..3).all(|row| list(row).len() <= 6));
    }

    #[test]
    fn where_all_score_the_same_the_first_stay() {
        let level = Level::detect();
        let pieces = Pieces::new(level, 2, &[0; 600], &[0.0; 300]);
        let states = Codes::of(level, &[0.5; 2], 2, Some(1.0));
        let found = select(level, &states, &pieces, [3, 12], &[all(300)]);
        assert_eq!(found.tokens[..12], *all(12));
        assert_eq!(found.ends[..], [12]);
    }
}
