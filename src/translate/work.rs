//! Driving one batch through the network: a part at a time, or to its end on a helper.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
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
        targets.iter().map(|target| self.lexicon.vocabulary.decode(target)).collect()
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

/// What is called when a batch that waits for its backend can go on.
pub type News = Arc<dyn Fn() + Send + Sync>;

/// A batch under way on the thread that has other things to do as well.
pub struct Work {
    pub batch: Arc<Batch>,
    future: Pin<Box<dyn Future<Output = Result<Vec<String>>>>>,
    woken: Arc<Woken>,
    waker: Waker,
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
    pub fn new<B: Backend + 'static>(
        translator: Arc<Translator<B>>,
        batch: Arc<Batch>,
        news: Option<News>,
    ) -> Self {
        let own = Arc::clone(&batch);
        let woken = Arc::new(Woken { state: AtomicU8::new(AWAKE), news });
        let waker = Waker::from(Arc::clone(&woken));
        Work {
            batch,
            future: Box::pin(async move { translator.translate(&own).await }),
            woken,
            waker,
        }
    }

    /// Does one part of the work, if the backend has answered what was asked before.
    pub fn step(&mut self) -> Step {
        let state = &self.woken.state;
        if state.load(Ordering::Acquire) == PARKED {
            return Step::Busy;
        }
        state.store(RUNNING, Ordering::Relaxed);
        match self.future.as_mut().poll(&mut Context::from_waker(&self.waker)) {
            Poll::Ready(result) => Step::Done(result),
            Poll::Pending => {
                let parked =
                    state.compare_exchange(RUNNING, PARKED, Ordering::AcqRel, Ordering::Relaxed);
                // A future that has woken itself only made a pause.
                if parked.is_ok() { Step::Busy } else { Step::More }
            }
        }
    }
}

/// Can be polled.
const AWAKE: u8 = 0;
/// Is being polled.
const RUNNING: u8 = 1;
/// Waits for its backend.
const PARKED: u8 = 2;

/// Where a future stands, as far as its waker knows.
struct Woken {
    state: AtomicU8,
    news: Option<News>,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.state.swap(AWAKE, Ordering::AcqRel) == PARKED
            && let Some(news) = &self.news
        {
            news();
        }
    }
}
