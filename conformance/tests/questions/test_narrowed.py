"""Parameters that leave some records: borders between their creations, and words of some."""

from dataclasses import replace
from typing import Any

import pytest
from entity_conformance.oracle import answers
from entity_conformance.oracle.question import Condition, Question
from entity_conformance.oracle.reading import DECIDED
from entity_conformance.suite.given import Group
from entity_conformance.suite.questions.asking import is_decided
from entity_conformance.suite.questions.filters import Filter
from entity_conformance.suite.questions.narrowed import Narrowing, narrowings, wide
from entity_contract import Contract, Entity

MINUTE = "2025-01-15T10:30"


def group(entity: Entity, created: list[str], **members: Any) -> Group:
    records: tuple[dict[str, Any], ...] = tuple(
        {"id": f"id_{place}", "createdAt": moment, "title": f"word {'half ' if place % 2 else ''}x{place}"}
        for place, moment in enumerate(created)
    )
    texts = {"title": "title", "word": "word", "words": (), "half_word": "half", "mark_word": "mark", **members}
    return Group(entity, records, {}, {"filter": {}}, records, None, bodies=records, **texts)


@pytest.fixture
def tasks(contract: Contract) -> Entity:
    (found,) = [one for one in contract.entities if one.name == "tasks"]
    return found


def at(*milliseconds: int) -> list[str]:
    return [f"{MINUTE}:00.{one:03}Z" for one in milliseconds]


def test_what_a_record_does_not_show_though_it_holds_something_decides_no_question(tasks: Entity) -> None:
    plain = group(tasks, at(0, 10))
    shown, written = ({"id": "a", "title": "x", "status": "todo", "priority": "low"}, {"title": "x", "description": ""})
    of = replace(plain, records=(shown,), bodies=({**shown, **written},))

    assert of.unshown == {"description"}
    assert replace(of, bodies=({**shown, "description": None},)).unshown == frozenset()
    assert not is_decided(Question(tasks, (Condition("description", "$eq", "", bare=True),)), of)
    assert not is_decided(Question(tasks, sort="description"), of)
    assert is_decided(Question(tasks, (Condition("title", "$eq", "x", bare=True),)), of)


def asked(some: tuple[Narrowing, ...]) -> list[tuple[str | None, str | None, list[int]]]:
    return [(one.asked.start, one.asked.end, sorted(one.places)) for one in some]


def test_a_start_is_between_two_creations_written_west_of_them(tasks: Entity) -> None:
    started, _, _ = narrowings(group(tasks, at(0, 10, 20, 30)))

    assert asked(started) == [
        ("2025-01-15T03:30:00.005000-07:00", None, [1, 2, 3]),
        ("2025-01-15T03:30:00.025000-07:00", None, [3]),
    ]


def test_a_range_ends_between_two_creations(tasks: Entity) -> None:
    _, ended, _ = narrowings(group(tasks, at(0, 10, 20, 30)))

    assert asked(ended) == [
        ("2025-01-15T19:29:00.000000+09:00", "2025-01-15T19:30:00.005000+09:00", [0]),
        ("2025-01-15T19:29:00.000000+09:00", "2025-01-15T19:30:00.025000+09:00", [0, 1, 2]),
    ]


def test_creations_too_close_to_tell_are_all_within_the_borders(tasks: Entity) -> None:
    started, ended, _ = narrowings(group(tasks, at(0, 2, 2, 4)))

    assert {one.asked.start for one in started} == {"2025-01-15T10:29:00.000000Z"}
    assert {one.asked.end for one in ended} == {"2025-01-15T19:31:00.004000+09:00"}


def test_nothing_is_asked_by_a_time_that_is_none(tasks: Entity) -> None:
    started, ended, _ = narrowings(group(tasks, ["yesterday", "today", "now", "then"]))

    assert (started, ended) == ((), ())


def test_a_search_leaves_who_has_both_words(tasks: Entity) -> None:
    _, _, (searched,) = narrowings(group(tasks, at(0, 10, 20, 30)))

    assert searched.asked.search == "word half"
    assert searched.places == {1, 3}


def test_of_records_that_nobody_made_a_word_that_is_whole_and_nowhere_else_is_searched(tasks: Entity) -> None:
    of = group(tasks, at(0, 10, 20), word="", half_word="")
    titles = ("Ada Lindqvist", "Lindqvistson", "Ben Okafor")
    object.__setattr__(
        of, "records", tuple({**one, "title": title} for one, title in zip(of.records, titles, strict=True))
    )
    object.__setattr__(of, "known", tuple({**one, "title": title} for one, title in zip(of.known, titles, strict=True)))

    _, searched, _ = narrowings(of)

    assert {one.asked.search: sorted(one.places) for one in searched} == {"lindqvistson": [1], "okafor": [2]}


@pytest.mark.parametrize(("start", "end"), [(f"{MINUTE}:00Z", None), (None, f"{MINUTE}:00Z")])
def test_a_question_with_borders_and_some_fields_shows_what_tells_the_borders(
    tasks: Entity, start: str | None, end: str | None
) -> None:
    among = Question(tasks, start=start, end=end)

    asked = Filter(group(tasks, at(0, 10)), (), 2, Question(tasks, sort="title"), among).carrying

    assert asked.fields == ("id", "title", "createdAt")


def test_pages_search_for_two_words_with_any_white_space_between(tasks: Entity) -> None:
    of = group(tasks, at(0, 10, 20, 30))

    assert {wide(of, turn, of_pages=True).search for turn in range(6)} == {"word word", "word  word", "word \tword"}


def test_parameters_that_leave_everything_meet_each_other(tasks: Entity) -> None:
    of = group(tasks, at(0, 10, 20, 30))
    found = [wide(of, turn) for turn in range(24)]

    said = [
        {name for name in ("search", "start", "end", "include") if getattr(one, name) not in (None, ())}
        for one in found
    ]
    assert all(any({one, other} <= each for each in said) for one in said[3] for other in said[3])
    assert {frozenset(one) for one in said} >= {frozenset(), frozenset({"start", "end"}), frozenset({"search"})}
    orders = {(name, order) for name in ("title", "updatedAt") for order in ("asc", "desc", None)}
    assert {(one.sort, one.order) for one in found[:20]} >= orders
    assert {one.sort for one in found[:6]} == {"title", "updatedAt"}
    assert all(len(answers.selected(of.known, one, DECIDED)) == 4 for one in found)


def test_of_many_questions_the_last_have_every_order(tasks: Entity) -> None:
    of = group(tasks, at(0, 10, 20, 30))
    found = [wide(of, turn) for turn in range(20, 40)]

    assert {one.sort for one in found} == {*tasks.sortable}


def test_some_searches_for_nothing_and_some_dates_without_a_time_are_among_them(tasks: Entity) -> None:
    of = group(tasks, at(0, 10, 20, 30))
    found = [wide(of, turn) for turn in range(24)]

    assert {one.search for one in found} == {None, of.word, "", " ", "\t "}
    assert {len(str(one.end)) for one in found if one.end} == {10, len(of.later)}
    assert {len(str(one.start)) for one in found if one.start} == {10, len(of.before)}


def test_a_question_of_several_pages_has_them_all(tasks: Entity) -> None:
    one = wide(group(tasks, at(0, 10, 20, 30)), 0, of_pages=True)

    assert None not in (one.search, one.start, one.end, one.sort)
    assert set(one.include) == {"assignee", "comments"}


def test_users_are_searched_by_no_word_of_the_run(tasks: Entity) -> None:
    of = group(tasks, at(0, 10), word="")

    assert {(one.search, one.sort) for one in (wide(of, turn) for turn in range(12))} == {(None, None)}
