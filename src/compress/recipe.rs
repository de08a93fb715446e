//! Recipes: an ordered list of steps, as TOML or as the same object in JSON. They are read strictly;
//! a word that is misspelt must not pass as a setting that was left out. What a method's keys mean
//! stands in the file of `recipe/` that has its name.

mod codebook;
mod drop_layers;
mod low_rank;
mod prune;
mod prune_heads;
mod prune_neurons;
mod quantize;
mod screen;
mod trim_vocabulary;

pub use codebook::{Books, Choice, Vectors};
pub use drop_layers::{Layers, Which};
pub use low_rank::Rank;
pub use prune::{Amount, Coding, Criterion, Scope};
pub use prune_heads::{HeadCriterion, Heads, HeadsGone};
pub use prune_neurons::{NeuronCriterion, Neurons};
pub use quantize::{Group, Mixed, Precision, Rounding};
pub use screen::Screen;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::target::Target;
use crate::error::{At, Error, Result};

/// What is done to a model, step by step.
#[derive(Clone, Debug)]
pub struct Recipe {
    steps: Vec<Step>,
    /// As it was given: `{"step": [...]}`.
    given: Value,
}

/// One step.
#[derive(Clone, Debug)]
pub struct Step {
    /// The matrices that it changes; of a method for the whole package, all.
    pub target: Target,
    /// What it does to them.
    pub method: Method,
}

/// What a step does.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Method {
    /// Fewer bits a weight.
    Quantize(Precision),
    /// Fewer bits a weight, not the same everywhere.
    QuantizeMixed(Mixed),
    /// Fewer weights.
    Prune(Criterion, Amount, Coding),
    /// Two thin matrices for one; whether the inputs decide what is kept.
    LowRank(Rank, bool),
    /// Runs of weights that share codes.
    Codebook(Vectors),
    /// A screening in place of the shortlist.
    Screen(Screen),
    /// Fewer pieces: so many, and those of the calibration text.
    TrimVocabulary(usize),
    /// A smaller network.
    Structure(Structure),
}

/// Parts of the network that go.
#[derive(Clone, Debug)]
pub enum Structure {
    /// Neurons of feed-forward layers.
    Neurons(Neurons),
    /// Attention heads.
    Heads(Heads),
    /// Whole layers.
    Layers(Layers),
}

impl Recipe {
    /// Reads a recipe in TOML.
    ///
    /// # Errors
    /// `Malformed` when it is no TOML; else as [`Recipe::from_value`].
    pub fn from_toml(text: &str) -> Result<Self> {
        let value: Result<Value, _> = toml::from_str(text);
        Self::from_value(value.map_err(|error| Error::malformed(error.to_string()))?)
    }

    /// Reads a recipe in JSON: `{"step": [{"method": …, "target": …, …}, …]}`.
    ///
    /// # Errors
    /// `InvalidInput`, naming the step by its number from 1 and the key.
    pub fn from_value(given: Value) -> Result<Self> {
        let Value::Object(whole) = &given else {
            return Err(Error::invalid("a recipe is a list of [[step]] tables"));
        };
        if let Some(key) = whole.keys().find(|key| *key != "step") {
            return Err(Error::invalid(format!("unknown key `{key}`: a recipe holds `step` only")));
        }
        let tables = match whole.get("step") {
            Some(Value::Array(tables)) if !tables.is_empty() => tables,
            _ => return Err(Error::invalid("a recipe needs at least one [[step]]")),
        };
        let steps = tables.iter().zip(1..).map(|(table, number)| read_step(number, table));
        let steps = steps.collect::<Result<_>>()?;
        Ok(Recipe { steps, given })
    }

    /// The steps, in order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Whether any step asks what enters each product.
    pub fn needs_calibration(&self) -> bool {
        self.steps.iter().any(|step| step.method.needs_calibration())
    }

    /// The recipe as it was given.
    pub fn given(&self) -> &Value {
        &self.given
    }

    /// The given steps of `earlier`, a recipe of which a model was made, and then these.
    pub fn after(&self, earlier: Option<&Value>) -> Value {
        let steps = |recipe: &Value| recipe.get("step").and_then(Value::as_array).cloned();
        let mut all = earlier.and_then(steps).unwrap_or_default();
        all.extend(steps(&self.given).unwrap_or_default());
        serde_json::json!({ "step": all })
    }
}

impl Method {
    /// The name that recipes have for it.
    pub fn name(&self) -> &'static str {
        match self {
            Method::Quantize(_) | Method::QuantizeMixed(_) => "quantize",
            Method::Prune(..) => "prune",
            Method::Structure(Structure::Neurons(_)) => "prune_neurons",
            Method::Structure(Structure::Heads(_)) => "prune_heads",
            Method::Structure(Structure::Layers(_)) => "drop_layers",
            Method::LowRank(..) => "low_rank",
            Method::Codebook(_) => "codebook",
            Method::Screen(_) => "screen",
            Method::TrimVocabulary(_) => "trim_vocabulary",
        }
    }

    /// Whether it asks what enters each product.
    pub fn needs_calibration(&self) -> bool {
        match self {
            Method::Quantize(precision) => precision.is_calibrated(),
            Method::QuantizeMixed(mixed) => mixed.is_calibrated(),
            Method::Prune(criterion, ..) => *criterion != Criterion::Magnitude,
            Method::LowRank(_, whiten) => *whiten,
            Method::Codebook(vectors) => vectors.choice != Choice::Nearest,
            Method::Structure(Structure::Neurons(neurons)) => neurons.needs_calibration(),
            Method::Structure(Structure::Heads(heads)) => heads.needs_calibration(),
            Method::Structure(Structure::Layers(layers)) => layers.needs_calibration(),
            Method::Screen(_) | Method::TrimVocabulary(_) => true,
        }
    }
}

fn read_step(number: usize, table: &Value) -> Result<Step> {
    let place = || format!("step {number}");
    let Value::Object(table) = table else {
        return Err(Error::invalid("expected a table with `method` and `target`").at(place()));
    };
    let mut table = table.clone();
    let method = match table.remove("method") {
        Some(Value::String(method)) => method,
        Some(other) => {
            return Err(invalid("method", format!("expected a name, found {other}")).at(place()));
        }
        None => return Err(Error::invalid("the key `method` is missing").at(place())),
    };
    let step = match method.as_str() {
        "quantize" => fields(table).and_then(quantize::read),
        "prune" => fields(table).and_then(prune::read),
        "low_rank" => fields(table).and_then(low_rank::read),
        "codebook" => fields(table).and_then(codebook::read),
        "prune_neurons" => fields(table).and_then(prune_neurons::read),
        "prune_heads" => fields(table).and_then(prune_heads::read),
        "drop_layers" => fields(table).and_then(drop_layers::read),
        "screen" => fields(table).and_then(screen::read),
        "trim_vocabulary" => fields(table).and_then(trim_vocabulary::read),
        _ => {
            let known = "known methods are `quantize`, `prune`, `low_rank`, `codebook`, \
                         `prune_neurons`, `prune_heads`, `drop_layers`, `screen` and \
                         `trim_vocabulary`";
            return Err(invalid("method", format!("`{method}`: {known}")).at(place()));
        }
    };
    step.at(format!("step {number} ({method})"))
}

/// The keys of a step, of the types that they must have.
fn fields<T: DeserializeOwned>(table: Map<String, Value>) -> Result<T> {
    serde_path_to_error::deserialize(Value::Object(table)).map_err(|error| {
        let (key, message) = (error.path().to_string(), error.inner().to_string());
        // The path of a key that is missing or unknown is that of the table; the message has it.
        if key == "." { Error::invalid(message) } else { invalid(&key, message) }
    })
}

fn invalid(key: &str, message: impl std::fmt::Display) -> Error {
    Error::invalid(format!("key `{key}`: {message}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::int::{Bits, GroupSize};

    const QUANTIZE: &str = "[[step]]\nmethod = \"quantize\"\ntarget = \"all\"\n";
    const PRUNE: &str = "[[step]]\nmethod = \"prune\"\ntarget = \"linear\"\n";

    fn method(text: &str) -> Method {
        Recipe::from_toml(text).unwrap().steps()[0].method.clone()
    }

    #[test]
    fn steps_are_read_in_order_with_what_they_leave_out() {
        let text = format!(
            "{PRUNE}criterion = \"magnitude\"\nsparsity = 0.4\n{QUANTIZE}bits = 4\n\
             rounding = \"gptq\"\ngroup_size = \"row\"\n"
        );
        let recipe = Recipe::from_toml(&text).unwrap();
        let [first, second] = recipe.steps() else { panic!("{recipe:?}") };
        let Method::Prune(Criterion::Magnitude, amount, Coding::Dense) = first.method else {
            panic!("{first:?}")
        };
        assert_eq!(amount, Amount::Share(0.4, Scope::Blind));
        assert!(!first.target.matches("embedding") && second.target.matches("embedding"));
        let Method::Quantize(precision) = second.method else { panic!("{second:?}") };
        let bits = Bits::new(4).unwrap();
        assert_eq!(
            precision,
            Precision::Codes { bits, group: Group::Row, rounding: Rounding::Gptq }
        );
        assert!(second.method.needs_calibration() && !first.method.needs_calibration());

        let Method::Quantize(plain) = method(&format!("{QUANTIZE}bits = 8\n")) else { panic!() };
        let group = Group::Columns(GroupSize::new(64).unwrap());
        let rounding = Rounding::Nearest;
        assert_eq!(plain, Precision::Codes { bits: Bits::new(8).unwrap(), group, rounding });
        let half = method(&format!("{QUANTIZE}bits = 16\n"));
        assert!(matches!(half, Method::Quantize(Precision::Half)));
        let single = method(&format!("{QUANTIZE}bits = 32\n"));
        assert!(matches!(single, Method::Quantize(Precision::Single)));
        let pattern = method(&format!("{PRUNE}criterion = \"obs\"\npattern = \"2:4\"\n"));
        assert!(matches!(pattern, Method::Prune(Criterion::Obs, Amount::TwoOfFour, _)));
    }

    #[test]
    fn factors_and_codes_are_read_with_what_they_leave_out() {
        let read = |name: &str, keys: &str| {
            method(&format!("[[step]]\nmethod = \"{name}\"\ntarget = \"all\"\n{keys}\n"))
        };
        let plain = read("low_rank", "rank = 192");
        assert!(matches!(plain, Method::LowRank(Rank::Fixed(192), false)));
        assert!(!plain.needs_calibration());
        let whitened = read("low_rank", "energy = 1\nwhiten = true");
        assert!(matches!(whitened, Method::LowRank(Rank::Energy(1.0), true)));
        assert!(whitened.needs_calibration());
        let Method::Codebook(vectors) = read("codebook", "dimension = 2") else { panic!() };
        let (books, choice) = (Books::Matrix, Choice::Nearest);
        let dimension = crate::codec::codebook::Dimension::new(2).unwrap();
        assert_eq!(vectors, Vectors { dimension, codes: 256, books, choice, seed: 0 });
        let gptq = read("codebook", "dimension = 4\nrounding = \"gptq\"\nbooks = \"columns\"");
        assert!(gptq.needs_calibration());
        let sparse =
            method(&format!("{PRUNE}criterion = \"obs\"\nsparsity = 0.5\ncoding = \"sparse\"\n"));
        assert!(matches!(sparse, Method::Prune(Criterion::Obs, _, Coding::Sparse)));
    }

    #[test]
    fn parts_are_refitted_where_calibration_is_needed_anyway() {
        let neurons = |keys: &str| {
            let head = "[[step]]\nmethod = \"prune_neurons\"\ntarget = \"ffn\"\nshare = 0.5\n";
            let method = method(&format!("{head}{keys}\n"));
            let Method::Structure(Structure::Neurons(step)) = method else { panic!("{method:?}") };
            (step.refit, method.needs_calibration())
        };
        for criterion in ["activation", "correlation"] {
            assert_eq!(neurons(&format!("criterion = \"{criterion}\"")), (true, true));
            let plain = neurons(&format!("criterion = \"{criterion}\"\nrefit = false"));
            assert_eq!(plain, (false, true));
        }
        for criterion in ["magnitude", "merge"] {
            assert_eq!(neurons(&format!("criterion = \"{criterion}\"")), (false, false));
            let fitted = neurons(&format!("criterion = \"{criterion}\"\nrefit = true"));
            assert_eq!(fitted, (true, true));
        }
        let layers = method("[[step]]\nmethod = \"drop_layers\"\nencoder = [4, 1]\n");
        assert!(!layers.needs_calibration());
        let Method::Structure(Structure::Layers(layers)) = layers else { panic!("{layers:?}") };
        assert_eq!(
            (layers.encoder, layers.decoder),
            (Which::These(vec![1, 4]), Which::Cheapest(0))
        );
        assert!(method("[[step]]\nmethod = \"drop_layers\"\ndecoder = 1\n").needs_calibration());
    }

    #[test]
    fn steps_for_the_whole_package_have_no_target() {
        let screen = method("[[step]]\nmethod = \"screen\"\ncandidates = 300\n");
        assert!(matches!(screen, Method::Screen(Screen { rank: 48, candidates: 300 })));
        let trim = method("[[step]]\nmethod = \"trim_vocabulary\"\nkeep = 26000\n");
        assert!(matches!(trim, Method::TrimVocabulary(26_000)));
        assert!(screen.needs_calibration() && trim.needs_calibration());
    }

    #[test]
    fn toml_and_json_say_the_same() {
        let json = serde_json::json!({
            "step": [{ "method": "quantize", "target": "all", "bits": 5 }]
        });
        let toml = Recipe::from_toml(&format!("{QUANTIZE}bits = 5\n")).unwrap();
        assert_eq!(toml.given(), &json);
        assert_eq!(format!("{toml:?}"), format!("{:?}", Recipe::from_value(json).unwrap()));
    }

    #[test]
    fn a_second_recipe_follows_the_first() {
        let first = Recipe::from_toml(&format!("{QUANTIZE}bits = 5\n")).unwrap();
        let second = Recipe::from_toml(&format!("{QUANTIZE}bits = 16\n")).unwrap();
        let both = second.after(Some(first.given()));
        assert_eq!(both["step"][0]["bits"], 5);
        assert_eq!(both["step"][1]["bits"], 16);
        assert_eq!(&first.after(None), first.given());
    }

    #[test]
    fn mistakes_are_named_by_step_and_key() {
        let good = format!("{QUANTIZE}bits = 4\n");
        for (text, words) in [
            ("", vec!["at least one [[step]]"]),
            ("bits = 4", vec!["unknown key `bits`"]),
            ("step = []", vec!["at least one [[step]]"]),
            ("step = [3]", vec!["step 1", "`method` and `target`"]),
            ("[[step]]\ntarget = \"all\"", vec!["step 1", "`method` is missing"]),
            ("[[step]]\nmethod = 3", vec!["step 1", "`method`", "found 3"]),
            ("[[step]]\nmethod = \"shrink\"", vec!["step 1", "`shrink`", "`quantize`"]),
            ("[[step]", vec!["TOML"]),
        ] {
            let error = Recipe::from_toml(text).unwrap_err().to_string();
            words.iter().for_each(|word| assert!(error.contains(word), "{text}: {error}"));
        }
        for (keys, words) in [
            ("", "`bits`"),
            ("bits = 4\nbitz = 3", "`bitz`"),
            (
                "bits = 1",
                "key `bits`: expected 2 to 8, or 16 for half and 32 for single floats, found 1",
            ),
            ("bits = 24", "key `bits`"),
            ("bits = 32\nrounding = \"mse\"", "key `rounding`: single floats"),
            ("bits = 9", "key `bits`"),
            ("bits = -4", "key `bits`"),
            ("bits = \"four\"", "key `bits`"),
            ("bits = 4.5", "key `bits`"),
            ("bits = 4\ngroup_size = 0", "key `group_size`"),
            ("bits = 4\ngroup_size = \"column\"", "key `group_size`"),
            ("bits = 4\ngroup_size = 4294967296", "key `group_size`"),
            ("bits = 4\nrounding = \"up\"", "key `rounding`"),
            ("bits = 16\nrounding = \"mse\"", "key `rounding`"),
            ("bits = 16\ngroup_size = 64", "key `group_size`"),
            ("bits = 4\nsparsity = 0.5", "`sparsity`"),
            ("bits = 4\ncoding = \"huffman\"", "key `coding`"),
            ("bits = 4\ncoding = \"entropy\"", "key `group_size`"),
            ("bits = 4\ngroup_size = \"matrix\"", "key `group_size`"),
            ("bits = 0.9\ngroup_size = \"matrix\"\ncoding = \"entropy\"", "key `bits`"),
            ("bits = 16\ngroup_size = \"matrix\"\ncoding = \"entropy\"", "key `bits`"),
            (
                "bits = 3\ngroup_size = \"matrix\"\ncoding = \"entropy\"\nrounding = \"mse\"",
                "key `rounding`",
            ),
        ] {
            let error = Recipe::from_toml(&format!("{good}{QUANTIZE}{keys}\n")).unwrap_err();
            let error = error.to_string();
            assert!(error.starts_with("step 2 (quantize): "), "{keys}: {error}");
            assert!(error.contains(words), "{keys}: {error}");
        }
        for (keys, words) in [
            ("sparsity = 0.5", "`criterion`"),
            ("criterion = \"luck\"\nsparsity = 0.5", "key `criterion`"),
            ("criterion = \"obs\"", "`sparsity` and `pattern`"),
            ("criterion = \"obs\"\nsparsity = 0.0", "key `sparsity`"),
            ("criterion = \"obs\"\nsparsity = 1", "key `sparsity`"),
            ("criterion = \"obs\"\nsparsity = nan", "`sparsity`"),
            ("criterion = \"obs\"\nsparsity = 0.5\npattern = \"2:4\"", "key `pattern`"),
            ("criterion = \"obs\"\npattern = \"3:4\"", "key `pattern`"),
            ("criterion = \"obs\"\nsparsity = 0.5\nscope = \"blind\"", "key `scope`"),
            ("criterion = \"wanda\"\nsparsity = 0.5\nscope = \"uniform\"", "key `scope`"),
            ("criterion = \"magnitude\"\npattern = \"2:4\"\nscope = \"uniform\"", "key `scope`"),
            ("criterion = \"magnitude\"\nsparsity = 0.5\nscope = \"fair\"", "key `scope`"),
        ] {
            let error = Recipe::from_toml(&format!("{PRUNE}{keys}\n")).unwrap_err().to_string();
            assert!(error.starts_with("step 1 (prune): "), "{keys}: {error}");
            assert!(error.contains(words), "{keys}: {error}");
        }
        for (method, keys, words) in [
            ("prune_neurons", "share = 0.5\ncriterion = \"merge\"", "`target`"),
            ("prune_neurons", "target = \"ffn\"\ncriterion = \"merge\"", "`share`"),
            ("prune_neurons", "target = \"ffn\"\nshare = 1\ncriterion = \"merge\"", "key `share`"),
            (
                "prune_neurons",
                "target = \"ffn\"\nshare = 0.5\ncriterion = \"age\"",
                "key `criterion`",
            ),
            ("prune_heads", "target = \"all\"\ncriterion = \"magnitude\"", "`heads` and `share`"),
            (
                "prune_heads",
                "target = \"all\"\ncriterion = \"magnitude\"\nheads = 0",
                "key `heads`",
            ),
            (
                "prune_heads",
                "target = \"all\"\ncriterion = \"activation\"\nheads = 1\nshare = 0.5",
                "key `heads`",
            ),
            (
                "prune_heads",
                "target = \"all\"\ncriterion = \"merge\"\nheads = 1",
                "key `criterion`",
            ),
            ("drop_layers", "", "`encoder` and `decoder`"),
            ("drop_layers", "encoder = 0", "key `encoder`"),
            ("drop_layers", "decoder = []", "key `decoder`"),
            ("drop_layers", "encoder = [1, -1]", "key `encoder`"),
            ("drop_layers", "encoder = \"last\"", "key `encoder`"),
            ("drop_layers", "encoder = [1, 2, 1]", "layer 1 stands there twice"),
            ("drop_layers", "encoder = 1\ntarget = \"all\"", "`target`"),
            ("screen", "rank = 0", "key `rank`"),
            ("screen", "candidates = 0", "key `candidates`"),
            ("screen", "candidates = -3", "`candidates`"),
            ("screen", "target = \"all\"", "`target`"),
            ("trim_vocabulary", "", "`keep`"),
            ("trim_vocabulary", "keep = 0", "key `keep`"),
            ("trim_vocabulary", "keep = 9000\nrank = 3", "`rank`"),
        ] {
            let text = format!("[[step]]\nmethod = \"{method}\"\n{keys}\n");
            let error = Recipe::from_toml(&text).unwrap_err().to_string();
            assert!(error.starts_with(&format!("step 1 ({method}): ")), "{keys}: {error}");
            assert!(error.contains(words), "{keys}: {error}");
        }
        for (method, keys, words) in [
            ("prune", "criterion = \"obs\"\npattern = \"2:4\"\ncoding = \"dens\"", "key `coding`"),
            ("low_rank", "", "one of `rank`, `energy` and `size`"),
            ("low_rank", "rank = 8\nsize = 0.5", "one of `rank`, `energy` and `size`"),
            ("low_rank", "rank = 0", "key `rank`"),
            ("low_rank", "rank = -1", "key `rank`"),
            ("low_rank", "energy = 0.0", "key `energy`: expected a share above 0 and at most 1"),
            ("low_rank", "energy = nan", "`energy`"),
            ("low_rank", "size = 1.01", "key `size`"),
            ("low_rank", "rank = 8\nwhiten = 1", "key `whiten`"),
            ("low_rank", "rank = 8\nbits = 4", "`bits`"),
            ("codebook", "", "`dimension`"),
            ("codebook", "dimension = 0", "key `dimension`: expected 1 to 16 weights a code"),
            ("codebook", "dimension = 17", "key `dimension`"),
            ("codebook", "dimension = 2\ncodes = 1", "key `codes`: expected 2 to 256, found 1"),
            ("codebook", "dimension = 2\ncodes = 257", "key `codes`"),
            ("codebook", "dimension = 2\nseed = -1", "key `seed`"),
            ("codebook", "dimension = 2\nbooks = \"rows\"", "key `books`"),
            ("codebook", "dimension = 2\nrounding = \"mse\"", "key `rounding`"),
        ] {
            let text = format!("[[step]]\nmethod = \"{method}\"\ntarget = \"all\"\n{keys}\n");
            let error = Recipe::from_toml(&text).unwrap_err().to_string();
            assert!(error.starts_with(&format!("step 1 ({method}): ")), "{keys}: {error}");
            assert!(error.contains(words), "{keys}: {error}");
        }
        for (keys, words) in [
            ("except = 3", "key `except`"),
            ("except = { embedding = 9 }", "`embedding`: key `bits`"),
            ("except = { embedding = \"few\" }", "`embedding`: expected bits, or a table"),
            ("except = { ffn = { bits = 4, rank = 2 } }", "`ffn`"),
            ("except = { \"[\" = 3 }", "`[` is no pattern"),
            ("except = { vectors = 16 }", "a step of their own"),
        ] {
            let error = Recipe::from_toml(&format!("{QUANTIZE}bits = 4\n{keys}\n"));
            let error = error.unwrap_err().to_string();
            assert!(error.starts_with("step 1 (quantize): key `except`"), "{keys}: {error}");
            assert!(error.contains(words), "{keys}: {error}");
        }
        let target =
            Recipe::from_toml("[[step]]\nmethod = \"quantize\"\nbits = 4\ntarget = \"[\"\n");
        assert!(target.unwrap_err().to_string().contains("key `target`"));
    }
}
