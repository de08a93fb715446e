//! What comes back from every operation, against finite differences.

use candle_core::{D, Result};
use fastrand::Rng;
use proptest::prelude::*;

use super::*;

/// The greatest difference, of slopes of about 1 and relative to greater ones.
const TOLERANCE: f64 = 5e-4;

/// How far inputs are moved; with it and half of it, errors of its second power cancel
/// (Richardson 1911). Powers of two, so that most sums are exact.
const REACH: f32 = 1.0 / 32.0;

struct Case {
    rng: Rng,
    inputs: Vec<Tensor>,
}

impl Case {
    fn new(seed: u64) -> Self {
        Case { rng: Rng::with_seed(seed), inputs: Vec::new() }
    }

    /// Even from −`most` to `most`.
    fn numbers(&mut self, count: usize, most: f32) -> Vec<f32> {
        (0..count).map(|_| most * (2.0 * self.rng.f32() - 1.0)).collect()
    }

    /// Adds an input.
    fn input(mut self, shape: impl Into<candle_core::Shape>, most: f32) -> Self {
        let shape = shape.into();
        let values = self.numbers(shape.elem_count(), most);
        self.inputs.push(floats::tensor(values, shape).unwrap());
        self
    }

    /// Compares the slopes of a sum of all outputs, each counted differently, along a direction in
    /// each input: from gradients and from differences.
    fn check(mut self, what: &str, f: impl Fn(&[Tensor]) -> Vec<Tensor>) {
        let all = |inputs: &[Tensor]| -> Result<Tensor> {
            let parts = f(inputs).iter().map(Tensor::flatten_all).collect::<Result<Vec<_>>>()?;
            Tensor::cat(&parts, D::Minus1)
        };
        let values = |inputs: &[Tensor]| all(inputs).unwrap().to_vec1::<f32>().unwrap();
        for at in 0..self.inputs.len() {
            let (shape, count) = (self.inputs[at].shape().clone(), self.inputs[at].elem_count());
            let direction = self.numbers(count, 1.0);
            let direction = floats::tensor(direction, shape).unwrap();
            let moved = |reach: f32| {
                let mut inputs = self.inputs.clone();
                let by = direction.affine(f64::from(reach), 0.0).unwrap();
                inputs[at] = inputs[at].add(&by).unwrap();
                values(&inputs)
            };
            let near = [moved(REACH / 2.0), moved(-REACH / 2.0)];
            let far = [moved(REACH), moved(-REACH)];
            let here = values(&self.inputs);

            // An output that a ReLU lets through in one place and not in another has no slope.
            let smooth = |n: usize| {
                let off = here[n] == 0.0;
                near.iter().chain(&far).all(|values| (values[n] == 0.0) == off)
            };
            let kept: Vec<bool> = (0..here.len()).map(smooth).collect();
            let counted = kept.iter().filter(|kept| **kept).count();
            // All of a few may be such, most of many are not.
            let enough = 2 * counted >= kept.len() || kept.len() < 16;
            assert!(enough, "{what}: {counted} of {} outputs", kept.len());
            let counts = self.numbers(here.len(), 1.0);
            let counts: Vec<f32> =
                counts.iter().zip(&kept).map(|(c, kept)| if *kept { *c } else { 0.0 }).collect();

            let slope = |values: &[Vec<f32>; 2], reach: f32| -> f64 {
                let [up, down] = values;
                let differences = up.iter().zip(down).map(|(a, b)| f64::from(*a) - f64::from(*b));
                let sum: f64 = differences.zip(&counts).map(|(d, c)| d * f64::from(*c)).sum();
                sum / (2.0 * f64::from(reach))
            };
            let expected = (4.0 * slope(&near, REACH / 2.0) - slope(&far, REACH)) / 3.0;

            let variables: Vec<Var> =
                self.inputs.iter().map(|input| Var::from_tensor(input).unwrap()).collect();
            let tensors: Vec<Tensor> = variables.iter().map(|v| v.as_tensor().clone()).collect();
            let counts = floats::tensor(counts.clone(), here.len()).unwrap();
            let sum = all(&tensors).unwrap().mul(&counts).unwrap().sum_all().unwrap();
            let gradients = sum.backward().unwrap();
            let gradient = gradients.get(&variables[at]).unwrap_or_else(|| {
                panic!("{what}: nothing comes back to input {at}");
            });
            let (ours, size) = floats::with([gradient, &direction], |[gradient, direction]| {
                let products = gradient.iter().zip(direction);
                let products = products.map(|(g, d)| f64::from(*g) * f64::from(*d));
                let products: Vec<f64> = products.collect();
                (products.iter().sum::<f64>(), products.iter().map(|p| p.abs()).sum::<f64>())
            })
            .unwrap();
            let bound = TOLERANCE * size.max(1.0);
            assert!((ours - expected).abs() <= bound, "{what}, input {at}: {ours}, not {expected}");
        }
    }
}

/// A backend with these weights in slots.
fn holding<const N: usize>(weights: [&Tensor; N]) -> (Autodiff, [Slot; N]) {
    let backend = Autodiff::default();
    let slots = std::array::from_fn(|n| backend.insert(&format!("weight {n}"), weights[n].clone()));
    (backend, slots)
}

/// Spans of these many queries and keys, one after the other, some keys left over between them.
fn spans(lengths: &[(usize, usize)]) -> Vec<Span> {
    let (mut query, mut key) = (0, 0);
    let span = |&(queries, keys): &(usize, usize)| {
        let span = Span { queries: query..query + queries, keys: key..key + keys };
        (query, key) = (span.queries.end, span.keys.end + keys % 2);
        span
    };
    lengths.iter().map(span).collect()
}

fn candidates(ids: impl IntoIterator<Item = u32>) -> Candidates {
    ids.into_iter().map(TokenId).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn products(rows in 1usize..6, width in 1usize..20, out in 1usize..12, seed: u64) {
        for activation in [Activation::Identity, Activation::Relu] {
            let case = Case::new(seed).input((rows, width), 1.0).input((out, width), 1.0);
            case.check(&format!("{activation:?} without bias"), |inputs| {
                let (backend, [weight]) = holding([&inputs[1]]);
                vec![backend.linear(&inputs[0], &weight, None, activation)]
            });
            let case = Case::new(seed).input((rows, width), 1.0).input((out, width), 1.0);
            case.input(out, 1.0).check(&format!("{activation:?} with bias"), |inputs| {
                let (backend, [weight, bias]) = holding([&inputs[1], &inputs[2]]);
                vec![backend.linear(&inputs[0], &weight, Some(&bias), activation)]
            });
        }
    }

    #[test]
    fn stacks_of_products(rows in 1usize..6, width in 1usize..20, out in 1usize..12, seed: u64) {
        let case = Case::new(seed).input((rows, width), 1.0).input((out, width), 1.0);
        case.input((out, width), 1.0).input(out, 1.0).check("a stack", |inputs| {
            let (backend, [a, b, bias]) = holding([&inputs[1], &inputs[2], &inputs[3]]);
            let stack = backend.stack(vec![(a, None), (b, Some(bias))]).unwrap();
            backend.linears::<2>(&inputs[0], &stack).to_vec()
        });
    }

    #[test]
    fn norms(rows in 1usize..6, width in 4usize..20, seed: u64) {
        let case = Case::new(seed).input((rows, width), 3.0).input((rows, width), 3.0);
        case.input(width, 1.0).input(width, 1.0).check("a norm", |inputs| {
            let (backend, [scale, bias]) = holding([&inputs[2], &inputs[3]]);
            vec![backend.add_norm(inputs[0].clone(), &inputs[1], &scale, &bias)]
        });
    }

    #[test]
    fn attention_in_spans(
        lengths in prop::collection::vec((1usize..4, 1usize..6), 1..4),
        heads in 1usize..4,
        width in 1usize..6,
        seed: u64,
    ) {
        let spans = spans(&lengths);
        let [queries, keys] = [spans.last().unwrap().queries.end, spans.last().unwrap().keys.end];
        let width = heads * width;
        let case = Case::new(seed).input((queries, width), 2.0).input((keys, width), 2.0);
        case.input((keys, width), 1.0).check("attention", |inputs| {
            let backend = Autodiff::default();
            let spans = backend.spans(&spans);
            vec![backend.attention(&inputs[0], &inputs[1], &inputs[2], &spans, heads)]
        });
    }

    #[test]
    fn scans_of_spans(
        lengths in prop::collection::vec((1usize..7, 1usize..3), 1..4),
        width in 1usize..9,
        seed: u64,
    ) {
        let spans = spans(&lengths);
        let rows = spans.last().unwrap().queries.end;
        let case = Case::new(seed).input((rows, width), 2.0).input((rows, width), 2.0);
        case.check("a scan", |inputs| {
            let backend = Autodiff::default();
            vec![backend.scan(&inputs[0], &inputs[1], &backend.spans(&spans))]
        });
    }

    #[test]
    fn recurrences(rows in 1usize..5, width in 1usize..9, seed: u64) {
        let case = Case::new(seed).input((rows, width), 2.0).input((rows, width), 2.0);
        case.input((rows, width), 2.0).check("a recurrence", |inputs| {
            let (output, next) = Autodiff::default().recurrence(&inputs[0], &inputs[1], &inputs[2]);
            vec![output, next]
        });
    }

    #[test]
    fn embeddings(tokens in prop::collection::vec(0u32..5, 2..8), half in 2usize..6, seed: u64) {
        // Rows of the table stand for pieces 2, 3, 5, 7 and 11; some come often, some not at all.
        let pieces = candidates([2, 3, 5, 7, 11]);
        let mut tokens: Vec<TokenId> = tokens.iter().map(|&n| pieces[n as usize]).collect();
        tokens[1] = TokenId::START;
        let spans = spans(&[(1, 1), (tokens.len() - 1, 1)]);
        Case::new(seed).input((5, 2 * half), 1.0).check("embeddings", |inputs| {
            let (backend, [table]) = holding([&inputs[0]]);
            backend.set_pieces(Some(pieces.clone()));
            let spans = backend.spans(&spans);
            vec![backend.embed(&table, &tokens, &spans), backend.embed_step(&table, &tokens, 3)]
        });
    }

    #[test]
    fn logits_and_gathered_rows(rows in 2usize..6, width in 1usize..12, seed: u64) {
        let (first, second) = (candidates([1, 4, 6]), candidates([0, 4, 5, 6]));
        let case = Case::new(seed).input((rows, width), 1.0).input((7, width), 1.0);
        case.input(7, 1.0).check("logits", |inputs| {
            let (backend, [table, bias]) = holding([&inputs[1], &inputs[2]]);
            let mut lists = vec![second.clone(); rows + 1];
            lists[0] = first.clone();
            let gathered: Vec<usize> = (0..rows).rev().chain([1]).collect();
            let h = backend.gather(&inputs[0], &gathered);
            let blocks = backend.logits(&h, &table, &bias, &backend.choices(&lists));
            blocks.iter().map(|block| block.logits().clone()).collect()
        });
    }

    #[test]
    fn losses(
        rows in 1usize..5,
        count in 2usize..9,
        soft in prop::sample::select(vec![0.0f32, 0.3, 0.9, 1.0]),
        temperature in prop::sample::select(vec![0.7f32, 1.0, 2.0, 5.0]),
        seed: u64,
    ) {
        let mut case = Case::new(seed);
        let teacher: Vec<f32> = case.numbers(rows * count, 3.0);
        let teacher = Distributions::of(&teacher, count, temperature);
        for row in teacher.probabilities.chunks_exact(count) {
            prop_assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        }
        let targets: Vec<usize> = (0..rows).map(|_| case.rng.usize(..count)).collect();
        case.input((rows, count), 3.0).check("a loss", |inputs| {
            let mixture = Mixture { soft, temperature };
            let loss =
                Distillation::new(mixture, teacher.clone(), targets.clone(), 1.0 / rows as f32);
            vec![inputs[0].apply_op1(loss).unwrap()]
        });
    }
}

#[test]
fn a_student_that_says_what_its_teacher_says_has_nothing_to_learn() {
    let logits = [1.0f32, -2.0, 0.5, 3.0, 0.0, -1.0];
    let teacher = Distributions::of(&logits, 3, 2.0);
    let logits = Var::from_slice(&logits, (2, 3), &Device::Cpu).unwrap();
    let mixture = Mixture { soft: 1.0, temperature: 2.0 };
    let loss = Distillation::new(mixture, teacher, vec![0, 0], 1.0);
    let loss = logits.apply_op1(loss).unwrap();
    assert!(loss.to_scalar::<f32>().unwrap().abs() < 1e-6);
    let gradients = loss.backward().unwrap();
    let gradient = gradients.get(&logits).unwrap().flatten_all().unwrap();
    assert!(gradient.to_vec1::<f32>().unwrap().iter().all(|value| value.abs() < 1e-6));
}

#[test]
fn the_mean_of_distributions_is_one_whose_entropy_is_its_own() {
    let [a, b] = [[2.0f32, 0.0, -1.0], [0.0, 3.0, 0.5]].map(|l| Distributions::of(&l, 3, 1.0));
    let entropy = |p: &[f32]| -p.iter().map(|p| p * p.ln()).sum::<f32>();
    for one in [&a, &b] {
        assert!((one.entropies[0] - entropy(&one.probabilities)).abs() < 1e-6);
    }
    let expected: Vec<f32> =
        a.probabilities.iter().zip(&b.probabilities).map(|(a, b)| 0.5 * (a + b)).collect();
    let mean = Distributions::mean(vec![a, b], 3);
    assert!(mean.probabilities.iter().zip(&expected).all(|(m, e)| (m - e).abs() < 1e-6));
    assert!((mean.entropies[0] - entropy(&expected)).abs() < 1e-6);
}
