//! What an engine tells, as JavaScript's values.

use serde::Serialize;
use wasm_bindgen::JsValue;

use super::values::to_js;
use crate::model::{Encoding, Source};
use crate::translate::Event;

/// What a poll tells.
#[derive(Debug, Default, Serialize)]
pub struct Poll {
    finished: Vec<Finished>,
    progress: Vec<Progress>,
    texts: Vec<Text>,
    /// Nothing is left to do.
    pub idle: bool,
    /// All that is left is with helpers or with the graphics processor: poll again when there is
    /// news.
    pub waiting: bool,
    /// Why the graphics processor is of no more use. The engine has left it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpu_lost: Option<String>,
}

/// A job that has ended: with texts or with an error.
#[derive(Debug, Serialize)]
struct Finished {
    id: u32,
    /// Where its last sentences were translated.
    backend: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    texts: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Failure>,
}

#[derive(Debug, Serialize)]
struct Failure {
    name: &'static str,
    message: String,
}

/// What is new of a translation that is wanted as it comes.
#[derive(Debug, Serialize)]
struct Text {
    id: u32,
    text: String,
}

/// Sentences of a job, done and in all.
#[derive(Debug, Serialize)]
struct Progress {
    id: u32,
    done: usize,
    total: usize,
}

impl Poll {
    /// Takes up what has happened on a backend.
    pub fn add(&mut self, events: Vec<Event>, backend: &'static str) {
        for event in events {
            match event {
                Event::Progress { job, done, total } => {
                    // Only the latest of a job is worth a message.
                    self.progress.retain(|progress| progress.id != job.0);
                    self.progress.push(Progress { id: job.0, done, total });
                }
                Event::Text { job, text } => self.texts.push(Text { id: job.0, text }),
                Event::Finished(job, result) => {
                    let (texts, error) = match result {
                        Ok(texts) => (Some(texts), None),
                        Err(error) => {
                            let message = error.to_string();
                            (None, Some(Failure { name: error.kind().name(), message }))
                        }
                    };
                    self.finished.push(Finished { id: job.0, backend, texts, error });
                }
                Event::DeviceFailed(error) => self.gpu_lost = Some(error.to_string()),
            }
        }
    }
}

/// What the encoder made of sentences, and which they are.
#[derive(Debug, Serialize)]
pub struct Encoded {
    /// Of all sentences, one after another, their ends included.
    tokens: Vec<u32>,
    /// Tokens of each sentence.
    lengths: Vec<usize>,
    ms: f64,
}

impl Encoded {
    /// With the encoder's result as a `Float32Array`, a row a token, under `encoded`.
    pub fn to_js(
        sources: &[Source],
        Encoding { encoded, ms }: &Encoding,
    ) -> Result<JsValue, JsValue> {
        let tokens = sources.iter().flat_map(|source| source.tokens.iter().map(|token| token.0));
        let lengths = sources.iter().map(|source| source.tokens.len());
        let js = to_js(&Encoded { tokens: tokens.collect(), lengths: lengths.collect(), ms: *ms })?;
        let values: Vec<f32> =
            (0..encoded.rows()).flat_map(|row| encoded.row(row)).copied().collect();
        js_sys::Reflect::set(&js, &"encoded".into(), &js_sys::Float32Array::from(&values[..]))?;
        Ok(js)
    }
}
