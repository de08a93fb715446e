//! AdamW: Loshchilov & Hutter 2019, "Decoupled Weight Decay Regularization". Ours, since candle's
//! does not give its moments away, without which training that was interrupted can't go on as if it
//! had not been.

/// What the optimiser is told, but for the rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adam {
    /// How slowly the mean of gradients changes.
    pub beta1: f32,
    /// How slowly the mean of their squares changes.
    pub beta2: f32,
    /// Added to the root of the latter.
    pub epsilon: f32,
    /// The share of a weight, times the rate, that it loses at each step.
    pub decay: f32,
}

impl Default for Adam {
    fn default() -> Self {
        Adam { beta1: 0.9, beta2: 0.98, epsilon: 1e-9, decay: 0.0 }
    }
}

/// What the optimiser knows of some parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    /// Of the gradients.
    pub mean: Vec<f32>,
    /// Of their squares.
    pub square: Vec<f32>,
}

impl Moments {
    /// Before the first step.
    pub fn new(count: usize) -> Self {
        Moments { mean: vec![0.0; count], square: vec![0.0; count] }
    }
}

impl Adam {
    /// Moves `parameters` by the `step`-th step, counted from 1; gradients count times `factor`.
    pub fn step(
        &self,
        step: u64,
        rate: f32,
        parameters: &mut [f32],
        gradient: &[f32],
        factor: f32,
        moments: &mut Moments,
    ) {
        let Adam { beta1, beta2, epsilon, decay } = *self;
        let unbias = |beta: f32| (1.0 - f64::from(beta).powf(step as f64)) as f32;
        let (mean_scale, square_scale) = (1.0 / unbias(beta1), 1.0 / unbias(beta2));
        let kept = 1.0 - rate * decay;
        let moments = moments.mean.iter_mut().zip(&mut moments.square);
        for ((parameter, gradient), (mean, square)) in
            parameters.iter_mut().zip(gradient).zip(moments)
        {
            let gradient = gradient * factor;
            *mean = beta1 * *mean + (1.0 - beta1) * gradient;
            *square = beta2 * *square + (1.0 - beta2) * gradient * gradient;
            let size = (*square * square_scale).sqrt() + epsilon;
            *parameter = *parameter * kept - rate * *mean * mean_scale / size;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_is_the_rate_whatever_the_gradient() {
        let mut moments = Moments::new(3);
        let mut parameters = [1.0, 2.0, 3.0];
        let adam = Adam::default();
        adam.step(1, 0.01, &mut parameters, &[5.0, -1e-3, 0.0], 2.0, &mut moments);
        let expected = [0.99, 2.01, 3.0];
        assert!(
            parameters.iter().zip(expected).all(|(p, e)| (p - e).abs() < 1e-6),
            "{parameters:?}"
        );
    }

    #[test]
    fn weights_decay_by_themselves() {
        let mut parameters = [2.0];
        let adam = Adam { decay: 0.5, ..Adam::default() };
        adam.step(1, 0.1, &mut parameters, &[0.0], 1.0, &mut Moments::new(1));
        assert!((parameters[0] - 1.9).abs() < 1e-6, "{parameters:?}");
    }

    #[test]
    fn a_valley_is_found() {
        let (mut parameters, mut moments) = ([5.0f32, -3.0], Moments::new(2));
        for step in 1..=2000 {
            let gradient = [parameters[0] - 1.0, 10.0 * (parameters[1] - 2.0)];
            let rate = 0.05 * (1.0 - step as f32 / 2001.0);
            Adam::default().step(step, rate, &mut parameters, &gradient, 1.0, &mut moments);
        }
        assert!((parameters[0] - 1.0).abs() < 1e-3 && (parameters[1] - 2.0).abs() < 1e-3);
    }
}
