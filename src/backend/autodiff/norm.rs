//! Layer norm (Ba et al. 2016), and what comes back.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};

use super::floats;
use crate::backend::lanes;
use crate::backend::reference::norm::EPSILON;

/// `scale ⊙ (x − mean) / √(variance + ε) + bias`, row by row: x `[rows, width]`, scale and bias
/// `[width]`.
pub struct Norm;

/// Mean of a row and the inverse of its deviation.
fn moments(row: &[f32]) -> (f32, f32) {
    let width = row.len() as f32;
    let mean = lanes::sum(row) / width;
    let variance = row.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / width;
    (mean, 1.0 / (variance + EPSILON).sqrt())
}

impl CustomOp3 for Norm {
    fn name(&self) -> &'static str {
        "norm"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        scale: &CpuStorage,
        scale_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (scale, bias) = (floats::of(scale, scale_layout)?, floats::of(bias, bias_layout)?);
        let mut out = floats::of(x, x_layout)?.to_vec();
        for row in out.chunks_exact_mut(scale.len()) {
            let (mean, inverse) = moments(row);
            for ((x, scale), bias) in row.iter_mut().zip(scale).zip(bias) {
                *x = (*x - mean) * inverse * scale + bias;
            }
        }
        Ok((CpuStorage::F32(out), x_layout.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        scale: &Tensor,
        _bias: &Tensor,
        _y: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let width = scale.dims1()?;
        let gradients = floats::with([x, scale, gradient], |[x, scale, gradient]| {
            let (mut of_x, mut of_scale, mut of_bias) =
                (vec![0.0; x.len()], vec![0.0; width], vec![0.0; width]);
            let rows = x.chunks_exact(width).zip(gradient.chunks_exact(width));
            for ((x, gradient), out) in rows.zip(of_x.chunks_exact_mut(width)) {
                let (mean, inverse) = moments(x);
                // With n = (x − mean) · inverse and h = gradient ⊙ scale, the gradient of x is
                // inverse · (h − mean(h) − n · mean(h ⊙ n)).
                let (mut of_mean, mut of_deviation) = (0.0, 0.0);
                for (i, (x, gradient)) in x.iter().zip(gradient).enumerate() {
                    let (n, h) = ((x - mean) * inverse, gradient * scale[i]);
                    of_mean += h;
                    of_deviation += h * n;
                    of_scale[i] += gradient * n;
                    of_bias[i] += gradient;
                }
                let (of_mean, of_deviation) = (of_mean / width as f32, of_deviation / width as f32);
                for ((out, x), (gradient, scale)) in
                    out.iter_mut().zip(x).zip(gradient.iter().zip(scale))
                {
                    let n = (x - mean) * inverse;
                    *out = inverse * (gradient * scale - of_mean - n * of_deviation);
                }
            }
            [of_x, of_scale, of_bias]
        })?;
        let [of_x, of_scale, of_bias] = gradients;
        Ok((
            Some(floats::tensor(of_x, x.dims2()?)?),
            Some(floats::tensor(of_scale, width)?),
            Some(floats::tensor(of_bias, width)?),
        ))
    }
}
