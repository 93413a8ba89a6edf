"""Mutants: what is changed, what is remembered, and that one is killed.

All 400 are judged by `python -m entity_tests.proofs.mutants`.
"""

import subprocess
import sys
from pathlib import Path

import pytest
from entity_tests.deployments.serving import environment
from entity_tests.proofs.mutants import known
from entity_tests.proofs.mutants.__main__ import drawn, share, summary
from entity_tests.proofs.mutants.changes import changes
from entity_tests.proofs.mutants.executed import innermost, recorded, statements
from entity_tests.proofs.mutants.known import Survivor
from entity_tests.proofs.mutants.trial import Judgement, mutants

FOUND = {"a": Judgement("killed", "run"), "b": Judgement("survived", "properties"), "c": Judgement("killed", "model")}


@pytest.mark.parametrize(
    ("source", "changed"),
    [
        ("x = a < b", ["x = a <= b", "x = a > b"]),
        ("x = a is not b", ["x = a is b"]),
        ("x = a not in b", ["x = a in b"]),
        ("x = a and b", ["x = a or b"]),
        ("x = not a", ["x = a"]),
        ("x = a - b", ["x = a + b"]),
        ("x = f(a, b)", ["x = f(b, a)"]),
        ("x = True", ["x = False"]),
        ("x = 1", ["x = 0", "x = 2"]),
        ("x = 'id'", ['x = ""']),
        ("x = min(a)", ["x = max(a)"]),
        ("def f():\n    return a", ["def f():\n    return None"]),
        ("if a:\n    b()", ["if not (a):\n    b()"]),
    ],
)
def test_one_token_is_changed(source: str, changed: list[str]) -> None:
    assert sorted(one.applied(source) for one in changes(source)) == sorted(changed)


@pytest.mark.parametrize(
    "source",
    [
        '"""It says 1."""',
        'x = "a sentence for people"',
        'log.error("x", 1)',
        "def f(a: Literal[1]) -> Optional[2]:\n    pass",
        "@dataclass(frozen=True)\nclass A(B):\n    pass",
        "assert a < 1",
    ],
)
def test_what_no_client_can_see_is_left_alone(source: str) -> None:
    assert changes(source) == []


def test_the_same_seed_draws_the_same_mutants_wherever_their_lines_stand() -> None:
    everything = mutants()
    assert len({one.id for one in everything}) == len(everything) > 2000
    assert drawn(everything, 9, 5) == drawn(reversed(everything), 9, 5)


def test_what_is_added_to_the_source_takes_no_other_mutant_out_of_the_draw() -> None:
    everything = mutants()
    assert set(drawn(everything[10:], 9, 400)) >= set(drawn(everything, 9, 400)) - set(everything[:10])


@pytest.mark.parametrize(("line", "lines"), [(1, range(1, 2)), (3, range(2, 5)), (4, range(4, 5)), (6, range(5, 7))])
def test_a_change_is_in_the_innermost_statement_around_it(line: int, lines: range) -> None:
    source = "a = 1\ndef f(\n    b):\n    return b\nc = (\n    2)"
    assert innermost(line, statements(source)) == lines


def test_the_lines_that_a_process_executes_are_recorded_once(tmp_path: Path) -> None:
    module = tmp_path / "package" / "module.py"
    module.parent.mkdir()
    module.write_text("def f(a):\n    if a:\n        return 1\n    return 2\nf(1)\nf(1)\n")
    code = (
        "import runpy; from pathlib import Path; from entity_tests.proofs.mutants.executed import record;"
        f"record(Path({str(module.parent)!r}), Path({str(tmp_path / 'lines')!r})); runpy.run_path({str(module)!r})"
    )
    subprocess.run([sys.executable, "-P", "-c", code], env=environment(), check=True, timeout=60)
    assert recorded(tmp_path / "lines") == {("module.py", line) for line in (1, 2, 3, 5, 6)}
    assert len((tmp_path / "lines").read_text().splitlines()) == 5


def test_what_the_page_calls_equivalent_counts_neither_way() -> None:
    assert share(FOUND, {}) == pytest.approx(2 / 3)
    assert share(FOUND, {"b": Survivor("b", "open", "")}) == pytest.approx(2 / 3)
    assert share(FOUND, {"b": Survivor("b", "equivalent", "")}) == 1


def test_a_survivor_that_the_page_does_not_tell_of_is_told_as_a_row_of_it() -> None:
    *_, last = summary({"a | b": Judgement("survived", "properties")}, {})
    assert known.survivors(last) == {"a | b": Survivor("a | b", "open", "?")}


def test_every_survivor_on_the_page_is_a_mutant_of_the_code_still() -> None:
    there = {one.id.replace("`", "'") for one in mutants()}
    assert [one for one in known.survivors(known.PAGE.read_text("utf-8")) if one not in there] == []


@pytest.mark.soak
def test_a_mutant_is_killed_by_the_requirement_that_it_breaks(tmp_path: Path) -> None:
    mutant = 'domain/paging.py pagination: "hasPrev": page.number > 1, [23: > -> >=]'
    told = subprocess.run(
        [sys.executable, "-P", "-m", "entity_tests.proofs.mutants", "--only", mutant],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert f"killed run {mutant}: " in told.stdout, told
    assert "list.has-prev" in told.stdout
