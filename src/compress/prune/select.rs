//! The smallest of many values, exactly as many as were asked for.

/// Which values are the smallest `share` of them by magnitude.
pub fn smallest(values: impl ExactSizeIterator<Item = f32>, share: f64) -> Vec<bool> {
    let count = (values.len() as f64 * share).round() as usize;
    least(values, count)
}

/// Which values are the `count` smallest by magnitude.
pub fn least(values: impl ExactSizeIterator<Item = f32>, count: usize) -> Vec<bool> {
    let keys: Vec<u64> = values.enumerate().map(|(at, value)| key(at, value)).collect();
    if count == 0 {
        return vec![false; keys.len()];
    }
    if count >= keys.len() {
        return vec![true; keys.len()];
    }
    let threshold = *keys.clone().select_nth_unstable(count).1;
    keys.into_iter().map(|key| key < threshold).collect()
}

/// Orders by magnitude and, since codes of few bits are often equal, the last of equals first. Which
/// of them go made no difference to translations that could be told from chance.
fn key(at: usize, value: f32) -> u64 {
    // The bits of floats that are not negative are ordered as they are.
    u64::from(value.abs().to_bits()) << 32 | u64::from(!(at as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_go_and_of_equals_as_many_as_must() {
        let values = [0.5, -0.1, 0.3, 0.0, -0.2, 9.0];
        let found = |count| least(values.into_iter(), count);
        assert_eq!(found(0), [false; 6]);
        assert_eq!(found(3), [false, true, false, true, true, false]);
        assert_eq!(found(6), [true; 6]);
        assert_eq!(smallest(values.into_iter(), 0.51).iter().filter(|gone| **gone).count(), 3);
    }

    #[test]
    fn of_equals_the_last_go() {
        let mask = least([1.0, 0.5, -1.0, 1.0, 2.0].into_iter(), 3);
        assert_eq!(mask, [false, true, true, true, false]);
    }
}
