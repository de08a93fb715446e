//! Neurons and how far they are from each other; they go one by one, each next to its nearest.

/// A distance for every two of some items.
pub struct Pairs {
    /// `[count, count]`, symmetric.
    distances: Vec<f32>,
    alive: Vec<bool>,
    /// Of each that is alive, the nearest other one that is, and how far that is.
    nearest: Vec<(usize, f32)>,
}

impl Pairs {
    pub fn new(count: usize, distance: impl Fn(usize, usize) -> f32) -> Self {
        let mut distances = vec![f32::INFINITY; count * count];
        for one in 0..count {
            for other in 0..one {
                let distance = distance(one, other);
                distances[one * count + other] = distance;
                distances[other * count + one] = distance;
            }
        }
        let alive = vec![true; count];
        let mut pairs = Pairs { distances, alive, nearest: Vec::new() };
        pairs.nearest = (0..count).map(|one| pairs.find(one)).collect();
        pairs
    }

    /// The nearest other one; of equals the first.
    fn find(&self, one: usize) -> (usize, f32) {
        let count = self.alive.len();
        let row = &self.distances[one * count..][..count];
        let others = (0..count).filter(|&other| other != one && self.alive[other]);
        let nearer = |best: (usize, f32), other: usize| {
            if row[other] < best.1 { (other, row[other]) } else { best }
        };
        others.fold((one, f32::INFINITY), nearer)
    }

    /// The one that costs least, and its nearest; a cost is a weight times the distance to the
    /// nearest, and of equals it is the first. None where there are no two.
    pub fn cheapest(&self, weights: &[f32]) -> Option<(usize, usize)> {
        let mut best: Option<(usize, f32)> = None;
        for (one, &(other, distance)) in self.nearest.iter().enumerate() {
            if !self.alive[one] || other == one {
                continue;
            }
            let cost = weights[one] * distance;
            if best.is_none_or(|(_, least)| cost < least) {
                best = Some((one, cost));
            }
        }
        best.map(|(one, _)| (one, self.nearest[one].0))
    }

    pub fn remove(&mut self, one: usize) {
        self.alive[one] = false;
        for other in 0..self.alive.len() {
            if self.alive[other] && self.nearest[other].0 == one {
                self.nearest[other] = self.find(other);
            }
        }
    }

    /// Those that are left.
    pub fn left(&self) -> Vec<usize> {
        (0..self.alive.len()).filter(|&one| self.alive[one]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACES: [f32; 5] = [0.0, 1.0, 10.0, 12.5, 30.0];

    fn pairs() -> Pairs {
        Pairs::new(5, |one, other| (PLACES[one] - PLACES[other]).abs())
    }

    #[test]
    fn the_nearest_go_first_and_who_lost_its_nearest_finds_another() {
        let mut pairs = pairs();
        let even = [1.0; 5];
        assert_eq!(pairs.cheapest(&even), Some((0, 1)));
        pairs.remove(1);
        assert_eq!(pairs.cheapest(&even), Some((2, 3)));
        pairs.remove(2);
        assert_eq!(pairs.cheapest(&even), Some((0, 3)));
        pairs.remove(0);
        assert_eq!(pairs.left(), [3, 4]);
        pairs.remove(4);
        assert_eq!(pairs.cheapest(&even), None);
    }

    #[test]
    fn weights_make_near_ones_dear() {
        assert_eq!(pairs().cheapest(&[9.0, 9.0, 9.0, 1.0, 9.0]), Some((3, 2)));
    }
}
