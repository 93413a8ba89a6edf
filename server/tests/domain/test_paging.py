from urllib.parse import parse_qsl, urlsplit

import entity_contract as contract
import pytest
from entity_server.domain.paging import Page, PageBounds, page_links, pagination, parse_page
from entity_server.domain.problems import ValidationFailed
from hypothesis import given
from hypothesis import strategies as st

BOUNDS = PageBounds(default_limit=20, largest_limit=100, largest_page=2**31 - 1)


def test_the_bounds_are_what_the_contract_says() -> None:
    known = contract.load()

    bounds = PageBounds.of(known, known.operation("listTasks"))

    assert bounds == PageBounds(default_limit=20, largest_limit=100, largest_page=2147483647)


def test_without_parameters_it_is_the_first_page_of_the_default_size() -> None:
    assert parse_page({}, BOUNDS) == Page(1, 20)


def test_a_page_starts_after_all_earlier_pages() -> None:
    assert parse_page({"page": ["3"], "limit": ["50"]}, BOUNDS).offset == 100


@pytest.mark.parametrize(
    "text", ["0", "-1", "", " 5 ", "+5", "1_0", "1.0", "1e1", "٣", "five", "0x10", "1" * 5000, "-" + "1" * 5000]
)
@pytest.mark.parametrize("name", ["page", "limit"])
def test_what_is_no_positive_integer_is_refused(name: str, text: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        parse_page({name: [text]}, BOUNDS)

    assert set(refusal.value.details) == {name}


@pytest.mark.parametrize(("name", "text"), [("limit", "101"), ("page", "2147483648")])
def test_beyond_the_contracts_maximum_is_refused(name: str, text: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        parse_page({name: [text]}, BOUNDS)

    assert refusal.value.details == {name: f"Must be at most {int(text) - 1}"}


def test_both_parameters_are_named_when_both_are_wrong() -> None:
    with pytest.raises(ValidationFailed) as refusal:
        parse_page({"page": ["0"], "limit": ["0"]}, BOUNDS)

    assert set(refusal.value.details) == {"page", "limit"}


def test_a_page_given_twice_is_refused() -> None:
    with pytest.raises(ValidationFailed) as refusal:
        parse_page({"page": ["1", "2"]}, BOUNDS)

    assert refusal.value.details == {"page": "Must be given once"}


def test_a_page_in_the_middle_has_both_neighbours() -> None:
    assert pagination(Page(2, 10), 25) == {
        "page": 2,
        "limit": 10,
        "total": 25,
        "totalPages": 3,
        "hasNext": True,
        "hasPrev": True,
    }


def test_an_empty_selection_has_no_pages() -> None:
    page = pagination(Page(1, 20), 0)

    assert (page["totalPages"], page["hasNext"], page["hasPrev"]) == (0, False, False)


def test_a_page_past_the_end_has_only_earlier_ones() -> None:
    page = pagination(Page(9, 20), 40)

    assert (page["total"], page["totalPages"], page["hasNext"], page["hasPrev"]) == (40, 2, False, True)


@given(limit=st.integers(1, 100), total=st.integers(0, 1000))
def test_walking_the_pages_by_has_next_covers_each_record_once(limit: int, total: int) -> None:
    seen: list[int] = []
    number = 1
    while True:
        page = Page(number, limit)
        seen += range(total)[page.offset : page.offset + page.limit]
        if not pagination(page, total)["hasNext"]:
            break
        number += 1

    assert seen == list(range(total))


def test_a_single_page_has_no_links() -> None:
    assert page_links("/api/v1/tasks", {}, pagination(Page(1, 20), 20)) is None


def test_the_links_change_nothing_but_the_page() -> None:
    arguments = {"filter": ['{"a": "b&c"}'], "page": ["2"], "fields": ["id", "title"], "unknown": ["ü"]}

    links = page_links("/api/v1/tasks", arguments, pagination(Page(2, 1), 3))

    assert links == (
        "</api/v1/tasks?filter=%7B%22a%22%3A%20%22b%26c%22%7D&page=3&fields=id&fields=title&unknown=%C3%BC>;"
        ' rel="next", '
        "</api/v1/tasks?filter=%7B%22a%22%3A%20%22b%26c%22%7D&page=1&fields=id&fields=title&unknown=%C3%BC>;"
        ' rel="prev"'
    )


def test_a_path_is_linked_as_it_was_sent() -> None:
    links = page_links("/api/v1/my%20tasks", {}, pagination(Page(1, 1), 2))

    assert links == '</api/v1/my%20tasks?page=2>; rel="next"'


@given(st.dictionaries(st.text().filter(lambda name: name != "page"), st.lists(st.text(), min_size=1), max_size=4))
def test_every_other_argument_survives_the_link(arguments: dict[str, list[str]]) -> None:
    links = page_links("/api/v1/tasks", arguments, pagination(Page(1, 1), 2))

    assert links is not None
    sent = parse_qsl(urlsplit(links[1 : links.index(">")]).query, keep_blank_values=True)
    expected = [(name, value) for name, values in arguments.items() for value in values]
    assert sent == [*expected, ("page", "2")]
