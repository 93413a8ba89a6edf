"""The report for programs: every report keeps its schema, and nothing less than a whole one does.

It is long because each part of the schema is shown to be needed.
"""

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, get_args

import pytest
from entity_conformance.deployment.problems import RequestCount
from entity_conformance.report.expected import Expected, Share
from entity_conformance.report.json import document, render, schema
from entity_conformance.report.verdict import Outcome, Profile, Result, Run, Verdict, VerdictName
from jsonschema import Draft202012Validator, FormatChecker

from conformance.tests.report.samples import (
    BASE,
    CREATE,
    EVERY_OUTCOME,
    FAILED,
    KNOWN,
    PASSED,
    REQUIREMENTS,
    WAIVED,
    WARNED,
    exchange,
    run,
    whole_run,
)

EXCEPT = Verdict("conforms-except-waived", 0, "conforms except 1 waived (list.limit-caps-page)")
VALIDATOR = Draft202012Validator(schema(), format_checker=FormatChecker())


def text(run_: Run) -> str:
    stream = io.StringIO()
    render(run_, REQUIREMENTS, stream)
    return stream.getvalue()


def report(run_: Run) -> Any:
    return json.loads(text(run_))


def problems(document_: object) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(document_)]


def verdict_of(result: Result) -> Verdict:
    match result.outcome:
        case Outcome.failed:
            return Verdict("does-not-conform", 1, "1 failed")
        case Outcome.broken:
            return Verdict("could-not-test", 70, "a defect")
        case Outcome.blocked:
            return Verdict("inconclusive", 3, "1 blocked")
        case _:
            return Verdict("conforms", 0, "conforms")


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema())


def test_a_report_holds_these_members_in_this_order() -> None:
    assert list(report(whole_run())) == [
        "format",
        "target",
        "suite",
        "requirementSet",
        "startedAt",
        "seconds",
        "seed",
        "profile",
        "choices",
        "plan",
        "expected",
        "verdict",
        "exitCode",
        "reason",
        "caveats",
        "waivers",
        "requests",
        "causes",
        "dialect",
        "results",
        "exchanges",
        "leftovers",
        "complete",
    ]


def test_what_the_run_set_out_to_send_is_told_with_the_limits() -> None:
    shares = (Share("API key", 150, 20, 1000, 955, 3480.4), Share("session", 20, 3))
    left_out = (("no other user's API key was given (--other-api-key)", ("auth.records-of-others",)),)
    expected = Expected(RequestCount(183, 150, 20, 13), 4.25, 40, 30, shares, left_out)

    assert report(replace(whole_run(), expected=expected))["expected"] == {
        "requests": {"total": 183, "key": 150, "session": 20, "none": 13},
        "seconds": 4.25,
        "credentials": [
            {"credential": "API key", "requests": 150, "limit": 1000, "remaining": 955, "resetsIn": 3480},
            {"credential": "session", "requests": 20, "limit": None, "remaining": None, "resetsIn": None},
        ],
        "leftOut": [
            {
                "reason": "no other user's API key was given (--other-api-key)",
                "requirements": ["auth.records-of-others"],
            }
        ],
    }


def test_the_head_of_a_report() -> None:
    head = report(whole_run())
    for long in ("causes", "results", "exchanges", "plan"):
        del head[long]

    assert head == {
        "format": "v1-conformance-report/1",
        "target": BASE,
        "suite": {"version": "0.1.0", "contractSha256": "3f2a9c1b04d7" + "0" * 52},
        "requirementSet": {"version": "unreleased", "sha256": "0" * 64},
        "startedAt": "2025-01-15T10:30:00.000Z",
        "seconds": 12.34,
        "seed": 42,
        "profile": {
            "name": "api-key",
            "credentials": ["key"],
            "capabilities": ["users"],
            "entities": ["tasks"],
            "outOfScope": [
                {"requirement": "keys.listed", "reason": "needs --session"},
                {"requirement": "delete.is-permanent", "reason": "--skip delete.*"},
            ],
            "optIn": ["errors.rate-limited", "errors.credits-exhausted"],
            "notes": ["tasks.shape: fields of the type point are not sampled"],
        },
        "choices": {"list.limit-above-100": "capped"},
        "expected": None,
        "verdict": "does-not-conform",
        "exitCode": 1,
        "reason": "1 requirement failed: list.limit-caps-page",
        "caveats": [],
        "waivers": [],
        "requests": {"total": 183, "key": 150, "session": 20, "none": 13},
        "dialect": [],
        "leftovers": [
            {"kind": "record", "entity": "tasks", "id": "tsk_9", "reason": "DELETE answered 500"},
            {"kind": "key", "entity": None, "id": "key_1", "reason": "401"},
        ],
        "complete": True,
    }


def test_a_result_in_a_report() -> None:
    assert report(run(FAILED))["results"] == [
        {
            "requirement": "list.limit-caps-page",
            "chapter": "listing",
            "level": "must",
            "entity": "tasks",
            "outcome": "failed",
            "message": "data holds more records than asked for",
            "expected": "2 records",
            "actual": "3 records",
            "exchanges": ["x2", "x1"],
        }
    ]


def test_a_waiver_in_a_report() -> None:
    told = report(run(PASSED, WAIVED, waivers=(KNOWN,), caveats=("said",), verdict=EXCEPT))

    assert (told["waivers"], told["caveats"], told["causes"]) == (
        [
            {
                "requirement": "list.limit-*",
                "entity": "orders",
                "reason": "fixed in 2.3",
                "ticket": "SHOP-7",
                "expires": "2025-06-30",
                "state": "holds",
                "about": [{"requirement": "list.limit-caps-page", "entity": "orders"}],
            }
        ],
        ["said"],
        [],
    )
    assert problems(told) == []


@pytest.mark.parametrize("name", ["conforms", "inconclusive"])
def test_what_conforms_but_for_a_waiver_says_so(name: VerdictName) -> None:
    assert problems(report(run(PASSED, WAIVED, verdict=Verdict(name, 0, "so")))) != []


def test_nothing_conforms_except_for_waivers_that_waive_nothing() -> None:
    assert problems(report(run(PASSED, verdict=EXCEPT))) != []


def test_a_cause_in_a_report() -> None:
    twice = replace(FAILED, requirement="list.past-the-end", entity="orders")

    assert report(run(PASSED, FAILED, twice, verdict=verdict_of(FAILED)))["causes"] == [
        {
            "title": "GET /{entity}: data holds more records than asked for",
            "outcome": "failed",
            "requirements": ["list.limit-caps-page", "list.past-the-end"],
            "entities": ["tasks", "orders"],
            "results": [1, 2],
            "shown": {
                "result": 1,
                "exchange": "x1",
                "curl": f"curl -i '{BASE}/tasks?limit=2' -H \"Authorization: Bearer $CONFORMANCE_API_KEY\"",
            },
        }
    ]


def test_a_note_on_the_dialect_in_a_report() -> None:
    foreign = exchange(status=400, response_body='{"success":false,"error":"No","code":"bad"}')

    assert report(run(PASSED, exchanges=(foreign,)))["dialect"] == [{"about": "codes", "note": "bad with 400"}]


def test_an_exchange_in_a_report() -> None:
    assert report(run(PASSED, exchanges=(CREATE,)))["exchanges"] == {
        "x2": {
            "check": "create.returns-record",
            "credential": "key",
            "request": {
                "method": "POST",
                "url": f"{BASE}/tasks",
                "headers": [
                    {"name": "Authorization", "value": "Bearer $CONFORMANCE_API_KEY"},
                    {"name": "Content-Type", "value": "application/json"},
                ],
                "body": '{"title":"it\'s new"}',
            },
            "response": {
                "status": 500,
                "whole": True,
                "headers": [{"name": "Content-Type", "value": "application/json"}],
                "body": '{"success":false,"error":"Internal server error","code":"INTERNAL_ERROR"}',
            },
            "error": None,
            "at": 0.0,
            "seconds": 0.012,
        }
    }


def test_an_answer_that_is_cut_is_not_whole() -> None:
    cut = exchange(response_body='{"data', error="the connection was closed before the whole answer came")

    told = report(run(PASSED, exchanges=(cut,)))

    assert told["exchanges"]["x1"]["response"]["whole"] is False
    assert problems(told) == []


def test_silence_has_no_response_and_an_error() -> None:
    silence = exchange(status=None, response_headers=(), response_body=None, error="no answer within 10 s")

    told = report(run(PASSED, exchanges=(silence,)))["exchanges"]["x1"]

    assert (told["response"], told["error"]) == (None, "no answer within 10 s")


@pytest.mark.parametrize("result", EVERY_OUTCOME, ids=lambda result: result.outcome.name)
def test_every_outcome_keeps_the_schema(result: Result) -> None:
    assert problems(report(run(result, verdict=verdict_of(result)))) == []


def test_every_outcome_is_in_the_schema() -> None:
    told = schema()["$defs"]["result"]["properties"]["outcome"]["enum"]  # type: ignore[index]

    assert told == [outcome.name for outcome in Outcome]


def test_every_verdict_is_in_the_schema() -> None:
    told = schema()["properties"]["verdict"]["enum"]  # type: ignore[index]

    assert tuple(told) == get_args(VerdictName)


def test_a_run_in_which_everything_happened_keeps_the_schema() -> None:
    assert problems(report(whole_run())) == []


def test_a_run_without_results_keeps_the_schema() -> None:
    empty = run(
        profile=Profile("none", (), (), ()),
        verdict=Verdict("could-not-test", 4, "unreachable"),
        exchanges=(),
    )

    assert problems(report(empty)) == []


@pytest.mark.parametrize(
    ("name", "exit_code"),
    [
        ("conforms", 0),
        ("does-not-conform", 1),
        ("could-not-test", 2),
        ("inconclusive", 3),
        ("could-not-test", 4),
        ("conforms", 5),
        ("inconclusive", 5),
        ("could-not-test", 70),
        ("does-not-conform", 130),
        ("inconclusive", 130),
    ],
)
def test_every_exit_code_keeps_the_schema(name: VerdictName, exit_code: int) -> None:
    assert problems(report(run(PASSED, verdict=Verdict(name, exit_code, "so")))) == []


def having(*path: str | int, value: object) -> Callable[[Any], None]:
    def put(document_: Any) -> None:
        for step in path[:-1]:
            document_ = document_[step]
        document_[path[-1]] = value

    return put


@pytest.mark.parametrize("member", list(document(run())))
def test_a_report_without_one_of_its_members_is_none(member: str) -> None:
    broken = report(whole_run())

    del broken[member]

    assert problems(broken) == [f"$: {member!r} is a required property"]


@pytest.mark.parametrize(
    "change",
    [
        having("complete", value=False),
        having("format", value="v1-conformance-report/2"),
        having("verdict", value="yes"),
        having("exitCode", value=6),
        having("exitCode", value=0),
        having("verdict", value="inconclusive"),
        having("verdict", value="conforms"),
        having("seconds", value=-1),
        having("startedAt", value="yesterday"),
        having("suite", "contractSha256", value="abc"),
        having("extra", value=1),
        having("results", 0, "outcome", value="crashed"),
        having("results", 0, "level", value="may"),
        having("results", 0, "entity", value=""),
        having("results", 0, "requirement", value="no dots"),
        having("results", 0, "seconds", value=1),
        having("exchanges", "x1", "response", value=None),
        having("exchanges", "x1", "request", "headers", value=None),
        having("exchanges", "x1", "response", "status", value=99),
        having("leftovers", 0, "kind", value="user"),
        having("profile", "optIn", value=["keys.listed", "keys.listed"]),
        having("results", 0, value={}),
    ],
)
def test_a_report_that_says_something_else_is_none(change: Callable[[Any], None]) -> None:
    broken = report(whole_run())

    change(broken)

    assert problems(broken) != []


def test_a_must_is_never_only_warned_of() -> None:
    assert problems(report(run(replace(WARNED, level="must")))) != []


def test_what_conforms_has_not_failed() -> None:
    assert problems(report(run(FAILED, verdict=Verdict("conforms", 0, "conforms")))) != []


def test_a_report_that_was_cut_off_is_none() -> None:
    whole = text(run(FAILED, exchanges=()))
    readable = []

    for end in range(len(whole.rstrip())):
        try:
            readable.append(json.loads(whole[:end]))
        except json.JSONDecodeError:
            continue

    assert readable == []


def test_the_footer_is_the_last_thing_written() -> None:
    assert text(whole_run()).endswith('  "complete": true\n}\n')


def test_every_exchange_that_a_result_names_is_in_the_table() -> None:
    told = report(whole_run())

    named = {id_ for result in told["results"] for id_ in result["exchanges"]}

    assert named == {"x1", "x2", "x3"} == set(told["exchanges"])


def test_the_text_is_ascii_whatever_was_sent() -> None:
    odd = run(replace(FAILED, actual="日本 \x1b \u2028 \ud800"), verdict=Verdict("does-not-conform", 1, "so"))

    told = text(odd)

    assert told.isascii()
    assert json.loads(told)["results"][0]["actual"] == "日本 \x1b \u2028 \ufffd"
    assert "\\ud800" not in told


def test_bodies_stand_as_they_were_recorded() -> None:
    huge = exchange(request_body="x" * 2_000_000, response_body="y" * 2_000_000)

    told = report(run(PASSED, exchanges=(huge,)))["exchanges"]["x1"]

    assert (told["request"]["body"], told["response"]["body"]) == (huge.request_body, huge.response_body)


def test_a_report_names_every_part_that_the_schema_knows() -> None:
    """Nothing is optional: a member that is in the schema is in every report."""

    def optional(node: Mapping[str, Any], path: str) -> list[str]:
        here = [f"{path}.{name}" for name in node.get("properties", {}) if name not in node.get("required", ())]
        below = [each for name, sub in node.get("properties", {}).items() for each in optional(sub, f"{path}.{name}")]
        return here + below + optional(node.get("items", {}), f"{path}[]") if node else []

    whole: Any = schema()

    assert optional(whole, "$") == []
    assert optional(whole["$defs"]["result"], "result") == []
    assert optional(whole["$defs"]["exchange"], "exchange") == []
