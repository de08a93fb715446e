//! Compression of a real model, from package to package, and as a command.

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use common::models::{evaluation, model_path, package, root};
use pocketglot::backend::cpu::Cpu;
use pocketglot::compress::{Recipe, presets};
use pocketglot::error::Kind;
use pocketglot::format::Package;
use pocketglot::lab::calibrate::calibrate;
use pocketglot::lab::compress::{Compressed, Progress, compress};
use pocketglot::lab::histogram::Histogram;
use pocketglot::translate::parallel::Threads;
use pocketglot::translate::{Limits, Translator};
use serde_json::Value;

fn recipe(text: &str) -> Recipe {
    Recipe::from_toml(text).unwrap()
}

/// Sentences enough for calibrating in a test, in the source language.
fn text() -> Vec<String> {
    let table = fs::read_to_string(root("data/calibration.en-pt.tsv")).unwrap();
    let column = |line: &str| line.split('\t').nth(1).unwrap().to_owned();
    table.lines().skip(1).step_by(7).map(column).collect()
}

fn run(model: &Package, recipe: &Recipe, calibration: &[String]) -> Compressed {
    compress(model, recipe, calibration, &mut |_| {}).unwrap()
}

fn weights(package: &Package, name: &str) -> Vec<f32> {
    package.matrix(name, package.metadata.matrices[name].shape).unwrap().to_f32()
}

fn translations(package: &Package, texts: &[String]) -> Vec<String> {
    let translator = Translator::load(Cpu::default(), package).unwrap();
    Threads::new(0).unwrap().translate(&translator, texts, Limits::BULK).unwrap()
}

#[test]
fn a_histogram_counts_what_the_codec_gives_and_refuses_what_are_no_weights() {
    let model = package("en", "pt");
    for name in ["embedding", "encoder.0.ffn.w1", "encoder.0.ffn.norm.scale", "output.bias"] {
        let Histogram { min, max, zeros, weights: all, counts, .. } =
            Histogram::new(&model, name, 64).unwrap();
        let values = match model.metadata.matrices.contains_key(name) {
            true => weights(&model, name),
            false => model.tensors[name].floats().unwrap(),
        };
        assert_eq!((counts.len(), counts.iter().sum::<usize>()), (64, all));
        assert_eq!(all, values.len());
        assert_eq!(zeros, values.iter().filter(|v| **v == 0.0).count());
        assert!(values.iter().all(|v| (min..=max).contains(v)));
        assert!(values.contains(&min) && values.contains(&max));
    }
    for (name, words) in [
        ("vocabulary", "tensor \"vocabulary\": holds no weights"),
        ("embedding.codes", "tensor \"embedding.codes\": holds no weights"),
        ("encoder.9.ffn.w1", "has no matrix and no vector of that name"),
    ] {
        let error = Histogram::new(&model, name, 64).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidInput);
        assert!(error.to_string().contains(words), "{error}");
    }
}

const PRUNE_AND_ROUND: &str = r#"
[[step]]
method = "prune"
target = "encoder.[01].*"
criterion = "obs"
sparsity = 0.3
[[step]]
method = "quantize"
target = "encoder.[01].*"
bits = 4
rounding = "gptq"
[[step]]
method = "quantize"
target = "embedding"
bits = 6
"#;

#[test]
fn a_written_model_translates_as_the_one_in_memory_and_the_same_bytes_come_again() {
    let (model, text) = (package("en", "pt"), text());
    let recipe = recipe(PRUNE_AND_ROUND);
    let small = run(&model, &recipe, &text).package;
    let bytes = small.write().unwrap();
    assert_eq!(run(&model, &recipe, &text).package.write().unwrap(), bytes);
    let read = Package::read(bytes.into()).unwrap();
    assert_eq!(read, small);
    let some: Vec<_> = evaluation("en").into_iter().step_by(12).collect();
    let ours = translations(&small, &some);
    assert_eq!(translations(&read, &some), ours);
    // 4 bits are not 8, but a translation is still one.
    let references: Vec<_> = evaluation("pt").into_iter().step_by(12).collect();
    let [before, after] = [translations(&model, &some), ours]
        .map(|lines| pocketglot::eval::score(&lines, &references).unwrap().chrf);
    assert!(after > before - 4.0, "chrF {before} before, {after} after");
    assert_eq!(read.metadata.recipe.as_ref(), Some(recipe.given()));
}

#[test]
fn steps_build_on_each_other_and_touch_nothing_else() {
    let model = package("en", "pt");
    let Compressed { package: small, matrices, .. } =
        run(&model, &recipe(PRUNE_AND_ROUND), &text());
    for report in &matrices {
        let (before, after) = (weights(&model, &report.name), weights(&small, &report.name));
        let distortion = report.distortion.unwrap();
        let zeros = after.iter().filter(|value| **value == 0.0).count();
        let share = zeros as f64 / after.len() as f64;
        if report.name.starts_with("encoder.0") || report.name.starts_with("encoder.1.") {
            // What was pruned stays zero, and a few of 15 other values round to it.
            assert!(share > 0.3 && share < 0.5, "{}: {share} zeros", report.name);
            assert_eq!(report.codec.as_deref(), Some("int"));
            assert!(report.bytes_after < report.bytes_before * 54 / 100, "{report:?}");
            let snr = distortion.snr_db.unwrap();
            assert!((5.0..30.0).contains(&snr), "{report:?}");
        } else if report.name == "embedding" {
            assert_eq!(report.codec.as_deref(), Some("int"));
            assert!(distortion.relative_error < 0.05, "{report:?}");
        } else {
            assert_eq!(before, after, "{}", report.name);
            assert_eq!(distortion.exact, before.len());
            assert_eq!(report.bytes_before, report.bytes_after);
        }
    }
}

#[test]
fn a_second_recipe_is_remembered_after_the_first() {
    let halves = presets::find("half").unwrap().unwrap();
    let once = run(&package("en", "pt"), &halves, &[]);
    let twice = run(&once.package, &halves, &[]);
    // Half floats are half floats already.
    assert!(twice.matrices.iter().all(|report| report.distortion.unwrap().relative_error == 0.0));
    let steps = twice.package.metadata.recipe.unwrap();
    assert_eq!(steps["step"].as_array().unwrap().len(), 2);
}

#[test]
fn single_floats_hold_every_weight_as_it_is() {
    let model = package("en", "pt");
    let hold = |bits: u32| {
        let step = |target| {
            format!("[[step]]\nmethod = \"quantize\"\ntarget = \"{target}\"\nbits = {bits}\n")
        };
        recipe(&(step("all") + &step("vectors")))
    };
    let single = run(&model, &hold(32), &[]);
    for report in &single.matrices {
        assert_eq!(report.codec.as_deref(), Some("f32"), "{}", report.name);
        assert_eq!(report.distortion.unwrap().exact, report.weights, "{}", report.name);
        assert_eq!(report.bytes_after, 4 * report.weights);
        assert_eq!(weights(&single.package, &report.name), weights(&model, &report.name));
    }
    let read = Package::read(single.package.write().unwrap().into()).unwrap();
    assert_eq!(read, single.package);
    let lines: Vec<_> = evaluation("en").into_iter().step_by(60).collect();
    assert_eq!(translations(&read, &lines).len(), lines.len());

    // There and back: half floats fit into single ones, vectors too.
    let half = run(&model, &hold(16), &[]).package;
    let back = run(&run(&half, &hold(32), &[]).package, &hold(16), &[]).package;
    assert_eq!(back.tensors, half.tensors);

    let pair = "[[step]]\nmethod = \"low_rank\"\ntarget = \"*.0.ffn.w1\"\nrank = 32\n";
    let pair = run(&model, &recipe(pair), &[]).package;
    let error = compress(&pair, &hold(32), &[], &mut |_| {}).unwrap_err().to_string();
    assert!(error.contains("a pair of factors is held in half floats"), "{error}");
}

#[test]
fn progress_goes_forward_through_all_steps() {
    let mut seen = Vec::new();
    let mut hear = |Progress { step, steps, what, done }: Progress<'_>| {
        assert!(steps == 3 && (0.0..=1.0).contains(&done), "{what}: {done}");
        seen.push(step as f64 + done);
    };
    compress(&package("en", "pt"), &recipe(PRUNE_AND_ROUND), &text(), &mut hear).unwrap();
    assert!(seen.is_sorted() && seen.len() > 12 + 12, "{seen:?}");
}

#[test]
fn what_can_not_be_done_is_named_by_its_step() {
    let model = package("en", "pt");
    let fails = |text: &str, calibration: &[String]| {
        compress(&model, &recipe(text), calibration, &mut |_| {}).unwrap_err().to_string()
    };
    let first = "[[step]]\nmethod = \"quantize\"\ntarget = \"*.0.ffn.w1\"\nbits = 8\n[[step]]\n";
    let nowhere =
        fails(&format!("{first}method = \"quantize\"\ntarget = \"ffn.*\"\nbits = 8"), &[]);
    assert!(nowhere.starts_with("step 2 (quantize): key `target`: `ffn.*`"), "{nowhere}");
    let gptq = "method = \"quantize\"\ntarget = \"ffn\"\nbits = 8\nrounding = \"gptq\"";
    let silent = fails(&format!("{first}{gptq}"), &[]);
    assert!(silent.starts_with("step 2 (quantize): needs calibration text"), "{silent}");
    let blank = fails(&format!("{first}{gptq}"), &["  ".to_owned()]);
    assert!(blank.contains("the calibration text is empty"), "{blank}");
    let table =
        "[[step]]\nmethod = \"prune\"\ntarget = \"all\"\ncriterion = \"wanda\"\nsparsity = 0.5";
    let table = fails(table, &["Good morning.".to_owned()]);
    assert!(table.contains("matrix \"embedding\"") && table.contains("magnitude"), "{table}");
}

#[test]
fn every_matrix_is_reached_and_those_with_one_input_share_it() {
    let model = package("en", "pt");
    let products = |name: &&String| *name != "embedding";
    let all = model.metadata.matrices.keys().filter(products).cloned().collect();
    let statistics = calibrate(&model, &text(), all, &mut |_| {}).unwrap();
    for (name, info) in model.metadata.matrices.iter().filter(|(name, _)| *name != "embedding") {
        let gram = statistics.get(name).unwrap_or_else(|| panic!("{name} was not reached"));
        assert_eq!(gram.width(), info.shape[1], "{name}");
        assert!(gram.rows() > 300 && gram.diagonal().sum::<f32>() > 0.0, "{name}");
    }
    assert!(!statistics.contains_key("embedding"));
    let of = |name: &str| statistics[name].diagonal().collect::<Vec<_>>();
    assert_eq!(of("encoder.3.attention.q"), of("encoder.3.attention.v"));
    assert_eq!(of("decoder.1.ssru.forget"), of("decoder.1.ssru.candidate"));
    assert_ne!(of("encoder.3.attention.q"), of("encoder.3.ffn.w1"));
    // Both decoder layers attend to what the encoder puts out.
    assert_eq!(of("decoder.0.cross.k"), of("decoder.1.cross.v"));
    let wanted = ["encoder.0.ffn.w2".to_owned()].into();
    let some = calibrate(&model, &text(), wanted, &mut |_| {}).unwrap();
    assert_eq!(some.keys().collect::<Vec<_>>(), ["encoder.0.ffn.w2"]);
    let diagonal: Vec<f32> = some["encoder.0.ffn.w2"].diagonal().collect();
    assert_eq!(diagonal, of("encoder.0.ffn.w2"));
    assert!(diagonal.iter().all(|value| *value >= 0.0), "squares");
}

fn command(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pocketglot")).args(arguments).output().unwrap()
}

fn place(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn the_command_reports_real_bytes() {
    let (folder, model) = (tempfile::tempdir().unwrap(), model_path("en", "pt"));
    let small = folder.path().join("small.safetensors.gz");
    let output =
        command(&["compress", place(&model), "--recipe", "int4", "-o", place(&small), "--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "progress is for terminals");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["recipe"]["step"][0]["method"], "quantize");
    assert!(report["seconds"].as_f64().unwrap() > 0.0);
    let wire = fs::metadata(&small).unwrap().len();
    assert_eq!(report["after"]["wire_bytes"], wire);
    let beside = fs::metadata(format!("{}.gz", model.display())).unwrap().len();
    assert_eq!(report["before"]["wire_bytes"], beside);
    assert_eq!(report["before"]["file_bytes"], fs::metadata(&model).unwrap().len());
    assert!(wire < beside * 3 / 4);
    for key in ["wire_bytes", "file_bytes", "memory_bytes"] {
        let bytes = |when: &str| report[when][key].as_u64().unwrap();
        assert!(bytes("before") > 0 && bytes("after") > 0, "{key}");
    }
    let tensors = report["tensors"].as_array().unwrap();
    let inspected = command(&["inspect", place(&small), "--json"]);
    let inspected: Value = serde_json::from_slice(&inspected.stdout).unwrap();
    for tensor in tensors {
        let mut all = inspected["tensors"].as_array().unwrap().iter();
        let row = all.find(|row| row["name"] == tensor["name"]).unwrap();
        assert_eq!(tensor["bytes_after"], row["bytes"], "{tensor}");
        assert_eq!(tensor["codec"], row["codec"]);
        for key in ["bytes_before", "exact", "flushed", "sign_flips"] {
            assert!(tensor[key].is_u64(), "{key}: {tensor}");
        }
        assert!(tensor["relative_error"].as_f64().unwrap() < 0.2, "{tensor}");
        assert!(tensor["snr_db"].as_f64().unwrap() > 15.0, "{tensor}");
    }
    assert_eq!(tensors.len(), inspected["matrices"].as_object().unwrap().len());
    assert_eq!(inspected["recipe"], report["recipe"]);
}

#[test]
fn the_command_explains_what_it_can_not_do() {
    let folder = tempfile::tempdir().unwrap();
    let (model, out) = (model_path("en", "pt"), folder.path().join("out.safetensors"));
    let bad = folder.path().join("bad.toml");
    fs::write(&bad, "[[step]]\nmethod = \"quantize\"\ntarget = \"all\"\nbits = 1\n").unwrap();
    let fails = |recipe: &str| {
        let output = command(&["compress", place(&model), "--recipe", recipe, "-o", place(&out)]);
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty() && !out.exists());
        String::from_utf8(output.stderr).unwrap()
    };
    let message = fails(place(&bad));
    assert!(message.contains("bad.toml: step 1 (quantize): key `bits`"), "{message}");
    let message = fails("int9");
    assert!(message.contains("int9") && message.contains("presets are half, int8"), "{message}");
}
