//! Jobs with helpers: the same translations however many threads share them, nobody waits for a
//! helper without need, and whatever happens to one is told.

mod common;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use common::hooked::Hooked;
use common::models::{evaluation, package};
use pocketglot::backend::Backend;
use pocketglot::backend::cpu::Cpu;
use pocketglot::threads::{Crew, Pool};
use pocketglot::translate::parallel::Threads;
use pocketglot::translate::{Event, JobId, Limits, Priority, Scheduler, Translator};
use pocketglot::{Error, Kind, Result};

/// Far more than a test needs on a busy machine; without it a hang would tell nothing.
const PATIENCE: Duration = Duration::from_secs(120);

fn translator() -> Arc<Translator<Cpu>> {
    static TRANSLATOR: OnceLock<Arc<Translator<Cpu>>> = OnceLock::new();
    let load = || Arc::new(Translator::load(Cpu::default(), &package("en", "pt")).unwrap());
    Arc::clone(TRANSLATOR.get_or_init(load))
}

fn hooked(hook: impl Fn() -> Result<()> + Send + Sync + 'static) -> Arc<Translator<Hooked>> {
    Arc::new(Translator::load(Hooked::new(hook), &package("en", "pt")).unwrap())
}

fn document(sentences: std::ops::Range<usize>) -> Vec<String> {
    vec![evaluation("en")[sentences].join("\n")]
}

fn good_morning() -> Vec<String> {
    vec!["Good morning.".to_owned()]
}

/// Polls and waits until nothing is left: the finished jobs, in the order in which they finished.
fn finish<B: Backend + 'static>(scheduler: &mut Scheduler<B>) -> Vec<(JobId, Result<Vec<String>>)> {
    let mut finished = Vec::new();
    let begin = Instant::now();
    while !scheduler.is_idle() {
        assert!(begin.elapsed() < PATIENCE, "{scheduler:?} after {PATIENCE:?}");
        let events =
            if scheduler.is_waiting() { scheduler.wait() } else { scheduler.poll(|| true) };
        for event in events {
            if let Event::Finished(job, result) = event {
                finished.push((job, result));
            }
        }
    }
    finished
}

/// Polls until `condition` holds.
fn poll_until<B: Backend + 'static>(scheduler: &mut Scheduler<B>, condition: impl Fn() -> bool) {
    let begin = Instant::now();
    while !condition() {
        assert!(begin.elapsed() < PATIENCE, "{scheduler:?} after {PATIENCE:?}");
        scheduler.poll(|| true);
        thread::yield_now();
    }
}

#[test]
fn what_is_told_as_it_comes_is_in_order_with_helpers_too() {
    let expected = {
        let mut alone = Scheduler::new(translator(), Limits::SLICED);
        alone.submit(document(0..80), Priority::Batch);
        finish(&mut alone).remove(0).1.unwrap().remove(0)
    };
    for helpers in [2, 3] {
        let crew = Crew::new(helpers).unwrap();
        let mut scheduler =
            Scheduler::with_helpers(translator(), Limits::SLICED, Arc::clone(crew.pool()));
        let id = scheduler.stream(document(0..80).remove(0), Priority::Batch);
        let (mut told, mut parts, mut whole) = (String::new(), 0, None);
        while whole.is_none() {
            let events =
                if scheduler.is_waiting() { scheduler.wait() } else { scheduler.poll(|| true) };
            for event in events {
                match event {
                    Event::Text { job, text } => {
                        assert_eq!(job, id);
                        told += &text;
                        parts += 1;
                        assert!(expected.starts_with(&told), "{helpers} helpers: {told}");
                    }
                    Event::Finished(_, result) => whole = result.unwrap().pop(),
                    _ => {}
                }
            }
        }
        assert_eq!(whole.as_ref(), Some(&expected), "{helpers} helpers");
        assert!(parts > 3 && told.len() * 10 > expected.len() * 9, "{parts} parts");
    }
}

#[test]
fn a_document_is_the_same_with_any_number_of_threads() {
    let expected = {
        let mut alone = Scheduler::new(translator(), Limits::SLICED);
        alone.submit(document(0..60), Priority::Batch);
        finish(&mut alone).remove(0).1.unwrap()
    };
    // With the small ones, helpers are at work while most of the document is not encoded yet.
    let small = Limits { sentences: 4, tokens: 48, worthwhile: 24 };
    for (count, limits) in
        [(1, Limits::SLICED), (2, Limits::SLICED), (3, Limits::SLICED), (2, small), (3, small)]
    {
        let crew = Crew::new(count).unwrap();
        let pool = Arc::clone(crew.pool());
        let mut scheduler = Scheduler::with_helpers(translator(), limits, pool);
        scheduler.submit(document(0..60), Priority::Batch);
        let translation = finish(&mut scheduler).remove(0).1.unwrap();
        assert_eq!(translation, expected, "{count} threads, {limits:?}");
        let threads = Threads::new(count).unwrap();
        let bulk = threads.translate(&translator(), &document(0..60), Limits::BULK).unwrap();
        assert_eq!(bulk, expected, "{count} threads in bulk");
    }
}

#[test]
fn a_document_is_spread_over_all_threads_and_progress_counts_it_all() {
    let seen = Arc::new(std::sync::Mutex::new(Vec::<ThreadId>::new()));
    let record = Arc::clone(&seen);
    let translator = hooked(move || {
        let (mut seen, this) = (record.lock().unwrap(), thread::current().id());
        if !seen.contains(&this) {
            seen.push(this);
        }
        Ok(())
    });
    let crew = Crew::new(3).unwrap();
    let limits = Limits { sentences: 16, tokens: 128, worthwhile: 64 };
    let mut scheduler = Scheduler::with_helpers(translator, limits, Arc::clone(crew.pool()));
    let id = scheduler.submit(document(0..80), Priority::Batch);
    let mut last = (0, 0);
    while !scheduler.is_idle() {
        let events =
            if scheduler.is_waiting() { scheduler.wait() } else { scheduler.poll(|| true) };
        for event in events {
            if let Event::Progress { job, done, total } = event {
                assert_eq!(job, id);
                assert!(done > last.0 && done <= total, "{done} of {total} after {last:?}");
                last = (done, total);
            }
        }
    }
    assert!(last.0 == last.1 && last.1 >= 80, "{last:?}");
    assert_eq!(seen.lock().unwrap().len(), 3, "threads that translated");
}

#[test]
fn a_single_sentence_never_leaves_its_thread() {
    let here = thread::current().id();
    let elsewhere = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&elsewhere);
    let translator = hooked(move || {
        count.fetch_add(usize::from(thread::current().id() != here), Ordering::Relaxed);
        Ok(())
    });
    let crew = Crew::new(3).unwrap();
    let mut scheduler =
        Scheduler::with_helpers(translator, Limits::SLICED, Arc::clone(crew.pool()));
    for _ in 0..5 {
        scheduler.submit(good_morning(), Priority::Interactive);
        assert_eq!(finish(&mut scheduler).remove(0).1.unwrap(), ["Bom dia."]);
    }
    assert_eq!(elsewhere.load(Ordering::Relaxed), 0);
}

/// A translator whose helpers stand still at each read while `held`, and count themselves.
fn held() -> (Arc<Translator<Hooked>>, Arc<AtomicBool>, Arc<AtomicUsize>) {
    let here = thread::current().id();
    let (held, helping) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicUsize::new(0)));
    let (gate, count) = (Arc::clone(&held), Arc::clone(&helping));
    let translator = hooked(move || {
        if thread::current().id() != here {
            count.fetch_add(1, Ordering::SeqCst);
            while gate.load(Ordering::SeqCst) {
                thread::sleep(Duration::from_millis(1));
            }
        }
        Ok(())
    });
    (translator, held, helping)
}

#[test]
fn an_interactive_job_waits_for_no_helper() {
    let (translator, held, helping) = held();
    let crew = Crew::new(2).unwrap();
    let mut scheduler =
        Scheduler::with_helpers(translator, Limits::SLICED, Arc::clone(crew.pool()));
    let long = scheduler.submit(document(0..60), Priority::Batch);
    poll_until(&mut scheduler, || helping.load(Ordering::SeqCst) > 0);
    // The helper stands still in the middle of a batch; this thread is in another.
    let urgent = scheduler.submit(good_morning(), Priority::Interactive);
    let mut finished = Vec::new();
    let begin = Instant::now();
    while finished.is_empty() {
        assert!(begin.elapsed() < PATIENCE && !scheduler.is_waiting());
        for event in scheduler.poll(|| true) {
            if let Event::Finished(job, result) = event {
                finished.push((job, result.unwrap()));
            }
        }
    }
    assert_eq!(finished, [(urgent, vec!["Bom dia.".to_owned()])]);
    // This thread does all the rest but what the helper has, and then has nothing to do.
    poll_until(&mut scheduler, || held.load(Ordering::SeqCst) && !crew.pool().is_hungry());
    while !scheduler.is_waiting() {
        assert!(begin.elapsed() < PATIENCE);
        scheduler.poll(|| false);
    }
    held.store(false, Ordering::SeqCst);
    let last = finish(&mut scheduler).remove(0);
    assert_eq!(last.0, long);
    let alone = Threads::new(1).unwrap();
    let expected = alone.translate(&self::translator(), &document(0..60), Limits::SLICED).unwrap();
    assert_eq!(last.1.unwrap(), expected);
}

#[test]
fn a_cancelled_job_is_left_by_its_helpers_and_the_next_one_works() {
    let (translator, held, helping) = held();
    let crew = Crew::new(2).unwrap();
    let pool = Arc::clone(crew.pool());
    let mut scheduler = Scheduler::with_helpers(translator, Limits::SLICED, pool);
    let job = scheduler.submit(document(0..60), Priority::Batch);
    poll_until(&mut scheduler, || helping.load(Ordering::SeqCst) > 0);
    let reads = helping.load(Ordering::SeqCst);
    assert!(scheduler.cancel(job));
    assert!(!scheduler.cancel(job), "cancelled twice");
    assert!(scheduler.is_idle());
    assert!(scheduler.poll(|| false).is_empty());
    held.store(false, Ordering::SeqCst);
    let begin = Instant::now();
    while !crew.pool().is_hungry() {
        assert!(begin.elapsed() < PATIENCE, "the helper goes on with what is cancelled");
        thread::yield_now();
    }
    // It stopped at the pause after the read in which it stood.
    assert!(helping.load(Ordering::SeqCst) <= reads + 1);
    assert!(scheduler.poll(|| false).is_empty(), "nothing is told of a cancelled job");
    let next = scheduler.submit(good_morning(), Priority::Batch);
    let finished = finish(&mut scheduler).remove(0);
    assert_eq!((finished.0, finished.1.unwrap()), (next, vec!["Bom dia.".to_owned()]));
}

#[test]
fn many_small_jobs_are_shared_too_and_each_gets_its_own_answer() {
    let here = thread::current().id();
    let elsewhere = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&elsewhere);
    let translator = hooked(move || {
        count.fetch_add(usize::from(thread::current().id() != here), Ordering::Relaxed);
        Ok(())
    });
    let sentences = evaluation("en");
    let alone = Threads::new(1).unwrap();
    let expected = alone.translate(&translator, &sentences[..50], Limits::BULK).unwrap();
    let crew = Crew::new(3).unwrap();
    let mut scheduler =
        Scheduler::with_helpers(translator, Limits::SLICED, Arc::clone(crew.pool()));
    let submit = |sentence: &String| scheduler.submit(vec![sentence.clone()], Priority::Batch);
    let ids: Vec<_> = sentences[..50].iter().map(submit).collect();
    let mut finished = finish(&mut scheduler);
    finished.sort_by_key(|(job, _)| *job);
    for ((job, result), (id, text)) in finished.into_iter().zip(ids.into_iter().zip(expected)) {
        assert_eq!((job, result.unwrap()), (id, vec![text]));
    }
    assert!(elsewhere.load(Ordering::Relaxed) > 0, "helpers took part");
}

/// Fails on helpers only, in the job that is told.
fn failing(failure: fn() -> Result<()>) -> (Arc<Translator<Hooked>>, Arc<AtomicBool>) {
    let here = thread::current().id();
    let armed = Arc::new(AtomicBool::new(true));
    let switch = Arc::clone(&armed);
    let translator = hooked(move || match thread::current().id() != here {
        true if switch.load(Ordering::SeqCst) => failure(),
        _ => Ok(()),
    });
    (translator, armed)
}

fn ends_only_its_job(failure: fn() -> Result<()>, kind: Kind, message: &str) {
    let (translator, armed) = failing(failure);
    let crew = Crew::new(2).unwrap();
    let mut scheduler =
        Scheduler::with_helpers(translator, Limits::SLICED, Arc::clone(crew.pool()));
    let broken = scheduler.submit(document(0..60), Priority::Batch);
    let (job, result) = finish(&mut scheduler).remove(0);
    let error = result.expect_err("its batch failed");
    assert_eq!((job, error.kind()), (broken, kind));
    assert!(error.to_string().contains(message), "{error}");
    armed.store(false, Ordering::SeqCst);
    let sound = scheduler.submit(document(0..60), Priority::Batch);
    let (job, result) = finish(&mut scheduler).remove(0);
    assert_eq!(job, sound);
    assert!(result.is_ok());
    assert_eq!(crew.pool().threads(), 2, "the helper lives on");
}

#[test]
fn an_error_on_a_helper_ends_only_its_job() {
    ends_only_its_job(|| Err(Error::new(Kind::Io, "device lost")), Kind::Io, "device lost");
}

#[test]
fn a_panic_on_a_helper_ends_only_its_job() {
    ends_only_its_job(|| panic!("a bug, for the test"), Kind::Internal, "panicked");
}

#[test]
fn dropping_a_scheduler_at_work_lets_its_helpers_and_its_model_go() {
    let (translator, held, helping) = held();
    let crew = Crew::new(3).unwrap();
    let pool = Arc::clone(crew.pool());
    let mut scheduler = Scheduler::with_helpers(Arc::clone(&translator), Limits::SLICED, pool);
    scheduler.submit(document(0..80), Priority::Batch);
    poll_until(&mut scheduler, || helping.load(Ordering::SeqCst) > 0);
    drop(scheduler);
    held.store(false, Ordering::SeqCst);
    // The crew's end waits for its helpers.
    drop(crew);
    assert_eq!(Arc::strong_count(&translator), 1, "nobody holds the model any more");
}

#[test]
fn news_are_told_from_the_thread_of_the_helper() {
    let here = thread::current().id();
    let told = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&told);
    let pool = Arc::new(Pool::new(move || {
        assert_ne!(thread::current().id(), here);
        count.fetch_add(1, Ordering::SeqCst);
    }));
    let helper = thread::spawn({
        let pool = Arc::clone(&pool);
        move || pool.work()
    });
    while pool.threads() < 2 {
        thread::yield_now();
    }
    let mut scheduler = Scheduler::with_helpers(translator(), Limits::SLICED, Arc::clone(&pool));
    scheduler.submit(document(0..60), Priority::Batch);
    assert!(finish(&mut scheduler).remove(0).1.is_ok());
    drop(scheduler);
    pool.close();
    helper.join().unwrap();
    assert!(told.load(Ordering::SeqCst) > 0);
}
