//! Recipes: an ordered list of steps, as TOML or as the same object in JSON. They are read strictly;
//! a word that is misspelt must not pass as a setting that was left out.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::target::Target;
use crate::codec::int::{Bits, GroupSize};
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
    /// The matrices that it changes.
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
    /// Fewer weights.
    Prune(Criterion, Amount),
}

/// What weights are rounded to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Precision {
    /// Half floats.
    Half,
    /// Codes in groups.
    Codes {
        /// Bits a code.
        bits: Bits,
        /// Columns that share a scale.
        group: Group,
        /// How codes and scales are chosen.
        rounding: Rounding,
    },
}

/// Columns that share a scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// So many.
    Columns(GroupSize),
    /// All of a row: products with such a matrix stay in integers on the CPU.
    Row,
}

impl Group {
    /// The size of groups in rows of `columns`.
    ///
    /// # Errors
    /// `InvalidInput` for a matrix without columns.
    pub fn size(self, columns: usize) -> Result<GroupSize> {
        match self {
            Group::Columns(size) => Ok(size),
            Group::Row => GroupSize::new(columns as u64),
        }
    }
}

/// How codes are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// To the nearest, and the scale such that the largest weight fits.
    Nearest,
    /// To the nearest, and the scale of least squared error, which may cut the largest weights off.
    Mse,
    /// Each column making up for the errors of those before it, for the inputs of the calibration.
    Gptq,
}

/// Which weights are the least important.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// The smallest.
    Magnitude,
    /// The smallest, each times the norm of its input, row by row.
    Wanda,
    /// Those whose loss adds the least error, each by itself.
    Obd,
    /// Those whose loss adds the least error after the others have made up for it.
    Obs,
}

/// How many weights go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount {
    /// A share of all, above 0 and below 1. The scope says what is compared with what, where the
    /// criterion leaves that open.
    Share(f64, Scope),
    /// Two of each four neighbours in a row.
    TwoOfFour,
}

/// What weights are compared with, after See et al. 2016, section 3.2. A class is a matrix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// All others, whatever their class.
    #[default]
    Blind,
    /// Those of their class: each loses the same share.
    Uniform,
    /// All others, each divided by the standard deviation of its class.
    Distribution,
}

/// Columns a group where a recipe does not say.
const GROUP_SIZE: u64 = 64;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Quantize {
    target: Target,
    bits: u64,
    group_size: Option<Value>,
    rounding: Option<Rounding>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Prune {
    target: Target,
    criterion: Criterion,
    scope: Option<Scope>,
    sparsity: Option<f64>,
    pattern: Option<String>,
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
            Method::Quantize(_) => "quantize",
            Method::Prune(..) => "prune",
        }
    }

    /// Whether it asks what enters each product.
    pub fn needs_calibration(&self) -> bool {
        match self {
            Method::Quantize(Precision::Codes { rounding, .. }) => *rounding == Rounding::Gptq,
            Method::Quantize(Precision::Half) => false,
            Method::Prune(criterion, _) => *criterion != Criterion::Magnitude,
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
        "quantize" => fields(table).and_then(quantize),
        "prune" => fields(table).and_then(prune),
        _ => {
            let known = "known methods are `quantize` and `prune`";
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

fn quantize(step: Quantize) -> Result<Step> {
    let precision = if step.bits == 16 {
        let unused =
            [("group_size", step.group_size.is_some()), ("rounding", step.rounding.is_some())];
        if let Some((key, _)) = unused.iter().find(|(_, given)| *given) {
            return Err(invalid(key, "half floats, which 16 bits mean, have no such setting"));
        }
        Precision::Half
    } else {
        let bits = Bits::new(step.bits).map_err(|_| {
            invalid("bits", format!("expected 2 to 8, or 16 for half floats, found {}", step.bits))
        })?;
        let group =
            step.group_size.map_or_else(|| Ok(Value::from(GROUP_SIZE)), Ok).and_then(group)?;
        let rounding = step.rounding.unwrap_or(Rounding::Nearest);
        Precision::Codes { bits, group, rounding }
    };
    Ok(Step { target: step.target, method: Method::Quantize(precision) })
}

fn group(value: Value) -> Result<Group> {
    let columns = value.as_u64().and_then(|columns| GroupSize::new(columns).ok());
    match (columns, value.as_str()) {
        (Some(columns), _) => Ok(Group::Columns(columns)),
        (None, Some("row")) => Ok(Group::Row),
        _ => Err(invalid("group_size", format!("expected 1 or more, or \"row\", found {value}"))),
    }
}

fn prune(step: Prune) -> Result<Step> {
    let amount = match (step.sparsity, step.pattern.as_deref()) {
        (Some(share), None) if share > 0.0 && share < 1.0 => {
            Amount::Share(share, step.scope.unwrap_or_default())
        }
        (Some(share), None) => {
            return Err(invalid(
                "sparsity",
                format!("expected a share above 0 and below 1, found {share}"),
            ));
        }
        (None, Some("2:4")) => Amount::TwoOfFour,
        (None, Some(other)) => {
            return Err(invalid("pattern", format!("expected \"2:4\", found \"{other}\"")));
        }
        (Some(_), Some(_)) => {
            return Err(invalid("pattern", "fixes the sparsity: give one of the two"));
        }
        (None, None) => return Err(Error::invalid("one of `sparsity` and `pattern` is missing")),
    };
    // Rows are compared within themselves (Wanda), blocks of columns within themselves (OBS).
    let free = matches!(step.criterion, Criterion::Magnitude | Criterion::Obd)
        && matches!(amount, Amount::Share(..));
    if step.scope.is_some() && !free {
        return Err(invalid("scope", "goes with `magnitude` or `obd`, and with `sparsity`"));
    }
    Ok(Step { target: step.target, method: Method::Prune(step.criterion, amount) })
}

fn invalid(key: &str, message: impl std::fmt::Display) -> Error {
    Error::invalid(format!("key `{key}`: {message}"))
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let Method::Prune(Criterion::Magnitude, amount) = first.method else { panic!("{first:?}") };
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
        let pattern = method(&format!("{PRUNE}criterion = \"obs\"\npattern = \"2:4\"\n"));
        assert!(matches!(pattern, Method::Prune(Criterion::Obs, Amount::TwoOfFour)));
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
            ("bits = 1", "key `bits`: expected 2 to 8, or 16 for half floats, found 1"),
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
        let target =
            Recipe::from_toml("[[step]]\nmethod = \"quantize\"\nbits = 4\ntarget = \"[\"\n");
        assert!(target.unwrap_err().to_string().contains("key `target`"));
    }
}
