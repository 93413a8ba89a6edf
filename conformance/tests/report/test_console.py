"""The report for people: golden text, and that it stays on one screen whatever the deployment does.

It is long because the golden texts stand in it.
"""

import io
import re
from dataclasses import replace

import pytest
from entity_conformance.deployment.exchange import Exchange
from entity_conformance.deployment.problems import Leftover, RequestCount
from entity_conformance.report import console
from entity_conformance.report.expected import Expected, Share
from entity_conformance.report.terminal import Terminal
from entity_conformance.report.verdict import Outcome, Profile, Result, Run, Verdict
from rich.cells import cell_len
from rich.text import Text

from conformance.tests.report.samples import BASE, FAILED, PASSED, REQUIREMENTS, exchange, result, run, whole_run

NARROW = Terminal(width=80)
LINES = 56
NUMBERED = re.compile(r" ?\d+\. ")

GOLDEN = r"""
Conformance of http://127.0.0.1:5173/api/v1
2025-01-15T10:30:00.000Z · suite 0.1.0 · contract 3f2a9c1b04d7 · seed 42 · api-…

2 causes: 1 requirement failed, 1 warned · --verbose tells all
 1. GET /tasks: data holds more records than asked…: list.limit-caps-page, tasks
    GET /tasks?limit=2 → 200
    expected 2 records, actual 3 records
    curl -i 'http://127.0.0.1:5173/api/v1/tasks?limit=2' -H "Authorization: Bearer $CONFORMANCE_API_KEY"
 2. GET /tasks: a page past the end is refused: list.past-the-end, tasks
    GET /tasks?limit=2 → 200
    expected 200, actual 404
    curl -i 'http://127.0.0.1:5173/api/v1/tasks?limit=2' -H "Authorization: Bearer $CONFORMANCE_API_KEY"
The curl lines read $CONFORMANCE_API_KEY.

broken: a defect of this suite, not of the deployment
       1  update.keeps-the-rest: KeyError: 'title' in updating.py:41

blocked: 1 requirement could not be tested
       1  create.returns-record: no record could be made

left behind on the deployment (2); `conformance cleanup` removes what it can
  record  tasks/tsk_9: DELETE answered 500
     key  key_1: 401

results       1 broken, 1 failed, 1 warned, 1 blocked, 1 skipped, 1 observed, 1
              passed
choices       1 observed: list.limit-above-100: capped
out of scope  2 requirements: needs --session (1); --skip delete.* (1)

183 requests (150 by key, 20 by session, 13 without credentials) in 12.3 s
does not conform: 1 requirement failed: list.limit-caps-page (exit 1)
"""

GREEN = """
Conformance of http://127.0.0.1:5173/api/v1
2025-01-15T10:30:00.000Z · suite 0.1.0 · contract 3f2a9c1b04d7 · seed 42 · api-…

results       1 passed
held          authentication 1

183 requests (150 by key, 20 by session, 13 without credentials) in 12.3 s
conforms, profile api-key (exit 0)
"""

UNTESTABLE = """
Conformance of http://127.0.0.1:5173/api/v1
2025-01-15T10:30:00.000Z · suite 0.1.0 · contract 3f2a9c1b04d7 · seed 42 · api-…

183 requests (150 by key, 20 by session, 13 without credentials) in 12.3 s
could not test: no answer from 127.0.0.1:9 (exit 4)
"""


def test_a_run_in_which_everything_happened() -> None:
    assert console.text(whole_run(), REQUIREMENTS, NARROW) == GOLDEN.removeprefix("\n")


def test_a_run_in_which_all_is_well_is_short() -> None:
    assert console.text(run(PASSED), REQUIREMENTS, NARROW) == GREEN.removeprefix("\n")


def test_a_run_without_results_has_a_verdict_and_nothing_else() -> None:
    empty = run(verdict=Verdict("could-not-test", 4, "no answer from 127.0.0.1:9"), exchanges=())

    assert console.text(empty, REQUIREMENTS, NARROW) == UNTESTABLE.removeprefix("\n")


def test_verbose_tells_every_finding_whole() -> None:
    told = console.text(whole_run(), REQUIREMENTS, NARROW, verbose=True)

    assert '  clause    "limit?: number // Default: 20, Max: 100"\n  source    LIST - Get All Records\n' in told


def wrong(
    cause: int, entity: str = "tasks", requirement: str | None = None, outcome: Outcome = Outcome.failed
) -> Result:
    """One of many causes, each of which differs by its message."""
    word = "".join(chr(ord("a") + int(digit)) for digit in f"{cause:03}")
    return replace(
        FAILED,
        requirement=requirement or f"list.{word}",
        entity=entity,
        outcome=outcome,
        message=f"data.{word} differs",
        exchanges=(f"x{cause}",),
    )


def asked(number: int, length: int = 20) -> Exchange:
    return exchange(f"x{number}", url=f"{BASE}/tasks?search={'s' * length}")


def broken_deployment(causes: int, *, url: int = 20, blocked: int = 0, leftovers: int = 0) -> Run:
    results = [wrong(number, entity) for number in range(causes) for entity in ("tasks", "orders")]
    results += [
        result("create.returns-record", Outcome.blocked, f"it stands on {'abcdefgh'[number % 8] * (number + 3)}")
        for number in range(blocked)
    ]
    return run(
        *results,
        exchanges=tuple(asked(number, url) for number in range(causes)),
        verdict=Verdict("does-not-conform", 1, f"does not conform: {causes} requirements broken"),
        leftovers=tuple(Leftover("record", "tasks", f"tsk_{number}", "403") for number in range(leftovers)),
    )


def lines_on(terminal: Terminal, told: str) -> int:
    """Lines of a terminal that the text takes, those included that it wraps."""
    return sum(max(-(-cell_len(line) // terminal.width), 1) for line in told.splitlines())


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize("signs", ["unicode", "ascii"])
@pytest.mark.parametrize(
    "deployment",
    [
        broken_deployment(1),
        broken_deployment(10),
        broken_deployment(12, blocked=30, leftovers=30),
        broken_deployment(12, url=2_000),
        broken_deployment(60, blocked=5),
        broken_deployment(400, url=500, blocked=400, leftovers=400),
        whole_run(),
        run(PASSED),
    ],
)
def test_a_report_fits_on_one_screen(deployment: Run, width: int, signs: str) -> None:
    terminal = Terminal(width=width, unicode=signs == "unicode")

    assert lines_on(terminal, console.text(deployment, REQUIREMENTS, terminal)) <= LINES


def test_a_report_fits_on_one_screen_however_long_the_reasons_are() -> None:
    results = [
        replace(FAILED, requirement=f"list.{letter}", outcome=outcome, message=f"{letter * 20} " * 20)
        for outcome in (Outcome.blocked, Outcome.broken)
        for letter in "abcdefgh"
    ]
    deployment = replace(broken_deployment(40, leftovers=40), results=(*broken_deployment(40).results, *results))

    assert lines_on(NARROW, console.text(deployment, REQUIREMENTS, NARROW)) <= LINES


def test_what_is_blocked_is_named_and_what_to_do_is_told_whole() -> None:
    why = "raise --max-wait (300 s): the rate limit is 60 per 3600 s, used up for longer; the rest is kept for the end"
    names = ("list.links", "list.past-the-end", "read.own")
    blocked = run(*(replace(FAILED, requirement=name, outcome=Outcome.blocked, message=why) for name in names))

    told = console.text(blocked, REQUIREMENTS, Terminal()).splitlines()

    at = told.index("blocked: 3 requirements could not be tested")
    assert told[at + 1 : at + 3] == [
        "       3  list.links, list.past-the-end and 1 more: raise --max-wait (300 s): the rate limit is 60",
        "          per 3600 s, used up for longer; the rest is kept for the end",
    ]


def test_what_to_set_before_a_curl_line_is_sent_is_told_whole() -> None:
    ways = ("key", "session", "other key", "made key")
    causes = [wrong(number) for number in range(len(ways))]
    asked_by = [replace(asked(number), credential=way) for number, way in enumerate(ways)]

    asked_by[-1] = replace(asked_by[-1], request_headers=(("Authorization", "Bearer [redacted]"),))
    told = console.text(run(*causes, exchanges=tuple(asked_by)), REQUIREMENTS, Terminal())

    said = "$CONFORMANCE_MADE_KEY was redacted: set it to a key with the scopes that the request needs."
    assert said in " ".join(told.split())


def test_an_answer_that_is_cut_is_told_as_that() -> None:
    cut = replace(asked(1), error="the connection was closed before the whole answer came")

    told = console.text(run(wrong(1), exchanges=(cut,)), REQUIREMENTS, Terminal(width=120))

    assert "gets no whole answer: the connection was closed" in told
    assert "→ 200, not whole" in told


def test_a_terminal_where_progress_leaves_nothing_has_more_room() -> None:
    tty = Terminal(width=80, moves=True)
    deployment = broken_deployment(400, blocked=400, leftovers=400)

    assert 53 < lines_on(tty, console.text(deployment, REQUIREMENTS, tty)) <= 56


def test_a_file_has_no_right_edge() -> None:
    deployment = broken_deployment(9, url=500)

    told = console.text(deployment, REQUIREMENTS, Terminal(width=80, wraps=False)).splitlines()

    assert sum(line.startswith("    curl ") for line in told) == 9
    assert len(told) <= LINES


def test_each_cause_of_a_dozen_is_named_and_the_first_ones_are_shown() -> None:
    told = console.text(broken_deployment(12, blocked=5), REQUIREMENTS, Terminal(width=120)).splitlines()

    assert [line[:4] for line in told if NUMBERED.match(line)] == [f"{number:>2}. " for number in range(1, 13)]
    assert sum(line.startswith("    curl ") for line in told) >= 5


def test_ten_causes_at_most_are_told_in_four_lines() -> None:
    told = console.text(broken_deployment(11), REQUIREMENTS, Terminal(width=200)).splitlines()

    assert sum(line.startswith("    curl ") for line in told) == 10


def test_causes_that_find_no_room_are_counted() -> None:
    told = console.text(broken_deployment(100), REQUIREMENTS, NARROW).splitlines()

    named = sum(NUMBERED.match(line) is not None for line in told)
    assert named >= 18
    assert f"    and {100 - named} causes more: --verbose tells all" in told


def test_reasons_that_find_no_room_are_counted() -> None:
    told = console.text(broken_deployment(1, blocked=8), REQUIREMENTS, NARROW)

    assert "\n          and 5 more: --verbose tells all\n" in told


def test_the_requirements_of_a_cause_are_counted_and_named() -> None:
    together = run(wrong(1, requirement="list.one"), wrong(1, "orders", "list.two"), exchanges=(asked(1),))

    told = console.text(together, REQUIREMENTS, Terminal(width=100)).splitlines()

    assert told[4] == " 1. GET /{entity}: a record's aab is missing: list.one, list.two, 2 entities"
    assert told[5] == "    GET /tasks?search=ssssssssssssssssssss → 200 · list.one, list.two"


def test_what_came_is_seen_beside_what_was_expected_however_long_both_are() -> None:
    long = replace(wrong(1), expected="e" * 200, actual="a" * 200)
    short = replace(wrong(1), expected="e" * 200, actual="404")

    told = [console.text(run(one, exchanges=(asked(1),)), REQUIREMENTS, NARROW).splitlines() for one in (long, short)]

    assert told[0][6] == f"    expected {'e' * 28}…, actual {'a' * 28}…"
    assert told[1][6] == f"    expected {'e' * 54}…, actual 404"


def test_what_else_is_wrong_is_told_on_the_line_of_what_came() -> None:
    one = replace(
        wrong(1), expected="400", actual="500, application/json: {}", message="it is not 400; besides: a code"
    )

    told = console.text(run(one, exchanges=(asked(1),)), REQUIREMENTS, NARROW).splitlines()

    assert told[6] == "    expected 400, actual 500, application/json: …, besides: a code"


def test_warnings_alone_are_causes_too() -> None:
    told = console.text(run(wrong(1, outcome=Outcome.warned), exchanges=(asked(1),)), REQUIREMENTS, NARROW)

    assert "\n1 cause: 1 requirement warned · --verbose tells all\n" in told


def test_many_chapters_that_hold_are_folded() -> None:
    chapters = [replace(PASSED, chapter=f"chapter-{number}") for number in range(12)]

    told = console.text(run(*chapters), REQUIREMENTS, NARROW)

    assert (
        "held          chapter-0 1, chapter-1 1, chapter-2 1, chapter-3 1, chapter-4 1,\n"
        "              chapter-5 1, chapter-6 1, chapter-7 1, chapter-8 1, chapter-9 1,\n"
        "              chapter-10 1, chapter-11 1\n"
    ) in told


def test_where_all_is_well_there_is_room_for_what_was_not_tested() -> None:
    profile = Profile("full", ("key",), (), ("tasks",), opt_in=("limits.exceeded",), notes=("tasks.shape: no", "b: no"))

    told = console.text(run(PASSED, profile=profile), REQUIREMENTS, NARROW)

    assert "\nnot tested    tasks.shape: no (and 1 more)\nopt-in        limits.exceeded (only with --allow)\n" in told


def test_what_nobody_wanted_tested_is_one_line() -> None:
    profile = Profile("api-key, selected", ("key",), (), (), tuple((f"list.n{n}", "left out") for n in range(200)))

    assert "\nout of scope  200 requirements: left out (200)\n" in console.text(
        run(PASSED, profile=profile), REQUIREMENTS, NARROW
    )


@pytest.mark.parametrize("width", [1, 10, 20, 40, 79, 80, 120, 500])
def test_the_verdict_is_the_last_line_at_every_width(width: int) -> None:
    text = console.text(whole_run(), REQUIREMENTS, Terminal(width=width))

    assert text.splitlines()[-1] == "does not conform: 1 requirement failed: list.limit-caps-page (exit 1)"


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_curl_line_is_whole_at_every_width(width: int) -> None:
    text = console.text(run(FAILED), REQUIREMENTS, Terminal(width=width))

    assert f"    curl -i '{BASE}/tasks?limit=2' -H \"Authorization: Bearer $CONFORMANCE_API_KEY\"" in text.splitlines()


@pytest.mark.parametrize("width", [20, 40, 80, 120])
@pytest.mark.parametrize("signs", ["unicode", "ascii"])
def test_everything_but_single_lines_fits(width: int, signs: str) -> None:
    strange = whole_run(results=(*whole_run().results, replace(FAILED, requirement="list.x", actual="日本語" * 30)))

    lines = console.text(strange, REQUIREMENTS, Terminal(width=width, unicode=signs == "unicode")).splitlines()

    too_wide = [line for line in lines[:-1] if cell_len(line) > width and not line.startswith("    curl ")]
    assert [line for line in too_wide if not line.startswith("Conformance of ")] == []


def test_a_terminal_without_unicode_gets_ascii() -> None:
    stranger = replace(FAILED, actual="日本")

    text = console.text(whole_run(results=(stranger,)), REQUIREMENTS, Terminal(width=80, unicode=False))

    assert text.isascii()
    assert "\n    expected 2 records, actual \\u65e5\\u672c\n" in text
    assert "\n    GET /tasks?limit=2 -> 200\n" in text


def test_without_colours_there_is_no_control_character() -> None:
    text = console.text(whole_run(), REQUIREMENTS, Terminal(width=80))

    assert all(line.isprintable() for line in text.splitlines())


def test_colours_do_not_change_the_text() -> None:
    coloured = console.text(whole_run(), REQUIREMENTS, Terminal(width=80, colours="standard"))

    assert "\x1b[1;31m 1. GET /tasks: data holds more records than asked\x1b[0m…: list.limit-caps-page" in coloured
    assert Text.from_ansi(coloured).plain.split() == GOLDEN.split()


HOSTILE = "[bold red]x[/] [/nonsense] :smile: \x1b]0;title\x07\x1b[2J\r\nconforms (exit 0)\u202e"
SHOWN = r"[bold red]x[/] [/nonsense] :smile: \x1b]0;title\x07\x1b[2J conforms (exit 0)\u202e"


@pytest.mark.parametrize("where", ["expected", "actual"])
def test_what_a_deployment_sent_is_text_and_nothing_else(where: str) -> None:
    hostile = result("list.limit-caps-page", Outcome.failed, **{where: HOSTILE})

    text = console.text(run(hostile), REQUIREMENTS, Terminal(width=200))

    assert SHOWN in text
    assert all(line.isprintable() for line in text.splitlines())


def test_hostile_names_cannot_leave_their_line() -> None:
    hostile = whole_run(
        target=HOSTILE,
        choices=(("list.limit-above-100", HOSTILE),),
        verdict=Verdict("could-not-test", 4, HOSTILE),
        leftovers=(Leftover("record", HOSTILE, HOSTILE, HOSTILE),),
        results=(
            replace(FAILED, requirement=HOSTILE, entity=HOSTILE, chapter=HOSTILE, message=HOSTILE),
            replace(FAILED, outcome=Outcome.blocked, message=HOSTILE),
        ),
    )

    text = console.text(hostile, REQUIREMENTS, Terminal(width=80))

    assert all(line.isprintable() for line in text.splitlines())
    assert "\nconforms (exit 0)" not in text


def test_a_stream_that_is_no_terminal_gets_plain_text_of_one_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "33")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    stream = io.StringIO()

    console.render(whole_run(), REQUIREMENTS, stream)

    assert stream.getvalue() == console.text(whole_run(), REQUIREMENTS, Terminal(width=100, wraps=False))


def test_a_stream_that_knows_ascii_only_is_not_a_crash() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")

    console.render(run(PASSED), REQUIREMENTS, stream)

    stream.seek(0)
    assert stream.read().startswith(
        "Conformance of http://127.0.0.1:5173/api/v1\n2025-01-15T10:30:00.000Z - suite 0.1.0 - contract"
    )


def test_all_causes_are_named_before_any_is_told_whole_and_what_is_left_goes_to_the_first_ones() -> None:
    terminal = Terminal(width=100, wraps=False)
    for causes in range(1, 50):
        told = console.text(broken_deployment(causes, blocked=5, leftovers=9), REQUIREMENTS, terminal).splitlines()
        named = sum(bool(NUMBERED.match(line)) for line in told)
        whole = sum("    curl " in line for line in told)
        room = LINES - 3 - len(told)

        assert named == causes or (whole == 0 and room == 0)
        assert (
            whole == min(causes, 10) or named < causes or room < 3 + (not whole)
        )  # a line says which variable it reads
        assert room >= 0


def test_what_is_not_tested_gives_way_to_causes() -> None:
    few, many = (
        console.text(broken_deployment(causes, blocked=8, leftovers=9), REQUIREMENTS, NARROW) for causes in (1, 30)
    )

    assert "\n          and 5 more: --verbose tells all\n" in few
    assert "\n          and 7 more: --verbose tells all\n" in many
    assert "\n          and 8 more: --verbose tells all\n" in many


def test_the_plan_takes_of_the_lines_what_it_needs() -> None:
    count = RequestCount(9, 9, 0, 0)
    plan = Expected(count, 1.0, 1, 1, ())
    terminal = Terminal(width=100, wraps=False)
    short = broken_deployment(60)
    limited = replace(plan, shares=(Share("API key", 9, 0, limit=9, remaining=9),), left_out=(("no", ("a",)),))

    lines = [
        len(console.text(replace(short, expected=one), REQUIREMENTS, terminal).splitlines()) for one in (plan, limited)
    ]

    assert lines == [56, 54]  # of 60, with three lines of progress and those of the plan


def test_what_a_variable_is_to_be_set_to_is_never_cut() -> None:
    sent = (("Authorization", "Bearer [redacted]"),)
    made = exchange("x1", url=f"{BASE}/tasks/tsk_1", request_headers=sent, credential="made key")

    for width in (60, 80, 100, 120):
        told = console.text(run(wrong(1), exchanges=(made,)), REQUIREMENTS, Terminal(width=width))

        (hint,) = re.findall(r"^The curl lines read .*?(?=\n\n|\n    curl )", told, re.DOTALL | re.MULTILINE)
        assert "…" not in hint
        assert " ".join(hint.split()).endswith("with the scopes that the request needs.")


def test_as_much_of_the_extent_is_told_as_the_title_leaves_room_for() -> None:
    several = [wrong(1, "tasks", "list.one"), wrong(1, "orders", "list.two")]

    lines = [
        console.text(run(*several, exchanges=(asked(1),)), REQUIREMENTS, Terminal(width=width)).splitlines()[4]
        for width in (100, 74, 58)
    ]

    title = " 1. GET /{entity}: a record's aab is missing"
    assert lines == [
        f"{title}: list.one, list.two, 2 entities",
        f"{title}: 2 requirements, 2 entities",
        f"{title[:41]}…: 2 requirements",
    ]


def test_what_the_deployment_lacks_is_told_in_any_run() -> None:
    profile = Profile("full", ("key",), (), ("tasks",), notes=("not there: orders (LIST answers 404)", "a: no"))

    green, red = (
        console.text(run(one, profile=profile, exchanges=(asked(1),)), REQUIREMENTS, NARROW)
        for one in (PASSED, wrong(1))
    )

    assert "\nnot there     orders (LIST answers 404)\nnot tested    a: no\n" in green
    assert "\nnot there     orders (LIST answers 404)\n" in red


def test_a_member_that_is_not_there_is_quoted_as_nothing() -> None:
    absent = replace(wrong(1), message='details lacks "title"', expected='"title"', actual="{}")
    refusal = exchange("x1", status=400, response_body='{"success":false,"error":"No","code":"X"}')

    told = console.text(run(absent, exchanges=(refusal,)), REQUIREMENTS, NARROW)

    assert '    expected "title", actual nothing\n' in told


def test_a_requirement_that_finds_no_room_beside_its_title_is_named_with_the_request() -> None:
    long = replace(wrong(1), message=f"data.{'x' * 70} differs")

    told = console.text(run(long, exchanges=(asked(1),)), REQUIREMENTS, NARROW).splitlines()

    assert told[4].endswith("…: 1 requirement")
    assert told[5].endswith("→ 200 · list.aab")
