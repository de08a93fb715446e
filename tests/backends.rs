//! Every operation of every backend against the reference, over shapes that are multiples of
//! nothing: what is computed in integers exactly, what is computed in floats nearly.

mod common;

use common::near::assert_close;
use common::walk::{Numbers, walk};
use futures_lite::future::block_on;
use pocketglot::backend::cpu::{Cpu, Tensor};
use pocketglot::backend::host::Activations;
use pocketglot::backend::reference::{Reference, ReferenceInt8};
use pocketglot::backend::{Activation, Backend, Candidates, Span};
use pocketglot::codec::float::Float32;
use pocketglot::codec::int8::Int8;
use pocketglot::tensor::{Dtype, Tensor as Block};
use pocketglot::token::TokenId;

/// One for each set of instructions, in floats.
fn cpus() -> Vec<Cpu> {
    Cpu::all().into_iter().map(Cpu::in_floats).collect()
}

fn matrix(numbers: &mut Numbers, rows: usize, columns: usize) -> Float32 {
    Float32::new([rows, columns], numbers.take(rows * columns))
}

fn tensor(values: &Activations) -> Tensor {
    Tensor::from(values)
}

#[test]
fn every_kernel_in_integers_gives_the_numbers_of_the_oracle() {
    for cpu in Cpu::all() {
        match walk(cpu) {
            Ok(count) => println!("{}: {count} results", cpu.instructions()),
            Err(difference) => panic!("{difference}"),
        }
    }
}

#[test]
fn the_oracle_in_integers_is_near_that_in_floats() {
    let mut numbers = Numbers(5);
    let codes: Vec<u8> = numbers.take(40 * 70).iter().map(|v| (v * 127.0) as i8 as u8).collect();
    let codes = Block::new(Dtype::I8, vec![40, 70], codes.into()).unwrap();
    let x = numbers.activations(9, 70);
    for input_scale in [Some(127.0), None] {
        let matrix = Int8::new(codes.clone(), 100.0, input_scale).unwrap();
        let floats = Reference.matrix(&matrix).unwrap();
        let integers = ReferenceInt8.matrix(&matrix).unwrap();
        let expected = Reference.linear(&x, &floats, None, Activation::Identity);
        let ours = ReferenceInt8.linear(&x, &integers, None, Activation::Identity);
        for (a, b) in ours.data().iter().zip(expected.data()) {
            // 70 roundings by at most half of 1/127, of weights up to 1.27.
            assert!((a - b).abs() < 0.05, "{a}, not {b}");
        }
    }
}

#[test]
fn products_agree() {
    let mut numbers = Numbers(1);
    for rows in [0, 1, 2, 3, 4, 5, 7, 9] {
        for (out, inner) in [(1, 1), (3, 5), (16, 4), (17, 33), (64, 31), (65, 256), (130, 1)] {
            let (x, matrix) = (numbers.activations(rows, inner), matrix(&mut numbers, out, inner));
            let bias = numbers.take(out);
            for activation in [Activation::Identity, Activation::Relu] {
                for bias in [None, Some(&bias)] {
                    let weight = Reference.matrix(&matrix).unwrap();
                    let expected = Reference.linear(&x, &weight, bias, activation);
                    for cpu in cpus() {
                        let weight = cpu.matrix(&matrix).unwrap();
                        let ours = cpu.linear(&tensor(&x), &weight, bias, activation);
                        let what = format!("{rows} × {inner} × {out}, {activation:?}, {cpu:?}");
                        assert_close(ours.data(), expected.data(), &what);
                    }
                }
            }
        }
    }
}

#[test]
fn a_product_is_the_same_alone_and_in_a_batch() {
    let mut numbers = Numbers(2);
    let (x, matrix) = (numbers.activations(7, 50), matrix(&mut numbers, 70, 50));
    for cpu in cpus() {
        let weight = cpu.matrix(&matrix).unwrap();
        let together = cpu.linear(&tensor(&x), &weight, None, Activation::Identity);
        for row in 0..7 {
            let alone = cpu.linear(&tensor(&x.gather(&[row])), &weight, None, Activation::Identity);
            assert_eq!(alone.row(0), together.row(row), "row {row}, {cpu:?}");
        }
    }
}

#[test]
fn attention_agrees_and_stays_within_its_spans() {
    let mut numbers = Numbers(3);
    for (heads, width) in [(1, 3), (2, 10), (8, 256), (3, 51)] {
        let (queries, keys) = (6, 11);
        let q = numbers.activations(queries, width);
        let (k, v) = (numbers.activations(keys, width), numbers.activations(keys, width));
        let spans = vec![
            Span { queries: 0..1, keys: 0..4 },
            Span { queries: 1..5, keys: 4..5 },
            Span { queries: 5..6, keys: 5..11 },
        ];
        let expected = Reference.attention(&q, &k, &v, &spans, heads);
        // One key: the answer is its value.
        assert_close(expected.row(3), v.row(4), "a lone key");
        for cpu in cpus() {
            let ours = cpu.attention(&tensor(&q), &tensor(&k), &tensor(&v), &spans, heads);
            assert_close(ours.data(), expected.data(), &format!("{heads} heads, {cpu:?}"));
        }
    }
}

#[test]
fn attention_survives_scores_of_any_size() {
    let q = Activations::new(1, 2, vec![1e18, 0.0]);
    let k = Activations::new(2, 2, vec![1e18, 0.0, -1e18, 0.0]);
    let v = Activations::new(2, 2, vec![1.0, 2.0, 3.0, 4.0]);
    let spans = vec![Span { queries: 0..1, keys: 0..2 }];
    assert_eq!(Reference.attention(&q, &k, &v, &spans, 1).data(), [1.0, 2.0]);
    for cpu in cpus() {
        assert_eq!(
            cpu.attention(&tensor(&q), &tensor(&k), &tensor(&v), &spans, 1).data(),
            [1.0, 2.0]
        );
    }
}

#[test]
fn logits_agree_and_the_lowest_of_equals_wins() {
    let mut numbers = Numbers(4);
    let (vocabulary, width) = (41, 37);
    let matrix = matrix(&mut numbers, vocabulary, width);
    let (h, bias) = (numbers.activations(3, width), numbers.take(vocabulary));
    let list = |ids: &[u32]| -> Candidates { ids.iter().copied().map(TokenId).collect() };
    let choices: Vec<Candidates> =
        vec![list(&[0]), list(&[1, 7, 40]), (0..vocabulary as u32).map(TokenId).collect()];
    let table = Reference.table(&matrix).unwrap();
    let expected = Reference.logits(&h, &table, &bias, &choices);
    for cpu in cpus() {
        let table = cpu.table(&matrix).unwrap();
        let ours_of = cpu.choices(&choices);
        let ours = cpu.logits(&tensor(&h), &table, &bias, &ours_of);
        for row in 0..3 {
            assert_close(ours.row(row), expected.row(row), "logits");
        }
        let (last, end) = (vec![TokenId(2); 3], TokenId(0));
        let best = Reference.best(&expected, &choices, &last, end);
        assert_eq!(cpu.best(&ours, &ours_of, &cpu.tokens(&last), end)[..], best[..]);
        let ended = cpu.best(&ours, &ours_of, &cpu.tokens(&[end, TokenId(2), end]), end);
        assert_eq!(ended[..], [end, best[1], end], "what has ended goes on ending");
        // With weights of zero only the biases are left, and two of them are equal.
        let zeros = cpu.table(&Float32::new([vocabulary, width], vec![0.0; vocabulary * width]));
        let mut equal = vec![0.0; vocabulary];
        equal[7] = 1.0;
        equal[40] = 1.0;
        let logits = cpu.logits(&tensor(&h), &zeros.unwrap(), &equal, &ours_of);
        let best = cpu.best(&logits, &ours_of, &cpu.tokens(&last), end);
        assert_eq!(best[1..], [TokenId(7), TokenId(7)]);
    }
}

#[test]
fn embeddings_know_their_place() {
    let matrix = Float32::new([2, 4], vec![1.0, 2.0, 3.0, 4.0, 0.5, 0.5, 0.5, 0.5]);
    let table = Reference.table(&matrix).unwrap();
    let tokens = vec![TokenId(1), TokenId(0), TokenId::START];
    let spans = vec![Span { queries: 0..1, keys: 0..1 }, Span { queries: 1..3, keys: 1..3 }];
    let x = Reference.embed(&table, &tokens, &spans);
    // Place 0: sines are 0, cosines 1; √4 = 2.
    assert_eq!(x.row(0), [1.0, 1.0, 2.0, 2.0]);
    assert_eq!(x.row(1), [2.0, 4.0, 7.0, 9.0]);
    // Place 1, with frequencies 1 and 1/10000, and nothing looked up.
    assert_close(x.row(2), &[1f32.sin(), 1e-4, 1f32.cos(), 1.0], "sinusoids");
    let step = Reference.embed_step(&table, &vec![TokenId::START], 1);
    assert_eq!(step.row(0), x.row(2));
    for cpu in cpus() {
        let table = cpu.table(&matrix).unwrap();
        assert_eq!(cpu.embed(&table, &cpu.tokens(&tokens), &spans).data(), x.data());
    }
}

#[test]
fn the_recurrence_keeps_what_its_gate_says() {
    let state = Activations::new(1, 3, vec![1.0, -2.0, 4.0]);
    let candidate = Activations::new(1, 3, vec![3.0, 6.0, -8.0]);
    let forget = Activations::new(1, 3, vec![100.0, -100.0, 0.0]);
    let (output, next) = Reference.recurrence(&forget, &candidate, &state);
    assert_eq!(next.data(), [1.0, 6.0, -2.0]);
    assert_eq!(output.data(), [1.0, 6.0, 0.0]);
    for cpu in cpus() {
        let ours = cpu.recurrence(&tensor(&forget), &tensor(&candidate), &tensor(&state));
        assert_close(ours.0.data(), output.data(), "output");
        assert_close(ours.1.data(), next.data(), "state");
    }
}

#[test]
fn norms_are_of_the_sum() {
    let x = Activations::new(1, 4, vec![1.0, 2.0, 3.0, 0.0]);
    let residual = Activations::new(1, 4, vec![0.0, 0.0, 0.0, 4.0]);
    // 1, 2, 3, 4: mean 2.5, variance 1.25.
    let root = (1.25f32 + 1e-6).sqrt();
    let expected = [-1.5 / root + 1.0, -0.5 / root + 1.0, 0.5 / root + 1.0, 2.0 * 1.5 / root + 1.0];
    let (scale, bias) = (vec![1.0, 1.0, 1.0, 2.0], vec![1.0; 4]);
    assert_close(Reference.add_norm(x.clone(), &residual, &scale, &bias).data(), &expected, "norm");
    for cpu in cpus() {
        let ours = cpu.add_norm(tensor(&x), &tensor(&residual), &scale, &bias);
        assert_close(ours.data(), &expected, "norm");
    }
}

#[test]
fn tokens_come_back_as_they_went() {
    let ids = vec![TokenId(3), TokenId(1)];
    for cpu in cpus() {
        let steps = [cpu.tokens(&ids), cpu.tokens(&ids)];
        let mut read = vec![TokenId(7)];
        block_on(cpu.read(cpu.request(&steps), &mut read)).unwrap();
        assert_eq!(read, ids.repeat(2));
        assert_eq!(cpu.select(&steps[0], &[1, 1, 0])[..], [ids[1], ids[1], ids[0]]);
    }
}
