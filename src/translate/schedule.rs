//! Translation in slices: jobs of two priorities, advanced a little at each poll.
//!
//! Synchronous WebAssembly hears no messages while it runs. So a job is a queue of batches, a
//! batch is a future that yields between parts of the network, and [`Scheduler::poll`] advances
//! the most urgent one until its time is up. An interactive job overtakes a long one in the
//! middle of a batch, and cancelling is dropping a future.
//!
//! With a [`Pool`], the batches of a job that has several are open to its helpers too. The
//! scheduler's own thread never waits for them while there is anything left that it could do
//! itself, and begins each job itself: a short text takes no longer than without helpers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::Translator;
use super::batch::{Batch, Limits};
use super::helpers::{Helpers, Report};
use super::job::Job;
use super::work::{News, Step, Work};
use crate::backend::Backend;
use crate::error::{Error, Kind, Result};
use crate::threads::Pool;

/// Names a job among those of all schedulers; later jobs have larger ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub u32);

static NEXT: AtomicU32 = AtomicU32::new(0);

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
    /// What is new of a translation that is wanted as it comes. White space and whatever else follows
    /// the last sentence comes only with the whole.
    Text {
        /// The job.
        job: JobId,
        /// Goes behind what was told before.
        text: String,
    },
    /// A job has ended: the translations in the order of its texts, or why there are none.
    Finished(JobId, Result<Vec<String>>),
    /// The device failed. Nothing goes on here: the jobs wait to be handed over to a scheduler on
    /// another backend.
    DeviceFailed(Error),
}

/// The most urgent job is the first.
type Key = (Priority, JobId);

/// Drives a translator from one thread, with or without helpers.
pub struct Scheduler<B: Backend> {
    translator: Arc<Translator<B>>,
    limits: Limits,
    jobs: BTreeMap<Key, Job>,
    helpers: Option<Helpers>,
    news: Option<News>,
    /// The last poll left nothing for this thread to do.
    waiting: bool,
    /// The device has failed.
    failed: bool,
}

impl<B: Backend> std::fmt::Debug for Scheduler<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Scheduler({} jobs)", self.jobs.len())
    }
}

/// What a job has for the scheduler's own thread.
enum Advance {
    /// There is more to do at once.
    More,
    /// The rest is with the helpers or with the backend.
    Away,
}

impl<B: Backend + 'static> Scheduler<B> {
    /// A scheduler without jobs, and without helpers.
    pub fn new(translator: Arc<Translator<B>>, limits: Limits) -> Self {
        Scheduler {
            translator,
            limits,
            jobs: BTreeMap::new(),
            helpers: None,
            news: None,
            waiting: false,
            failed: false,
        }
    }

    /// A scheduler without jobs that shares its work with a pool's helpers.
    pub fn with_helpers(translator: Arc<Translator<B>>, limits: Limits, pool: Arc<Pool>) -> Self
    where
        Translator<B>: Send + Sync,
    {
        let helpers = Helpers::new(&translator, pool);
        let mut scheduler = Scheduler::new(translator, limits);
        scheduler.helpers = Some(helpers);
        scheduler
    }

    /// `news` is called when a batch that waits for the backend can go on, on whatever thread and
    /// from wherever the backend learns of it: it should only see to it that somebody polls.
    #[must_use]
    pub fn with_news(mut self, news: impl Fn() + Send + Sync + 'static) -> Self {
        self.news = Some(Arc::new(news));
        self
    }

    /// The model that it drives.
    pub fn translator(&self) -> &Arc<Translator<B>> {
        &self.translator
    }

    /// Queues texts for translation.
    pub fn submit(&mut self, texts: Vec<String>, priority: Priority) -> JobId {
        let job = Job::new(texts, &self.translator.languages().source);
        self.insert(job, priority)
    }

    /// Queues a text whose translation is told as it comes, from its beginning to its end.
    pub fn stream(&mut self, text: String, priority: Priority) -> JobId {
        let job = Job::streamed(text, &self.translator.languages().source);
        self.insert(job, priority)
    }

    fn insert(&mut self, job: Job, priority: Priority) -> JobId {
        let id = JobId(NEXT.fetch_add(1, Ordering::Relaxed));
        self.jobs.insert((priority, id), job);
        self.waiting = false;
        id
    }

    /// Drops a job and all its work; helpers leave it at their next pause. False when it had
    /// already ended.
    pub fn cancel(&mut self, id: JobId) -> bool {
        let key = self.jobs.keys().find(|(_, job)| *job == id).copied();
        key.is_some_and(|key| self.remove(key).is_some())
    }

    /// Whether nothing is left to do.
    pub fn is_idle(&self) -> bool {
        self.jobs.is_empty()
    }

    /// Hands all jobs over to a scheduler of the same model on another backend, which goes on with
    /// them. What is translated stays so; batches under way begin anew. Only of a scheduler without
    /// helpers, whose batches are all its own.
    pub fn hand_over<C: Backend + 'static>(&mut self, to: &mut Scheduler<C>) {
        debug_assert!(self.helpers.is_none());
        for (key, mut job) in std::mem::take(&mut self.jobs) {
            job.uncut();
            if job.is_encoded() {
                job.cut(to.limits, to.threads());
            }
            to.jobs.insert(key, job);
            to.offer(key, 1);
            to.waiting = false;
        }
    }

    /// Whether all that is left is with the helpers or the backend: polling again is of no use
    /// until the pool or the backend tells of news, or a job is submitted.
    pub fn is_waiting(&self) -> bool {
        self.waiting
    }

    /// Stands still until a helper has news. Returns at once when there is something to do here.
    pub fn wait(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        if self.waiting
            && let Some(report) = self.helpers.as_ref().and_then(Helpers::next_report)
        {
            self.settle(report, &mut events);
        }
        events
    }

    /// Works until `time_is_up` says so, which is asked between parts of the work, or until nothing
    /// is left to do here. At least one part is done.
    pub fn poll(&mut self, mut time_is_up: impl FnMut() -> bool) -> Vec<Event> {
        let mut events = Vec::new();
        self.waiting = false;
        while !self.failed {
            while let Some(report) = self.helpers.as_ref().and_then(Helpers::report) {
                self.settle(report, &mut events);
            }
            self.encode_ahead(&mut events);
            match self.advance(&mut events) {
                Advance::More => {}
                Advance::Away => {
                    self.waiting = !self.jobs.is_empty();
                    break;
                }
            }
            if time_is_up() {
                break;
            }
        }
        events
    }

    /// Does one part of the most urgent job that has any for this thread.
    fn advance(&mut self, events: &mut Vec<Event>) -> Advance {
        let mut key = self.jobs.first_key_value().map(|(key, _)| *key);
        while let Some(now) = key {
            match self.advance_job(now, events) {
                Ok(Advance::Away) => {}
                Ok(advance) => return advance,
                Err(error) if error.kind() == Kind::Device => {
                    self.failed = true;
                    events.push(Event::DeviceFailed(error));
                    return Advance::More;
                }
                Err(error) => {
                    self.remove(now);
                    events.push(Event::Finished(now.1, Err(error)));
                    return Advance::More;
                }
            }
            key = self.jobs.range(now..).map(|(key, _)| *key).find(|key| *key != now);
        }
        Advance::Away
    }

    fn advance_job(&mut self, key: Key, events: &mut Vec<Event>) -> Result<Advance> {
        let threads = self.threads();
        let Some(job) = self.jobs.get_mut(&key) else { return Ok(Advance::More) };
        if job.encodes_first(threads) {
            if job.encode(&self.translator.lexicon, self.limits, threads)? {
                // This thread is about to begin one itself: a job of one has no business with
                // helpers.
                let own = usize::from(job.is_encoded());
                self.offer(key, own);
            }
        } else if job.is_done() {
            self.finish(key, events);
        } else if let Some(work) = &mut job.running {
            match work.step() {
                Step::More => {}
                Step::Busy => return Ok(Advance::Away),
                Step::Done(translations) => {
                    // With an error it stays, and so its batch is not lost.
                    let translations = translations?;
                    let batch = Arc::clone(&work.batch);
                    job.running = None;
                    job.put(&batch, translations);
                    self.progress(key, events);
                }
            }
        } else if let Some(batch) = self.claim(key) {
            let work = Work::new(Arc::clone(&self.translator), batch, self.news.clone());
            if let Some(job) = self.jobs.get_mut(&key) {
                job.running = Some(work);
            }
        } else if self.jobs.get(&key).is_some_and(Job::is_encoded) {
            return Ok(Advance::Away);
        }
        Ok(Advance::More)
    }

    /// Encodes a sentence of the next job, when helpers have nothing to do: many small jobs keep
    /// all threads busy too.
    fn encode_ahead(&mut self, events: &mut Vec<Event>) {
        let Some(helpers) = &self.helpers else { return };
        // The first job is this thread's own.
        let mut others = self.jobs.iter_mut().skip(1);
        let Some((&key, job)) = others.find(|(_, job)| !job.is_encoded()) else { return };
        if !helpers.pool().is_hungry() {
            return;
        }
        match job.encode(&self.translator.lexicon, self.limits, helpers.planned_threads()) {
            Ok(false) => {}
            Ok(true) => self.offer(key, 0),
            Err(error) => {
                self.remove(key);
                events.push(Event::Finished(key.1, Err(error)));
            }
        }
    }

    /// Threads to plan work for.
    fn threads(&self) -> usize {
        self.helpers.as_ref().map_or(1, Helpers::planned_threads)
    }

    /// Opens the batches of a job to the helpers, all but the first few.
    fn offer(&mut self, key: Key, but: usize) {
        if let (Some(helpers), Some(job)) = (&self.helpers, self.jobs.get_mut(&key))
            && helpers.planned_threads() > 1
        {
            for (batch, ticket) in job.waiting.iter_mut().skip(but) {
                ticket.get_or_insert_with(|| helpers.offer(key, batch, &job.abandoned));
            }
        }
    }

    /// A job's next batch that no helper has.
    fn claim(&mut self, key: Key) -> Option<Arc<Batch>> {
        let waiting = &mut self.jobs.get_mut(&key)?.waiting;
        loop {
            let (batch, ticket) = waiting.pop_front()?;
            match (ticket, &self.helpers) {
                (Some(ticket), Some(helpers)) if !helpers.pool().withdraw(ticket) => {}
                _ => return Some(batch),
            }
        }
    }

    /// Takes over what a helper has done.
    fn settle(&mut self, Report { job: id, batch, outcome }: Report, events: &mut Vec<Event>) {
        // The job may have ended in the meantime.
        let Some((&key, job)) = self.jobs.iter_mut().find(|((_, job), _)| *job == id) else {
            return;
        };
        match outcome {
            Ok(translations) => {
                job.put(&batch, translations);
                self.progress(key, events);
            }
            Err(error) => {
                self.remove(key);
                events.push(Event::Finished(id, Err(error)));
            }
        }
    }

    fn progress(&mut self, key: Key, events: &mut Vec<Event>) {
        let Some(job) = self.jobs.get_mut(&key) else { return };
        if let Some(text) = job.take() {
            events.push(Event::Text { job: key.1, text });
        }
        // Of how many is not known before.
        if job.is_encoded() {
            events.push(Event::Progress { job: key.1, done: job.done, total: job.total });
        }
        if job.is_done() {
            self.finish(key, events);
        }
    }

    fn finish(&mut self, key: Key, events: &mut Vec<Event>) {
        if let Some(job) = self.remove(key) {
            events.push(Event::Finished(key.1, Ok(job.join())));
        }
    }

    /// Forgets a job; what waits for helpers is taken back.
    fn remove(&mut self, key: Key) -> Option<Job> {
        let job = self.jobs.remove(&key)?;
        if let Some(helpers) = &self.helpers {
            helpers.withdraw(&job);
        }
        Some(job)
    }
}

impl<B: Backend> Drop for Scheduler<B> {
    fn drop(&mut self) {
        if let Some(helpers) = &self.helpers {
            self.jobs.values().for_each(|job| helpers.withdraw(job));
        }
    }
}
