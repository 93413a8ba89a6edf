from urllib.parse import parse_qsl, urlsplit

from entity_server.domain.paging import Page, page_links, pagination
from hypothesis import given
from hypothesis import strategies as st


def test_a_page_starts_after_all_earlier_pages() -> None:
    assert Page(3, 50).offset == 100


def test_no_page_starts_behind_what_a_database_can_count() -> None:
    assert Page(10**30, 100).offset == 2**63 - 1


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
