#!/usr/bin/env bash
# Compresses the default models and heals them, into healed/.
SCRIPT_LABEL="heal"
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

[ -f corpus/en.txt ] || die "there is no text to learn from" "run: make corpus"
python3 -c 'import tomllib' 2>/dev/null || die "Python is older than 3.11" "install Python 3.11 or newer"
exec python3 scripts/heal.py "$NATIVE_TARGET/release/pocketglot" "$@"
