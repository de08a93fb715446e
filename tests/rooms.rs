//! The order of the rooms: imports flow one way, so that each can be read without those above it.

use std::fs;
use std::path::Path;

/// A room may import from rooms of a lower rank, and from its own.
const RANKS: &[(&str, u32)] = &[
    ("error", 0),
    ("token", 0),
    ("tensor", 1),
    ("threads", 1),
    ("codec", 2),
    ("text", 2),
    ("eval", 2),
    ("format", 3),
    ("compress", 4),
    ("backend", 4),
    ("model", 5),
    ("translate", 6),
    ("lab", 7),
    ("web", 8),
];

fn rank(room: &str) -> u32 {
    let found = RANKS.iter().find(|(name, _)| *name == room);
    found.unwrap_or_else(|| panic!("`{room}` has no rank: give it one in this test")).1
}

/// The rooms that `source` imports from this crate.
fn imports(source: &str) -> Vec<String> {
    let paths = source.split("crate::").skip(1);
    let name = |path: &str| path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    paths.map(name).filter(|name: &String| !name.is_empty()).collect()
}

fn check(path: &Path, room: &str, faults: &mut Vec<String>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            check(&entry.unwrap().path(), room, faults);
        }
        return;
    }
    let source = fs::read_to_string(path).unwrap();
    let code: Vec<_> = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    for import in imports(&code.join("\n")) {
        // `$crate` in macros and re-exports at the root are not rooms.
        if import != room
            && RANKS.iter().any(|(name, _)| *name == import)
            && rank(&import) >= rank(room)
        {
            faults.push(format!("{} imports `{import}`", path.display()));
        }
    }
}

#[test]
fn imports_flow_one_way() {
    let mut faults = Vec::new();
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(&src).unwrap() {
        let path = entry.unwrap().path();
        let room = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if room != "lib" && room != "bin" {
            check(&path, &room, &mut faults);
        }
    }
    assert!(faults.is_empty(), "imports against the order:\n{}", faults.join("\n"));
}

#[test]
fn an_import_is_recognised() {
    let source = "use crate::web::Engine;\nlet x = crate::codec::find(name);";
    assert_eq!(imports(source), ["web", "codec"]);
}
