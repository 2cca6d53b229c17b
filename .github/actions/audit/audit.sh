#!/usr/bin/env bash
# Run the audit; tell the job its exit code, its summary and where its SARIF files are.
#
# Takes CONFIG, ONLY (a name a line), AS_OF, FORMATS, SIGN_KEY and OUTPUT (the folder of reports) from
# the environment, beside GitHub's RUNNER_TEMP, GITHUB_OUTPUT and GITHUB_STEP_SUMMARY. It ends with 0
# whatever the audit ends with: the action fails after everything is uploaded.
set -uo pipefail

program="$RUNNER_TEMP/sourcing-audit/bin/sourcing-audit"
# Each time another folder: an action may be used twice in a job.
work="$(mktemp -d "$RUNNER_TEMP/sourcing-audit-run.XXXXXX")" || exit 2
summary="$work/summary.md"
mkdir "$work/sarif" && touch "$work/begun" || exit 2

arguments=(run --config "$CONFIG" --summary "$summary")
while IFS= read -r name; do
  [[ -n "$name" ]] && arguments+=(--only "$name")
done <<<"$ONLY"
[[ -n "$AS_OF" ]] && arguments+=(--as-of "$AS_OF")
[[ -n "$FORMATS" ]] && arguments+=(--format "$FORMATS")
[[ -n "$SIGN_KEY" ]] && arguments+=(--sign-key "$SIGN_KEY")

# What the audit prints has names from manifests in it. A line of it that looks like a command to the
# runner must be none, so commands are off until a word comes that nobody can guess.
word="$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')" || exit 2
[[ ${#word} -eq 64 ]] || exit 2
echo "::stop-commands::$word"
"$program" "${arguments[@]}"
code=$?
# What was printed last needn't end its line.
printf '\n::%s::\n' "$word"

if [[ ! -s "$summary" ]]; then
  printf '# Sourcing audit\n\n**✗ Nothing was audited** (exit code %d). The log says why.\n' \
    "$code" >"$summary"
fi
cat "$summary" >>"$GITHUB_STEP_SUMMARY"

# What an earlier run left of a dataset that could not be audited now isn't sent as this run's.
number=0
if [[ -d "$OUTPUT" ]]; then
  while IFS= read -r -d '' file; do
    number=$((number + 1))
    cp -- "$file" "$work/sarif/$number.sarif" || exit 2
  done < <(find "$OUTPUT" -mindepth 2 -maxdepth 2 -name report.sarif -newer "$work/begun" -print0)
fi

{
  echo "exit-code=$code"
  echo "summary=$summary"
  [[ "$number" -eq 0 ]] || echo "sarif=$work/sarif"
} >>"$GITHUB_OUTPUT"
