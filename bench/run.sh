#!/usr/bin/env bash
# Runs the bench with the tools that set-up found; `make bench` sets up and builds before.
SCRIPT_LABEL=bench
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../scripts/lib.sh"
use_tools
exec node bench/main.mjs "$@"
