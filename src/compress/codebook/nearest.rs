//! The nearest of up to 256 codes, which is nearly all of the work of k-means.
//!
//! With weights x, importances h and a code's values c, `Σ h (x − c)²` is `Σ h x²`, which is the same
//! for all codes, plus a product of what is known of the run, h and −2hx, with what is known of the
//! code, c² and c. Without importances, Σ c² is one number. Codes lie side by side, as many as fit
//! the registers, so that the compiler finds the same instructions for all of them.

/// Codes that are compared at once.
const LANES: usize = 8;

/// The codes of a matrix.
#[derive(Clone, Debug)]
pub struct Nearest {
    weighted: bool,
    dimension: usize,
    /// `[⌈codes / LANES⌉, features]`; what is no code is infinitely far.
    table: Vec<[f32; LANES]>,
    /// Of the run that is looked at.
    features: Vec<f32>,
}

impl Nearest {
    /// Of codes with the values `book`, `[codes, dimension]`; whether weights will have importances
    /// of their own.
    pub fn new(dimension: usize, book: &[f32], weighted: bool) -> Self {
        let count = book.len() / dimension;
        let features = if weighted { 2 * dimension } else { dimension + 1 };
        let mut table = vec![[0.0; LANES]; count.div_ceil(LANES) * features];
        for at in 0..count.next_multiple_of(LANES) {
            let group = &mut table[at / LANES * features..][..features];
            let mut set = |feature: usize, value: f32| group[feature][at % LANES] = value;
            let Some(code) = book.get(at * dimension..(at + 1) * dimension) else {
                set(0, f32::INFINITY);
                continue;
            };
            if weighted {
                code.iter().enumerate().for_each(|(n, value)| set(n, value * value));
            } else {
                set(0, code.iter().map(|value| value * value).sum());
            }
            code.iter().enumerate().for_each(|(n, value)| set(features - dimension + n, *value));
        }
        Nearest { weighted, dimension, table, features: vec![0.0; features] }
    }

    /// The nearest code of a run, the first of equals, and its squared distance in units of the
    /// importances.
    pub fn find(&mut self, (run, importance): (&[f32], Option<&[f32]>)) -> (u8, f32) {
        let before = self.features.len() - self.dimension;
        self.features.fill(0.0);
        let mut own = 0.0;
        for (n, x) in run.iter().enumerate() {
            let h = importance.map_or(1.0, |importance| importance[n]);
            own += h * x * x;
            self.features[before + n] = -2.0 * h * x;
            if self.weighted {
                self.features[n] = h;
            }
        }
        if !self.weighted {
            self.features[0] = 1.0;
        }
        let (code, distance) = match self.features.len() {
            // The lengths that matter, as loops without a counter.
            2 => scan::<2>(&self.table, &self.features),
            3 => scan::<3>(&self.table, &self.features),
            4 => scan::<4>(&self.table, &self.features),
            5 => scan::<5>(&self.table, &self.features),
            8 => scan::<8>(&self.table, &self.features),
            9 => scan::<9>(&self.table, &self.features),
            16 => scan::<16>(&self.table, &self.features),
            _ => scan_any(&self.table, &self.features),
        };
        (code, (distance + own).max(0.0))
    }
}

fn scan<const F: usize>(table: &[[f32; LANES]], features: &[f32]) -> (u8, f32) {
    let (Some(features), groups) = (features.first_chunk::<F>(), table.as_chunks::<F>().0) else {
        return (0, 0.0);
    };
    least(groups.iter().map(|group| distances(group, features)))
}

fn scan_any(table: &[[f32; LANES]], features: &[f32]) -> (u8, f32) {
    least(table.chunks_exact(features.len()).map(|group| distances(group, features)))
}

#[inline(always)]
fn distances(group: &[[f32; LANES]], features: &[f32]) -> [f32; LANES] {
    let mut sums = [0.0; LANES];
    for (values, feature) in group.iter().zip(features) {
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum += feature * value;
        }
    }
    sums
}

#[inline(always)]
fn least(groups: impl Iterator<Item = [f32; LANES]>) -> (u8, f32) {
    let mut all = [[f32::INFINITY; LANES]; 256 / LANES];
    let mut best = [f32::INFINITY; LANES];
    for (place, distances) in all.iter_mut().zip(groups) {
        for lane in 0..LANES {
            best[lane] = if distances[lane] < best[lane] { distances[lane] } else { best[lane] };
        }
        *place = distances;
    }
    let least = best.iter().fold(f32::INFINITY, |a, b| a.min(*b));
    let hit = |group: &[f32; LANES]| group.iter().fold(false, |any, d| any | (*d == least));
    let group = all.iter().position(hit).unwrap_or(0);
    let lane = all[group].iter().position(|d| *d == least).unwrap_or(0);
    ((group * LANES + lane) as u8, least)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: usize, seed: f32) -> Vec<f32> {
        let wave = |n: usize| ((n as f32 + seed) * 12.9898).sin() * 4375.8547;
        (0..count).map(wave).map(|x| x - x.floor() - 0.5).collect()
    }

    #[test]
    fn no_other_code_is_nearer() {
        for dimension in [1, 2, 3, 4, 8, 11] {
            for codes in [1, 7, 8, 30, 256] {
                let book = numbers(codes * dimension, 3.0);
                let runs = numbers(40 * dimension, 5.0);
                let importance: Vec<f32> =
                    numbers(40 * dimension, 7.0).iter().map(|h| h + 0.6).collect();
                for weighted in [false, true] {
                    let mut nearest = Nearest::new(dimension, &book, weighted);
                    let all = runs.chunks(dimension).zip(importance.chunks(dimension));
                    for (n, (run, h)) in all.enumerate() {
                        // Where weights count, some runs are shorter.
                        let length = if weighted { 1 + n % dimension } else { dimension };
                        let (run, h) = (&run[..length], &h[..length]);
                        let distance = |code: usize| -> f32 {
                            let values = run.iter().zip(&book[code * dimension..]).zip(h);
                            let h = |h: f32| if weighted { h } else { 1.0 };
                            values.map(|((x, c), weight)| h(*weight) * (x - c).powi(2)).sum()
                        };
                        let (found, off) = nearest.find((run, weighted.then_some(h)));
                        let least = (0..codes).map(distance).fold(f32::INFINITY, f32::min);
                        let ours = distance(usize::from(found));
                        assert!(ours - least < 1e-5 && (off - ours).abs() < 1e-5);
                    }
                }
            }
        }
    }

    #[test]
    fn of_equals_the_first_is_taken() {
        let book = [1.0, 0.5, 0.5, 0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5];
        assert_eq!(Nearest::new(1, &book, false).find((&[0.4], None)).0, 1);
    }
}
