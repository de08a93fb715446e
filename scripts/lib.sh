# shellcheck shell=bash
# What every script here shares: strict mode, the project's root, pinned versions, the cache,
# messages with timings, and finding a Rust toolchain. Sourced, never run.
# It keeps to bash 3.2, which is what macOS has.
# shellcheck disable=SC2034 # the scripts that source this use the names
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"

TRUNK_VERSION=0.21.14
CARGO_DENY_VERSION=0.20.2
NUMPY_VERSION=2.4.6
# The Node.js that is fetched where the system has none, or one that is too old.
NODE_VERSION=22.20.0
# Vite, in which an example is tested, needs so much; the package itself runs in 20.
NODE_MINIMUM=20.19
RUST_MINIMUM=$(sed -n 's/^rust-version *= *"\(.*\)"/\1/p' Cargo.toml)
# wasm-bindgen's command must be exactly as old as the crate in the lock file.
WASM_BINDGEN_VERSION=$(sed -n '/^name = "wasm-bindgen"$/{n;s/^version = "\(.*\)"/\1/p;}' Cargo.lock)

# Trunk warns of a missing Rust project where, as here, the only one is a worker's.
TRUNK_LOG=error,trunk=info,trunk::pipelines::html=error

# Tools and model sources live outside target/, so that `make clean` and a fresh clone keep them.
CACHE=${POCKETGLOT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pocketglot}
TOOLS=$CACHE/tools
NUMPY=$TOOLS/numpy-$NUMPY_VERSION
CARGO_BIN=${CARGO_HOME:-$HOME/.cargo}/bin
NATIVE_TARGET=${CARGO_TARGET_DIR:-target}

# Detection must never make rustup download something on its own.
export RUSTUP_AUTO_INSTALL=0

say() { printf '[%s] %s\n' "${SCRIPT_LABEL:-pocketglot}" "$*"; }

# die <what went wrong> [<what to do> …]: each on a line of its own.
die() {
  say "error: $1" >&2
  shift
  while [ $# -gt 0 ]; do
    say "  $1" >&2
    shift
  done
  exit 1
}

# version_at_least 1.96.0 1.95
version_at_least() {
  local IFS=. i have want
  # shellcheck disable=SC2206 # splitting at the dots is the point
  have=($1) want=($2)
  for i in 0 1 2; do
    [ "${have[i]:-0}" -gt "${want[i]:-0}" ] && return 0
    [ "${have[i]:-0}" -lt "${want[i]:-0}" ] && return 1
  done
  return 0
}

# The first x.y.z in what a command prints about itself; empty when it can't run.
version_of() {
  { "$@" 2>/dev/null </dev/null || true; } |
    sed -n 's/^[^0-9]*\([0-9][0-9]*\(\.[0-9][0-9]*\)\{1,2\}\).*/\1/p' | head -n 1
}

sha256_of() {
  if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi |
    sed 's/ .*//'
}

# prepend_path <directory>: to the front, also when it already stands further back.
prepend_path() { case $PATH in "$1":*) ;; *) PATH=$1:$PATH ;; esac; }

# The system's Python with NumPy, its own or the one that set-up put beside our tools.
python_with_numpy() { PYTHONPATH=$NUMPY${PYTHONPATH:+:$PYTHONPATH} python3 "$@"; }

# Our own builds of tools come before whatever else the machine has.
use_tools() {
  local directory
  for directory in "$TOOLS/wasm-bindgen-cli-$WASM_BINDGEN_VERSION/bin" \
    "$TOOLS/trunk-$TRUNK_VERSION/bin" "$TOOLS/cargo-deny-$CARGO_DENY_VERSION/bin" \
    "$TOOLS/node-$NODE_VERSION/bin"; do
    if [ -d "$directory" ]; then prepend_path "$directory"; fi
  done
  export PATH
}

# Directories that may hold a Rust toolchain, the user's own choice first, one a line.
rust_candidates() {
  local cargo
  cargo=$(command -v cargo || true)
  { [ -z "$cargo" ] || dirname "$cargo"; printf '%s\n' "$CARGO_BIN" /usr/bin /usr/local/bin; } |
    awk '!seen[$0]++'
}

rust_is_recent() {
  local program version
  for program in cargo rustc; do
    version=$(version_of "$1/$program" --version)
    [ -n "$version" ] && version_at_least "$version" "$RUST_MINIMUM" || return 1
  done
}

# Prints the directory of a cargo and rustc for this machine itself.
native_rust() {
  local directory
  while IFS= read -r directory; do
    if rust_is_recent "$directory"; then
      printf '%s\n' "$directory"
      return 0
    fi
  done < <(rust_candidates)
  return 1
}

# Prints the linker for WebAssembly that belongs to a toolchain: rust-lld when the toolchain brings
# its own, else the system's wasm-ld of the same LLVM.
wasm_linker() {
  local rustc=$1/rustc sysroot host llvm name
  sysroot=$("$rustc" --print sysroot)
  host=$("$rustc" -vV | sed -n 's/^host: //p')
  llvm=$("$rustc" -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
  if [ -x "$sysroot/lib/rustlib/$host/bin/rust-lld" ]; then
    echo rust-lld
    return 0
  fi
  for name in "wasm-ld-$llvm" "/usr/lib/llvm-$llvm/bin/wasm-ld" wasm-ld; do
    command -v "$name" && return 0
  done
  return 1
}

# Prints the directory of a cargo and rustc that can build std for WebAssembly from its sources.
wasm_rust() {
  local directory
  while IFS= read -r directory; do
    if rust_is_recent "$directory" &&
      [ -f "$("$directory/rustc" --print sysroot)/lib/rustlib/src/rust/library/std/Cargo.toml" ] &&
      wasm_linker "$directory" >/dev/null; then
      printf '%s\n' "$directory"
      return 0
    fi
  done < <(rust_candidates)
  return 1
}

# Puts the native toolchain and our tools on PATH.
use_native_rust() {
  local directory
  directory=$(native_rust) || die "no Rust $RUST_MINIMUM or newer was found" "run: make setup"
  # A toolchain that comes first already is left alone: /usr/bin must not overtake other tools.
  [ "$(command -v cargo)" = "$directory/cargo" ] || prepend_path "$directory"
  use_tools
}
