//! The weights of a package in training: what an optimiser moves, and what of it a network sees.

use std::sync::{Mutex, PoisonError};

use candle_core::{Device, Tensor};
use half::f16;

use super::adam::{Adam, Moments};
use crate::backend::Candidates;
use crate::backend::autodiff::{EMBEDDING, Var, failed};
use crate::codec::latent::{self, Latent};
use crate::error::{At, Error, Result};
use crate::format::Package;
use crate::model::OUTPUT_BIAS;
use crate::tensor::Dtype;
use crate::threads::Pool;

/// Every matrix and vector of a package.
pub struct Weights {
    package: Package,
    all: Vec<Weight>,
}

/// One of them.
pub struct Weight {
    pub name: String,
    form: Form,
    pub parameters: Vec<f32>,
    pub moments: Moments,
}

enum Form {
    Matrix(Box<dyn Latent>),
    /// Held in half floats, or in single ones.
    Vector {
        half: bool,
    },
}

/// Gradients of all parameters, weight by weight.
pub type Gradients = Vec<Vec<f32>>;

/// How a step is made.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Counted from 1.
    pub step: u64,
    pub rate: f32,
    /// Gradients are scaled down where their norm together is above this.
    pub clip: f32,
    /// Parameters of matrices that are exactly zero stay that.
    pub zeros_stay: bool,
}

impl Weights {
    /// Those of a package. With `keep_zeros` all weights that are zero stay that.
    ///
    /// # Errors
    /// `Malformed` with the tensor's name, or `InvalidInput` where its codec can't be trained so.
    pub fn new(package: &Package, keep_zeros: bool) -> Result<Self> {
        let mut all = Vec::new();
        for (name, info) in &package.metadata.matrices {
            let matrix = package.matrix(name, info.shape)?;
            let of = if keep_zeros { latent::masked } else { latent::of };
            let latent = of(&*matrix).at(format!("matrix \"{name}\""))?;
            all.push(Weight::new(name, latent.start(), Form::Matrix(latent)));
        }
        for name in package.vector_names() {
            let tensor = &package.tensors[&name];
            let values = tensor.floats().at(format!("tensor \"{name}\""))?;
            all.push(Weight::new(
                &name,
                values,
                Form::Vector { half: tensor.dtype() == Dtype::F16 },
            ));
        }
        Ok(Weights { package: package.clone(), all })
    }

    /// Starts as near to a teacher's weights as the codes allow, where it has matrices of the same
    /// names and shapes: nothing is seen of that before the first step. With other numbers of layers
    /// the same name is another layer's, and nothing is done.
    ///
    /// # Errors
    /// `Malformed` with the tensor's name.
    pub fn start_near(&mut self, teacher: &Package) -> Result<()> {
        let layers = |package: &Package| {
            let architecture = &package.metadata.architecture;
            (architecture.encoder_layers, architecture.decoder_layers)
        };
        if layers(&self.package) != layers(teacher) {
            return Ok(());
        }
        for weight in &mut self.all {
            let Form::Matrix(latent) = &weight.form else { continue };
            let Some(info) = teacher.metadata.matrices.get(&weight.name) else { continue };
            if info.shape == latent.shape() {
                let goal = teacher.matrix(&weight.name, info.shape)?.to_f32();
                weight.parameters = latent.start_near(&goal);
            }
        }
        Ok(())
    }

    /// All of them, in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = &Weight> {
        self.all.iter()
    }

    /// The same, to be set.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Weight> {
        self.all.iter_mut()
    }

    /// What a network sees of them.
    ///
    /// # Errors
    /// What candle reports.
    pub fn seen(&self, pool: &Pool) -> Result<Seen> {
        let mut seen =
            Seen { whole: Vec::new(), embedding: Vec::new(), width: 0, output_bias: Vec::new() };
        let values = pool.map(self.all.len(), |n| self.all[n].seen());
        for ((at, weight), values) in self.all.iter().enumerate().zip(values) {
            if weight.name == EMBEDDING {
                (seen.embedding, seen.width) = (values, weight.shape().1);
            } else if weight.name == OUTPUT_BIAS {
                seen.output_bias = values;
            } else {
                let (rows, columns) = weight.shape();
                let variable = match weight.form {
                    Form::Matrix(_) => Var::from_vec(values, (rows, columns), &Device::Cpu),
                    Form::Vector { .. } => Var::from_vec(values, columns, &Device::Cpu),
                };
                seen.whole.push((at, weight.name.clone(), variable.map_err(failed)?));
            }
        }
        Ok(seen)
    }

    /// No gradients yet, a float for each of the weights that a network sees.
    pub fn no_gradients(&self) -> Gradients {
        let count = |weight: &Weight| {
            let (rows, columns) = weight.shape();
            rows * columns
        };
        self.all.iter().map(|weight| vec![0.0; count(weight)]).collect()
    }

    /// Where the weight of that name stands.
    pub fn place(&self, name: &str) -> Result<usize> {
        let place = self.all.iter().position(|weight| weight.name == name);
        place.ok_or_else(|| Error::malformed(format!("tensor \"{name}\": is missing")))
    }

    /// Moves all parameters a step against the gradients of what a network saw. Gives the norm of
    /// these, all together.
    pub fn step(&mut self, adam: &Adam, pace: Pace, seen: &Gradients, pool: &Pool) -> f32 {
        let Pace { step, rate, clip, zeros_stay } = pace;
        let stays = |weight: &Weight| zeros_stay && weight.is_matrix();
        let pulled = pool.map(self.all.len(), |n| {
            let weight = &self.all[n];
            let mut gradient = weight.pull(&seen[n]);
            if stays(weight) {
                let pairs = weight.parameters.iter().zip(&mut gradient);
                let zeros = pairs.filter(|(parameter, _)| **parameter == 0.0);
                zeros.for_each(|(_, slope)| *slope = 0.0);
            }
            let square = |part: &[f32]| f64::from(part.iter().map(|v| v * v).sum::<f32>());
            let square: f64 = gradient.chunks(4096).map(square).sum();
            (gradient, square)
        });
        let norm = pulled.iter().map(|(_, square)| square).sum::<f64>().sqrt() as f32;
        let factor = if norm > clip { clip / (norm + 1e-6) } else { 1.0 };
        let all: Vec<_> = self.all.iter_mut().map(Mutex::new).collect();
        pool.map(all.len(), |n| {
            let mut weight = all[n].lock().unwrap_or_else(PoisonError::into_inner);
            let decay = if weight.is_matrix() { adam.decay } else { 0.0 };
            let adam = Adam { decay, ..*adam };
            let stays = stays(&weight);
            let Weight { parameters, moments, .. } = &mut **weight;
            if stays {
                // Else it would be moved by what it was before.
                let means = parameters.iter().zip(&mut moments.mean);
                means.filter(|(parameter, _)| **parameter == 0.0).for_each(|(_, mean)| *mean = 0.0);
            }
            adam.step(step, rate, parameters, &pulled[n].0, factor, moments);
        });
        norm
    }

    /// The package of these weights: the one they came from, with other weights.
    ///
    /// # Errors
    /// `InvalidInput`, naming the tensor, where a codec can't hold what became of them.
    pub fn package(&self) -> Result<Package> {
        let mut package = self.package.clone();
        for weight in &self.all {
            match &weight.form {
                Form::Matrix(latent) => {
                    let matrix = latent.matrix(&weight.parameters);
                    let place = format!("matrix \"{}\"", weight.name);
                    package.insert_matrix(&weight.name, &matrix.at(place)?);
                }
                Form::Vector { .. } => package.set_vector(&weight.name, &weight.parameters)?,
            }
        }
        Ok(package)
    }
}

impl Weight {
    fn new(name: &str, parameters: Vec<f32>, form: Form) -> Self {
        let moments = Moments::new(parameters.len());
        Weight { name: name.to_owned(), form, parameters, moments }
    }

    /// Not a vector.
    pub fn is_matrix(&self) -> bool {
        matches!(self.form, Form::Matrix(_))
    }

    /// `[rows, columns]` of what a network sees; a vector is one row.
    fn shape(&self) -> (usize, usize) {
        match &self.form {
            Form::Matrix(latent) => latent.shape().into(),
            Form::Vector { .. } => (1, self.parameters.len()),
        }
    }

    fn seen(&self) -> Vec<f32> {
        match &self.form {
            Form::Matrix(latent) => {
                let (rows, columns) = self.shape();
                let mut values = vec![0.0; rows * columns];
                latent.weights(&self.parameters, &mut values);
                values
            }
            Form::Vector { half: false } => self.parameters.clone(),
            Form::Vector { half: true } => {
                self.parameters.iter().map(|&value| f16::from_f32(value).to_f32()).collect()
            }
        }
    }

    /// The gradient of the parameters, from that of what a network sees.
    fn pull(&self, seen: &[f32]) -> Vec<f32> {
        match &self.form {
            Form::Matrix(latent) => {
                let mut pulled = vec![0.0; self.parameters.len()];
                latent.pull(&self.parameters, seen, &mut pulled);
                pulled
            }
            Form::Vector { .. } => seen.to_vec(),
        }
    }
}

/// What a network sees of weights, for one step.
pub struct Seen {
    /// Place, name and value of all but the two that follow.
    pub whole: Vec<(usize, String, Var)>,
    embedding: Vec<f32>,
    width: usize,
    output_bias: Vec<f32>,
}

impl Seen {
    /// Embedding and output bias of some pieces.
    ///
    /// # Errors
    /// What candle reports.
    pub fn pieces(&self, pieces: &Candidates) -> Result<[Var; 2]> {
        let row = |at: usize| &self.embedding[at * self.width..][..self.width];
        let rows: Vec<f32> = pieces.iter().flat_map(|piece| row(piece.index())).copied().collect();
        let bias: Vec<f32> = pieces.iter().map(|piece| self.output_bias[piece.index()]).collect();
        let table = Var::from_vec(rows, (pieces.len(), self.width), &Device::Cpu);
        let bias = Var::from_vec(bias, pieces.len(), &Device::Cpu);
        Ok([table.map_err(failed)?, bias.map_err(failed)?])
    }
}

/// Adds the gradient of a whole weight.
///
/// # Errors
/// What candle reports.
pub fn add(gradient: &Tensor, to: &mut [f32]) -> Result<()> {
    let add = |values: &[f32]| to.iter_mut().zip(values).for_each(|(to, value)| *to += value);
    crate::backend::autodiff::values(gradient, add)
}

/// Adds the gradients of the rows of some pieces.
///
/// # Errors
/// What candle reports.
pub fn add_pieces(gradient: &Tensor, pieces: &Candidates, to: &mut [f32]) -> Result<()> {
    let add = |values: &[f32]| {
        let width = values.len() / pieces.len().max(1);
        for (piece, values) in pieces.iter().zip(values.chunks_exact(width)) {
            let row = &mut to[piece.index() * width..][..width];
            row.iter_mut().zip(values).for_each(|(to, value)| *to += value);
        }
    };
    crate::backend::autodiff::values(gradient, add)
}
