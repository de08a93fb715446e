//! A walk of every kernel in integers, and of what lies between them, against the oracle: exactly
//! the same numbers, over shapes that are multiples of nothing and values as large as they come.
//! Runs natively as a test, and in a browser from `tests/kernels/`.

use pocketglot::backend::cpu::{Cpu, Tensor};
use pocketglot::backend::host::Activations;
use pocketglot::backend::reference::ReferenceInt8;
use pocketglot::backend::{Activation, Backend, Candidates, Span};
use pocketglot::codec::{Codec, Integers};
use pocketglot::format::Screening;
use pocketglot::format::screening::Map;
use pocketglot::tensor::{Dtype, Tensor as Block};
use pocketglot::token::TokenId;

/// Reproducible numbers.
pub struct Numbers(pub u64);

impl Numbers {
    fn bits(&mut self) -> u32 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 32) as u32
    }

    /// In −1…1.
    pub fn next(&mut self) -> f32 {
        (self.bits() >> 8) as f32 / (1u32 << 23) as f32 - 1.0
    }

    pub fn take(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.next()).collect()
    }

    pub fn activations(&mut self, rows: usize, width: usize) -> Activations {
        Activations::new(rows, width, self.take(rows * width))
    }
}

/// How the codes of a matrix and its activations are chosen.
#[derive(Clone, Copy, Debug)]
enum Values {
    Random,
    /// Largest weights of one sign against the largest activations: what saturates does so here.
    Largest,
    /// The smallest code that a byte holds, of which the positive does not exist.
    Smallest,
    /// Largest and smallest in turns.
    Alternating,
}

/// A matrix of codes whose rows have units of their own, as a codec of groups would give it.
#[derive(Debug)]
struct Rows {
    integers: Integers,
}

impl Codec for Rows {
    fn name(&self) -> &'static str {
        "rows"
    }

    fn shape(&self) -> [usize; 2] {
        [self.integers.codes.shape()[0], self.integers.codes.shape()[1]]
    }

    fn row(&self, row: usize, out: &mut [f32]) {
        let columns = self.shape()[1];
        let step = self.integers.steps[row % self.integers.steps.len()];
        for (value, &code) in out.iter_mut().zip(&self.integers.codes.data()[row * columns..]) {
            *value = f32::from(code.cast_signed()) * step;
        }
    }

    fn integers(&self) -> Option<Integers> {
        Some(self.integers.clone())
    }

    fn parts(&self) -> Vec<(&'static str, Block)> {
        Vec::new()
    }
}

fn matrix(
    numbers: &mut Numbers,
    [rows, columns]: [usize; 2],
    values: Values,
    own_steps: bool,
    input_scale: Option<f32>,
) -> Rows {
    let code = |at: usize, numbers: &mut Numbers| match values {
        Values::Random => numbers.bits() as u8,
        Values::Largest => 127,
        Values::Smallest => 0x80,
        Values::Alternating => [127, 0x80][at % 2],
    };
    let codes: Vec<u8> = (0..rows * columns).map(|at| code(at, numbers)).collect();
    let steps = if own_steps { numbers.take(rows) } else { vec![0.0123] };
    let codes = Block::new(Dtype::I8, vec![rows, columns], codes.into()).expect("it fits");
    Rows { integers: Integers { codes, steps, input_scale } }
}

fn input(numbers: &mut Numbers, rows: usize, width: usize, values: Values) -> Activations {
    let value = |at: usize, numbers: &mut Numbers| match values {
        Values::Random => 3.0 * numbers.next(),
        Values::Largest => 1e9,
        Values::Smallest => -1e9,
        Values::Alternating => [1e9, -1e9][at % 2],
    };
    Activations::new(rows, width, (0..rows * width).map(|at| value(at, numbers)).collect())
}

fn same(ours: &[f32], oracle: &[f32], what: &str) -> Result<(), String> {
    if ours.len() != oracle.len() {
        return Err(format!("{what}: {} numbers, not {}", ours.len(), oracle.len()));
    }
    match ours.iter().zip(oracle).position(|(a, b)| a != b) {
        None => Ok(()),
        Some(at) => Err(format!("{what}: element {at} is {}, not {}", ours[at], oracle[at])),
    }
}

fn tensor(values: &Activations) -> Tensor {
    Tensor::from(values)
}

/// Walks the kernels of one set of instructions; gives the number of comparisons.
///
/// # Errors
/// The first difference.
pub fn walk(cpu: Cpu) -> Result<usize, String> {
    let mut numbers = Numbers(1);
    let mut walked = 0;
    for what in [products, feed_forward, embedding, screening, attention, small] {
        walked += what(cpu, &mut numbers).map_err(|e| format!("{}: {e}", cpu.instructions()))?;
    }
    Ok(walked)
}

const ALL: [Values; 4] = [Values::Random, Values::Largest, Values::Smallest, Values::Alternating];

fn products(cpu: Cpu, numbers: &mut Numbers) -> Result<usize, String> {
    let mut walked = 0;
    let shapes = [
        [1, 1],
        [3, 5],
        [4, 16],
        [5, 17],
        [9, 31],
        [8, 32],
        [7, 33],
        [13, 64],
        [30, 100],
        [2, 1536],
        [256, 256],
    ];
    for shape in shapes {
        let bias = numbers.take(shape[0]);
        for rows in [0, 1, 2, 3, 4, 7, 97] {
            // The largest of everything is the same everywhere: a few rows show it.
            let kinds = if rows > 4 { &ALL[..1] } else { &ALL[..] };
            for &weights in kinds {
                for &activations in kinds {
                    for (own_steps, scale) in [(false, Some(41.7)), (true, None)] {
                        let weight = matrix(numbers, shape, weights, own_steps, scale);
                        let x = input(numbers, rows, shape[1], activations);
                        for (bias, activation) in
                            [(None, Activation::Identity), (Some(&bias), Activation::Relu)]
                        {
                            let oracle =
                                ReferenceInt8.matrix(&weight).map_err(|e| e.to_string())?;
                            let ours = cpu.matrix(&weight).map_err(|e| e.to_string())?;
                            let oracle = ReferenceInt8.linear(&x, &oracle, bias, activation);
                            let ours = cpu.linear(&tensor(&x), &ours, bias, activation);
                            let what = format!(
                                "{rows} rows by {shape:?}, {weights:?} weights, {activations:?} \
                                 activations, scale {scale:?}, {activation:?}"
                            );
                            same(ours.data(), oracle.data(), &what)?;
                            walked += 1;
                        }
                    }
                }
            }
        }
    }
    Ok(walked)
}

fn feed_forward(cpu: Cpu, numbers: &mut Numbers) -> Result<usize, String> {
    let mut walked = 0;
    for (width, ffn) in [(5, 7), (32, 100), (256, 96)] {
        for (rows, scale) in [(1, Some(20.0)), (31, None), (33, Some(20.0)), (70, None)] {
            let first = matrix(numbers, [ffn, width], Values::Random, false, scale);
            let second = matrix(numbers, [width, ffn], Values::Random, true, scale);
            let (b, c) = (numbers.take(ffn), numbers.take(width));
            let x = input(numbers, rows, width, Values::Random);
            let error = |e: pocketglot::Error| e.to_string();
            let of = (
                ReferenceInt8.matrix(&first).map_err(error)?,
                ReferenceInt8.matrix(&second).map_err(error)?,
            );
            let (gain, shift) = (numbers.take(width), numbers.take(width));
            let norm = (&gain, &shift);
            let oracle = ReferenceInt8.feed_forward(&x, (&of.0, Some(&b)), (&of.1, Some(&c)), norm);
            let of = (cpu.matrix(&first).map_err(error)?, cpu.matrix(&second).map_err(error)?);
            let (inner, outer) = ((&of.0, Some(&b)), (&of.1, Some(&c)));
            let ours = cpu.feed_forward(&tensor(&x), inner, outer, norm);
            let what = format!("{rows} rows through {width} and {ffn}, scale {scale:?}");
            same(ours.data(), oracle.data(), &what)?;
            walked += 1;
        }
    }
    Ok(walked)
}

/// Rows looked up, logits over candidates, and the best of them.
fn embedding(cpu: Cpu, numbers: &mut Numbers) -> Result<usize, String> {
    let mut walked = 0;
    for (vocabulary, width) in [(41, 6), (50, 32), (19, 100), (70, 256)] {
        for scale in [Some(30.0), None] {
            let table = matrix(numbers, [vocabulary, width], Values::Random, false, scale);
            let oracle_table = ReferenceInt8.table(&table).map_err(|e| e.to_string())?;
            let our_table = cpu.table(&table).map_err(|e| e.to_string())?;
            let h = input(numbers, 3, width, Values::Random);
            let bias = numbers.take(vocabulary);
            let list = |ids: Vec<u32>| -> Candidates { ids.into_iter().map(TokenId).collect() };
            let lists =
                [list(vec![3]), list((0..vocabulary as u32).collect()), list((5..18).collect())];
            let choices = ReferenceInt8.choices(&lists);
            let oracle = ReferenceInt8.logits(&h, &oracle_table, &bias, &choices);
            let our_choices = cpu.choices(&lists);
            let ours = cpu.logits(&tensor(&h), &our_table, &bias, &our_choices);
            for row in 0..lists.len() {
                let what = format!("logits of row {row}, {vocabulary} × {width}, scale {scale:?}");
                same(ours.row(row), oracle.row(row), &what)?;
            }
            // One row has ended before.
            let (last, end) = ([TokenId(1), TokenId(4), TokenId(1)], TokenId(4));
            let best = ReferenceInt8.best(&oracle, &choices, &last.to_vec(), end);
            if cpu.best(&ours, &our_choices, &cpu.tokens(&last), end)[..] != best[..] {
                return Err(format!("another best candidate of {vocabulary} × {width}"));
            }
            // The last position lies beyond those that are kept.
            for step in [0, 1, 300, 700] {
                let ids = [TokenId(2), TokenId::START, TokenId(18)];
                let ours = cpu.embed_step(&our_table, &cpu.tokens(&ids), step);
                let oracle = ReferenceInt8.embed_step(&oracle_table, &ids.to_vec(), step);
                same(ours.data(), oracle.data(), &format!("embedding at {step}, width {width}"))?;
            }
            walked += lists.len() + 5;
        }
    }
    Ok(walked)
}

/// The best of all pieces, of which a screening by all dimensions leaves few.
fn screening(cpu: Cpu, numbers: &mut Numbers) -> Result<usize, String> {
    const CANDIDATES: usize = 60;
    let mut walked = 0;
    for (vocabulary, width) in [(300, 7), (2000, 50), (4100, 64)] {
        let error = |e: pocketglot::Error| e.to_string();
        let diagonal = |value: f32| {
            let at = |at: usize| if at.is_multiple_of(width + 1) { value } else { 0.0 };
            Map::round(width, &(0..width * width).map(at).collect::<Vec<_>>())
        };
        // States are within −3 to 3, and mapped ones are to be within −1 to 1.
        let maps = (diagonal(1.0 / 3.0).map_err(error)?, diagonal(3.0).map_err(error)?);
        let screening = Screening::new(CANDIDATES, maps.0, maps.1).map_err(error)?;
        let table = matrix(numbers, [vocabulary, width], Values::Random, false, Some(40.0));
        let bias = numbers.take(vocabulary);
        let oracle_table = ReferenceInt8.table(&table).map_err(error)?;
        let our_table = cpu.screened_table(&table, &bias, &screening).map_err(error)?;
        let all: Candidates = (0..vocabulary as u32).map(TokenId).collect();
        for rows in [1, 2, 3, 8] {
            let h = input(numbers, rows, width, Values::Random);
            let lists = vec![all.clone(); rows];
            let (choices, our_choices) = (ReferenceInt8.choices(&lists), cpu.choices(&lists));
            let oracle = ReferenceInt8.logits(&h, &oracle_table, &bias, &choices);
            let ours = cpu.logits(&tensor(&h), &our_table, &bias, &our_choices);
            let (last, end) = (vec![TokenId(1); rows], TokenId(0));
            let best = ReferenceInt8.best(&oracle, &choices, &last, end);
            if cpu.best(&ours, &our_choices, &cpu.tokens(&last), end)[..] != best[..] {
                return Err(format!("screened, another best of {vocabulary} × {width}"));
            }
            if (0..rows).any(|row| ours.row(row).len() > 4 * CANDIDATES) {
                return Err(format!("a screening leaves too many of {vocabulary} × {width}"));
            }
            walked += rows;
        }
    }
    Ok(walked)
}

fn attention(cpu: Cpu, numbers: &mut Numbers) -> Result<usize, String> {
    let shapes = [(1, 3), (2, 10), (8, 256), (3, 51), (4, 256), (1, 32)];
    for (heads, width) in shapes {
        let (q, k) = (numbers.activations(6, width), numbers.activations(28, width));
        let v = numbers.activations(28, width);
        let span = |queries, keys| Span { queries, keys };
        let spans = vec![span(0..1, 0..4), span(1..5, 4..5), span(5..6, 5..28)];
        let oracle = ReferenceInt8.attention(&q, &k, &v, &spans, heads);
        let ours = cpu.attention(&tensor(&q), &tensor(&k), &tensor(&v), &spans, heads);
        same(ours.data(), oracle.data(), &format!("attention of {heads} heads, width {width}"))?;
    }
    Ok(shapes.len())
}

/// Norms and recurrences.
fn small(cpu: Cpu, numbers: &mut Numbers) -> Result<usize, String> {
    let widths = [2, 7, 8, 30, 256];
    for width in widths {
        let (x, residual) = (numbers.activations(5, width), numbers.activations(5, width));
        let (scale, bias) = (numbers.take(width), numbers.take(width));
        let oracle = ReferenceInt8.add_norm(x.clone(), &residual, &scale, &bias);
        let ours = cpu.add_norm(tensor(&x), &tensor(&residual), &scale, &bias);
        same(ours.data(), oracle.data(), &format!("norm of width {width}"))?;
        let mut forget = numbers.activations(5, width);
        forget.data_mut()[0] = 200.0;
        forget.data_mut()[1] = -200.0;
        let oracle = ReferenceInt8.recurrence(&forget, &x, &residual);
        let ours = cpu.recurrence(&tensor(&forget), &tensor(&x), &tensor(&residual));
        same(ours.0.data(), oracle.0.data(), &format!("recurrence of width {width}, output"))?;
        same(ours.1.data(), oracle.1.data(), &format!("recurrence of width {width}, state"))?;
    }
    Ok(3 * widths.len())
}
