#!/usr/bin/env bash
# Runs the experiments with the tools that set-up found; `make experiments` sets up and builds before.
SCRIPT_LABEL=experiments
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
use_tools
exec node bench/experiments/main.mjs "$@"
