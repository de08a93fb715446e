//! The smallest of many values, exactly as many as were asked for.

/// Which values are the smallest `share` of them by magnitude.
pub fn smallest(values: impl ExactSizeIterator<Item = f32>, share: f64) -> Vec<bool> {
    let count = (values.len() as f64 * share).round() as usize;
    least(values, count)
}

/// Which values are the `count` smallest by magnitude; of equal ones, which codes of few bits often
/// are, the last. Which of them go made no difference to translations that could be told from chance.
pub fn least(values: impl ExactSizeIterator<Item = f32>, count: usize) -> Vec<bool> {
    // The bits of floats that are not negative are ordered as they are.
    let magnitudes: Vec<u32> = values.map(|value| value.abs().to_bits()).collect();
    if count == 0 {
        return vec![false; magnitudes.len()];
    }
    if count >= magnitudes.len() {
        return vec![true; magnitudes.len()];
    }
    let threshold = *magnitudes.clone().select_nth_unstable(count - 1).1;
    let mut mask: Vec<bool> = magnitudes.iter().map(|magnitude| *magnitude < threshold).collect();
    let smaller = mask.iter().filter(|gone| **gone).count();
    let equals = mask.iter_mut().zip(&magnitudes).rev().filter(|(_, other)| **other == threshold);
    equals.take(count - smaller).for_each(|(gone, _)| *gone = true);
    mask
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn as_by_sorting(
            values in prop::collection::vec(prop_oneof![Just(0.0), Just(-0.5), any::<f32>()], 1..80),
            share in 0f64..1.0,
        ) {
            let count = (values.len() as f64 * share) as usize;
            let mut order: Vec<usize> = (0..values.len()).collect();
            order.sort_by(|&a, &b| values[a].abs().total_cmp(&values[b].abs()).then(b.cmp(&a)));
            let mut expected = vec![false; values.len()];
            order[..count].iter().for_each(|&at| expected[at] = true);
            prop_assert_eq!(least(values.into_iter(), count), expected);
        }
    }

    #[test]
    fn of_equals_the_last_go() {
        let mask = least([1.0, 0.5, -1.0, 1.0, 2.0].into_iter(), 3);
        assert_eq!(mask, [false, true, true, true, false]);
    }
}
