#!/usr/bin/env bash
# Prints the path of the Chromium or Chrome that the tests drive: CHROMIUM if set, else the first
# one found.
SCRIPT_LABEL=chromium
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

if [ -n "${CHROMIUM:-}" ]; then
  command -v "$CHROMIUM" || die "CHROMIUM is set to '$CHROMIUM', which can't be run"
  exit 0
fi
for program in chromium chromium-browser google-chrome-stable google-chrome chrome \
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
  "/Applications/Chromium.app/Contents/MacOS/Chromium"; do
  if command -v "$program"; then exit 0; fi
done
die "no Chromium or Chrome was found" "set CHROMIUM to the program's path"
