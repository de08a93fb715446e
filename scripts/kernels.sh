#!/usr/bin/env bash
# Builds the walk of the kernels for browsers; prints where it is.
SCRIPT_LABEL=kernels
# shellcheck source=scripts/wasm-env.sh
. "$(dirname "$0")/wasm-env.sh"

# With relaxed SIMD, which holds the kernels without it too; a memory of its own and one thread, so
# that nothing is needed around it. Flags in the environment replace those of .cargo/config.toml.
export CARGO_ENCODED_RUSTFLAGS=$'-C\x1ftarget-feature=+simd128,+relaxed-simd'
cargo build --quiet --release --package pocketglot-kernels --target wasm32-unknown-unknown \
  --target-dir "$CARGO_TARGET_DIR/kernels" >&2
echo "$CARGO_TARGET_DIR/kernels/wasm32-unknown-unknown/release/pocketglot_kernels.wasm"
