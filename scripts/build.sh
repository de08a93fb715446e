#!/usr/bin/env bash
# Builds the page into dist/, and the npm package where there is a folder dist/npm for it.
SCRIPT_LABEL=build
# shellcheck source=scripts/wasm-env.sh
. "$(dirname "$0")/wasm-env.sh"

trunk --log "$TRUNK_LOG" build
# A tarball that stands there already is of an earlier build.
if [ -d dist/npm ]; then node scripts/package.mjs; fi
