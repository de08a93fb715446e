//! Our values as JavaScript's.

use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

use crate::error::Error;
use crate::translate::Event;

/// What a poll tells.
#[derive(Debug, Default, Serialize)]
pub struct Poll {
    finished: Vec<Finished>,
    progress: Vec<Progress>,
    /// Nothing is left to do.
    idle: bool,
    /// All that is left is with helpers: poll again when one has news.
    waiting: bool,
}

/// A job that has ended: with texts or with an error.
#[derive(Debug, Serialize)]
struct Finished {
    id: u32,
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

/// Sentences of a job, done and in all.
#[derive(Debug, Serialize)]
struct Progress {
    id: u32,
    done: usize,
    total: usize,
}

impl Poll {
    pub fn new(events: Vec<Event>, idle: bool, waiting: bool) -> Self {
        let mut poll = Poll { idle, waiting, ..Poll::default() };
        for event in events {
            match event {
                Event::Progress { job, done, total } => {
                    // Only the latest of a job is worth a message.
                    poll.progress.retain(|progress| progress.id != job.0);
                    poll.progress.push(Progress { id: job.0, done, total });
                }
                Event::Finished(job, result) => {
                    let (texts, error) = match result {
                        Ok(texts) => (Some(texts), None),
                        Err(error) => {
                            let message = error.to_string();
                            (None, Some(Failure { name: error.kind().name(), message }))
                        }
                    };
                    poll.finished.push(Finished { id: job.0, texts, error });
                }
            }
        }
        poll
    }
}

pub fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    value.serialize(&Serializer::json_compatible()).map_err(Into::into)
}

/// A JavaScript `Error` named after the kind of failure.
pub fn to_js_error(error: Error) -> JsValue {
    let js = js_sys::Error::new(&error.to_string());
    js.set_name(error.kind().name());
    js.into()
}
