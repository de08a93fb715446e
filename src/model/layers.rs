//! The small parts that the layers are made of, and how they are loaded.

use futures_lite::future::yield_now;

use crate::backend::{Activation, Backend};
use crate::error::Result;
use crate::format::Package;

/// `activation(x · Wᵀ + b)`: a matrix NAME `[out, in]` and a vector NAME.bias `[out]`.
pub struct Linear<B: Backend> {
    weight: B::Matrix,
    bias: Option<B::Vector>,
}

impl<B: Backend> Linear<B> {
    pub fn forward(&self, backend: &B, x: &B::Tensor, activation: Activation) -> B::Tensor {
        backend.linear(x, &self.weight, self.bias.as_ref(), activation)
    }

    /// The matrix and its bias.
    pub fn parts(&self) -> (&B::Matrix, Option<&B::Vector>) {
        (&self.weight, self.bias.as_ref())
    }
}

/// Residual and layer norm: NAME.scale and NAME.bias, both `[width]`.
pub struct Norm<B: Backend> {
    scale: B::Vector,
    bias: B::Vector,
}

impl<B: Backend> Norm<B> {
    /// Scale and bias.
    pub fn parts(&self) -> (&B::Vector, &B::Vector) {
        (&self.scale, &self.bias)
    }
}

/// Takes parameters from a package to a backend, and counts their bytes.
pub struct Loader<'a, B: Backend> {
    backend: &'a B,
    package: &'a Package,
    bytes: usize,
}

impl<'a, B: Backend> Loader<'a, B> {
    pub fn new(backend: &'a B, package: &'a Package) -> Self {
        Loader { backend, package, bytes: 0 }
    }

    /// Bytes on the backend so far.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// An embedding, whose products with rows get a bias: the vector `bias`.
    pub fn table(&mut self, name: &str, bias: &str, shape: [usize; 2]) -> Result<B::Table> {
        let matrix = self.package.matrix(name, shape)?;
        let table = match self.package.screening()? {
            Some(screening) => {
                let bias = self.package.vector(bias, shape[0])?;
                self.backend.screened_table(&*matrix, &bias, &screening)?
            }
            None => self.backend.table(&*matrix)?,
        };
        self.bytes += self.backend.table_bytes(&table);
        Ok(table)
    }

    pub fn vector(&mut self, name: &str, length: usize) -> Result<B::Vector> {
        let values = self.package.vector(name, length)?;
        self.bytes += size_of_val(&values[..]);
        self.backend.named_vector(name, values)
    }

    /// A product with a bias: `shape` is `[out, in]`.
    pub fn linear(&mut self, name: &str, shape: [usize; 2]) -> Result<Linear<B>> {
        let bias = self.vector(&format!("{name}.bias"), shape[0])?;
        Ok(Linear { bias: Some(bias), ..self.linear_without_bias(name, shape)? })
    }

    /// A product without a bias: `shape` is `[out, in]`.
    pub fn linear_without_bias(&mut self, name: &str, shape: [usize; 2]) -> Result<Linear<B>> {
        let weight = self.backend.named_matrix(name, &*self.package.matrix(name, shape)?)?;
        self.bytes += self.backend.matrix_bytes(&weight);
        Ok(Linear { weight, bias: None })
    }

    /// Products of the same input with a bias, each of `shape` `[out, in]`.
    pub fn stack(&mut self, names: &[String], shape: [usize; 2]) -> Result<B::Stack> {
        let layers = names.iter().map(|name| self.linear(name, shape)).collect::<Result<_>>()?;
        self.stack_of(layers)
    }

    /// One of layers that have the same input.
    pub fn stack_of(&self, layers: Vec<Linear<B>>) -> Result<B::Stack> {
        self.backend.stack(layers.into_iter().map(|layer| (layer.weight, layer.bias)).collect())
    }

    pub fn norm(&mut self, name: &str, width: usize) -> Result<Norm<B>> {
        Ok(Norm {
            scale: self.vector(&format!("{name}.scale"), width)?,
            bias: self.vector(&format!("{name}.bias"), width)?,
        })
    }
}

/// Lets whoever polls the translation do something else: hear a message, stop, or go on.
pub async fn pause() {
    yield_now().await;
}
