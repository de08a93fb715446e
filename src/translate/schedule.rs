//! Translation in slices: jobs of two priorities, advanced a little at each poll.
//!
//! Synchronous WebAssembly hears no messages while it runs. So a job is a queue of batches, a
//! batch is a future that yields between parts of the network, and [`Scheduler::poll`] advances
//! the most urgent one until its time is up. An interactive job overtakes a long one in the
//! middle of a batch, and cancelling is dropping a future.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::Translator;
use super::batch::{Limits, Place, batches};
use super::plan::Plan;
use crate::backend::Backend;
use crate::error::Result;
use crate::model::Source;
use crate::token::TokenId;

/// Names a job; later jobs have larger ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub u32);

/// Who waits for a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Someone is typing.
    Interactive,
    /// A document, a test set.
    Batch,
}

/// What a poll has to tell.
#[derive(Debug)]
pub enum Event {
    /// Some sentences of a job are done.
    Progress {
        /// The job.
        job: JobId,
        /// Sentences done.
        done: usize,
        /// Sentences in all.
        total: usize,
    },
    /// A job has ended: the translations in the order of its texts, or why there are none.
    Finished(JobId, Result<Vec<String>>),
}

type Work = Pin<Box<dyn Future<Output = Result<Vec<Vec<TokenId>>>>>>;

struct Job {
    plans: Vec<Plan>,
    /// The text whose sentences are being encoded.
    encoding: usize,
    /// Pieces of that text encoded so far.
    pieces: usize,
    /// Encoded sentences that wait for the rest to be encoded.
    encoded: Vec<(Place, Source)>,
    batches: VecDeque<Vec<(Place, Source)>>,
    running: Option<(Vec<Place>, Work)>,
    done: usize,
    total: usize,
}

/// Drives a translator; not for several threads.
pub struct Scheduler<B: Backend> {
    translator: Arc<Translator<B>>,
    limits: Limits,
    jobs: BTreeMap<(Priority, JobId), Job>,
    next: u32,
}

impl<B: Backend> std::fmt::Debug for Scheduler<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Scheduler({} jobs)", self.jobs.len())
    }
}

impl<B: Backend + 'static> Scheduler<B> {
    /// A scheduler without jobs.
    pub fn new(translator: Arc<Translator<B>>, limits: Limits) -> Self {
        Scheduler { translator, limits, jobs: BTreeMap::new(), next: 0 }
    }

    /// Queues texts for translation.
    pub fn submit(&mut self, texts: Vec<String>, priority: Priority) -> JobId {
        let id = JobId(self.next);
        self.next = self.next.wrapping_add(1);
        let language = &self.translator.languages().source;
        let job = Job {
            plans: texts.into_iter().map(|text| Plan::new(text, language)).collect(),
            encoding: 0,
            pieces: 0,
            encoded: Vec::new(),
            batches: VecDeque::new(),
            running: None,
            done: 0,
            total: 0,
        };
        self.jobs.insert((priority, id), job);
        id
    }

    /// Drops a job and all its work; false when it had already ended.
    pub fn cancel(&mut self, id: JobId) -> bool {
        let before = self.jobs.len();
        self.jobs.retain(|(_, job), _| *job != id);
        self.jobs.len() < before
    }

    /// Whether nothing is left to do.
    pub fn is_idle(&self) -> bool {
        self.jobs.is_empty()
    }

    /// Works until `time_is_up` says so, which is asked between parts of the work, or until
    /// nothing is left to do or the backend must be waited for. At least one part is done.
    pub fn poll(&mut self, mut time_is_up: impl FnMut() -> bool) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(mut entry) = self.jobs.first_entry() {
            let (_, id) = *entry.key();
            let before = entry.get().done;
            let outcome = entry.get_mut().advance(&self.translator, self.limits);
            let job = entry.get();
            if job.done > before {
                events.push(Event::Progress { job: id, done: job.done, total: job.total });
            }
            let end = match outcome {
                Ok(Advance::More) => None,
                Ok(Advance::Waiting) => break,
                Ok(Advance::Done) => Some(Ok(job.plans.iter().map(Plan::join).collect())),
                Err(error) => Some(Err(error)),
            };
            if let Some(result) = end {
                entry.remove();
                events.push(Event::Finished(id, result));
            }
            if time_is_up() {
                break;
            }
        }
        events
    }
}

enum Advance {
    /// There is more to do at once.
    More,
    /// The backend is busy.
    Waiting,
    Done,
}

impl Job {
    /// Does one part of the work.
    fn advance<B: Backend + 'static>(
        &mut self,
        translator: &Arc<Translator<B>>,
        limits: Limits,
    ) -> Result<Advance> {
        if self.encoding < self.plans.len() {
            self.encode(translator, limits)?;
            return Ok(Advance::More);
        }
        if self.running.is_none() {
            let Some(batch) = self.batches.pop_front() else { return Ok(Advance::Done) };
            let (places, sources): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
            let translator = Arc::clone(translator);
            let work = async move { translator.network.translate(&sources).await };
            self.running = Some((places, Box::pin(work)));
        }
        let Some((_, work)) = &mut self.running else { return Ok(Advance::More) };
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        match work.as_mut().poll(&mut Context::from_waker(&waker)) {
            // A future that has woken itself only made a pause.
            Poll::Pending if woken.get() => Ok(Advance::More),
            Poll::Pending => Ok(Advance::Waiting),
            Poll::Ready(targets) => {
                let targets = targets?;
                if let Some((places, _)) = self.running.take() {
                    self.done += places.len();
                    for (Place { text, piece }, target) in places.into_iter().zip(targets) {
                        let translation = translator.vocabulary.decode(&target)?;
                        self.plans[text].set(piece, translation);
                    }
                }
                Ok(Advance::More)
            }
        }
    }

    /// Encodes one sentence; after the last, makes the batches.
    fn encode<B: Backend>(&mut self, translator: &Translator<B>, limits: Limits) -> Result<()> {
        let text = self.encoding;
        match self.plans[text].encode_next(&translator.vocabulary)? {
            Some(pieces) => {
                for tokens in pieces {
                    let place = Place { text, piece: self.pieces };
                    self.encoded.push((place, translator.source(tokens)));
                    self.pieces += 1;
                }
            }
            None => {
                self.encoding += 1;
                self.pieces = 0;
            }
        }
        if self.encoding == self.plans.len() {
            let encoded = std::mem::take(&mut self.encoded);
            self.total = encoded.len();
            self.batches = batches(encoded, |(_, source)| source.tokens.len(), limits).into();
        }
        Ok(())
    }
}

/// Remembers that a future has woken itself.
#[derive(Default)]
struct Woken(std::sync::atomic::AtomicBool);

impl Woken {
    fn get(&self) -> bool {
        self.0.load(std::sync::atomic::Ordering::Relaxed)
    }
}

impl std::task::Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, std::sync::atomic::Ordering::Relaxed);
    }
}
