"""Whether a query parameter is read at all, by what the answers show."""

import json

import pytest
from entity_conformance.deployment.exchange import Exchange
from entity_conformance.report.unread import has_no_effect, selects_nothing

from conformance.tests.report.samples import BASE, exchange


def answered(*asked: tuple[str, str]) -> list[Exchange]:
    """Lists that hold the records of these letters, one for each."""
    return [
        exchange(
            f"x{number}",
            url=f"{BASE}/tasks{query}",
            response_body=json.dumps({"data": [{"id": id_, "title": "t"} for id_ in ids]}),
        )
        for number, (query, ids) in enumerate(asked)
    ]


NOBODY = '?filter={"id":"nobody"}'
ALIKE = (("?sort=a", "abcd"), ("?sort=b", "abcd"), ("?sort=c", "abcd"), ("?sort=d", "abcd"))


def test_answers_that_stay_the_same_tell_of_no_effect() -> None:
    assert has_no_effect(answered(*ALIKE), BASE, "sort")


def test_a_record_that_comes_or_goes_meanwhile_is_no_effect() -> None:
    assert has_no_effect(answered(*ALIKE, ("?sort=e", "xabcd")), BASE, "sort")


def test_what_was_written_meanwhile_counts_once() -> None:
    later = [(f"?sort={name}", "xyabcd") for name in "ef"]
    assert has_no_effect(answered(*ALIKE, *later), BASE, "sort")


@pytest.mark.parametrize("other", ["dcba", "", "ab", "wxyz"])
def test_one_answer_that_the_parameter_must_have_made_contradicts_all_others(other: str) -> None:
    assert not has_no_effect(answered(*ALIKE, ("?sort=e", other)), BASE, "sort")


def test_records_within_an_envelope_of_its_own_are_compared_too() -> None:
    asked = answered(("?order=asc", "ab"), ("?order=desc", "ba"))
    wrapped = [
        exchange(
            one.id, url=one.url, response_body=(one.response_body or "").replace("[", '{"items":[').replace("]", "]}")
        )
        for one in asked
    ]

    assert not has_no_effect(wrapped, BASE, "order")


def test_a_filter_beside_which_other_records_are_shown_selects_nothing() -> None:
    nobody = '?filter={"id":"nobody"}'

    assert selects_nothing(answered((nobody, "ab"), (f"{nobody}&limit=1", "a")), BASE, "filter")


@pytest.mark.parametrize(
    "asked",
    [
        [('?filter={"id":"nobody"}', "")],
        [('?filter={"id":"nobody"}', "ab")],
        [('?filter={"id":"nobody"}', "ab"), ('?filter={"id":"nobody"}&limit=1', "")],
        [(f"{NOBODY}&limit=2", "ab"), (NOBODY, "ab"), ('?filter={"id":{"$in":["a","b"]}}', "ab")],
        [(f"{NOBODY}&limit=2", "ab"), (NOBODY, "ab"), ('?filter={"title":"t"}', "abc")],
        [('?filter={"id":"a"}', "a"), ('?filter={"id":"b"}', "b")],
        [("?filter=[]", "ab"), ("?filter=7", "ab")],
    ],
)
def test_a_filter_that_selects_once_is_read(asked: list[tuple[str, str]]) -> None:
    assert not selects_nothing(answered(*asked), BASE, "filter")


@pytest.mark.parametrize(("second", "is_unread"), [("ab", True), ("cd", False), ("", False)])
def test_a_page_that_is_the_first_again_is_not_read(second: str, is_unread: bool) -> None:  # noqa: FBT001
    assert selects_nothing(answered(("?page=1", "ab"), ("?page=2", second)), BASE, "page") is is_unread


@pytest.mark.parametrize(
    ("asked", "is_unread"),
    [
        ([("?limit=1", "ab"), ("?limit=2", "abc")], True),
        ([("?limit=1", "ab"), ("?limit=2", "ab"), ("?limit=0", "ab")], False),
        ([("?limit=1", "ab"), ("?limit=5", "abc"), ("?limit=0", "ab")], False),
        ([("?limit=2", "ab"), ("?limit=1", "ab"), ("?limit=1&page=2", "abc")], False),
        ([("?limit=no", "ab"), ("?limit=1", "ab")], False),
    ],
)
def test_a_limit_that_cuts_no_page_is_not_read(asked: list[tuple[str, str]], is_unread: bool) -> None:  # noqa: FBT001
    assert selects_nothing(answered(*asked), BASE, "limit") is is_unread


@pytest.mark.parametrize(("header", "total"), [("1", None), ("", 1)])
def test_a_page_that_is_all_there_is_was_not_cut(header: str, total: int | None) -> None:
    lists = answered(("?limit=1", "ab"), ("?limit=2", "abc"), ("?limit=1&search=x", "a"))
    told = json.dumps({"data": [{"id": "a"}], "pagination": {"total": total}})
    last = exchange("x9", url=f"{BASE}/tasks?limit=1&search=x", response_body=told,
                    response_headers=(("X-Total-Count", header),))  # fmt: skip

    assert selects_nothing([*lists[:2], last], BASE, "limit")
    assert not selects_nothing(lists, BASE, "limit")


def test_of_any_other_parameter_nothing_is_known() -> None:
    assert not selects_nothing(answered(("?search=x", "ab"), ("?search=y", "ab")), BASE, "search")
