#!/usr/bin/env bash
# Install sourcing-audit into an environment of its own, so that the job's packages stay as they are.
#
# Takes PYTHON, VERSION, EXTRAS and ACTION_PATH from the environment; installs into
# $RUNNER_TEMP/sourcing-audit.
set -euo pipefail

if [[ -n "$VERSION" && ! "$VERSION" =~ ^[0-9][0-9A-Za-z.+!]*$ ]]; then
  echo "version: not a release's number" >&2
  exit 2
fi
if [[ -n "$EXTRAS" && ! "$EXTRAS" =~ ^[a-z]+(,[a-z]+)*$ ]]; then
  echo "extras: names with commas between" >&2
  exit 2
fi

place="$RUNNER_TEMP/sourcing-audit"
extras="${EXTRAS:+[$EXTRAS]}"
if [[ -n "$VERSION" ]]; then
  wanted="sourcing-audit$extras==$VERSION"
else
  wanted="$(cd "$ACTION_PATH/../../.." && pwd)$extras"
fi

"$PYTHON" -m venv "$place"
"$place/bin/python" -m pip install --quiet --disable-pip-version-check "$wanted"
"$place/bin/sourcing-audit" --version
