//! Paired bootstrap resampling: how far apart two systems are, and how sure one can be
//! ([Koehn 2004]).
//!
//! A test set is one draw of sentences out of many that could have been drawn. The bootstrap draws
//! as many sentences from it again, with replacement, a thousand times, scores both systems on
//! each draw, and looks at how the difference moves. *Paired* means that both systems meet the same
//! sentences in each draw: what is hard for both cancels out.
//!
//! [Koehn 2004]: https://aclanthology.org/W04-3250/

use std::ops::AddAssign;

use crate::error::{Error, Result};

/// A usual number of draws.
pub const SAMPLES: usize = 1_000;

/// Counts of one sentence that add up to the counts of a corpus, from which a score follows.
pub trait Resample: Copy + Default + AddAssign {
    /// The score of a sentence or a corpus with these counts.
    fn score(&self) -> f64;
}

/// A difference of two scores with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Score of the second system minus score of the first on the text as it is, in points.
    pub difference: f64,
    /// The difference below which 2.5 % of the draws lie, in points.
    pub low: f64,
    /// The difference above which 2.5 % of the draws lie, in points.
    pub high: f64,
    /// How many draws were made.
    pub samples: usize,
}

/// How much better system `b` is than system `a`: `a[i]` and `b[i]` are the statistics of the same
/// sentence, all of one metric. The draws depend on nothing but `seed` and the number of sentences.
///
/// # Errors
/// `InvalidInput` if the systems did not translate equally many sentences, if there are none, or
/// if `samples` is 0.
pub fn paired<S: Resample>(a: &[S], b: &[S], samples: usize, seed: u64) -> Result<Interval> {
    if a.len() != b.len() {
        return Err(Error::invalid(format!(
            "the first system has {} sentences, the second {}: both must translate the same text",
            a.len(),
            b.len()
        )));
    }
    if a.is_empty() {
        return Err(Error::invalid("no sentences to draw from: give at least one"));
    }
    if samples == 0 {
        return Err(Error::invalid("0 samples give no interval: ask for some hundreds at least"));
    }

    let mut random = SplitMix64(seed);
    let mut differences = Vec::new();
    for _ in 0..samples {
        let draw = (0..a.len()).map(|_| random.below(a.len()));
        differences.push(difference(a, b, draw));
    }
    differences.sort_unstable_by(f64::total_cmp);
    let outside = samples / 40; // 2.5 % at each end
    Ok(Interval {
        difference: difference(a, b, 0..a.len()),
        low: differences[outside],
        high: differences[samples - 1 - outside],
        samples,
    })
}

/// Score of `b` minus score of `a` on the corpus of the sentences `draw`.
fn difference<S: Resample>(a: &[S], b: &[S], draw: impl Iterator<Item = usize>) -> f64 {
    let (mut sum_a, mut sum_b) = (S::default(), S::default());
    for sentence in draw {
        sum_a += a[sentence];
        sum_b += b[sentence];
    }
    sum_b.score() - sum_a.score()
}

/// SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators"): a
/// counter with a large odd step, its bits mixed. Small, the same everywhere, and good enough to
/// draw sentences.
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 to `bound - 1`: the high half of a product. Its bias, `bound / 2^64`, is
    /// far below anything that a thousand draws could show.
    fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use crate::eval::{bleu, chrf};

    /// The simplest score: a mean. Its interval is known from textbooks.
    #[derive(Clone, Copy, Debug, Default)]
    struct Mean {
        sum: f64,
        count: f64,
    }

    impl AddAssign for Mean {
        fn add_assign(&mut self, other: Self) {
            self.sum += other.sum;
            self.count += other.count;
        }
    }

    impl Resample for Mean {
        fn score(&self) -> f64 {
            self.sum / self.count
        }
    }

    fn means(values: impl IntoIterator<Item = f64>) -> Vec<Mean> {
        values.into_iter().map(|sum| Mean { sum, count: 1.0 }).collect()
    }

    /// Sentences of 8 to 15 words, and two systems: one makes an error in every fourth sentence,
    /// the other makes the same and one more in every sentence.
    fn corpus() -> [Vec<String>; 3] {
        const WORDS: [&str; 12] = [
            "river", "stone", "walks", "under", "seven", "quiet", "bridge", "light", "carries",
            "home", "slowly", "green",
        ];
        let mut random = SplitMix64(99);
        let mut lines = [Vec::new(), Vec::new(), Vec::new()];
        for sentence in 0..80 {
            let length = 8 + random.below(8);
            let mut words: Vec<_> = (0..length).map(|_| WORDS[random.below(12)]).collect();
            lines[0].push(words.join(" "));
            if sentence % 4 == 0 {
                words[5] = "umbrella";
            }
            lines[1].push(words.join(" "));
            words[2] = "parsnip";
            lines[2].push(words.join(" "));
        }
        lines
    }

    fn count<S>(lines: &[Vec<String>; 3], system: usize, count: fn(&str, &str) -> S) -> Vec<S> {
        lines[system].iter().zip(&lines[0]).map(|(h, r)| count(h, r)).collect()
    }

    fn check_a_worse_system<S: Resample>(better: &[S], worse: &[S]) {
        let interval = paired(better, worse, SAMPLES, 1).unwrap();
        assert!(interval.high < 0.0, "{interval:?}");
        assert!(interval.low < interval.high, "{interval:?}");
        assert!(
            (interval.low..=interval.high).contains(&interval.difference),
            "the difference itself lies in its interval: {interval:?}"
        );
        assert_eq!(interval.samples, SAMPLES);

        let mirrored = paired(worse, better, SAMPLES, 1).unwrap();
        assert_eq!((mirrored.low, mirrored.high), (-interval.high, -interval.low));
        assert_eq!(mirrored.difference, -interval.difference);
    }

    #[test]
    fn a_system_that_is_worse_everywhere_lies_below_zero() {
        let lines = corpus();
        check_a_worse_system(
            &count(&lines, 1, bleu::sentence_statistics),
            &count(&lines, 2, bleu::sentence_statistics),
        );
        check_a_worse_system(
            &count(&lines, 1, chrf::sentence_statistics),
            &count(&lines, 2, chrf::sentence_statistics),
        );
    }

    #[test]
    fn a_system_does_not_differ_from_itself() {
        let lines = corpus();
        let bleu = count(&lines, 2, bleu::sentence_statistics);
        let chrf = count(&lines, 2, chrf::sentence_statistics);
        let zero = Interval { difference: 0.0, low: 0.0, high: 0.0, samples: 200 };
        assert_eq!(paired(&bleu, &bleu, 200, 3).unwrap(), zero);
        assert_eq!(paired(&chrf, &chrf, 200, 3).unwrap(), zero);
    }

    #[test]
    fn the_seed_alone_decides_the_draws() {
        let lines = corpus();
        let a = count(&lines, 1, chrf::sentence_statistics);
        let b = count(&lines, 2, chrf::sentence_statistics);
        let first = paired(&a, &b, 300, 7).unwrap();
        assert_eq!(first, paired(&a, &b, 300, 7).unwrap());
        let other = paired(&a, &b, 300, 8).unwrap();
        assert_ne!((first.low, first.high), (other.low, other.high));
        assert_eq!(first.difference, other.difference);
    }

    #[test]
    fn both_systems_meet_the_same_sentences_in_each_draw() {
        // Sentences differ wildly, but one system is always exactly 1 better: nothing to doubt.
        let hard_and_easy = |better: f64| means((0..50).map(|i| f64::from(i * i) + better));
        let interval = paired(&hard_and_easy(0.0), &hard_and_easy(1.0), 500, 5).unwrap();
        assert_eq!((interval.low, interval.high), (1.0, 1.0));
    }

    #[test]
    fn the_interval_of_a_mean_has_the_textbook_width() {
        // Differences spread evenly over -1 to 1 have a variance of 1/3; the mean of n of them
        // lies within 1.96 standard errors. With 4,000 draws the ends are good to about 4 %.
        let n = 400;
        let b = means((0..n).map(|i| (f64::from(i) + 0.5) / f64::from(n) * 2.0 - 1.0));
        let a = means((0..n).map(|_| 0.0));
        let interval = paired(&a, &b, 4_000, 11).unwrap();
        let expected = 1.96 * (1.0 / 3.0 / f64::from(n)).sqrt();
        assert!((interval.high / expected - 1.0).abs() < 0.1, "{interval:?}, {expected}");
        assert!((interval.low / -expected - 1.0).abs() < 0.1, "{interval:?}, {expected}");
    }

    #[test]
    fn the_generator_is_splitmix64() {
        let mut random = SplitMix64(1_234_567);
        let first = [random.next(), random.next(), random.next()];
        assert_eq!(
            first,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn draws_reach_every_sentence_about_equally_often() {
        let mut random = SplitMix64(2);
        let mut drawn = [0_u32; 7];
        for _ in 0..70_000 {
            drawn[random.below(7)] += 1;
        }
        // The standard deviation of each count is 93.
        assert!(drawn.iter().all(|count| count.abs_diff(10_000) < 500), "{drawn:?}");
    }

    #[test]
    fn what_cannot_be_compared_is_an_error() {
        let one = means([1.0]);
        let two = means([1.0, 2.0]);
        for error in
            [paired(&one, &two, 10, 1), paired::<Mean>(&[], &[], 10, 1), paired(&one, &one, 0, 1)]
        {
            assert_eq!(error.unwrap_err().kind(), Kind::InvalidInput);
        }
    }

    #[test]
    fn a_single_sentence_and_a_single_draw_work() {
        let interval = paired(&means([1.0]), &means([3.0]), 1, 1).unwrap();
        assert_eq!(interval, Interval { difference: 2.0, low: 2.0, high: 2.0, samples: 1 });
    }
}
