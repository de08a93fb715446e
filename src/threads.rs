//! Several threads on one queue of tasks. The only place that knows about threads.
//!
//! A [`Pool`] starts no threads. Whoever has some lets each call [`Pool::work`], which takes tasks
//! until the pool is closed: natively these are [`Crew`]'s, in a browser they are workers that
//! share one WebAssembly memory. A pool without helpers is a sound one; then nothing takes tasks,
//! [`Pool::for_each`] is a loop, and whoever offered a task withdraws it and does it himself.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Work for a helper. It reports by itself, its failures too.
pub type Task = Box<dyn FnOnce() + Send>;

/// Which tasks go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// A thread stands still until it is done.
    Blocking,
    /// Someone is looking.
    High,
    /// The rest.
    Low,
}

/// Names a task in the queue; of equal urgency, the one offered first goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket {
    urgency: Urgency,
    number: u64,
}

/// A queue of tasks and the threads that wait at it.
pub struct Pool {
    queue: Mutex<Queue>,
    filled: Condvar,
    /// Called on a helper's thread when something that it did awaits the thread that offered it.
    news: Box<dyn Fn() + Send + Sync>,
    /// A helper ended in the middle of a task, where no unwinding tells of it.
    broken: AtomicBool,
    /// See [`Pool::expect`].
    expected: AtomicUsize,
}

#[derive(Default)]
struct Queue {
    tasks: BTreeMap<Ticket, Task>,
    offered: u64,
    helpers: usize,
    idle: usize,
    closed: bool,
}

/// How often a waiting thread makes sure that those it waits for are alive.
const LOOK_AROUND: Duration = Duration::from_millis(100);

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pool({} threads)", self.threads())
    }
}

impl Default for Pool {
    fn default() -> Self {
        Pool::new(|| {})
    }
}

impl Pool {
    /// A pool without helpers. `news` is called on a helper's thread when a result is there: a
    /// page that hears no condition variables can be sent a message.
    pub fn new(news: impl Fn() + Send + Sync + 'static) -> Self {
        Pool {
            queue: Mutex::default(),
            filled: Condvar::new(),
            news: Box::new(news),
            broken: AtomicBool::new(false),
            expected: AtomicUsize::new(1),
        }
    }

    /// A helper's life: takes tasks, the most urgent first, until the pool is closed.
    pub fn work(&self) {
        let mut queue = self.lock();
        queue.helpers += 1;
        while !queue.closed {
            if let Some((_, task)) = queue.tasks.pop_first() {
                drop(queue);
                // A task reports its own failures; its thread goes on with the next.
                let _ = catch_unwind(AssertUnwindSafe(task));
                queue = self.lock();
            } else {
                queue.idle += 1;
                queue = self.filled.wait(queue).unwrap_or_else(PoisonError::into_inner);
                queue.idle -= 1;
            }
        }
        queue.helpers -= 1;
    }

    /// Sends the helpers home, each when its task is done. What is queued stays and can be
    /// withdrawn.
    pub fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_all();
    }

    /// Threads that share the work: the helpers, and the one that offers.
    pub fn threads(&self) -> usize {
        self.lock().helpers + 1
    }

    /// Says how many threads there will be: work is planned for them before they are there.
    pub fn expect(&self, threads: usize) {
        self.expected.store(threads, Ordering::Relaxed);
    }

    /// Threads to plan work for: those that are there, or are expected.
    pub fn planned_threads(&self) -> usize {
        self.threads().max(self.expected.load(Ordering::Relaxed))
    }

    /// Whether more helpers wait than there are tasks.
    pub fn is_hungry(&self) -> bool {
        let queue = self.lock();
        queue.idle > queue.tasks.len()
    }

    /// Queues a task for the helpers.
    pub fn offer(&self, urgency: Urgency, task: Task) -> Ticket {
        let mut queue = self.lock();
        queue.offered += 1;
        let ticket = Ticket { urgency, number: queue.offered };
        queue.tasks.insert(ticket, task);
        drop(queue);
        self.filled.notify_one();
        ticket
    }

    /// Takes a task back; false when a helper has it already.
    pub fn withdraw(&self, ticket: Ticket) -> bool {
        // Dropped after the lock: a task may hold much.
        let task = self.lock().tasks.remove(&ticket);
        task.is_some()
    }

    /// For a task: says that its result is there.
    pub fn tell(&self) {
        (self.news)();
    }

    /// Says that a helper has ended in the middle of a task. Takes no lock and no memory: that
    /// thread may have held any.
    // Only where nothing unwinds: elsewhere those who wait would leave a task that still runs.
    #[cfg(panic = "abort")]
    pub fn break_down(&self) {
        self.broken.store(true, Ordering::Relaxed);
    }

    /// Calls `f` with 0, 1, … `count - 1`, on this thread and on the helpers that are free, and
    /// returns when all calls have returned. The order of the calls is that of the numbers, as
    /// far as they are one after the other. Without helpers it is a loop.
    ///
    /// # Panics
    /// When a call does.
    pub fn for_each(&self, count: usize, f: impl Fn(usize) + Sync) {
        let next = AtomicUsize::new(0);
        self.everywhere(count.saturating_sub(1).min(self.threads() - 1), &|| {
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= count {
                    break;
                }
                f(index);
            }
        });
    }

    /// As [`Pool::for_each`], with the results in order.
    pub fn map<T: Send>(&self, count: usize, f: impl Fn(usize) -> T + Sync) -> Vec<T> {
        let slots: Vec<Mutex<Option<T>>> = (0..count).map(|_| Mutex::default()).collect();
        self.for_each(count, |index| {
            let value = f(index);
            *slots[index].lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
        });
        // Every slot is filled, or `for_each` has panicked.
        slots.into_iter().filter_map(|slot| slot.into_inner().ok().flatten()).collect()
    }

    /// Runs `part` here, and on up to `helpers` of the helpers at the same time.
    fn everywhere(&self, helpers: usize, part: &(dyn Fn() + Sync)) {
        // SAFETY: only the lifetime changes. The tasks below are all that holds it, and `Parts`
        // lets this function end, by returning or by unwinding, only when each of them has been
        // withdrawn uncalled or has returned.
        let part: &'static (dyn Fn() + Sync) =
            unsafe { std::mem::transmute::<&(dyn Fn() + Sync), &'static (dyn Fn() + Sync)>(part) };
        let mut parts = Parts { pool: self, tickets: Vec::new(), latch: Arc::default() };
        for _ in 0..helpers {
            let latch = Arc::clone(&parts.latch);
            let task = Box::new(move || {
                let panicked = catch_unwind(AssertUnwindSafe(part)).is_err();
                latch.panicked.fetch_or(panicked, Ordering::Relaxed);
                *latch.returned.lock().unwrap_or_else(PoisonError::into_inner) += 1;
                latch.changed.notify_all();
            });
            parts.tickets.push(self.offer(Urgency::Blocking, task));
        }
        part();
        let latch = Arc::clone(&parts.latch);
        drop(parts);
        assert!(!latch.panicked.load(Ordering::Relaxed), "a helper thread panicked");
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        // Nothing that could panic runs under the lock.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The tasks of one [`Pool::everywhere`]; waits for them when it is dropped.
struct Parts<'a> {
    pool: &'a Pool,
    tickets: Vec<Ticket>,
    latch: Arc<Latch>,
}

#[derive(Default)]
struct Latch {
    returned: Mutex<usize>,
    changed: Condvar,
    panicked: AtomicBool,
}

impl Drop for Parts<'_> {
    fn drop(&mut self) {
        let taken = self.tickets.iter().filter(|&&ticket| !self.pool.withdraw(ticket)).count();
        let mut returned = self.latch.returned.lock().unwrap_or_else(PoisonError::into_inner);
        while *returned < taken {
            assert!(!self.pool.broken.load(Ordering::Relaxed), "a helper thread has ended");
            let waited = self.latch.changed.wait_timeout(returned, LOOK_AROUND);
            (returned, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// A pool with helpers that are threads of this process; they end with it.
#[cfg(feature = "parallel")]
#[derive(Debug)]
pub struct Crew {
    pool: Arc<Pool>,
    helpers: Vec<std::thread::JoinHandle<()>>,
}

#[cfg(feature = "parallel")]
impl Crew {
    /// `threads` in all, with the one that calls; 0 for as many as the machine runs at once.
    ///
    /// # Errors
    /// `Io` when the system refuses them.
    pub fn new(threads: usize) -> crate::Result<Self> {
        let threads = match threads {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            _ => threads,
        };
        let mut crew = Crew { pool: Arc::default(), helpers: Vec::new() };
        for number in 1..threads {
            let pool = Arc::clone(&crew.pool);
            let thread = std::thread::Builder::new().name(format!("helper {number}"));
            let helper = thread.spawn(move || pool.work());
            crew.helpers.push(helper.map_err(|error| crate::Error::from(error).at("threads"))?);
        }
        // Each counts itself; what is planned for all should know of all.
        while crew.pool.threads() < threads {
            std::thread::yield_now();
        }
        Ok(crew)
    }

    /// The pool that they work for.
    pub fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }
}

#[cfg(feature = "parallel")]
impl Drop for Crew {
    fn drop(&mut self) {
        self.pool.close();
        for helper in self.helpers.drain(..) {
            // A helper that panicked has said so.
            let _ = helper.join();
        }
    }
}

#[cfg(all(test, feature = "parallel"))]
mod tests {
    use std::panic;

    use super::*;

    #[test]
    fn every_number_is_called_once_whatever_the_number_of_threads() {
        for threads in [1, 2, 5] {
            let crew = Crew::new(threads).unwrap();
            assert_eq!(crew.pool().threads(), threads);
            for count in [0, 1, 2, 100] {
                let calls: Vec<_> = (0..count).map(|_| AtomicUsize::new(0)).collect();
                crew.pool().for_each(count, |i| {
                    calls[i].fetch_add(1, Ordering::Relaxed);
                });
                assert!(calls.iter().all(|calls| calls.load(Ordering::Relaxed) == 1));
            }
            assert_eq!(crew.pool().map(4, |i| i * i), [0, 1, 4, 9]);
        }
    }

    #[test]
    fn helpers_take_part_and_may_call_for_each_themselves() {
        let crew = Crew::new(3).unwrap();
        let (here, elsewhere) = (std::thread::current().id(), AtomicUsize::new(0));
        let sum = AtomicUsize::new(0);
        crew.pool().for_each(64, |_| {
            std::thread::sleep(Duration::from_millis(1));
            if std::thread::current().id() != here {
                elsewhere.fetch_add(1, Ordering::Relaxed);
            }
            crew.pool().for_each(3, |i| {
                sum.fetch_add(i, Ordering::Relaxed);
            });
        });
        assert_eq!(sum.into_inner(), 64 * 3);
        assert!(elsewhere.into_inner() > 0);
    }

    #[test]
    fn a_panic_in_a_call_reaches_the_caller_and_the_helpers_go_on() {
        let crew = Crew::new(2).unwrap();
        let outcome = panic::catch_unwind(AssertUnwindSafe(|| {
            crew.pool().for_each(8, |i| {
                std::thread::sleep(Duration::from_millis(1));
                assert!(i < 4);
            });
        }));
        assert!(outcome.is_err());
        assert_eq!(crew.pool().map(3, |i| i), [0, 1, 2]);
        assert_eq!(crew.pool().threads(), 2);
    }

    #[test]
    fn urgent_tasks_go_first_and_withdrawn_ones_never() {
        let pool = Arc::new(Pool::default());
        let order = Arc::new(Mutex::new(Vec::new()));
        let offer = |urgency, name: &'static str| {
            let order = Arc::clone(&order);
            pool.offer(urgency, Box::new(move || order.lock().unwrap().push(name)))
        };
        offer(Urgency::Low, "low");
        let withdrawn = offer(Urgency::High, "withdrawn");
        offer(Urgency::High, "high");
        offer(Urgency::Blocking, "blocking");
        assert!(pool.withdraw(withdrawn) && !pool.withdraw(withdrawn));
        let last = Arc::clone(&pool);
        pool.offer(Urgency::Low, Box::new(move || last.close()));
        pool.work();
        assert_eq!(*order.lock().unwrap(), ["blocking", "high", "low"]);
    }
}
