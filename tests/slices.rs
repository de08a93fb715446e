//! Jobs in slices: what is urgent overtakes, what is cancelled stops, nothing is lost.

mod common;

use std::sync::Arc;
use std::time::{Duration, Instant};

use common::models::{evaluation, package};
use pocketglot::backend::cpu::Cpu;
use pocketglot::translate::{Event, JobId, Limits, Priority, Scheduler, Translator};

fn scheduler() -> Scheduler<Cpu> {
    let translator = Translator::load(Cpu::default(), &package("en", "pt")).unwrap();
    Scheduler::new(Arc::new(translator), Limits::SLICED)
}

/// Polls to the end: the finished jobs, in the order in which they finished.
fn finish(scheduler: &mut Scheduler<Cpu>) -> Vec<(JobId, Vec<String>)> {
    let mut finished = Vec::new();
    while !scheduler.is_idle() {
        for event in scheduler.poll(|| true) {
            if let Event::Finished(job, result) = event {
                finished.push((job, result.unwrap()));
            }
        }
    }
    finished
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

#[test]
fn an_urgent_job_overtakes_in_the_middle_of_a_batch() {
    let mut scheduler = scheduler();
    let document = vec![evaluation("en")[..20].join("\n")];
    let long = scheduler.submit(document.clone(), Priority::Batch);
    // Far enough that a batch is under way.
    let mut total = 0;
    while total == 0 {
        for event in scheduler.poll(|| true) {
            if let Event::Progress { total: sentences, .. } = event {
                total = sentences;
            }
        }
    }
    let urgent = scheduler.submit(texts(&["Good morning."]), Priority::Interactive);
    let finished = finish(&mut scheduler);
    assert_eq!(finished.iter().map(|(job, _)| *job).collect::<Vec<_>>(), [urgent, long]);
    assert_eq!(finished[0].1, ["Bom dia."]);
    // Being overtaken changes nothing.
    let alone = scheduler.submit(document, Priority::Batch);
    assert_eq!(finish(&mut scheduler), [(alone, finished[1].1.clone())]);
}

#[test]
fn jobs_of_one_priority_finish_in_order() {
    let mut scheduler = scheduler();
    let first = scheduler.submit(texts(&["The first one is longer.", "Two."]), Priority::Batch);
    let second = scheduler.submit(texts(&["Second."]), Priority::Batch);
    let order: Vec<_> = finish(&mut scheduler).into_iter().map(|(job, _)| job).collect();
    assert_eq!(order, [first, second]);
}

#[test]
fn a_cancelled_job_never_finishes() {
    let mut scheduler = scheduler();
    let job = scheduler.submit(vec![evaluation("en")[..10].join(" ")], Priority::Batch);
    for _ in 0..30 {
        scheduler.poll(|| true);
    }
    assert!(scheduler.cancel(job));
    assert!(!scheduler.cancel(job), "cancelled twice");
    assert!(scheduler.is_idle());
    assert!(scheduler.poll(|| false).is_empty());
}

#[test]
fn progress_counts_up_to_all_sentences() {
    let mut scheduler = scheduler();
    let document = evaluation("en")[..40].join("\n");
    let id = scheduler.submit(vec![document], Priority::Batch);
    let mut last = (0, 0);
    while !scheduler.is_idle() {
        for event in scheduler.poll(|| true) {
            if let Event::Progress { job, done, total } = event {
                assert_eq!(job, id);
                assert!(done > last.0 && done <= total, "{done} of {total} after {last:?}");
                last = (done, total);
            }
        }
    }
    assert!(last.0 == last.1 && last.1 >= 40, "{last:?}");
}

/// Polls a job whose translation is told as it comes to its end: the parts, and the whole.
fn read_along(scheduler: &mut Scheduler<Cpu>, id: JobId) -> (Vec<String>, String) {
    let (mut parts, mut whole) = (Vec::new(), None);
    while whole.is_none() {
        for event in scheduler.poll(|| true) {
            match event {
                Event::Text { job, text } if job == id => parts.push(text),
                Event::Finished(job, result) if job == id => whole = result.unwrap().pop(),
                _ => {}
            }
        }
    }
    (parts, whole.unwrap())
}

#[test]
fn what_is_told_as_it_comes_is_the_beginning_of_the_whole() {
    let mut scheduler = scheduler();
    for text in [
        evaluation("en")[..60].join(" "),
        format!("  {}\r\n\r\n", evaluation("en")[..9].join("\n\t")),
        "One sentence only".to_owned(),
        "😀 Two. 🎉  🎉 Of them! 😀😀\n".to_owned(),
        "word ".repeat(700),
    ] {
        let whole = scheduler.submit(vec![text.clone()], Priority::Batch);
        let expected = finish(&mut scheduler).remove(0).1.remove(0);
        let id = scheduler.stream(text, Priority::Interactive);
        assert!(id != whole);
        let (parts, whole) = read_along(&mut scheduler, id);
        assert_eq!(whole, expected);
        assert!(whole.starts_with(&parts.concat()), "{parts:?} of {whole:?}");
        assert!(whole[parts.concat().len()..].chars().all(|c| !c.is_alphanumeric()));
    }
}

#[test]
fn the_first_sentence_of_a_book_is_told_long_before_the_last() {
    let mut scheduler = scheduler();
    let book = evaluation("en").join(" ");
    let id = scheduler.stream(book, Priority::Batch);
    let mut polls = 0;
    let first = loop {
        polls += 1;
        let events = scheduler.poll(|| true);
        if let Some(Event::Text { text, .. }) = events.into_iter().next() {
            break text;
        }
    };
    assert!(first.split_whitespace().count() < 60, "not the first sentence or two: {first}");
    let mut rest = 0;
    let mut parts = 0;
    while !scheduler.is_idle() {
        rest += 1;
        for event in scheduler.poll(|| true) {
            parts += usize::from(matches!(event, Event::Text { job, .. } if job == id));
        }
    }
    assert!(parts > 5, "{parts} parts");
    assert!(polls * 10 < rest, "{polls} polls, then {rest}");
}

#[test]
fn nothing_to_translate_is_told_as_a_whole() {
    let mut scheduler = scheduler();
    for text in ["", " \n", "🎉"] {
        let id = scheduler.stream(text.to_owned(), Priority::Interactive);
        assert_eq!(read_along(&mut scheduler, id), (Vec::new(), text.to_owned()));
    }
}

#[test]
fn nothing_to_translate_ends_at_once() {
    let mut scheduler = scheduler();
    let empty = scheduler.submit(Vec::new(), Priority::Batch);
    assert_eq!(finish(&mut scheduler), [(empty, Vec::new())]);
    let blank = scheduler.submit(texts(&["", "  \r\n\t", "😀 🎉"]), Priority::Interactive);
    assert_eq!(finish(&mut scheduler), [(blank, texts(&["", "  \r\n\t", "😀 🎉"]))]);
}

#[test]
fn a_poll_does_little_at_a_time() {
    let mut scheduler = scheduler();
    scheduler.submit(vec![evaluation("en").join("\n")], Priority::Batch);
    let mut slices = Vec::new();
    while !scheduler.is_idle() && slices.len() < 2000 {
        let start = Instant::now();
        scheduler.poll(|| true);
        slices.push(start.elapsed());
    }
    slices.sort();
    // No timing promise, which a test on a busy machine could not keep; but a slice that did a
    // whole batch would take hundreds of milliseconds each time.
    let median = slices[slices.len() / 2];
    assert!(median < Duration::from_millis(60), "median slice {median:?}");
}
