#!/usr/bin/env bash
# The step of action.yml that checks: the command's verdict, its reports, and what later steps read of it.
# Everything comes by the environment, so that no input is ever part of a script.
set -uo pipefail

reports=${CHECKED_INTO:-conformance-reports}
mkdir -p "$reports" && rm -f "$reports"/report.* "$reports/badge.svg" "$reports/summary.md"  # an earlier step's
words=$(printf '%s' "${CHECKED_WITH-}" | python3 -c '
import shlex, sys
try:
    print(shlex.join(shlex.split(sys.stdin.read())))
except ValueError as error:
    print(error)
    sys.exit(1)
')
are_words=$?

for name in "${!CONFORMANCE_@}"; do  # an input that was not given
    [[ -n ${!name} ]] || unset "$name"
done
if [[ -z ${CONFORMANCE_API_KEY-}${CONFORMANCE_READ_KEY-}${CONFORMANCE_SESSION-} ]]; then
    echo "::warning::no credential was given, so that only what is public is judged; is the secret's name right?"
fi

if [[ ! ${CHECKED_BY:-run} =~ ^(run|properties|model)$ ]]; then  # another could be green and have checked nothing
    echo "::error::the input command: it is none of run, properties and model"
    code=2
elif [[ $are_words -eq 0 ]]; then
    eval "further=($words)"
    "$RUNNER_TEMP/conformance/bin/conformance" "${CHECKED_BY:-run}" \
        --report "json=$reports/report.json" --report "junit=$reports/report.xml" --report "html=$reports/report.html" \
        --report "sarif=$reports/report.sarif" --report "badge=$reports/badge.svg" \
        --report "markdown=$reports/summary.md" ${further[@]+"${further[@]}"}
    code=$?
else  # with a part of what was asked for, a run could be green for what was not
    echo "::error::the input arguments: $words"
    code=2
fi

python3 - "$reports" "$code" >>"${GITHUB_OUTPUT:-/dev/null}" <<'PYTHON'
import json
import sys
from collections import Counter
from pathlib import Path

folder, code = sys.argv[1:]
file = Path(folder, "report.json")
known = json.loads(file.read_text("utf-8")) if file.exists() else {}
report = {"verdict": "no-report", "reason": "the command wrote no report", "results": [], **known}
counts = Counter(result["outcome"] for result in report["results"])
print(f"verdict={report['verdict']}")
print(f"reason={' '.join(report['reason'].split())}")
print(f"exit-code={code}")
print(f"reports={folder}")
for outcome in ("passed", "failed", "waived"):
    print(f"{outcome}={counts[outcome]}")
PYTHON

[[ ${CHECKED_TO_FAIL:-true} == false && ( $code -eq 1 || $code -eq 3 ) ]] && exit 0
exit "$code"
