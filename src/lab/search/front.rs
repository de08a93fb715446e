//! What is better than what, where there are several aims (Deb et al. 2002, "NSGA-II").

use super::evaluate::Measured;

/// Whether one candidate is at least as good in every aim and better in one: fewer bytes, less
/// divergence, less time where it was measured.
pub fn dominates(one: &Measured, other: &Measured) -> bool {
    let aims = |m: &Measured| [m.bytes as f64, m.divergence, m.latency.unwrap_or_default()];
    let pairs = || aims(one).into_iter().zip(aims(other));
    pairs().all(|(a, b)| a <= b) && pairs().any(|(a, b)| a < b)
}

/// The places of those that none dominates, by their bytes; of equals the first.
pub fn front(all: &[Measured]) -> Vec<usize> {
    let free = |&at: &usize| {
        let beats = |(other, m): (usize, &Measured)| {
            dominates(m, &all[at]) || (other < at && *m == all[at])
        };
        !all.iter().enumerate().any(beats)
    };
    let mut front: Vec<usize> = (0..all.len()).filter(free).collect();
    front.sort_by_key(|&at| all[at].bytes);
    front
}

/// The best `count` of all, front by front, and of the one that does not fit whole those with the
/// most room around them.
pub fn select(all: &[Measured], count: usize) -> Vec<usize> {
    let mut left: Vec<usize> = (0..all.len()).collect();
    let mut chosen = Vec::new();
    while chosen.len() < count && !left.is_empty() {
        let here: Vec<Measured> = left.iter().map(|&at| all[at]).collect();
        let first: Vec<usize> = front(&here).into_iter().map(|at| left[at]).collect();
        left.retain(|at| !first.contains(at));
        let room = count - chosen.len();
        if first.len() <= room {
            chosen.extend(first);
        } else {
            chosen.extend(spread(all, first, room));
        }
    }
    chosen
}

/// `count` of a front, those with the greatest distance between their neighbours: both ends always.
/// One goes at a time, since its neighbours then have more room.
pub fn spread(all: &[Measured], mut front: Vec<usize>, count: usize) -> Vec<usize> {
    let (bytes, divergence) = (
        |at: usize| all[at].bytes as f64,
        |at: usize| all[at].divergence.max(f64::MIN_POSITIVE).ln(),
    );
    front.sort_by_key(|&at| all[at].bytes);
    let range = |of: &dyn Fn(usize) -> f64| {
        let values = || front.iter().map(|&at| of(at));
        let span = values().fold(f64::MIN, f64::max) - values().fold(f64::MAX, f64::min);
        if span > 0.0 { span } else { 1.0 }
    };
    let (wide, high) = (range(&bytes), range(&divergence));
    while front.len() > count {
        let room = |n: usize| match (n.checked_sub(1), front.get(n + 1)) {
            (Some(before), Some(&after)) => {
                (bytes(after) - bytes(front[before])) / wide
                    + (divergence(front[before]) - divergence(after)).abs() / high
            }
            _ => f64::INFINITY,
        };
        let crowded = (0..front.len()).min_by(|&a, &b| room(a).total_cmp(&room(b)));
        front.remove(crowded.unwrap_or_default());
    }
    front
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Measured> {
        let one = |(bytes, divergence)| Measured { bytes, divergence, latency: None };
        [(10, 5.0), (20, 3.0), (20, 4.0), (30, 3.0), (40, 1.0), (20, 3.0), (22, 2.9)]
            .map(one)
            .to_vec()
    }

    #[test]
    fn a_front_holds_what_nothing_is_better_than_and_equals_once() {
        assert_eq!(front(&all()), [0, 1, 6, 4]);
    }

    #[test]
    fn fronts_are_taken_one_after_the_other_and_the_crowded_leave_first() {
        assert_eq!(select(&all(), 4), [0, 1, 6, 4]);
        assert_eq!(select(&all(), 3).len(), 3);
        assert!(select(&all(), 2) == [0, 4] && select(&all(), 6).starts_with(&[0, 1, 6, 4]));
        assert_eq!(select(&all(), 100).len(), all().len());
    }

    #[test]
    fn what_is_faster_is_not_dominated() {
        let slow = Measured { bytes: 1, divergence: 1.0, latency: Some(2.0) };
        let fast = Measured { bytes: 2, divergence: 2.0, latency: Some(1.0) };
        assert!(!dominates(&slow, &fast) && !dominates(&fast, &slow));
        assert!(dominates(&fast, &Measured { latency: Some(1.5), ..fast }));
    }
}
