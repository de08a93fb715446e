//! The walk of `tests/common/walk.rs` as a WebAssembly module without a frame around it, so that
//! the kernels of browsers are tested in browsers: `tests/browser/kernels.test.mjs` runs it.

#[path = "../common/walk.rs"]
mod walk;

use std::sync::Mutex;

use pocketglot::backend::cpu::Cpu;

static REPORT: Mutex<String> = Mutex::new(String::new());

/// Walks every set of instructions of this host, and gives the address of a report: a line a set,
/// `ok` or `wrong`, its name, and the number of comparisons or the first difference.
#[unsafe(no_mangle)]
pub extern "C" fn walk_kernels() -> *const u8 {
    let line = |cpu: Cpu| match walk::walk(cpu) {
        Ok(count) => format!("ok\t{}\t{count}", cpu.instructions()),
        Err(difference) => format!("wrong\t{}\t{difference}", cpu.instructions()),
    };
    let lines: Vec<String> = Cpu::all().into_iter().map(line).collect();
    let mut report = REPORT.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    *report = lines.join("\n");
    report.as_ptr()
}

/// Bytes of the report.
#[unsafe(no_mangle)]
pub extern "C" fn report_length() -> usize {
    REPORT.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).len()
}
