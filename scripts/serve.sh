#!/usr/bin/env bash
# Serves the page on http://localhost:8080 and builds it again when a source changes; reload to see.
SCRIPT_LABEL=serve
# shellcheck source=scripts/wasm-env.sh
. "$(dirname "$0")/wasm-env.sh"

# Trunk serves even what it could not build, so the first build is one of its own.
trunk --log "$TRUNK_LOG" build
say "the page will be at http://localhost:${TRUNK_SERVE_PORT:-8080} (Ctrl-C stops it, TRUNK_SERVE_PORT=… moves it)"
exec trunk --log "$TRUNK_LOG" serve
