#!/usr/bin/env bash
# Pictures of the built page's states, in screenshots/; `make screenshots` sets up and builds before.
SCRIPT_LABEL=screenshots
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
use_tools
CHROMIUM=$(scripts/chromium.sh)
export CHROMIUM
exec node tests/browser/screenshots.mjs "$@"
