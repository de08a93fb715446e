//! Every kernel of the GPU, with every form of weights, against the reference, over shapes that are
//! multiples of nothing; and every shader's text through a validator.

mod common;

use common::gpu::gpu;
use common::near::assert_close;
use common::walk::Numbers;
use futures_lite::future::block_on;
use pocketglot::backend::gpu::Gpu;
use pocketglot::backend::gpu::kernels::{Form, Kernel, source};
use pocketglot::backend::host::Activations;
use pocketglot::backend::reference::{Reference, ReferenceInt8};
use pocketglot::backend::{Activation, Backend, Candidates, Span};
use pocketglot::codec::float::Float32;
use pocketglot::codec::float16::Float16;
use pocketglot::codec::int::{Bits, GroupSize, Int};
use pocketglot::codec::int8::Int8;
use pocketglot::codec::{Codec, Matrix};
use pocketglot::tensor::{Dtype, Tensor as Block};
use pocketglot::token::TokenId;

fn values(gpu: &Gpu, x: &pocketglot::backend::gpu::Tensor) -> Activations {
    block_on(gpu.values(x)).unwrap()
}

/// The same weights in every form that the GPU reads, and in two that it does not.
fn forms(numbers: &mut Numbers, rows: usize, columns: usize) -> Vec<(&'static str, Matrix)> {
    let values = numbers.take(rows * columns);
    let shape = [rows, columns];
    let codes: Vec<u8> = values.iter().map(|v| ((v * 127.0) as i8).cast_unsigned()).collect();
    let codes = Block::new(Dtype::I8, vec![rows, columns], codes.into()).unwrap();
    let int = |bits, group| -> Matrix {
        let (bits, group) = (Bits::new(bits).unwrap(), GroupSize::new(group).unwrap());
        Box::new(Int::nearest(shape, bits, group, &values).unwrap())
    };
    vec![
        ("f32", Box::new(Float32::new(shape, values.clone()))),
        ("f16", Box::new(Float16::round(shape, &values).unwrap())),
        ("int8", Box::new(Int8::new(codes.clone(), 127.0, Some(30.0)).unwrap())),
        ("int8, a scale a row of inputs", Box::new(Int8::new(codes, 127.0, None).unwrap())),
        ("4 bits", int(4, 64)),
        ("4 bits, small groups", int(4, 8)),
        ("3 bits", int(3, 32)),
        ("4 bits, odd groups", int(4, 5)),
        ("6 bits", int(6, 64)),
    ]
}

/// What a product with `weight` is: in integers where the GPU multiplies integers, in the half
/// floats that it keeps where it has no form for a codec.
fn oracle(
    matrix: &dyn Codec,
    x: &Activations,
    bias: Option<&Vec<f32>>,
    a: Activation,
) -> Activations {
    if matrix.integers().is_some() {
        return ReferenceInt8.linear(x, &ReferenceInt8.matrix(matrix).unwrap(), bias, a);
    }
    let kept = kept(matrix);
    Reference.linear(x, &Reference.matrix(&*kept).unwrap(), bias, a)
}

/// The weights as floats that the GPU multiplies or looks up.
fn kept(matrix: &dyn Codec) -> Matrix {
    let values = matrix.to_f32();
    match matrix.stored() {
        _ if matrix.integers().is_some() => Box::new(Float32::new(matrix.shape(), values)),
        pocketglot::codec::Stored::Int { bits, group_size, .. }
            if bits.get() > 4 || group_size.get() % 4 != 0 =>
        {
            Box::new(Float16::round(matrix.shape(), &values).unwrap())
        }
        _ => Box::new(Float32::new(matrix.shape(), values)),
    }
}

#[test]
fn every_shader_is_valid() {
    for kernel in Kernel::ALL {
        let forms: Vec<_> = match kernel.reads_weights() {
            true => Form::ALL.into_iter().map(Some).collect(),
            false => vec![None],
        };
        for form in forms {
            let text = source(kernel, form);
            let what = format!("{} {:?}", kernel.name(), form.map(Form::name));
            let module = naga::front::wgsl::parse_str(&text)
                .unwrap_or_else(|error| panic!("{what}: {}", error.emit_to_string(&text)));
            let mut validator = naga::valid::Validator::new(
                naga::valid::ValidationFlags::all(),
                // Reading half floats from words, which WebGPU always has.
                naga::valid::Capabilities::SHADER_FLOAT16_IN_FLOAT32,
            );
            if let Err(error) = validator.validate(&module) {
                panic!("{what}: {}", error.emit_to_string(&text));
            }
        }
    }
}

#[test]
fn products_agree() {
    let Some(gpu) = gpu("products") else { return };
    let mut numbers = Numbers(1);
    let shapes = [(1, 1), (3, 5), (17, 33), (64, 31), (130, 256), (256, 300), (300, 8)];
    for (out, inner) in shapes {
        for (form, matrix) in forms(&mut numbers, out, inner) {
            for rows in [0, 1, 5, 9, 150] {
                let x = numbers.activations(rows, inner);
                let bias = numbers.take(out);
                for (bias, activation) in
                    [(None, Activation::Identity), (Some(&bias), Activation::Relu)]
                {
                    let expected = oracle(&*matrix, &x, bias, activation);
                    let weight = gpu.matrix(&*matrix).unwrap();
                    let ours = bias.map(|bias| gpu.vector(bias.clone()).unwrap());
                    let ours = gpu.linear(&gpu.tensor(&x), &weight, ours.as_ref(), activation);
                    let what = format!("{form}, {rows} × {inner} × {out}, {activation:?}");
                    assert_close(values(&gpu, &ours).data(), expected.data(), &what);
                }
            }
        }
    }
}

#[test]
fn many_rows_go_through_the_large_tile() {
    let Some(gpu) = gpu("large products") else { return };
    let mut numbers = Numbers(2);
    for (form, matrix) in forms(&mut numbers, 260, 70) {
        let x = numbers.activations(515, 70);
        let weight = gpu.matrix(&*matrix).unwrap();
        let expected = oracle(&*matrix, &x, None, Activation::Identity);
        let ours = gpu.linear(&gpu.tensor(&x), &weight, None, Activation::Identity);
        assert_close(values(&gpu, &ours).data(), expected.data(), form);
    }
}

#[test]
fn layers_with_norms_agree() {
    let Some(gpu) = gpu("layers with norms") else { return };
    let mut numbers = Numbers(3);
    for (width, ffn) in [(12, 7), (30, 100), (256, 96), (300, 20)] {
        for rows in [1, 6, 530] {
            let first = forms(&mut numbers, ffn, width);
            let second = forms(&mut numbers, width, ffn);
            let x = numbers.activations(rows, width);
            let vectors = [ffn, width, width, width].map(|width| numbers.take(width));
            let [b, c, scale, shift] = &vectors;
            for ((form, first), (_, second)) in first.iter().zip(&second) {
                // What is rounded to codes must be the same numbers on both sides, so the oracle's
                // layers follow one another just as here.
                let inside = oracle(&**first, &x, Some(b), Activation::Relu);
                let product = oracle(&**second, &inside, Some(c), Activation::Identity);
                let expected = Reference.add_norm(product, &x, scale, shift);
                let last = oracle(&**first, &expected, Some(b), Activation::Identity);

                let of = [b, c, scale, shift].map(|v| gpu.vector(v.clone()).unwrap());
                let [b, c, scale, shift] = &of;
                let weights = (gpu.matrix(&**first).unwrap(), gpu.matrix(&**second).unwrap());
                let ours = gpu.tensor(&x);
                let ours = gpu.feed_forward(
                    &ours,
                    (&weights.0, Some(b)),
                    (&weights.1, Some(c)),
                    (scale, shift),
                );
                let ours_last = gpu.linear(&ours, &weights.0, Some(b), Activation::Identity);
                let what = format!("{form}, {rows} rows of {width}, {ffn}");
                let integers = first.integers().is_some() || second.integers().is_some();
                let near = if integers { near_codes } else { assert_close };
                near(values(&gpu, &ours_last).data(), last.data(), &what);
                near(values(&gpu, &ours).data(), expected.data(), &what);
            }
        }
    }
}

/// After a norm, sums in another order may round to a neighbouring code.
fn near_codes(ours: &[f32], reference: &[f32], what: &str) {
    let far = ours.iter().zip(reference).filter(|(a, b)| (*a - *b).abs() > 0.2).count();
    assert!(far == 0, "{what}: {far} of {} far off", ours.len());
    let other = ours.iter().zip(reference).filter(|(a, b)| (*a - *b).abs() > 1e-3).count();
    assert!(other <= 10 + ours.len() / 10, "{what}: {other} of {} differ", ours.len());
}

#[test]
fn attention_agrees_and_stays_within_its_spans() {
    let Some(gpu) = gpu("attention") else { return };
    let mut numbers = Numbers(4);
    for (heads, width) in [(1, 4), (2, 24), (8, 256), (16, 320), (64, 512)] {
        let (q, k) = (numbers.activations(6, width), numbers.activations(311, width));
        let v = numbers.activations(311, width);
        let spans = vec![
            Span { queries: 0..1, keys: 0..4 },
            Span { queries: 1..5, keys: 4..5 },
            Span { queries: 5..6, keys: 5..311 },
        ];
        let expected = Reference.attention(&q, &k, &v, &spans, heads);
        let (q, k, v) = (gpu.tensor(&q), gpu.tensor(&k), gpu.tensor(&v));
        let ours = gpu.attention(&q, &k, &v, &gpu.spans(&spans), heads);
        let what = format!("{heads} heads of {width}");
        assert_close(values(&gpu, &ours).data(), expected.data(), &what);
    }
    let q = Activations::new(1, 4, vec![1e18, 0.0, 0.0, 0.0]);
    let k = Activations::new(2, 4, vec![1e18, 0.0, 0.0, 0.0, -1e18, 0.0, 0.0, 0.0]);
    let v = Activations::new(2, 4, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
    let spans = gpu.spans(&[Span { queries: 0..1, keys: 0..2 }]);
    let ours = gpu.attention(&gpu.tensor(&q), &gpu.tensor(&k), &gpu.tensor(&v), &spans, 1);
    assert_eq!(values(&gpu, &ours).data(), [1.0, 2.0, 3.0, 4.0], "scores of any size");
}

#[test]
fn steps_of_the_ssru_agree() {
    let Some(gpu) = gpu("the SSRU") else { return };
    let mut numbers = Numbers(5);
    for width in [5, 36, 256, 300] {
        for rows in [1, 7] {
            for ((form, candidate), (_, forget)) in
                forms(&mut numbers, width, width).into_iter().zip(forms(&mut numbers, width, width))
            {
                let (x, state) =
                    (numbers.activations(rows, width), numbers.activations(rows, width));
                let [b, scale, shift] = [0; 3].map(|_| numbers.take(width));
                let a = oracle(&*candidate, &x, None, Activation::Identity);
                let f = oracle(&*forget, &x, Some(&b), Activation::Identity);
                let (output, next) = Reference.recurrence(&f, &a, &state);
                let expected = Reference.add_norm(output, &x, &scale, &shift);

                let of = [&b, &scale, &shift].map(|v| gpu.vector(v.clone()).unwrap());
                let [b, scale, shift] = of;
                let gates = gpu.stack(vec![
                    (gpu.matrix(&*candidate).unwrap(), None),
                    (gpu.matrix(&*forget).unwrap(), Some(b)),
                ]);
                let (x, state) = (gpu.tensor(&x), gpu.tensor(&state));
                let (output, ours) = gpu.ssru(&x, &gates.unwrap(), &state, (&scale, &shift));
                let what = format!("{form}, {rows} rows of {width}");
                assert_close(values(&gpu, &ours).data(), next.data(), &format!("{what}: state"));
                assert_close(values(&gpu, &output).data(), expected.data(), &what);
            }
        }
    }
}

#[test]
fn gates_of_different_kinds_run_one_by_one() {
    let Some(gpu) = gpu("mixed gates") else { return };
    let mut numbers = Numbers(6);
    let (a, b) = (forms(&mut numbers, 20, 20).remove(0).1, forms(&mut numbers, 20, 20).remove(1).1);
    let (x, state) = (numbers.activations(3, 20), numbers.activations(3, 20));
    let (scale, shift) = (numbers.take(20), numbers.take(20));
    let gates = Reference
        .stack(vec![(Reference.matrix(&*a).unwrap(), None), (Reference.matrix(&*b).unwrap(), None)])
        .unwrap();
    let (expected, next) = Reference.ssru(&x, &gates, &state, (&scale, &shift));
    let gates = gpu
        .stack(vec![(gpu.matrix(&*a).unwrap(), None), (gpu.matrix(&*b).unwrap(), None)])
        .unwrap();
    let norm = (gpu.vector(scale).unwrap(), gpu.vector(shift).unwrap());
    let (ours, state) = gpu.ssru(&gpu.tensor(&x), &gates, &gpu.tensor(&state), (&norm.0, &norm.1));
    assert_close(values(&gpu, &ours).data(), expected.data(), "output");
    assert_close(values(&gpu, &state).data(), next.data(), "state");
}

#[test]
fn embeddings_and_logits_agree() {
    let Some(gpu) = gpu("embeddings and logits") else { return };
    let mut numbers = Numbers(7);
    for (vocabulary, width) in [(41, 6), (50, 32), (19, 100), (300, 256), (30, 300)] {
        for (form, matrix) in forms(&mut numbers, vocabulary, width) {
            let what = format!("{form}, {vocabulary} × {width}");
            let table = gpu.table(&*matrix).unwrap();
            let kept = kept(&*matrix);
            let tokens = [TokenId(2), TokenId::START, TokenId(18), TokenId(0)];
            let spans = [Span { queries: 0..1, keys: 0..1 }, Span { queries: 1..4, keys: 1..4 }];
            let plain = Reference.table(&*kept).unwrap();
            let expected = Reference.embed(&plain, &tokens.to_vec(), &spans.to_vec());
            let ours = gpu.embed(&table, &gpu.tokens(&tokens), &gpu.spans(&spans));
            assert_close(values(&gpu, &ours).data(), expected.data(), &what);
            // The last lies beyond the positions that are made at first.
            for step in [0, 1, 700] {
                let expected = Reference.embed_step(&plain, &tokens.to_vec(), step);
                let ours = gpu.embed_step(&table, &gpu.tokens(&tokens), step);
                assert_close(values(&gpu, &ours).data(), expected.data(), &what);
            }

            let h = numbers.activations(3, width);
            let bias = numbers.take(vocabulary);
            let list = |ids: Vec<u32>| -> Candidates { ids.into_iter().map(TokenId).collect() };
            let all = (0..vocabulary as u32).collect();
            let choices = [list(vec![3]), list(all), list(vec![1, 7, 12])];
            let expected = match matrix.integers() {
                Some(_) => {
                    let table = ReferenceInt8.table(&*matrix).unwrap();
                    ReferenceInt8.logits(&h, &table, &bias, &choices.to_vec())
                }
                None => Reference.logits(&h, &plain, &bias, &choices.to_vec()),
            };
            let ours_of = gpu.choices(&choices);
            let bias = gpu.vector(bias).unwrap();
            let ours = gpu.logits(&gpu.tensor(&h), &table, &bias, &ours_of);
            let rows: Vec<f32> = (0..3).flat_map(|row| expected.row(row).to_vec()).collect();
            assert_close(&block_on(gpu.logit_values(&ours)).unwrap(), &rows, &what);
            let (last, end) = (vec![TokenId(1), TokenId(1), TokenId(5)], TokenId(5));
            let expected = Reference.best(&expected, &choices.to_vec(), &last, end);
            let best = gpu.best(&ours, &ours_of, &gpu.tokens(&last), end);
            assert_eq!(tokens_of(&gpu, &best), expected, "{what}");
        }
    }
}

fn tokens_of(gpu: &Gpu, tokens: &pocketglot::backend::gpu::Tokens) -> Vec<TokenId> {
    let mut read = Vec::new();
    block_on(gpu.read(gpu.request(std::slice::from_ref(tokens)), &mut read)).unwrap();
    read
}

#[test]
fn of_equal_logits_the_lowest_candidate_wins() {
    let Some(gpu) = gpu("ties") else { return };
    let table = gpu.table(&Float32::new([200, 4], vec![0.0; 800])).unwrap();
    let mut bias = vec![0.0; 200];
    for at in [70, 77, 190] {
        bias[at] = 1.0;
    }
    let all: Candidates = (0..200).map(TokenId).collect();
    let choices = gpu.choices(&[all]);
    let h = gpu.tensor(&Activations::zeros(1, 4));
    let logits = gpu.logits(&h, &table, &gpu.vector(bias).unwrap(), &choices);
    let best = gpu.best(&logits, &choices, &gpu.tokens(&[TokenId(9)]), TokenId(0));
    assert_eq!(tokens_of(&gpu, &best), [TokenId(70)]);
}

#[test]
fn rows_and_tokens_are_found_by_number() {
    let Some(gpu) = gpu("gathering") else { return };
    let mut numbers = Numbers(8);
    let x = numbers.activations(5, 7);
    let ours = gpu.gather(&gpu.tensor(&x), &[4, 0, 4]);
    assert_eq!(values(&gpu, &ours).data(), x.gather(&[4, 0, 4]).data());
    let tokens = gpu.tokens(&[TokenId(3), TokenId(1)]);
    assert_eq!(tokens_of(&gpu, &gpu.select(&tokens, &[1, 1, 0])), [1, 1, 3].map(TokenId));
    let [scale, bias] = [0; 2].map(|_| numbers.take(7));
    let residual = numbers.activations(5, 7);
    let expected = Reference.add_norm(x.clone(), &residual, &scale, &bias);
    let (scale, bias) = (gpu.vector(scale).unwrap(), gpu.vector(bias).unwrap());
    let ours = gpu.add_norm(gpu.tensor(&x), &gpu.tensor(&residual), &scale, &bias);
    assert_close(values(&gpu, &ours).data(), expected.data(), "norm");
    assert!(values(&gpu, &gpu.zeros(3, 5)).data().iter().all(|value| *value == 0.0));
}
