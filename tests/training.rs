//! Training: its forward pass is the engine's, and healing from a package to a package.
#![cfg(all(feature = "heal", feature = "import"))]

mod common;

use std::slice;

use common::models::{evaluation, package};
use common::recode::{CODECS, recode};
use common::tiny::{self, changed, damaged, texts};
use futures_lite::future::block_on;
use pocketglot::backend::autodiff::{Autodiff, Mixture, values};
use pocketglot::backend::cpu::Cpu;
use pocketglot::backend::reference::Reference;
use pocketglot::backend::{Backend, Candidates};
use pocketglot::error::Kind;
use pocketglot::format::Package;
use pocketglot::lab::heal::{Criterion, Healing, Objective, Options, Pruning};
use pocketglot::model::Pair;
use pocketglot::token::TokenId;
use pocketglot::translate::parallel::Threads;
use pocketglot::translate::{Limits, Translator};

/// Logits of either backend, `[tokens][candidates]`, for translations that the reference found.
struct Compared {
    pairs: Vec<Pair>,
    candidates: Candidates,
    reference: Vec<Vec<f32>>,
    autodiff: Vec<Vec<f32>>,
}

fn translated<B: Backend>(backend: B, package: &Package, texts: &[String]) -> Vec<Pair> {
    let translator = Translator::load(backend, package).unwrap();
    let sources: Vec<_> =
        texts.iter().flat_map(|text| translator.prepare(text).unwrap().1).collect();
    let targets = block_on(translator.network().translate(&sources)).unwrap();
    let pairs = sources.into_iter().zip(targets);
    pairs.map(|(source, target)| Pair { source, target }).collect()
}

fn compare(package: &Package, texts: &[String]) -> Compared {
    let mut pairs = translated(Reference, package, texts);
    let ours = translated(Autodiff::default(), package, texts);
    for (pair, ours) in pairs.iter().zip(&ours) {
        assert_eq!(pair.target, ours.target, "greedy decoding");
    }
    for pair in &mut pairs {
        pair.target.push(pair.source.end);
    }
    let all = pairs.iter().flat_map(|pair| pair.source.candidates.iter().copied());
    let candidates: Candidates =
        all.collect::<std::collections::BTreeSet<TokenId>>().into_iter().collect();
    let reference = Translator::load(Reference, package).unwrap();
    let taught = block_on(reference.network().teach(&pairs, &candidates));
    let tokens: usize = pairs.iter().map(|pair| pair.target.len()).sum();
    let reference = (0..tokens).map(|row| taught.logits.row(row).to_vec()).collect();
    let autodiff = Translator::load(Autodiff::default(), package).unwrap();
    let taught = block_on(autodiff.network().teach(&pairs, &candidates));
    let rows =
        |values: &[f32]| values.chunks_exact(candidates.len()).map(<[f32]>::to_vec).collect();
    let autodiff = values(taught.logits[0].logits(), rows).unwrap();
    Compared { pairs, candidates, reference, autodiff }
}

impl Compared {
    /// The greatest difference of logits, over the greatest logit of its row where that is above 1.
    fn greatest_difference(&self) -> f32 {
        assert_eq!(self.reference.len(), self.autodiff.len());
        let mut worst = 0f32;
        for (a, b) in self.reference.iter().zip(&self.autodiff) {
            let scale = a.iter().fold(1f32, |most, value| most.max(value.abs()));
            assert_eq!(a.len(), b.len());
            for (a, b) in a.iter().zip(b) {
                assert!(b.is_finite());
                worst = worst.max((a - b).abs() / scale);
            }
        }
        worst
    }

    /// Tokens of which greedy decoding, a step at a time, chose another than the given logits do;
    /// and tokens in all.
    fn other_choices(&self, logits: &[Vec<f32>]) -> (usize, usize) {
        let (mut row, mut others, mut all) = (0, 0, 0);
        for Pair { source, target } in &self.pairs {
            let whole = target.len() <= (source.tokens.len() as f32 * 2.5) as usize;
            for (at, token) in target.iter().enumerate() {
                // After a translation that was cut off, the end was not chosen.
                if whole || at + 1 < target.len() {
                    let logit = |token: &TokenId| {
                        logits[row][self.candidates.binary_search(token).unwrap()]
                    };
                    let best =
                        source.candidates.iter().copied().reduce(|best, next| {
                            if logit(&next) > logit(&best) { next } else { best }
                        });
                    others += usize::from(best != Some(*token));
                    all += 1;
                }
                row += 1;
            }
        }
        (others, all)
    }
}

#[test]
fn all_positions_at_once_say_what_steps_say() {
    let compared = compare(&tiny::package(), &texts(40));
    assert!(compared.greatest_difference() < 1e-4, "{}", compared.greatest_difference());
    for logits in [&compared.reference, &compared.autodiff] {
        let (others, all) = compared.other_choices(logits);
        assert!(others == 0 && all > 200, "{others} of {all}");
    }
}

#[test]
fn logits_of_a_real_model_are_those_of_the_reference() {
    let texts: Vec<_> = evaluation("en").into_iter().step_by(60).take(3).collect();
    let compared = compare(&package("en", "pt"), &texts);
    let worst = compared.greatest_difference();
    println!("greatest relative difference {worst:e}");
    assert!(worst < 1e-4, "{worst}");
    for logits in [&compared.reference, &compared.autodiff] {
        let (others, all) = compared.other_choices(logits);
        assert!(others == 0 && all > 30, "{others} of {all}");
    }
}

const STEPS: u64 = 40;

fn options() -> Options {
    Options { rate: 0.02, warm_up: 5, batch: 150, held_out: 20, ..Options::default() }
}

fn healing(student: &Package, teachers: &[Package], options: Options, pool: &Threads) -> Healing {
    Healing::new(student, teachers, texts(150), None, options, pool.pool()).unwrap()
}

/// Losses of the steps up to `to`, of `STEPS` in all; judges now and then.
fn train(healing: &mut Healing, to: u64, threads: &Threads) -> Vec<f64> {
    let mut losses = Vec::new();
    while healing.steps() < to {
        let done = healing.steps() as f64 / STEPS as f64;
        losses.push(healing.step(done, threads.pool()).unwrap().loss);
        if healing.steps().is_multiple_of(15) {
            healing.judge(threads.pool()).unwrap();
        }
    }
    losses
}

/// Mean of the first losses and of the last.
fn ends(losses: &[f64]) -> [f64; 2] {
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    [mean(&losses[..5]), mean(&losses[losses.len() - 5..])]
}

fn chrf(student: &Package, teacher: &Package, texts: &[String]) -> f64 {
    let threads = Threads::new(1).unwrap();
    let [own, wanted] = [student, teacher].map(|package| {
        let translator = Translator::load(Cpu::default(), package).unwrap();
        threads.translate(&translator, texts, Limits::BULK).unwrap()
    });
    pocketglot::eval::score(&own, &wanted).unwrap().chrf
}

#[test]
fn a_damaged_model_learns_again_what_its_original_says() {
    let (teacher, threads) = (tiny::package(), Threads::new(2).unwrap());
    let student = damaged(&teacher);
    let mut healing = healing(&student, slice::from_ref(&teacher), options(), &threads);
    let losses = train(&mut healing, STEPS, &threads);
    let judgement = healing.judge(threads.pool()).unwrap();
    let [first, last] = ends(&losses);
    println!("loss {first} to {last}, {judgement:?}");
    assert!(last < 0.5 * first, "{first} to {last}");
    assert!(judgement.best.unwrap() > judgement.first + 5.0, "{judgement:?}");
    let [before, after] =
        [&student, healing.best()].map(|package| chrf(package, &teacher, &texts(150)));
    assert!(after > before + 5.0, "{before} to {after}");
}

#[test]
fn the_best_is_never_worse_than_the_beginning() {
    let (teacher, threads) = (tiny::package(), Threads::new(2).unwrap());
    let destroying = Options { rate: 3.0, warm_up: 1, ..options() };
    let mut healing = healing(&teacher, slice::from_ref(&teacher), destroying, &threads);
    train(&mut healing, 10, &threads);
    let judgement = healing.judge(threads.pool()).unwrap();
    assert!(judgement.chrf < 80.0 && judgement.best == Some(100.0), "{judgement:?}");
    assert!(*healing.best() == teacher);
}

#[test]
fn training_does_not_depend_on_threads_or_interruptions() {
    let (teacher, student) = (tiny::package(), damaged(&tiny::package()));
    let [one, two] = [1, 2].map(|count| Threads::new(count).unwrap());
    let begin = |threads| healing(&student, slice::from_ref(&teacher), options(), threads);
    let finish = |mut healing: Healing, threads| {
        let losses = train(&mut healing, 36, threads);
        (losses, healing.checkpoint().unwrap(), healing.best().write().unwrap())
    };
    let (losses, checkpoint, best) = finish(begin(&one), &one);
    let (other_losses, other_checkpoint, other_best) = finish(begin(&two), &two);
    assert_eq!(losses, other_losses);
    // All weights and moments stand in a checkpoint.
    assert!(checkpoint == other_checkpoint && best == other_best, "on two threads");

    // In the middle of an epoch.
    let mut first = begin(&two);
    train(&mut first, 23, &two);
    let file = first.checkpoint().unwrap();
    let mut second = begin(&one);
    second.resume(&file.into()).unwrap();
    assert_eq!((second.steps(), second.done()), (23, 22.0 / STEPS as f64));
    let (rest, other_checkpoint, other_best) = finish(second, &one);
    assert_eq!(rest, losses[23..]);
    assert!(checkpoint == other_checkpoint && best == other_best, "after an interruption");
}

#[test]
fn what_is_trained_stays_in_its_codec() {
    let (teacher, threads) = (tiny::package(), Threads::new(2).unwrap());
    for (what, codec) in CODECS {
        let student = recode(&damaged(&teacher), codec);
        let mut healing = healing(&student, slice::from_ref(&teacher), options(), &threads);
        let [first, last] = ends(&train(&mut healing, STEPS, &threads));
        let judgement = healing.judge(threads.pool()).unwrap();
        println!("{what}: loss {first} to {last}, {judgement:?}");
        assert!(last < 0.8 * first, "{what}: {first} to {last}");
        assert!(judgement.best.unwrap() > judgement.first, "{what}: {judgement:?}");
        let best = Package::read(healing.best().write().unwrap().into()).unwrap();
        for (name, matrix) in &student.metadata.matrices {
            let kept = &best.metadata.matrices[name];
            assert_eq!((&kept.codec, kept.shape), (&matrix.codec, matrix.shape), "{what}, {name}");
        }
        assert!(best.tensors != student.tensors, "{what}");
        // It says what it said when it was judged.
        let texts: Vec<_> = texts(150).into_iter().take(40).collect();
        let [before, after] = [&student, &best].map(|package| chrf(package, &teacher, &texts));
        assert!(after > before, "{what}: {before} to {after}");
    }
}

/// Which weights of matrices are zero, in the order of names.
fn zeros(package: &Package) -> Vec<bool> {
    let matrices = package.metadata.matrices.iter();
    let weights = matrices.flat_map(|(name, m)| package.matrix(name, m.shape).unwrap().to_f32());
    weights.map(|weight| weight == 0.0).collect()
}

fn share(zeros: &[bool]) -> f64 {
    zeros.iter().filter(|zero| **zero).count() as f64 / zeros.len() as f64
}

#[test]
fn zeros_are_kept_where_that_is_asked_for() {
    let (teacher, threads) = (tiny::package(), Threads::new(2).unwrap());
    let pruned = |w: f32, noise: f32| if w.abs() < 0.2 { 0.0 } else { w + 0.3 * noise };
    let student = changed(&teacher, 4, pruned);
    for keep_zeros in [true, false] {
        let options = Options { keep_zeros, ..options() };
        let mut healing = healing(&student, slice::from_ref(&teacher), options, &threads);
        let [first, last] = ends(&train(&mut healing, STEPS, &threads));
        assert!(last < first, "{first} to {last}");
        assert!(*healing.best() != student, "nothing was learnt");
        assert_eq!(zeros(healing.best()) == zeros(&student), keep_zeros);
    }
}

#[test]
fn pruned_bit_by_bit_a_model_keeps_more_than_pruned_at_once() {
    let (teacher, threads) = (tiny::package(), Threads::new(2).unwrap());
    let at_once = {
        let mut weights: Vec<f32> = Vec::new();
        for (name, info) in &teacher.metadata.matrices {
            weights
                .extend(teacher.matrix(name, info.shape).unwrap().to_f32().iter().map(|w| w.abs()));
        }
        weights.sort_by(f32::total_cmp);
        let threshold = weights[weights.len() / 2];
        changed(&teacher, 1, |w, _| if w.abs() < threshold { 0.0 } else { w })
    };
    assert!((share(&zeros(&at_once)) - 0.5).abs() < 0.01);
    let before = chrf(&at_once, &teacher, &texts(150));
    let gone = [Criterion::Magnitude, Criterion::Gradients].map(|criterion| {
        let pruning = Pruning { sparsity: 0.5, every: 3, criterion, ..Pruning::default() };
        let options = Options { pruning: Some(pruning), ..options() };
        let mut healing = healing(&teacher, slice::from_ref(&teacher), options, &threads);
        train(&mut healing, STEPS / 3, &threads);
        let early = healing.judge(threads.pool()).unwrap();
        let share_then = healing.sparsity();
        assert!(share_then > 0.3 && share_then < 0.5, "{share_then}");
        assert_eq!(early.best, None, "nothing is kept that is still to be pruned");
        assert!(*healing.best() == teacher);

        train(&mut healing, STEPS, &threads);
        let judgement = healing.judge(threads.pool()).unwrap();
        let pruned = healing.best().clone();
        println!("{criterion:?}: {before} at once, {judgement:?}");
        assert!(chrf(&pruned, &teacher, &texts(150)) > before + 5.0, "{before}, {judgement:?}");
        let gone = zeros(&pruned);
        assert!((share(&gone) - 0.5).abs() < 0.001, "{}", share(&gone));
        assert!((healing.sparsity() - 0.5).abs() < 0.001);
        gone
    });
    assert_ne!(gone[0], gone[1], "criteria");
}

#[test]
fn pruning_goes_on_after_an_interruption_and_ends_with_the_training() {
    let (teacher, threads) = (tiny::package(), Threads::new(1).unwrap());
    let pruning = Pruning { sparsity: 0.3, every: 4, until: 0.5, ..Pruning::default() };
    let options = Options { pruning: Some(pruning), ..options() };
    let begin = || healing(&teacher, slice::from_ref(&teacher), options, &threads);
    let finish = |mut healing: Healing| {
        train(&mut healing, 30, &threads);
        healing.judge(threads.pool()).unwrap();
        (healing.checkpoint().unwrap(), healing.best().write().unwrap())
    };
    let whole = finish(begin());
    // Between two rounds, and after the last.
    for steps in [10, 25] {
        let mut first = begin();
        train(&mut first, steps, &threads);
        let mut second = begin();
        second.resume(&first.checkpoint().unwrap().into()).unwrap();
        assert!(finish(second) == whole, "interrupted after {steps} steps");
    }

    let mut short = begin();
    train(&mut short, 3, &threads);
    short.finish();
    let judgement = short.judge(threads.pool()).unwrap();
    assert_eq!(judgement.best, Some(judgement.chrf));
    assert!((share(&zeros(short.best())) - 0.3).abs() < 0.001);
}

#[test]
fn two_teachers_count_by_halves_and_representations_if_asked() {
    let (teacher, threads) = (tiny::package(), Threads::new(2).unwrap());
    let (student, other) = (damaged(&teacher), changed(&teacher, 9, |w, noise| w + 0.1 * noise));
    let losses = |teachers: &[&Package], soft, hidden| {
        let mixture = Mixture { soft, temperature: 1.0 };
        let options = Options { objective: Objective { mixture, hidden }, ..options() };
        let teachers: Vec<Package> = teachers.iter().copied().cloned().collect();
        train(&mut healing(&student, &teachers, options, &threads), STEPS, &threads)
    };
    let alone = losses(&[&teacher], 1.0, 0.0);
    // But for the last bits: the entropy of a mean is summed from its probabilities.
    let twice = losses(&[&teacher, &teacher], 1.0, 0.0);
    assert!(twice.iter().zip(&alone).all(|(a, b)| (a - b).abs() < 1e-5), "{twice:?}, {alone:?}");
    let both = losses(&[&teacher, &other], 1.0, 0.0);
    assert_ne!(both, alone);
    let with_hidden = losses(&[&teacher], 1.0, 0.5);
    assert!(with_hidden[0] > alone[0], "{} and {}", with_hidden[0], alone[0]);
    for losses in [both, with_hidden, losses(&[&teacher], 0.0, 0.0)] {
        let [first, last] = ends(&losses);
        assert!(last < 0.8 * first, "{first} to {last}");
    }
}

#[test]
fn checkpoints_of_something_else_are_refused() {
    let (teacher, threads) = (tiny::package(), Threads::new(1).unwrap());
    let student = damaged(&teacher);
    let other = changed(&teacher, 9, |w, noise| w + 0.1 * noise);
    let mut first = healing(&student, slice::from_ref(&teacher), options(), &threads);
    train(&mut first, 2, &threads);
    let file = first.checkpoint().unwrap();
    let rate = Options { rate: 0.01, ..options() };
    let refused = |student: &Package, teachers: &[&Package], options, file: &[u8]| {
        let teachers: Vec<Package> = teachers.iter().copied().cloned().collect();
        let mut healing = healing(student, &teachers, options, &threads);
        let error = healing.resume(&file.to_vec().into()).unwrap_err();
        (error.kind(), error.to_string())
    };
    for (student, teachers, options) in [
        (&other, &[&teacher][..], options()),
        (&student, &[&other], options()),
        (&student, &[&teacher, &other], options()),
        (&student, &[&teacher], rate),
    ] {
        let (kind, text) = refused(student, teachers, options, &file);
        assert_eq!(kind, Kind::InvalidInput);
        assert!(text.contains("of a training of another model"), "{text}");
    }
    let broken = |file: &[u8]| {
        let (kind, text) = refused(&student, &[&teacher], options(), file);
        assert_eq!(kind, Kind::Malformed, "{text}");
        assert!(text.contains("no sound checkpoint"), "{text}");
    };
    for length in [0, 7, 200, file.len() / 2, file.len() - 1] {
        broken(&file[..length]);
    }
    broken(&teacher.write().unwrap());
}

#[test]
fn what_can_not_be_trained_is_explained() {
    let (teacher, threads) = (tiny::package(), Threads::new(1).unwrap());
    let student = damaged(&teacher);
    let endless = Options { rate: 1e30, warm_up: 1, ..options() };
    let mut healing = healing(&student, slice::from_ref(&teacher), endless, &threads);
    let steps = (0..5).map(|_| healing.step(0.0, threads.pool()));
    let error = steps.filter_map(Result::err).next().expect("no number stays finite").to_string();
    assert!(error.contains("the loss of step") && error.contains("lower rate"), "{error}");

    let refused = |teachers: &[Package], texts, test, options| {
        let healing = Healing::new(&student, teachers, texts, test, options, threads.pool());
        let error = healing.err().expect("it is refused");
        assert_eq!(error.kind(), Kind::InvalidInput, "{error}");
        error.to_string()
    };
    let teachers = slice::from_ref(&teacher);
    assert!(refused(&[], texts(150), None, options()).contains("no teacher"));
    let few = refused(teachers, texts(30), None, options());
    assert!(few.contains("30 lines of text: 20 are held out"), "{few}");
    let uneven = refused(teachers, texts(9), Some((texts(3), texts(2))), options());
    assert!(uneven.contains("3 texts to judge by, and 2 reference"), "{uneven}");
    let blank = refused(teachers, vec![String::new(); 60], Some((texts(3), texts(3))), options());
    assert!(blank.contains("no sentence to learn from"), "{blank}");
    let mut backwards = teacher.clone();
    backwards.metadata.languages.target = "fr".to_owned();
    let backwards = refused(&[teacher.clone(), backwards], texts(150), None, options());
    assert!(backwards.contains("from en to pt, a teacher from en to fr"), "{backwards}");
    let real = refused(&[package("en", "pt")], texts(150), None, options());
    assert!(real.contains("another vocabulary"), "{real}");
    let objective = |soft, temperature, hidden| Options {
        objective: Objective { mixture: Mixture { soft, temperature }, hidden },
        ..options()
    };
    let prune = Pruning::default();
    for (options, words) in [
        (Options { rate: 0.0, ..options() }, "rate 0"),
        (Options { rate: f32::NAN, ..options() }, "rate NaN"),
        (Options { clip: -1.0, ..options() }, "clip -1"),
        (Options { batch: 0, ..options() }, "a batch of no tokens"),
        (objective(1.5, 1.0, 0.0), "soft 1.5"),
        (objective(0.5, 0.0, 0.0), "temperature 0"),
        (objective(0.5, 1.0, -1.0), "hidden -1"),
        (Options { pruning: Some(Pruning { sparsity: 1.0, ..prune }), ..options() }, "sparsity 1"),
        (Options { pruning: Some(Pruning { every: 0, ..prune }), ..options() }, "every 0 steps"),
    ] {
        let text = refused(teachers, texts(150), None, options);
        assert!(text.contains(words), "{text}");
    }
}
