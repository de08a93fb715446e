#!/usr/bin/env bash
# Builds the walk of the kernels for browsers; prints where it is.
SCRIPT_LABEL=kernels
# shellcheck source=scripts/wasm-env.sh
. "$(dirname "$0")/wasm-env.sh"

# With relaxed SIMD, which holds the kernels without it too.
flags='["-C", "target-feature=+simd128,+relaxed-simd"]'
cargo build --quiet --release --package pocketglot-kernels \
  --target wasm32-unknown-unknown --target-dir "$CARGO_TARGET_DIR/kernels" \
  --config "target.wasm32-unknown-unknown.rustflags=$flags" >&2
echo "$CARGO_TARGET_DIR/kernels/wasm32-unknown-unknown/release/pocketglot_kernels.wasm"
