#!/usr/bin/env bash
# Writes the package's reference with the tools that set-up found; `make reference` sets up before.
SCRIPT_LABEL=reference
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
use_tools
exec node scripts/reference.mjs
