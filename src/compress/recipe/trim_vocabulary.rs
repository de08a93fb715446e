//! The keys of `trim_vocabulary`.

use serde::Deserialize;

use super::{Method, Step, invalid};
use crate::compress::target::Target;
use crate::error::Result;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    keep: u32,
}

/// The step that these keys mean.
pub(super) fn read(step: Keys) -> Result<Step> {
    if step.keep == 0 {
        return Err(invalid("keep", "expected 1 or more, found 0"));
    }
    Ok(Step { target: Target::all(), method: Method::TrimVocabulary(step.keep as usize) })
}
