"""The report for programs: one JSON document, published as `conformance/entity_conformance/report/schemas/report.json`.

Its last member is `complete: true`, which the schema requires: what was cut off cannot pass for a whole report. The
text is pure ASCII (JSON's own escapes say the rest), so that no encoding on the way can damage it. Bodies stand in it
as they were recorded.
"""

import json
import re
from collections.abc import Iterable, Iterator
from importlib import resources
from typing import TextIO, cast

from entity_conformance.deployment.credentials import reported
from entity_conformance.deployment.exchange import Exchange
from entity_conformance.deployment.problems import RequestCount
from entity_conformance.report.causes import Cause, causes
from entity_conformance.report.curl import curl
from entity_conformance.report.dialect import dialect
from entity_conformance.report.expected import Expected
from entity_conformance.report.findings import Requirements, choices
from entity_conformance.report.text import IN_JSON, inert
from entity_conformance.report.verdict import Profile, Result, Run, WaiverUse

FORMAT = "v1-conformance-report/1"

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_MAYBE_LONE = re.compile(r"\\u[Dd][89A-Fa-f]")
"""Halves of characters in JSON, of which two may be a whole one."""


def render(run: Run, requirements: Requirements, stream: TextIO, *, verbose: bool = False) -> None:  # noqa: ARG001  # nothing is left out
    """Write `run` to `stream` as a JSON document and a line feed: each result and each exchange is a line.

    Each line is written by itself: a report may be large, and is never in memory whole.
    """
    stream.write("{")
    for place, (name, member) in enumerate(document(run).items()):
        stream.write(f"{',' if place else ''}\n  {_spelt(name)}: ")
        stream.writelines(_parts(member))
    stream.write("\n}\n")
    stream.flush()


def _parts(member: object) -> Iterator[str]:
    """A member of the document, a line for each value that it holds: to indent these too takes six times as long."""
    match member:
        case dict() if member:
            yield from _lined("{", (f"{_spelt(name)}: {_spelt(value)}" for name, value in member.items()), "}")
        case list() if member:
            yield from _lined("[", map(_spelt, member), "]")
        case _:
            yield _spelt(member)


def _lined(opening: str, lines: Iterable[str], closing: str) -> Iterator[str]:
    for place, line in enumerate(lines):
        yield f"{',' if place else opening}\n    {line}"
    yield f"\n  {closing}"


def _spelt(value: object) -> str:
    """A value as JSON, without half characters, which a deployment can send and many JSON readers refuse."""
    spelt = json.dumps(value, allow_nan=False)
    if _MAYBE_LONE.search(spelt):
        spelt = json.dumps(_sayable(value), allow_nan=False)
    return inert(spelt, IN_JSON)


def document(run: Run) -> dict[str, object]:
    """`run` as the JSON value that the schema describes."""
    found = causes(run)
    return {
        "format": FORMAT,
        "target": run.target,
        "suite": {"version": run.suite_version, "contractSha256": run.contract_sha256},
        "requirementSet": {"version": run.requirement_set.version, "sha256": run.requirement_set.sha256},
        "startedAt": run.started_at,
        "seconds": run.seconds,
        "seed": run.seed,
        "profile": _profile(run.profile),
        "choices": choices(run),
        "plan": [
            {"requirement": check.requirement, "entity": check.entity, "after": list(check.after)} for check in run.plan
        ],
        "expected": None if run.expected is None else _expected(run.expected),
        "verdict": run.verdict.name,
        "exitCode": run.verdict.exit_code,
        "reason": run.verdict.reason,
        "caveats": list(run.caveats),
        "waivers": [_waiver(use) for use in run.waivers],
        "requests": _requests(run.requests),
        "causes": [_cause(cause, run) for cause in found],
        "dialect": [{"about": about, "note": note} for about, note in dialect(run, found)],
        "results": [_result(result) for result in run.results],
        "exchanges": {exchange.id: _exchange(exchange) for exchange in run.exchanges},
        "leftovers": [
            {"kind": left.kind, "entity": left.entity, "id": left.id, "reason": left.reason} for left in run.leftovers
        ],
        "complete": True,
    }


def schema() -> dict[str, object]:
    """The report's published JSON Schema (2020-12)."""
    text = resources.files("entity_conformance.report").joinpath("schemas/report.json").read_text(encoding="utf-8")
    return cast("dict[str, object]", json.loads(text))


def _profile(profile: Profile) -> dict[str, object]:
    return {
        "name": profile.name,
        "credentials": [reported(name) for name in profile.credentials],
        "capabilities": list(profile.capabilities),
        "entities": list(profile.entities),
        "outOfScope": [{"requirement": id_, "reason": reason} for id_, reason in profile.out_of_scope],
        "optIn": list(profile.opt_in),
        "notes": list(profile.notes),
    }


def _waiver(use: WaiverUse) -> dict[str, object]:
    waiver = use.waiver
    return {
        "requirement": waiver.requirement,
        "entity": waiver.entity,
        "reason": waiver.reason,
        "ticket": waiver.ticket,
        "expires": waiver.expires.isoformat(),
        "state": use.state,
        "about": [{"requirement": requirement, "entity": entity} for requirement, entity in use.about],
    }


def _requests(of: RequestCount) -> dict[str, int]:
    return {"total": of.total, "key": of.key, "session": of.session, "none": of.none}


def _expected(expected: Expected) -> dict[str, object]:
    return {
        "requests": _requests(expected.requests),
        "seconds": round(expected.seconds, 3),
        "credentials": [
            {
                "credential": share.credential,
                "requests": share.requests,
                "limit": share.limit,
                "remaining": share.remaining,
                "resetsIn": None if share.resets_in is None else round(share.resets_in),
            }
            for share in expected.shares
        ],
        "leftOut": [{"reason": reason, "requirements": list(names)} for reason, names in expected.left_out],
    }


def _cause(cause: Cause, run: Run) -> dict[str, object]:
    places = {id(result): place for place, result in enumerate(run.results)}
    shown = cause.shown
    return {
        "title": cause.title,
        "outcome": cause.outcome.name,
        "requirements": list(cause.requirements),
        "entities": list(cause.entities),
        "results": [places[id(one.result)] for one in cause.seen],
        "shown": {
            "result": places[id(shown.result)],
            "exchange": None if shown.exchange is None else shown.exchange.id,
            "curl": None if shown.exchange is None else curl(shown.exchange),
        },
    }


def _result(result: Result) -> dict[str, object]:
    return {
        "requirement": result.requirement,
        "chapter": result.chapter,
        "level": result.level,
        "entity": result.entity,
        "outcome": result.outcome.name,
        "message": result.message,
        "expected": result.expected,
        "actual": result.actual,
        "exchanges": list(result.exchanges),
    }


def _exchange(exchange: Exchange) -> dict[str, object]:
    response = {
        "status": exchange.status,
        "whole": exchange.error is None,
        "headers": _headers(exchange.response_headers),
        "body": exchange.response_body,
    }
    return {
        "check": exchange.check,
        "credential": reported(exchange.credential),
        "request": {
            "method": exchange.method,
            "url": exchange.url,
            "headers": _headers(exchange.request_headers),
            "body": exchange.request_body,
        },
        "response": None if exchange.status is None else response,
        "error": exchange.error,
        "at": exchange.at,
        "seconds": exchange.seconds,
    }


def _headers(pairs: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _sayable(value: object) -> object:
    match value:
        case str():
            return _LONE_SURROGATE.sub("\ufffd", value)
        case dict():
            return {_sayable(key): _sayable(member) for key, member in value.items()}
        case list():
            return [_sayable(member) for member in value]
        case _:
            return value
