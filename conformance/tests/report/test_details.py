"""The report with nothing left out: golden text, and what a hostile deployment cannot do to it."""

from dataclasses import replace

import pytest
from entity_conformance.report import details
from entity_conformance.report.terminal import Terminal
from entity_conformance.report.verdict import Outcome, Verdict
from rich.text import Text

from conformance.tests.report.samples import (
    BASE,
    FAILED,
    PASSED,
    REQUIREMENTS,
    WARNED,
    exchange,
    result,
    run,
    whole_run,
)

NARROW = Terminal(width=80)

GOLDEN = r"""
Conformance of http://127.0.0.1:5173/api/v1
suite 0.1.0 · contract 3f2a9c1b04d7 · seed 42
profile api-key · started 2025-01-15T10:30:00.000Z

1. GET /tasks: data holds more records than asked for: 1 requirement, tasks ────
list.limit-caps-page [tasks]  MUST
  clause    "limit?: number // Default: 20, Max: 100"
  source    LIST - Get All Records
  why       data holds more records than asked for
  expected  2 records
  actual    3 records
  answer    200 after 12 ms
  body      {"success":true,"data":[{"id":"tsk_1"},{"id":"tsk_2"},{"id":"tsk_3"}
            ]}
  evidence  exchange x1, beside x2
  curl -i 'http://127.0.0.1:5173/api/v1/tasks?limit=2' -H "Authorization: Bearer $CONFORMANCE_API_KEY"

2. GET /tasks: a page past the end is refused: 1 requirement, tasks ────────────
list.past-the-end [tasks]  SHOULD
  clause    "page?: number // Default: 1"
  source    LIST - Get All Records, decision L3.empty-page
  why       a page past the end is refused
  expected  200
  actual    404
  answer    200 after 12 ms
  body      {"success":true,"data":[{"id":"tsk_1"},{"id":"tsk_2"},{"id":"tsk_3"}
            ]}
  evidence  exchange x1
  curl -i 'http://127.0.0.1:5173/api/v1/tasks?limit=2' -H "Authorization: Bearer $CONFORMANCE_API_KEY"

broken (1): a defect of this suite, not of the deployment ──────────────────────
update.keeps-the-rest [tasks]  MUST
  clause    "partial update"
  source    UPDATE - Update Record
  why       KeyError: 'title' in updating.py:41
  answer    none after 12 ms: no answer within 10 s
  evidence  exchange x3
  curl -i 'http://127.0.0.1:5173/api/v1/tasks?limit=2' -H "Authorization: Bearer $CONFORMANCE_API_KEY"

blocked (1): could not be tested ───────────────────────────────────────────────
create.returns-record [tasks]  MUST
  clause    "201 Created- Success"
  source    CREATE - Create New Record
  why       no record could be made
  answer    500 after 12 ms
  body      {"success":false,"error":"Internal server
            error","code":"INTERNAL_ERROR"}
  evidence  exchange x2
  curl -i -X POST http://127.0.0.1:5173/api/v1/tasks -H "Authorization: Bearer $CONFORMANCE_API_KEY" -H 'Content-Type: application/json' --data-raw '{"title":"it'\''s new"}'

The curl lines read $CONFORMANCE_API_KEY.

chapter         passed  observed  skipped  blocked  warned  failed  broken
──────────────────────────────────────────────────────────────────────────
authentication       1         ·        ·        ·       ·       ·       ·
listing              ·         1        ·        ·       1       1       ·
creating             ·         ·        ·        1       ·       ·       ·
updating             ·         ·        ·        ·       ·       ·       1
keys                 ·         ·        1        ·       ·       ·       ·
──────────────────────────────────────────────────────────────────────────
all                  1         1        1        1       1       1       1

choices observed ───────────────────────────────────────────────────────────────
  list.limit-above-100  capped

out of scope: 2 requirements ───────────────────────────────────────────────────
         1  needs --session: keys.listed
         1  --skip delete.*: delete.is-permanent

not tested in the deployment's entities ────────────────────────────────────────
            tasks.shape: fields of the type point are not sampled

opt-in: runs only when it is allowed (--allow) ─────────────────────────────────
         2  errors.rate-limited, errors.credits-exhausted

left behind on the deployment (2) ──────────────────────────────────────────────
  record    tasks/tsk_9: DELETE answered 500
  key       key_1: 401
  `conformance cleanup` removes them.

183 requests (150 by key, 20 by session, 13 without credentials) in 12.3 s
does not conform: 1 requirement failed: list.limit-caps-page (exit 1)
"""  # noqa: E501 - a curl line is never folded


def test_a_run_in_which_everything_happened() -> None:
    assert details.text(whole_run(), REQUIREMENTS, NARROW) == GOLDEN.removeprefix("\n")


def test_a_chapter_that_nobody_wanted_tested_has_no_line_in_the_table() -> None:
    unwanted = replace(result("keys.listed", Outcome.skipped), message="left out by --skip")

    told = details.text(run(PASSED, unwanted), REQUIREMENTS, NARROW)

    table = told.partition("chapter ")[2].partition("\nall ")[0]
    assert "authentication" in table
    assert "keys" not in table


def test_the_same_run_gives_the_same_text() -> None:
    assert details.text(whole_run(), REQUIREMENTS, NARROW) == details.text(whole_run(), REQUIREMENTS, NARROW)


def test_a_terminal_too_narrow_for_the_table_gets_lines() -> None:
    text = details.text(run(PASSED, FAILED, WARNED, exchanges=()), REQUIREMENTS, Terminal(width=37))

    assert "\nauthentication: 1 passed\nlisting: 1 warned, 1 failed\nall: 1 passed, 1 warned, 1 failed\n\n" in text
    assert (
        "\n1. data holds more records than asked\nfor: 1 requirement, tasks\nlist.limit-caps-page [tasks]  MUST\n"
        in text
    )


@pytest.mark.parametrize("width", [1, 10, 20, 40, 79, 80, 120, 500])
def test_the_verdict_is_the_last_line_at_every_width(width: int) -> None:
    text = details.text(whole_run(), REQUIREMENTS, Terminal(width=width))

    assert text.splitlines()[-1] == "does not conform: 1 requirement failed: list.limit-caps-page (exit 1)"


@pytest.mark.parametrize("width", [10, 40, 80])
def test_a_curl_line_is_whole_at_every_width(width: int) -> None:
    text = details.text(run(FAILED), REQUIREMENTS, Terminal(width=width))

    assert f"  curl -i '{BASE}/tasks?limit=2' -H \"Authorization: Bearer $CONFORMANCE_API_KEY\"" in text.splitlines()


@pytest.mark.parametrize("width", [40, 80, 120])
def test_everything_but_single_lines_fits(width: int) -> None:
    lines = details.text(whole_run(), REQUIREMENTS, Terminal(width=width)).splitlines()

    too_wide = [line for line in lines[:-1] if len(line) > width and not line.startswith("  curl ")]
    assert [line for line in too_wide if not line.startswith("Conformance of ")] == []


def test_a_terminal_without_unicode_gets_ascii() -> None:
    stranger = replace(FAILED, actual="日本")

    text = details.text(whole_run(results=(stranger,)), REQUIREMENTS, Terminal(width=80, unicode=False))

    assert text.isascii()
    assert "\n  actual    \\u65e5\\u672c\n" in text
    assert "\nlisting       -       1\n" in text


def test_without_colours_there_is_no_control_character() -> None:
    text = details.text(whole_run(), REQUIREMENTS, Terminal(width=80))

    assert all(line.isprintable() for line in text.splitlines())


def test_colours_do_not_change_the_text() -> None:
    coloured = details.text(whole_run(), REQUIREMENTS, Terminal(width=80, colours="standard"))

    assert "\x1b[1;31mlist.limit-caps-page [tasks]\x1b[0m\x1b[2m  MUST\x1b[0m\n" in coloured
    assert Text.from_ansi(coloured).plain.split() == GOLDEN.split()


@pytest.mark.parametrize(
    ("verdict", "colour"),
    [
        (Verdict("conforms", 0, "conforms"), "32"),
        (Verdict("does-not-conform", 1, "1 failed"), "31"),
        (Verdict("inconclusive", 3, "1 blocked"), "33"),
        (Verdict("conforms", 5, "1 record left behind"), "33"),
        (Verdict("could-not-test", 70, "a defect"), "31"),
    ],
)
def test_the_verdict_has_its_colour(verdict: Verdict, colour: str) -> None:
    text = details.text(run(verdict=verdict), REQUIREMENTS, Terminal(colours="standard"))

    assert text.splitlines()[-1].startswith(f"\x1b[1;{colour}m")


def test_a_key_that_the_run_made_has_to_be_replaced() -> None:
    revoked = exchange(credential="made key", request_headers=(("Authorization", "Bearer [redacted]"),))
    body = '{"name": "conformance-abcdefghi shown", "scopes": ["read"]}'
    made = exchange("x7", method="POST", url=f"{BASE}/keys", request_headers=(), request_body=body, status=201)

    text = details.text(run(FAILED, exchanges=(revoked, made)), REQUIREMENTS, Terminal(width=200))

    said = "set $CONFORMANCE_MADE_KEY to the key that a creation answers with the scopes that it needs:"
    assert f"The run revoked the keys that it made: {said}\ncurl -i -X POST {BASE}/keys " in text


HOSTILE = (
    "[bold red]x[/] [/nonsense] [link=http://evil]y[/link] :smile: \x1b]0;title\x07\x1b[2J\r\nconforms (exit 0)\u202e"
)
SHOWN = r"[bold red]x[/] [/nonsense] [link=http://evil]y[/link] :smile: \x1b]0;title\x07\x1b[2J conforms (exit 0)\u202e"


@pytest.mark.parametrize("where", ["message", "expected", "actual"])
def test_what_a_deployment_sent_is_text_and_nothing_else(where: str) -> None:
    hostile = result("list.limit-caps-page", Outcome.failed, **{where: HOSTILE})

    text = details.text(run(hostile), REQUIREMENTS, Terminal(width=200))

    assert SHOWN in text
    assert all(line.isprintable() for line in text.splitlines())


def test_an_answers_body_is_text_and_nothing_else() -> None:
    text = details.text(run(FAILED, exchanges=(exchange(response_body=HOSTILE),)), REQUIREMENTS, Terminal(width=200))

    assert f"\n  body      {SHOWN}\n" in text


def test_hostile_names_cannot_leave_their_line() -> None:
    hostile = whole_run(
        target=HOSTILE,
        choices=(("list.limit-above-100", HOSTILE),),
        verdict=Verdict("could-not-test", 4, HOSTILE),
        results=(replace(FAILED, requirement=HOSTILE, entity=HOSTILE, chapter=HOSTILE),),
    )

    text = details.text(hostile, REQUIREMENTS, Terminal(width=80))

    assert all(line.isprintable() for line in text.splitlines())
    assert "\nconforms (exit 0)" not in text


def test_a_huge_body_is_an_excerpt() -> None:
    text = details.text(run(FAILED, exchanges=(exchange(response_body="x" * 3_000_000),)), REQUIREMENTS, NARROW)

    assert len(text) < 3_000
    assert "… (cut)" in " ".join(text.split())
