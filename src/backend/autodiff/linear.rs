//! `activation(x · wᵀ + b)`, and what comes back.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};

use super::floats;
use crate::backend::Activation;

/// The product of x `[rows, in]` with w `[out, in]`, plus b `[out]`.
pub struct Linear {
    pub activation: Activation,
    /// Whether b counts: candle's operations have a fixed number of arguments.
    pub biased: bool,
}

impl CustomOp3 for Linear {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        w: &CpuStorage,
        w_layout: &Layout,
        b: &CpuStorage,
        b_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (rows, width) = x_layout.shape().dims2()?;
        let (out, _) = w_layout.shape().dims2()?;
        let (x, w) = (floats::of(x, x_layout)?, floats::of(w, w_layout)?);
        let (x, w) = (floats::matrix(x, width), floats::matrix(w, width));
        let mut y = floats::product(x, w.transpose());
        if self.biased {
            let bias = floats::of(b, b_layout)?;
            for row in y.chunks_exact_mut(out.max(1)) {
                row.iter_mut().zip(bias).for_each(|(value, bias)| *value += bias);
            }
        }
        if self.activation == Activation::Relu {
            y.iter_mut().for_each(|value| *value = value.max(0.0));
        }
        Ok((CpuStorage::F32(y), (rows, out).into()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        w: &Tensor,
        _b: &Tensor,
        y: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (rows, width) = x.dims2()?;
        let (out, _) = w.dims2()?;
        let (of_x, of_w, of_b) = floats::with([x, w, y, gradient], |[x, w, y, gradient]| {
            let mut masked;
            let gradient = match self.activation {
                Activation::Identity => gradient,
                Activation::Relu => {
                    masked = gradient.to_vec();
                    masked
                        .iter_mut()
                        .zip(y)
                        .filter(|(_, y)| **y <= 0.0)
                        .for_each(|(g, _)| *g = 0.0);
                    &masked
                }
            };
            let (x, w) = (floats::matrix(x, width), floats::matrix(w, width));
            let mut sums = vec![0.0; out];
            for row in gradient.chunks_exact(out.max(1)) {
                sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
            }
            let gradient = floats::matrix(gradient, out);
            (floats::product(gradient, w), floats::product(gradient.transpose(), x), sums)
        })?;
        let of_b = self.biased.then(|| floats::tensor(of_b, out)).transpose()?;
        Ok((
            Some(floats::tensor(of_x, (rows, width))?),
            Some(floats::tensor(of_w, (out, width))?),
            of_b,
        ))
    }
}
