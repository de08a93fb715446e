#!/usr/bin/env bash
# Collects free text to learn from into corpus/, which is never committed.
SCRIPT_LABEL="corpus"
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

command -v python3 >/dev/null || die "Python 3 was not found" "on Debian or Ubuntu: apt-get install python3"
exec python3 scripts/corpus/collect.py "$@"
