//! The scheduler's side of a pool: batches go out, reports come back.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, mpsc};

use super::Translator;
use super::batch::Batch;
use super::job::Job;
use super::schedule::{JobId, Priority};
use crate::backend::Backend;
use crate::error::{Error, Kind, Result};
use crate::threads::{Pool, Task, Ticket, Urgency};

/// A job's batch, and whether the job is abandoned, to a task.
type MakeTask = dyn Fn(JobId, Arc<Batch>, Arc<AtomicBool>) -> Task;

/// Helpers of one scheduler.
pub struct Helpers {
    pool: Arc<Pool>,
    /// Makes a task of a job's batch. The backend is known in here only, so that a scheduler
    /// without helpers can have one that keeps to its thread.
    task: Box<MakeTask>,
    reports: mpsc::Receiver<Report>,
}

/// A batch that comes back.
pub struct Report {
    pub job: JobId,
    pub batch: Arc<Batch>,
    pub outcome: Result<Vec<String>>,
}

impl Helpers {
    pub fn new<B>(translator: &Arc<Translator<B>>, pool: Arc<Pool>) -> Self
    where
        B: Backend + 'static,
        Translator<B>: Send + Sync,
    {
        let (sender, reports) = mpsc::channel();
        let (translator, told) = (Arc::clone(translator), Arc::clone(&pool));
        let task = move |job, batch: Arc<Batch>, abandoned: Arc<AtomicBool>| -> Task {
            let (translator, told) = (Arc::clone(&translator), Arc::clone(&told));
            let sender = sender.clone();
            Box::new(move || {
                let work = AssertUnwindSafe(|| translator.translate_unless(&batch, &abandoned));
                let outcome = catch_unwind(work).unwrap_or_else(|_| {
                    let what = "a helper thread panicked while it translated";
                    Some(Err(Error::new(Kind::Internal, what)))
                });
                // What this thread held of the model is given back before it says so.
                drop(translator);
                if let Some(outcome) = outcome {
                    // Nobody may be left to hear it.
                    let _ = sender.send(Report { job, batch, outcome });
                    told.tell();
                }
            })
        };
        Helpers { pool, task: Box::new(task), reports }
    }

    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Threads to plan work for, the scheduler's own among them.
    pub fn planned_threads(&self) -> usize {
        self.pool.planned_threads()
    }

    /// Lets a helper have a batch.
    pub fn offer(
        &self,
        (priority, job): (Priority, JobId),
        batch: &Arc<Batch>,
        abandoned: &Arc<AtomicBool>,
    ) -> Ticket {
        let urgency = match priority {
            Priority::Interactive => Urgency::High,
            Priority::Batch => Urgency::Low,
        };
        self.pool.offer(urgency, (self.task)(job, Arc::clone(batch), Arc::clone(abandoned)))
    }

    /// Takes back what no helper has begun of a job.
    pub fn withdraw(&self, job: &Job) {
        for ticket in job.waiting.iter().filter_map(|(_, ticket)| *ticket) {
            self.pool.withdraw(ticket);
        }
    }

    /// A batch that has come back since the last call.
    pub fn report(&self) -> Option<Report> {
        self.reports.try_recv().ok()
    }

    /// Waits for one.
    pub fn next_report(&self) -> Option<Report> {
        self.reports.recv().ok()
    }
}
