//! The command line, run as a program.

mod common;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use common::gpu::gpu;
use common::models::{model_path, package, root};
use common::recode::{int4, recode};
use common::tiny;
use pocketglot::format::Package;
use pocketglot::format::architecture::LayerSizes;

fn run(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_pocketglot"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that fails early does not read its input.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// A failure with exit status `code`, nothing on stdout, and `words` in its message.
fn assert_fails(arguments: &[&str], input: &[u8], code: i32, words: &[&str]) {
    let output = run(arguments, input);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {message}");
    assert!(!message.contains("panicked"), "{message}");
    for word in words {
        assert!(message.contains(word), "{arguments:?}: no `{word}` in: {message}");
    }
}

fn model(source: &str, target: &str) -> String {
    model_path(source, target).to_str().unwrap().to_owned()
}

fn temporary(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_line_in_is_a_line_out_in_order() {
    let model = model("en", "pt");
    let input = "Good morning.\n\nGood night.\r\n  The train leaves at ten.";
    let output =
        stdout(&run(&["translate", "--model", &model, "--threads", "2"], input.as_bytes()));
    assert_eq!(output, "Bom dia.\n\nBoa noite.\r\n  O trem sai aos dez.\n");
}

#[test]
fn backends_and_any_number_of_threads_say_the_same() {
    let model = model("pt", "en");
    let input = "O comitê decidiu ontem adiar a votação.\nBom dia.\n";
    let translate = |more: &[&str]| {
        let arguments = [&["translate", "--model", &model], more].concat();
        stdout(&run(&arguments, input.as_bytes()))
    };
    let expected = translate(&[]);
    assert!(expected.starts_with("The committee decided yesterday"), "{expected}");
    assert_eq!(translate(&["--backend", "reference"]), expected);
    assert_eq!(translate(&["--backend", "cpu", "--threads", "1"]), expected);
    assert_eq!(translate(&["--threads", "5"]), expected);
}

#[test]
fn a_graphics_processor_says_what_the_processor_says() {
    if gpu("the command on a graphics processor").is_none() {
        return;
    }
    let model = model("en", "pt");
    let input = "The train leaves at ten.\n\nGood morning. Thank you very much.\n";
    let on = |backend| {
        let arguments = ["translate", "--model", &model, "--backend", backend];
        stdout(&run(&arguments, input.as_bytes()))
    };
    assert_eq!(on("gpu"), on("cpu"));
}

#[test]
#[cfg(target_os = "linux")]
fn a_machine_without_a_graphics_processor_says_so() {
    let output = Command::new(env!("CARGO_BIN_EXE_pocketglot"))
        .args(["translate", "--backend", "gpu", "--model", &model("en", "pt")])
        // No driver: the loader looks nowhere else.
        .env("VK_DRIVER_FILES", "/dev/null")
        .env("VK_ICD_FILENAMES", "/dev/null")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains("graphics adapter") && !message.contains("panicked"), "{message}");
}

#[test]
fn a_packed_model_is_read_too() {
    let gzipped = format!("{}.gz", model("en", "pt"));
    assert_eq!(stdout(&run(&["translate", "--model", &gzipped], b"Good morning.")), "Bom dia.\n");
}

#[test]
fn calls_that_make_no_sense_are_explained() {
    assert_fails(&[], b"", 2, &["Usage"]);
    assert_fails(&["transalte"], b"", 2, &["translate"]);
    assert_fails(&["translate"], b"", 2, &["--model"]);
    assert_fails(
        &["translate", "--model", "x", "--backend", "abacus"],
        b"",
        2,
        &["reference", "cpu"],
    );
    assert_fails(&["translate", "--model", "x", "--threads", "many"], b"", 2, &["many"]);
    assert_fails(&["eval", "x"], b"", 2, &["--source", "--pairs"]);
    assert_fails(&["eval", "x", "--source", "y"], b"", 2, &["--reference"]);
    assert_fails(&["eval", "x", "--pairs", "y", "--source", "z"], b"", 2, &["--pairs"]);
    let import = ["import", "bergamot", "--model", "m", "--vocab", "v", "--to", "pt", "-o", "o"];
    assert_fails(&[&import[..], &["--from", "en US"]].concat(), b"", 2, &["language tag"]);
}

#[test]
fn files_that_are_none_of_ours_are_named_and_explained() {
    assert_fails(&["inspect", "nowhere.safetensors"], b"", 1, &["nowhere.safetensors"]);
    let (_folder, junk) = temporary("junk.safetensors", b"not a model at all");
    assert_fails(&["inspect", text(&junk)], b"", 1, &["junk.safetensors", "safetensors"]);
    let bytes = std::fs::read(model("en", "pt")).unwrap();
    let (_folder, cut) = temporary("cut.safetensors", &bytes[..bytes.len() / 2]);
    assert_fails(&["translate", "--model", text(&cut)], b"Hi", 1, &["cut.safetensors"]);
    let gzipped = std::fs::read(format!("{}.gz", model("en", "pt"))).unwrap();
    let (_folder, cut) = temporary("cut.gz", &gzipped[..gzipped.len() / 2]);
    assert_fails(&["inspect", text(&cut)], b"", 1, &["cut.gz"]);
    let model = model("en", "pt");
    let (_folder, output) = temporary("out.safetensors", b"precious");
    let import = ["import", "bergamot", "--model", &model, "--vocab", &model, "--from", "en"];
    let import = [&import[..], &["--to", "pt", "-o", text(&output)]].concat();
    assert_fails(&import, b"", 1, &["en-pt.safetensors", "version"]);
    assert_eq!(std::fs::read(&output).unwrap(), b"precious", "a failed import wrote its output");
}

#[test]
fn input_that_is_no_text_is_named_by_its_line() {
    let model = model("en", "pt");
    let arguments = ["translate", "--model", &model];
    assert_fails(&arguments, b"fine\nbad \xff\n", 1, &["line 2", "UTF-8"]);
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_pocketglot"))
        .args(["inspect", &model("en", "pt")])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn inspect_shows_what_the_model_is() {
    let json = stdout(&run(&["inspect", &model("en", "pt"), "--json"], b""));
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(report["architecture"]["width"], 256);
    assert_eq!(report["languages"]["target"], "pt");
    assert_eq!(report["matrices"]["encoder.5.ffn.w1"]["codec"], "int8");
    assert_eq!(report["provenance"]["licence"], "MPL-2.0");
    let sources = report["provenance"]["sources"].as_array().unwrap();
    assert_eq!(sources[0]["name"], "model.enpt.intgemm.alphas.bin");
    assert_eq!(
        sources[0]["sha256"],
        "d968735704c75e33c2e183b9241f14c0b2a560d01d88a2728e5c0119a4d7fb22"
    );
    let bytes: u64 =
        report["tensors"].as_array().unwrap().iter().map(|t| t["bytes"].as_u64().unwrap()).sum();
    let file = report["file_bytes"].as_u64().unwrap();
    assert!(bytes < file && bytes > file * 99 / 100, "{bytes} of {file}");
    let readable = stdout(&run(&["inspect", &model("en", "pt")], b""));
    assert!(readable.contains("en → pt") && readable.contains("MPL-2.0"), "{readable}");
}

#[test]
fn inspect_shows_bits_and_groups() {
    let bytes = recode(&package("en", "pt"), int4).write().unwrap();
    let (_folder, path) = temporary("int4.safetensors", &bytes);
    let json = stdout(&run(&["inspect", text(&path), "--json"], b""));
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    let tensors = report["tensors"].as_array().unwrap();
    let row = tensors.iter().find(|row| row["name"] == "encoder.5.ffn.w1").unwrap();
    // 4 bits a weight, and a half float for 64 of them.
    let (codes, scales) = (1536 * 256 / 2, 1536 * 256 / 64 * 2);
    assert_eq!(row["bytes"], codes + scales);
    for row in [row, &report["matrices"]["encoder.5.ffn.w1"]] {
        assert_eq!(row["codec"], "int");
        assert_eq!(row["bits"], 4);
        assert_eq!(row["group_size"], 64);
        assert_eq!(row["shape"], serde_json::json!([1536, 256]));
    }
    let readable = stdout(&run(&["inspect", text(&path)], b""));
    assert!(readable.contains(" int, bits 4, group_size 64 "), "{readable}");
}

#[test]
fn eval_reports_scores_speed_and_bytes() {
    let (_a, source) = temporary("source.txt", b"Good morning.\nThe train leaves at ten.\n");
    let (_b, reference) = temporary("reference.txt", "Bom dia.\nO trem sai aos dez.\n".as_bytes());
    let (_c, baseline) = temporary("baseline.txt", "Bom dia.\nO trem sai aos onze.\n".as_bytes());
    let model = model("en", "pt");
    let arguments = ["eval", &model, "--source", text(&source), "--reference", text(&reference)];
    let json =
        stdout(&run(&[&arguments[..], &["--json", "--baseline", text(&baseline)]].concat(), b""));
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(report["chrf"], 100.0);
    assert_eq!(report["sentences"], 2);
    for key in ["bleu", "words_per_second", "wire_bytes", "file_bytes", "memory_bytes"] {
        assert!(report[key].as_f64().is_some_and(|value| value > 0.0), "{key}: {report}");
    }
    assert!(report["baseline"]["chrf_difference"]["points"].as_f64().unwrap() > 0.0);
    let (_d, short) = temporary("short.txt", b"Bom dia.\n");
    let uneven = ["eval", &model, "--source", text(&source), "--reference", text(&short)];
    assert_fails(&uneven, b"", 1, &["source.txt has 2 lines", "short.txt has 1"]);
    let (_e, table) = temporary("table.tsv", b"en\tfr\nHello\tBonjour\n");
    assert_fails(&["eval", &model, "--pairs", text(&table)], b"", 1, &["table.tsv", "`pt`"]);
    assert!(root("data/evaluation.en-pt.tsv").exists());
}

/// A damaged model, its original and text to learn from, in a folder.
fn healing() -> (tempfile::TempDir, [PathBuf; 3]) {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["damaged.safetensors", "original.safetensors", "text.txt"];
    let paths = paths.map(|name| folder.path().join(name));
    let original = tiny::package();
    std::fs::write(&paths[0], tiny::damaged(&original).write().unwrap()).unwrap();
    std::fs::write(&paths[1], original.write().unwrap()).unwrap();
    std::fs::write(&paths[2], tiny::texts(450).join("\n")).unwrap();
    (folder, paths)
}

#[test]
fn healing_that_was_killed_goes_on_as_if_it_had_not_been() {
    let (folder, [model, teacher, lines]) = healing();
    let begin = |output: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pocketglot"));
        command.args(["heal", text(&model), "--teacher", text(&teacher), "--text", text(&lines)]);
        command.args(["--steps", "40", "--judge-steps", "5", "--patience", "1000"]);
        command.args(["--rate", "0.02", "--batch", "150", "--json"]);
        command.arg("-o").arg(output).stdin(Stdio::null());
        command
    };
    let report =
        |output: &Output| -> serde_json::Value { serde_json::from_str(&stdout(output)).unwrap() };
    let whole = folder.path().join("whole.safetensors");
    let undisturbed = report(&begin(&whole).output().unwrap());

    let out = folder.path().join("out.safetensors");
    let checkpoint = folder.path().join("out.safetensors.checkpoint");
    let mut child = begin(&out).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let start = Instant::now();
    while !checkpoint.exists() {
        assert!(start.elapsed() < Duration::from_secs(120), "no checkpoint");
        assert!(child.try_wait().unwrap().is_none(), "it ended without one");
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success() && !out.exists(), "it was not killed");

    let output = begin(&out).output().unwrap();
    let resumed = report(&output);
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("out.safetensors.checkpoint, after"), "{message}");
    for key in ["steps", "loss", "chrf_before", "chrf_after", "wire_bytes_after"] {
        assert!(resumed[key].is_number(), "{key}: {resumed}");
        assert_eq!(resumed[key], undisturbed[key], "{key}");
    }
    assert_eq!(resumed["steps"], 40);
    assert!(resumed["chrf_after"].as_f64() > resumed["chrf_before"].as_f64(), "{resumed}");
    assert!(std::fs::read(&out).unwrap() == std::fs::read(&whole).unwrap(), "other bytes");
    assert!(!checkpoint.exists(), "a checkpoint of what is done is of no use");
}

#[test]
fn a_student_of_another_shape_is_distilled() {
    let (folder, [_, teacher, lines]) = healing();
    let out = folder.path().join("student.safetensors");
    let begin = |shape: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pocketglot"));
        command.args(["distill", "--teacher", text(&teacher), "--text", text(&lines)]).args(shape);
        command.args(["--steps", "10", "--judge-steps", "5", "--rate", "0.01", "--batch", "150"]);
        command.args(["--json", "-o", text(&out)]).stdin(Stdio::null()).output().unwrap()
    };
    let output = begin(&["--layers", "1+2", "--ffn", "24+40"]);
    let report: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(report["steps"], 10);
    assert!(report["chrf_after"].as_f64() >= report["chrf_before"].as_f64(), "{report}");
    let package = Package::read(std::fs::read(&out).unwrap().into()).unwrap();
    let architecture = &package.metadata.architecture;
    let widths = |layers: Vec<LayerSizes>| layers.iter().map(|l| l.ffn).collect::<Vec<_>>();
    assert_eq!(widths(architecture.encoder()), [24]);
    assert_eq!(widths(architecture.decoder()), [40, 40]);
    assert!(report.get("sparsity").is_none(), "{report}");

    let output = begin(&["--prune", "0.3", "--prune-by", "gradients", "--prune-until", "0.8"]);
    let report: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert!((report["sparsity"].as_f64().unwrap() - 0.3).abs() < 0.001, "{report}");

    for (shape, words) in [
        (["--layers", "four"], "as in `4+1`"),
        (["--layers", "0+1"], "layers"),
        (["--ffn", "many"], "ffn"),
        (["--width", "7"], "width"),
    ] {
        let output = begin(&shape);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{shape:?}: {message}");
        assert!(message.contains(words), "{shape:?}: {message}");
    }
}

#[test]
fn healing_that_makes_no_sense_is_explained() {
    let (folder, [model, teacher, lines]) = healing();
    let out = folder.path().join("out.safetensors");
    let output = text(&out);
    let fails = |teacher: &Path, lines: &Path, more: &[&str], code, words: &[&str]| {
        let heal = ["heal", text(&model), "--teacher", text(teacher), "--text", text(lines)];
        assert_fails(&[&heal[..], &["-o", output], more].concat(), b"", code, words);
        assert!(!out.exists(), "{more:?}");
    };
    let both = ["--minutes", "1", "--steps", "1"];
    fails(&teacher, &lines, &both, 2, &["--minutes", "--steps", "cannot be used with"]);
    fails(&teacher, &lines, &[], 2, &["--minutes", "--steps"]);
    let judged = ["--steps", "1", "--judge-every", "1", "--judge-steps", "1"];
    fails(&teacher, &lines, &judged, 2, &["--judge-every", "--judge-steps"]);
    fails(&teacher, &lines, &["--steps", "1", "--rate", "0"], 1, &["rate 0", "positive"]);
    fails(&teacher, &lines, &["--steps", "1", "--soft", "2"], 1, &["soft 2", "from 0 to 1"]);
    let pruned = ["--steps", "1", "--prune", "1.5"];
    fails(&teacher, &lines, &pruned, 1, &["sparsity 1.5", "between 0 and 1"]);
    let pruned = ["--steps", "1", "--prune", "0.4", "--prune-by", "luck"];
    fails(&teacher, &lines, &pruned, 2, &["--prune-by", "`magnitude` or `gradients`"]);
    fails(&teacher, &lines, &["--steps", "1", "--prune-until", "0.4"], 2, &["--prune <SHARE>"]);
    let (_few, few) = temporary("few.txt", tiny::texts(20).join("\n").as_bytes());
    fails(&teacher, &few, &["--steps", "1"], 1, &["20 lines of text", "held out"]);
    let other = model_path("pt", "en");
    let words = ["the student translates from en to pt, a teacher from pt to en"];
    fails(&other, &lines, &["--steps", "1"], 1, &words);
    let (_junk, junk) = temporary("out.checkpoint", b"no checkpoint");
    let resumed = ["--steps", "1", "--checkpoint", text(&junk)];
    fails(&teacher, &lines, &resumed, 1, &["out.checkpoint", "no sound checkpoint"]);
}
