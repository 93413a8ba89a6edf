"""Runs whose reports other people's parsers are given: each text is one that a careless writer gets wrong."""

from collections.abc import Sequence

from entity_conformance.deployment.problems import RequestCount
from entity_conformance.report.verdict import Profile, Result, Run, Verdict
from entity_contract.document import read

SAID = "]]> & <b> \x1b[2J \ufffe \ud800 ::error:: \u202e [a](http://127.0.0.1) {0}"


def run_with(results: Sequence[Result]) -> Run:
    """A run with these results, none of which has an exchange."""
    return Run(
        target="http://127.0.0.1:5173/api/v1",
        suite_version="1",
        contract_sha256=read().sha256,
        started_at="2025-01-15T10:30:00Z",
        seconds=1.5,
        seed=0,
        profile=Profile("full", (), (), ()),
        choices=(),
        plan=(),
        verdict=Verdict("does-not-conform", 1, "1 failed"),
        requests=RequestCount(1, 1, 0, 0),
        results=tuple(results),
        exchanges=(),
    )
