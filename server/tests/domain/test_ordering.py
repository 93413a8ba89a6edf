import pytest
from entity_server.domain.ordering import Ordering, parse_ordering
from entity_server.domain.problems import InvalidSort

from server.tests.example_entities import THINGS

TITLE = THINGS.fields[1]


def test_without_sort_it_is_the_default_order() -> None:
    assert parse_ordering(THINGS, {}) is None


def test_sorting_ascends_unless_asked_otherwise() -> None:
    assert parse_ordering(THINGS, {"sort": ["title"]}) == Ordering(TITLE, descending=False)


@pytest.mark.parametrize(("order", "descending"), [("asc", False), ("desc", True)])
def test_order_says_which_way(order: str, *, descending: bool) -> None:
    assert parse_ordering(THINGS, {"sort": ["title"], "order": [order]}) == Ordering(TITLE, descending=descending)


def test_order_without_sort_is_ignored() -> None:
    assert parse_ordering(THINGS, {"order": ["desc"]}) is None


@pytest.mark.parametrize("sort", ["", "colour", "Title", "-title", "title,size", "note", "user", "\0", "\udc80"])
def test_a_sort_that_names_no_sortable_field_is_refused(sort: str) -> None:
    with pytest.raises(InvalidSort) as refusal:
        parse_ordering(THINGS, {"sort": [sort]})

    assert set(refusal.value.details) == {"sort"}


@pytest.mark.parametrize("order", ["", "ASC", "up", "asc,desc"])
@pytest.mark.parametrize("sort", [{}, {"sort": ["title"]}])
def test_a_bad_order_is_refused_with_and_without_sort(order: str, sort: dict[str, list[str]]) -> None:
    with pytest.raises(InvalidSort) as refusal:
        parse_ordering(THINGS, {**sort, "order": [order]})

    assert set(refusal.value.details) == {"order"}


@pytest.mark.parametrize("name", ["sort", "order"])
def test_giving_one_twice_is_refused(name: str) -> None:
    with pytest.raises(InvalidSort) as refusal:
        parse_ordering(THINGS, {"sort": ["title"], name: ["asc", "asc"]})

    assert refusal.value.details == {name: "Must be given once"}
