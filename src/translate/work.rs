//! Driving one batch through the network: a part at a time, or to its end on a helper.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures_lite::future::block_on;

use super::Translator;
use super::batch::Batch;
use crate::backend::Backend;
use crate::error::Result;

impl<B: Backend> Translator<B> {
    /// The translations of a batch's sentences, in their order.
    pub(super) async fn translate(&self, batch: &Batch) -> Result<Vec<String>> {
        let targets = self.network.translate(&batch.sources).await?;
        targets.iter().map(|target| self.vocabulary.decode(target)).collect()
    }

    /// The same at once, unless it is `abandoned` on the way.
    pub(super) fn translate_unless(
        &self,
        batch: &Batch,
        abandoned: &AtomicBool,
    ) -> Option<Result<Vec<String>>> {
        let mut work = pin!(self.translate(batch));
        block_on(poll_fn(|context| {
            if abandoned.load(Ordering::Relaxed) {
                return Poll::Ready(None);
            }
            work.as_mut().poll(context).map(Some)
        }))
    }
}

/// A batch under way on the thread that has other things to do as well.
pub struct Work {
    pub batch: Arc<Batch>,
    future: Pin<Box<dyn Future<Output = Result<Vec<String>>>>>,
}

/// What became of one part of the work.
pub enum Step {
    /// There is more to do at once.
    More,
    /// The backend must be waited for.
    Busy,
    Done(Result<Vec<String>>),
}

impl Work {
    pub fn new<B: Backend + 'static>(translator: Arc<Translator<B>>, batch: Arc<Batch>) -> Self {
        let own = Arc::clone(&batch);
        Work { batch, future: Box::pin(async move { translator.translate(&own).await }) }
    }

    /// Does one part of the work.
    pub fn step(&mut self) -> Step {
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        match self.future.as_mut().poll(&mut Context::from_waker(&waker)) {
            // A future that has woken itself only made a pause.
            Poll::Pending if woken.0.load(Ordering::Relaxed) => Step::More,
            Poll::Pending => Step::Busy,
            Poll::Ready(result) => Step::Done(result),
        }
    }
}

/// Remembers that a future has woken itself.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}
