#!/usr/bin/env bash
# Every check, cheapest first; stops at the first that fails and names it.
SCRIPT_LABEL="test"
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

# stage <name> <command …>
stage() {
  local name=$1 started=$SECONDS status=0
  shift
  printf '\n[test] %s\n' "$name"
  "$@" </dev/null || status=$?
  if [ "$status" != 0 ]; then
    say "$name: FAILED after $((SECONDS - started)) s (exit status $status)" >&2
    exit "$status"
  fi
  say "$name: ok, $((SECONDS - started)) s"
}

# Stages of more than one command; each runs as a script of its own (see below).

# The lints use the profiles of the builds, so that build scripts and macros are compiled once.
clippy_native() {
  use_native_rust
  cargo clippy --release --all-targets -- -D warnings
}

clippy_wasm() {
  # shellcheck source=scripts/wasm-env.sh
  . scripts/wasm-env.sh
  local lint=(cargo clippy --profile web --target wasm32-unknown-unknown --no-default-features
    --features web)
  "${lint[@]}" -- -D warnings
  # The second build, as scripts/engine.mjs makes it.
  "${lint[@]}" --target-dir "$CARGO_TARGET_DIR/relaxed" \
    --config 'target.wasm32-unknown-unknown.rustflags = ["-C", "target-feature=+relaxed-simd"]' \
    -- -D warnings
  # The laboratory and training, as scripts/laboratory.mjs and scripts/training.mjs make them; together,
  # so that what they have in common is compiled once.
  CARGO_ENCODED_RUSTFLAGS=$'-C\x1ftarget-feature=+simd128' \
    cargo clippy --profile lab --target wasm32-unknown-unknown --target-dir "$CARGO_TARGET_DIR/lab" \
    --no-default-features --features lab,training -- -D warnings
}

native_tests() {
  use_native_rust
  export PYTHONPATH=$NUMPY${PYTHONPATH:+:$PYTHONPATH}
  cargo test --release
}

corpus_tests() {
  PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=scripts/corpus python3 -m unittest discover -s tests/corpus
}

licences_and_sources() {
  use_native_rust
  cargo-deny --offline check --hide-inclusion-graph bans licenses sources
  if [ "${POCKETGLOT_ADVISORIES:-}" = 1 ]; then
    cargo-deny check advisories
  else
    say "advisories were not checked: they need a database from the network (POCKETGLOT_ADVISORIES=1)"
  fi
}

end_to_end() {
  use_tools
  local tests=() file
  while IFS= read -r file; do tests+=("$file"); done \
    < <(find tests/browser tests/node -name '*.test.mjs' -o -name '*.test.js' | sort)
  [ ${#tests[@]} -gt 0 ] || die "tests/browser and tests/node hold no *.test.mjs or *.test.js"
  CHROMIUM=$(scripts/chromium.sh)
  POCKETGLOT_KERNELS=$(scripts/kernels.sh)
  POCKETGLOT_SHADERS=$(scripts/shaders.sh)
  POCKETGLOT_PROGRAM=$NATIVE_TARGET/release/pocketglot
  export CHROMIUM POCKETGLOT_KERNELS POCKETGLOT_SHADERS POCKETGLOT_PROGRAM
  node --test --test-reporter=spec "${tests[@]}"
}

# A function inside `… || …` would go on after an error, so stages call this script again.
if [ $# -gt 0 ]; then
  "$@"
  exit
fi

# Continuous integration must not pass because a GPU or a browser was not there to test.
if [ -n "${CI:-}" ]; then export POCKETGLOT_REQUIRE_GPU=1 POCKETGLOT_REQUIRE_BROWSERS=1; fi

scripts/setup.sh test
use_native_rust

stage "formatting" cargo fmt --check
stage "clippy, native" scripts/test.sh clippy_native
stage "documentation" env RUSTDOCFLAGS="-D warnings" cargo doc --release --no-deps --quiet
stage "clippy, WebAssembly" scripts/test.sh clippy_wasm
stage "models" scripts/model.sh
stage "native tests" scripts/test.sh native_tests
stage "collecting text" scripts/test.sh corpus_tests
stage "licences and sources" scripts/test.sh licences_and_sources
stage "JavaScript types" node_modules/.bin/tsc --noEmit -p www/tsconfig.json
stage "JavaScript types, Node.js" node_modules/.bin/tsc --noEmit -p www/tsconfig.node.json
# With that folder the build packs the package too.
mkdir -p dist/npm
stage "page and package" scripts/build.sh
stage "end-to-end tests" scripts/test.sh end_to_end

printf '\n'
say "every check passed, $SECONDS s"
