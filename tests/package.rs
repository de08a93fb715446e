//! The package format as others see it: the JSON Schema of its metadata, and a reader that shares
//! no code with ours.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::models::{DIRECTIONS, model_path, package, root};
use common::recode::{CODECS, recode};
use common::walk::Numbers;
use half::f16;
use pocketglot::codec::codebook::{Codebook, Dimension};
use pocketglot::codec::entropy::Entropy;
use pocketglot::codec::float::Float32;
use pocketglot::codec::float16::Float16;
use pocketglot::codec::int::{Bits, GroupSize, Int};
use pocketglot::codec::int8::Int8;
use pocketglot::codec::low_rank::LowRank;
use pocketglot::codec::sparse::Sparse;
use pocketglot::codec::{self, Matrix};
use pocketglot::compress::Recipe;
use pocketglot::format::screening::Map;
use pocketglot::format::{Package, Screening};
use pocketglot::lab::compress::compress;
use pocketglot::tensor::{Dtype, Tensor};
use pocketglot::token::TokenId;
use serde_json::{Value, json};

/// The metadata as the file holds it, not as our types see it.
fn metadata(path: &Path) -> Value {
    let file = fs::read(path)
        .unwrap_or_else(|error| panic!("{}: {error}; run `make model`", path.display()));
    let length = u64::from_le_bytes(*file.first_chunk().unwrap()) as usize;
    let header: Value = serde_json::from_slice(&file[8..8 + length]).unwrap();
    serde_json::from_str(header["__metadata__"]["pocketglot"].as_str().unwrap()).unwrap()
}

fn schema() -> Value {
    serde_json::from_str(&fs::read_to_string(root("tests/package/schema.json")).unwrap()).unwrap()
}

fn validator() -> jsonschema::Validator {
    jsonschema::draft202012::meta::validate(&schema()).expect("the schema is a schema");
    jsonschema::draft202012::new(&schema()).expect("the schema compiles")
}

#[test]
fn the_models_fit_the_schema() {
    let validator = validator();
    for (source, target) in DIRECTIONS {
        let metadata = metadata(&model_path(source, target));
        let faults: Vec<String> = validator
            .iter_errors(&metadata)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{source}-{target}: {faults:#?}");
    }
}

#[test]
fn the_schema_refuses_broken_metadata() {
    let validator = validator();
    let mut sound = metadata(&model_path("en", "pt"));
    let grouped = json!({"codec": "int", "shape": [1536, 256], "bits": 4, "group_size": 64});
    sound["matrices"]["encoder.1.ffn.w1"] = grouped;
    let coded = json!({"codec": "entropy", "shape": [256, 1536], "least": -9});
    sound["matrices"]["encoder.1.ffn.w2"] = coded;
    let sizes = json!([{"heads": 8, "ffn": 1343}, {"heads": 7, "ffn": 1536}]);
    sound["architecture"]["decoder_sizes"] = sizes;
    sound["matrices"]["encoder.2.ffn.w1"] =
        json!({"codec": "codebook", "shape": [1536, 256], "dimension": 2});
    sound["matrices"]["encoder.3.ffn.w1"] = json!({
        "codec": "low_rank", "shape": [1536, 256], "rank": 64,
        "left": {"codec": "f16"}, "right": {"codec": "int", "bits": 4, "group_size": 64}
    });
    sound["matrices"]["encoder.4.ffn.w1"] =
        json!({"codec": "sparse", "shape": [1536, 256], "weights": {"codec": "int8"}});
    assert!(validator.is_valid(&sound));
    let set = |place: &str, to: Value| {
        let mut broken = sound.clone();
        *broken.pointer_mut(place).unwrap_or_else(|| panic!("no {place}")) = to;
        (format!("{place} changed"), broken)
    };
    let remove = |parent: &str, key: &str| {
        let mut broken = sound.clone();
        let object = broken.pointer_mut(parent).and_then(Value::as_object_mut).unwrap();
        assert!(object.remove(key).is_some(), "no {parent}/{key}");
        (format!("{parent}/{key} removed"), broken)
    };
    let add = |parent: &str, key: &str, value: Value| {
        let mut broken = sound.clone();
        let object = broken.pointer_mut(parent).and_then(Value::as_object_mut).unwrap();
        object.insert(key.to_owned(), value);
        (format!("{parent}/{key} added"), broken)
    };
    let (matrix, grouped) = ("/matrices/encoder.0.ffn.w1", "/matrices/encoder.1.ffn.w1");
    let coded = "/matrices/encoder.1.ffn.w2";
    let [book, pair, sparse] = [2, 3, 4].map(|layer| format!("/matrices/encoder.{layer}.ffn.w1"));
    let broken = [
        ("no object".to_owned(), json!([])),
        set("/format", json!(2)),
        set("/format", json!("1")),
        set("/architecture/width", json!(255)),
        set("/architecture/width", json!(256.5)),
        set("/architecture/width", json!(1u64 << 40)),
        set("/architecture/heads", json!(0)),
        set("/architecture/encoder_layers", json!(-1)),
        set("/architecture/vocabulary", json!("32000")),
        set("/architecture/decoder_cell", json!("gru")),
        set("/architecture/decoder_sizes", json!([])),
        set("/architecture/decoder_sizes/0/heads", json!(0)),
        set("/architecture/decoder_sizes/0/ffn", json!("1343")),
        remove("/architecture/decoder_sizes/1", "ffn"),
        add("/architecture/decoder_sizes/1", "width", json!(256)),
        set("/languages/source", json!("")),
        set("/languages/target", json!("Portuguese (Brazil)")),
        set(&format!("{matrix}/codec"), json!("int3")),
        set(&format!("{matrix}/shape"), json!([1536])),
        set(&format!("{matrix}/shape"), json!([1536, 256, 1])),
        set(&format!("{matrix}/shape"), json!([1536, -256])),
        set("/provenance/sources", json!(null)),
        set("/provenance/sources/0/sha256", json!("D968")),
        set("/provenance/sources/0/name", json!("folder/model.bin")),
        set("/provenance/licence", json!("")),
        remove("", "format"),
        remove("", "architecture"),
        remove("", "languages"),
        remove("", "matrices"),
        remove("", "provenance"),
        remove("/architecture", "ffn"),
        remove("/matrices", "embedding"),
        remove(matrix, "codec"),
        remove(matrix, "shape"),
        remove("/provenance", "sources"),
        remove("/provenance/sources/0", "sha256"),
        add("", "formats", json!(1)),
        add("/architecture", "layers", json!(6)),
        add("/matrices", "encoder.0.ffn.w3", json!({"codec": "f32", "shape": [1, 1]})),
        add(matrix, "bits", json!(8)),
        add(matrix, "group_size", json!(64)),
        set(&format!("{matrix}/codec"), json!("int")),
        set(&format!("{grouped}/codec"), json!("f16")),
        set(&format!("{grouped}/bits"), json!(1)),
        set(&format!("{grouped}/bits"), json!(9)),
        set(&format!("{grouped}/bits"), json!(4.5)),
        set(&format!("{grouped}/bits"), json!("4")),
        set(&format!("{grouped}/group_size"), json!(0)),
        set(&format!("{grouped}/group_size"), json!(1u64 << 32)),
        remove(grouped, "bits"),
        remove(grouped, "group_size"),
        add(grouped, "zero_points", json!(true)),
        add(grouped, "least", json!(-9)),
        add(coded, "bits", json!(4)),
        set(&format!("{coded}/least"), json!(-128)),
        set(&format!("{coded}/least"), json!(0.5)),
        set(&format!("{coded}/codec"), json!("int8")),
        remove(coded, "least"),
        add(grouped, "dimension", json!(2)),
        set(&format!("{book}/dimension"), json!(0)),
        set(&format!("{book}/dimension"), json!(17)),
        remove(&book, "dimension"),
        add(&book, "bits", json!(8)),
        set(&format!("{pair}/rank"), json!(0)),
        set(&format!("{pair}/left"), json!("f16")),
        set(&format!("{pair}/left/codec"), json!("int")),
        set(&format!("{pair}/left/codec"), json!("f32")),
        set(&format!("{pair}/right/bits"), json!(1)),
        set(&format!("{pair}/right/codec"), json!("low_rank")),
        remove(&pair, "rank"),
        remove(&pair, "left"),
        remove(&pair, "right"),
        remove(&format!("{pair}/right"), "codec"),
        remove(&format!("{pair}/right"), "bits"),
        add(&format!("{pair}/left"), "shape", json!([1536, 64])),
        remove(&sparse, "weights"),
        set(&format!("{sparse}/weights/codec"), json!("sparse")),
        set(&format!("{sparse}/weights/codec"), json!("int")),
        add(&sparse, "rank", json!(3)),
    ];
    for (what, metadata) in &broken {
        assert!(!validator.is_valid(metadata), "{what}: the schema lets it pass");
    }
}

#[test]
fn the_schema_lets_all_that_we_write_pass() {
    let validator = validator();
    let mut package = package("en", "pt");
    package.metadata.recipe = Some(json!({"step": []}));
    package.metadata.provenance.credit = None;
    package.metadata.provenance.licence = None;
    package.metadata.provenance.source_url = Some("https://example.org/models".to_owned());
    package.metadata.languages.target = "pt-BR".to_owned();
    for (name, codec) in CODECS {
        let written = serde_json::to_value(recode(&package, codec).metadata).unwrap();
        if let Err(fault) = validator.validate(&written) {
            panic!("{name}: {}: {fault}", fault.instance_path());
        }
    }
}

/// A screening as a package of this width may hold it.
fn screening(width: usize) -> Screening {
    let map = |step: f32| {
        let values: Vec<f32> = (0..5 * width).map(|n| (n as f32 * step).sin()).collect();
        Map::round(width, &values).unwrap()
    };
    Screening::new(100, map(0.3), map(0.7)).unwrap()
}

#[test]
fn schema_and_reader_know_screenings() {
    let mut package = package("en", "pt");
    let screening = screening(package.metadata.architecture.width);
    package.set_screening(Some(&screening));
    let written = serde_json::to_value(&package.metadata).unwrap();
    assert!(validator().is_valid(&written), "{written}");
    for (key, value) in [("candidates", json!(0)), ("ranks", json!(3))] {
        let mut broken = written.clone();
        broken["screening"][key] = value;
        assert!(!validator().is_valid(&broken), "{key}: the schema lets it pass");
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), package.write().unwrap()).unwrap();
    let crc32 = |map: &Map| {
        let bytes: Vec<u8> = map.to_f32().iter().flat_map(|value| value.to_le_bytes()).collect();
        crc32fast::hash(&bytes)
    };
    let ours = json!([crc32(screening.state()), crc32(screening.pieces())]);
    assert_eq!(read_with_numpy(file.path())["screening"], ours);
    package.set_screening(None);
    assert_eq!(package, common::models::package("en", "pt"), "something of it stays");
}

#[test]
fn schema_and_reader_know_every_codec() {
    let schema = schema();
    let codecs = schema.pointer("/properties/matrices/additionalProperties/properties/codec/enum");
    let ours: Vec<&str> = codec::TABLE.iter().map(|entry| entry.name).collect();
    assert_eq!(codecs, Some(&json!(ours)), "schema.json lists other codecs");
    let reader = fs::read_to_string(root("tests/package/read.py")).unwrap();
    for name in ours {
        assert!(reader.contains(&format!("\"{name}\": ")), "read.py has no row for `{name}`");
    }
}

/// What the NumPy reader makes of a model.
fn read_with_numpy(model: &Path) -> Value {
    let python = std::env::var("POCKETGLOT_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let output = Command::new(&python).arg(root("tests/package/read.py")).arg(model).output();
    let output = output.unwrap_or_else(|error| {
        panic!(
            "{python}: {error}; set POCKETGLOT_PYTHON to a Python with NumPy, or run `make test`"
        )
    });
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        !errors.contains("No module named 'numpy'"),
        "{python} has no NumPy: run `make test`, which installs it, or set POCKETGLOT_PYTHON to a \
         Python that has it"
    );
    assert!(output.status.success(), "{python}: {errors}");
    serde_json::from_slice(&output.stdout).expect("read.py prints JSON")
}

/// NumPy's weights and ours, matrix by matrix.
fn compare(package: &Package, path: &Path) {
    let report = read_with_numpy(path);
    let matrices = report["matrices"].as_object().unwrap();
    assert_eq!(matrices.len(), package.metadata.matrices.len());
    let shortlist = package.shortlist().unwrap();
    assert_eq!(report.get("shortlist").is_some(), shortlist.is_some());
    if let Some(shortlist) = shortlist {
        let pieces = package.metadata.architecture.vocabulary as u32;
        let ids: Vec<u8> = (0..pieces)
            .flat_map(|token| shortlist.list(TokenId(token)))
            .flat_map(|id| id.0.to_le_bytes())
            .collect();
        let theirs = &report["shortlist"];
        assert_eq!(theirs["crc32"], json!(crc32fast::hash(&ids)), "another shortlist");
        assert!(ids.len() > 4 * 1_000_000, "{} bytes of ids", ids.len());
    }
    for (name, info) in &package.metadata.matrices {
        let theirs = &matrices[name];
        assert_eq!(theirs["codec"], json!(info.codec), "{name}");
        assert_eq!(theirs["shape"], json!(info.shape), "{name}");
        let values = package.matrix(name, info.shape).unwrap().to_f32();
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        assert_eq!(theirs["crc32"], json!(crc32fast::hash(&bytes)), "{name}: other weights");
        let sum: f64 = values.iter().copied().map(f64::from).sum();
        let difference = (theirs["sum"].as_f64().unwrap() - sum).abs();
        assert!(difference < 1e-6 * values.len() as f64, "{name}: {difference}");
    }
}

#[test]
fn numpy_reads_the_models_to_the_same_bits() {
    for (source, target) in DIRECTIONS {
        compare(&package(source, target), &model_path(source, target));
    }
}

#[test]
fn uneven_layers_fit_the_schema_and_numpy_reads_them() {
    let recipe = "[[step]]\nmethod = \"prune_neurons\"\ntarget = \"encoder.2.*\"\nshare = 0.1257\n\
                  criterion = \"merge\"\n[[step]]\nmethod = \"prune_heads\"\n\
                  target = \"decoder.1.cross.q\"\nheads = 1\ncriterion = \"magnitude\"\n";
    let recipe = Recipe::from_toml(recipe).unwrap();
    let small = compress(&package("en", "pt"), &recipe, &[], &mut |_| {}).unwrap().package;
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), small.write().unwrap()).unwrap();
    let metadata = metadata(file.path());
    assert_eq!(metadata["architecture"]["encoder_sizes"][2], json!({"heads": 8, "ffn": 1343}));
    assert_eq!(metadata["architecture"]["decoder_sizes"][1], json!({"heads": 7, "ffn": 1536}));
    if let Err(fault) = validator().validate(&metadata) {
        panic!("{}: {fault}", fault.instance_path());
    }
    compare(&small, file.path());
}

/// NumPy's weights and ours, of matrices that stand for any part of a network.
fn compare_matrices(matrices: &[Matrix]) {
    let mut package = package("en", "pt");
    package.metadata.matrices.clear();
    package.tensors.clear();
    for (at, matrix) in matrices.iter().enumerate() {
        package.insert_matrix(&format!("encoder.{at}.ffn.w1"), matrix);
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), package.write().unwrap()).unwrap();
    compare(&package, file.path());
}

#[test]
fn numpy_reads_every_codec_to_the_same_bits() {
    let codes: Vec<u8> = (0..=255).chain(0..=253).collect();
    let codes = Tensor::new(Dtype::I8, vec![30, 17], codes.into()).unwrap();
    let floats: Vec<f32> = (0..30 * 17).map(|n| (n as f32 - 200.3).powi(5) / 7.0).collect();
    let small: Vec<f32> = floats.iter().map(|value| value * 1e-9).collect();
    let (bits, group_size) = (Bits::new(5).unwrap(), GroupSize::new(8).unwrap());
    // One of each codec, and every variant of it; none is square.
    let few: Vec<i8> = (0..30 * 17).map(|n| [0, 1, 0, -2, 0, 0, 1, 90][n * n % 8]).collect();
    let classes: Vec<u8> = (0..30).map(|row| row % 3).collect();
    let half = |shape: [usize; 2]| -> Matrix {
        Box::new(Float16::round(shape, &small[..shape[0] * shape[1]]).unwrap())
    };
    let halves: Vec<f16> = small[..200].iter().copied().map(f16::from_f32).collect();
    let places: Vec<u8> = (0..30 * 6).map(|at| (at * 7 % 66) as u8).collect();
    let three = Dimension::new(3).unwrap();
    let matrices: [Matrix; 10] = [
        Box::new(Codebook::from_codes([30, 17], three, &places, 1, &halves[..198]).unwrap()),
        Box::new(LowRank::new(half([30, 5]), half([5, 17])).unwrap()),
        Box::new(Sparse::new(&Float32::new([30, 17], floats.clone())).unwrap()),
        Box::new(Float32::new([30, 17], floats)),
        Box::new(Float16::round([30, 17], &small).unwrap()),
        Box::new(Int8::new(codes.clone(), 153.83, Some(14.5)).unwrap()),
        Box::new(Int8::new(codes.clone(), 1e-3, None).unwrap()),
        Box::new(Int8::new(codes, 3.0e30, None).unwrap()),
        Box::new(Int::nearest([30, 17], bits, group_size, &small).unwrap()),
        Box::new(Entropy::from_codes([30, 17], &few, &classes, &[0.1, -0.7, 3.0]).unwrap()),
    ];
    let held: Vec<&str> = matrices.iter().map(|matrix| matrix.name()).collect();
    for entry in codec::TABLE {
        assert!(held.contains(&entry.name), "`{}` is not compared with NumPy", entry.name);
    }
    compare_matrices(&matrices);
}

#[test]
fn numpy_reads_codes_of_any_bits_in_groups_of_any_size() {
    let mut numbers = Numbers(6);
    let mut matrices: Vec<Matrix> = Vec::new();
    for bits in (2..=8).map(|bits| Bits::new(bits).unwrap()) {
        for columns in [1, 7, 8, 33, 64, 101] {
            for group_size in [1, 5, 8, 32, 64, 200].map(|size| GroupSize::new(size).unwrap()) {
                let shape = [3, columns];
                // Every value that the bits hold, the lowest too, and scales of either sign.
                let value = |number: f32| (number * f32::from(bits.offset())).floor() as i8;
                let values: Vec<i8> = numbers.take(3 * columns).into_iter().map(value).collect();
                let scales: Vec<f16> = numbers
                    .take(3 * group_size.groups(columns))
                    .into_iter()
                    .map(f16::from_f32)
                    .collect();
                let int = Int::from_values(shape, bits, group_size, &values, &scales).unwrap();
                matrices.push(Box::new(int));
            }
        }
    }
    for columns in [1, 7, 33] {
        let weights = numbers.take(3 * columns);
        matrices.push(Box::new(Float16::round([3, columns], &weights).unwrap()));
    }
    compare_matrices(&matrices);
}

#[test]
fn numpy_reads_matrices_within_matrices() {
    let mut numbers = Numbers(12);
    let mut matrices: Vec<Matrix> = Vec::new();
    for columns in [1, 7, 8, 33] {
        let shape = [3, columns];
        for bits in (2..=8).map(|bits| Bits::new(bits).unwrap()) {
            let group_size = GroupSize::new(5).unwrap();
            let mut int = |shape: [usize; 2]| {
                let weights = numbers.take(shape[0] * shape[1]);
                Int::nearest(shape, bits, group_size, &weights).unwrap()
            };
            let pair = LowRank::new(Box::new(int([3, 4])), Box::new(int([4, columns]))).unwrap();
            matrices.push(Box::new(pair));
            // Of few bits many values round to zero.
            matrices.push(Box::new(Sparse::new(&int(shape)).unwrap()));
        }
        let some = |weight: f32| if weight > 0.0 { weight } else { 0.0 };
        let weights: Vec<f32> = numbers.take(3 * columns).into_iter().map(some).collect();
        let codes: Vec<u8> = weights.iter().map(|weight| (weight * 255.0) as u8).collect();
        let codes = Tensor::new(Dtype::I8, shape.to_vec(), codes.into()).unwrap();
        let held: [Matrix; 4] = [
            Box::new(Float32::new(shape, weights.clone())),
            Box::new(Float16::round(shape, &weights).unwrap()),
            Box::new(Int8::new(codes.clone(), 153.83, Some(14.5)).unwrap()),
            Box::new(Int8::new(codes, 153.83, None).unwrap()),
        ];
        matrices.extend(held.iter().map(|m| Box::new(Sparse::new(&**m).unwrap()) as Matrix));
        for count in [1, 2, 5, 17, 256] {
            for dimension in [1, 2, 3, 16].map(|weights| Dimension::new(weights).unwrap()) {
                let runs = columns.div_ceil(dimension.get());
                let codes: Vec<u8> = (0..3 * runs).map(|at| (at * 101 % count) as u8).collect();
                for books in [1, runs] {
                    let values = numbers.take(books * count * dimension.get());
                    let values: Vec<f16> = values.into_iter().map(f16::from_f32).collect();
                    let matrix = Codebook::from_codes(shape, dimension, &codes, books, &values);
                    matrices.push(Box::new(matrix.unwrap()));
                }
            }
        }
    }
    compare_matrices(&matrices);
}
