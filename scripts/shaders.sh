#!/usr/bin/env bash
# Writes all shaders into one file, for the test of them in a browser; prints where it is.
SCRIPT_LABEL=shaders
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
use_native_rust

cargo run --quiet --release --example shaders >"$NATIVE_TARGET/shaders.json"
echo "$(cd "$NATIVE_TARGET" && pwd)/shaders.json"
