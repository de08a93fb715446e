//! How good a student is on text that it does not learn from.

use crate::backend::cpu::Cpu;
use crate::error::{Error, Result};
use crate::eval;
use crate::format::Package;
use crate::threads::Pool;
use crate::translate::{Limits, Translator, parallel};

/// Texts and what a translation is compared with.
pub struct Judge {
    sources: Vec<String>,
    references: Vec<String>,
}

impl Judge {
    /// Judges by reference translations, line by line.
    ///
    /// # Errors
    /// `InvalidInput` when there are none, or not as many.
    pub fn by_references(sources: Vec<String>, references: Vec<String>) -> Result<Self> {
        if sources.is_empty() || sources.len() != references.len() {
            return Err(Error::invalid(format!(
                "{} texts to judge by, and {} reference translations",
                sources.len(),
                references.len()
            )));
        }
        Ok(Judge { sources, references })
    }

    /// Judges by what a teacher makes of some texts.
    ///
    /// # Errors
    /// `InvalidInput` without texts, and whatever translating reports.
    pub fn by_teacher(teacher: &Package, sources: Vec<String>, pool: &Pool) -> Result<Self> {
        let references = translate(teacher, &sources, pool)?;
        Self::by_references(sources, references)
    }

    /// The chrF of a student as it would be shipped, from 0 to 100.
    ///
    /// # Errors
    /// Whatever translating reports.
    pub fn chrf(&self, student: &Package, pool: &Pool) -> Result<f64> {
        let hypotheses = translate(student, &self.sources, pool)?;
        Ok(eval::score(&hypotheses, &self.references)?.chrf)
    }
}

fn translate(package: &Package, texts: &[String], pool: &Pool) -> Result<Vec<String>> {
    let translator = Translator::load(Cpu::default(), package)?;
    parallel::on_pool(pool, &translator, texts, Limits::BULK)
}
