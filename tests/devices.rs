//! Schedulers over devices that answer later than they are asked, and that fail: nobody is held up
//! who need not wait, and nothing is lost.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Poll, Waker};

use common::gpu::gpu;
use common::hooked::Hooked;
use common::models::{evaluation, package};
use pocketglot::backend::Backend;
use pocketglot::backend::cpu::Cpu;
use pocketglot::error::{Error, Kind};
use pocketglot::translate::{Event, JobId, Limits, Priority, Scheduler, Translator};

const SMALL: Limits = Limits { sentences: 4, tokens: 100, worthwhile: 100 };

fn translator<B: Backend>(backend: B) -> Arc<Translator<B>> {
    Translator::load(backend, &package("en", "pt")).unwrap().into()
}

/// All that happens until nothing is left to do here.
fn run<B: Backend + 'static>(scheduler: &mut Scheduler<B>) -> Vec<Event> {
    let mut events = Vec::new();
    loop {
        events.extend(scheduler.poll(|| false));
        if scheduler.is_idle() || scheduler.is_waiting() {
            return events;
        }
    }
}

fn finished(events: &[Event]) -> Vec<(JobId, Vec<String>)> {
    let texts = |event: &Event| match event {
        Event::Finished(job, result) => Some((*job, result.as_ref().unwrap().clone())),
        _ => None,
    };
    events.iter().filter_map(texts).collect()
}

/// A device that answers the reads of which it is told so.
#[derive(Default)]
struct Device {
    reads: AtomicUsize,
    answers: AtomicUsize,
    waiting: std::sync::Mutex<Vec<Waker>>,
}

impl Device {
    fn backend(self: &Arc<Self>) -> Hooked {
        let device = Arc::clone(self);
        Hooked::answering(move || {
            let device = Arc::clone(&device);
            let read = device.reads.fetch_add(1, Ordering::Relaxed);
            std::future::poll_fn(move |context| {
                if read < device.answers.load(Ordering::Relaxed) {
                    return Poll::Ready(Ok(()));
                }
                device.waiting.lock().unwrap().push(context.waker().clone());
                Poll::Pending
            })
        })
    }

    fn answer(&self, reads: usize) {
        self.answers.fetch_add(reads, Ordering::Relaxed);
        self.waiting.lock().unwrap().drain(..).for_each(Waker::wake);
    }
}

#[test]
fn a_batch_that_waits_for_its_device_holds_up_no_other_and_tells_when_it_can_go_on() {
    let device = Arc::new(Device::default());
    let told = Arc::new(AtomicUsize::new(0));
    let news = Arc::clone(&told);
    let mut scheduler = Scheduler::new(translator(device.backend()), SMALL)
        .with_news(move || _ = news.fetch_add(1, Ordering::Relaxed));
    let job = |scheduler: &mut Scheduler<_>, text: &str, priority| {
        scheduler.submit(vec![text.to_owned()], priority)
    };
    let first = job(&mut scheduler, "Good morning.", Priority::Interactive);
    let second = job(&mut scheduler, "Thank you very much.", Priority::Batch);
    assert!(run(&mut scheduler).is_empty());
    assert_eq!(device.reads.load(Ordering::Relaxed), 2, "the second has not begun");
    assert!(scheduler.is_waiting() && !scheduler.is_idle());
    assert!(scheduler.poll(|| false).is_empty() && told.load(Ordering::Relaxed) == 0);

    device.answer(1000);
    assert_eq!(told.load(Ordering::Relaxed), 2);
    let finished = finished(&run(&mut scheduler));
    assert_eq!(finished.iter().map(|(job, _)| *job).collect::<Vec<_>>(), [first, second]);
    assert_eq!(finished[0].1, ["Bom dia."]);
    assert!(scheduler.is_idle() && !scheduler.is_waiting());

    // Cancelled while it waits, it is gone for good.
    let device = Arc::new(Device::default());
    let mut scheduler = Scheduler::new(translator(device.backend()), SMALL);
    let only = job(&mut scheduler, "Good morning.", Priority::Interactive);
    assert!(run(&mut scheduler).is_empty() && scheduler.is_waiting());
    assert!(scheduler.cancel(only) && scheduler.is_idle());
    device.answer(1000);
    assert!(scheduler.poll(|| false).is_empty());
}

/// What the CPU alone makes of these texts.
fn expected(texts: &[String]) -> Vec<String> {
    let mut scheduler = Scheduler::new(translator(Cpu::default()), Limits::BULK);
    scheduler.submit(texts.to_vec(), Priority::Batch);
    finished(&run(&mut scheduler)).remove(0).1
}

/// A device that fails after so many reads, and the reads that there were.
fn failing(after: usize) -> (Hooked, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let reads = Arc::clone(&count);
    let backend = Hooked::new(move || {
        let failed = reads.fetch_add(1, Ordering::Relaxed) >= after;
        if failed { Err(Error::new(Kind::Device, "lost")) } else { Ok(()) }
    });
    (backend, count)
}

#[test]
fn jobs_of_a_device_that_fails_go_on_elsewhere() {
    let texts: Vec<_> = evaluation("en")[..12].to_vec();
    let expected = expected(&texts);
    let (sound, all) = failing(usize::MAX);
    let mut scheduler = Scheduler::new(translator(sound), SMALL);
    scheduler.submit(texts.clone(), Priority::Batch);
    assert_eq!(finished(&run(&mut scheduler))[0].1, expected);
    let all = all.load(Ordering::Relaxed);

    // At the first read, in the middle, at the last; the second job is not even encoded then.
    for reads in [0, all / 2, all - 1] {
        let (backend, _) = failing(reads);
        let mut scheduler = Scheduler::new(translator(backend), SMALL);
        let urgent = scheduler.submit(texts.clone(), Priority::Interactive);
        let later = scheduler.submit(texts.clone(), Priority::Batch);
        let mut done = 0;
        let mut failure = None;
        while failure.is_none() {
            for event in scheduler.poll(|| false) {
                match event {
                    Event::Progress { done: now, .. } => done = now,
                    Event::DeviceFailed(error) => failure = Some(error),
                    Event::Finished(..) => panic!("{reads} reads were enough"),
                    Event::Text { .. } => unreachable!("nobody reads along"),
                }
            }
        }
        assert_eq!(failure.unwrap().kind(), Kind::Device);
        assert!(scheduler.poll(|| false).is_empty(), "told twice, or went on");
        assert!((reads > 0) == (done > 0), "{done} sentences after {reads} of {all} reads");

        let mut cpu = Scheduler::new(translator(Cpu::default()), Limits::SLICED);
        scheduler.hand_over(&mut cpu);
        assert!(scheduler.is_idle());
        let events = run(&mut cpu);
        for event in &events {
            if let Event::Progress { job, done: now, total } = event
                && *job == urgent
            {
                assert!(*now > done && now <= total, "{now} of {total} after {done}");
                done = *now;
            }
        }
        let both = [(urgent, expected.clone()), (later, expected.clone())];
        assert_eq!(finished(&events), both, "after {reads} reads");
    }
}

#[test]
fn what_was_told_before_a_device_failed_is_not_told_again() {
    let text = evaluation("en")[..12].join(" ");
    let expected = expected(std::slice::from_ref(&text)).remove(0);
    let (backend, _) = failing(60);
    let mut scheduler = Scheduler::new(translator(backend), SMALL);
    let id = scheduler.stream(text, Priority::Interactive);
    let mut events = run_until_failure(&mut scheduler);
    let before = events.len();
    let mut cpu = Scheduler::new(translator(Cpu::default()), Limits::SLICED);
    scheduler.hand_over(&mut cpu);
    events.extend(run(&mut cpu));
    let told = |events: &[Event]| -> String {
        let texts = events.iter().filter_map(|event| match event {
            Event::Text { job, text } if *job == id => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    };
    assert!(!told(&events[..before]).is_empty() && !told(&events[before..]).is_empty());
    assert_eq!(told(&events), expected);
    assert_eq!(finished(&events), [(id, vec![expected])]);
}

#[test]
fn a_graphics_processor_that_is_lost_in_the_middle_of_a_batch_loses_no_word() {
    let Some(gpu) = gpu("a device lost in the middle of a batch") else { return };
    let texts: Vec<_> = evaluation("en")[..8].to_vec();
    let mut scheduler = Scheduler::new(translator(gpu.clone()), SMALL);
    let job = scheduler.submit(texts.clone(), Priority::Batch);
    let mut events = Vec::new();
    // A batch is done, and the next one has been read from: some of its steps are there.
    while !events.iter().any(|event| matches!(event, Event::Progress { .. })) {
        events.extend(scheduler.poll(|| true));
    }
    let reads = gpu.counts().reads;
    while gpu.counts().reads < reads + 3 {
        events.extend(scheduler.poll(|| true));
    }
    gpu.destroy();
    events.extend(run_until_failure(&mut scheduler));
    assert!(finished(&events).is_empty());
    let mut cpu = Scheduler::new(translator(Cpu::default()), Limits::SLICED);
    scheduler.hand_over(&mut cpu);
    assert_eq!(finished(&run(&mut cpu)), [(job, expected(&texts))]);
}

fn run_until_failure<B: Backend + 'static>(scheduler: &mut Scheduler<B>) -> Vec<Event> {
    let mut events = Vec::new();
    while !events.iter().any(|event| matches!(event, Event::DeviceFailed(_))) {
        assert!(!scheduler.is_idle(), "the jobs ended on a device that is gone");
        events.extend(scheduler.poll(|| false));
    }
    events
}
