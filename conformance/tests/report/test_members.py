"""Which members a finding is about, and in which way their values are others."""

import json

import pytest
from entity_conformance.report.members import departures, old_value, several, told
from entity_conformance.report.verdict import Outcome, Result

from conformance.tests.report.samples import BASE, exchange


def finding(message: str, expected: str | None = None, actual: str | None = None) -> Result:
    return Result("create.one", "creating", "must", "tasks", Outcome.failed, message, expected, actual, ("x1",))


def written(method: str, sent: object, shown: object, id_: str = "x1") -> object:
    return exchange(
        id_,
        method=method,
        url=f"{BASE}/tasks/tsk_1" if method != "POST" else f"{BASE}/tasks",
        request_body=None if sent is None else json.dumps(sent),
        response_body=json.dumps({"success": True, "data": shown}),
    )


@pytest.mark.parametrize(
    ("message", "expected", "actual", "said"),
    [
        ("data.title differs", '" a"', '"a"', "data.title: blanks at the ends are lost"),
        ("data[].stock differs", "120", '"120"', 'data.stock: a text in place of a number ("120")'),
        ("data.title of tsk_1 is not what was written", '"A"', '"a"', "data.title: in lower case"),
        ("data.title is not null", "null", '""', 'data.title: "" in place of null'),
        ("data.at is no RFC 3339 time", "a date-time", "1736937000", "data.at: epoch seconds, a number (1736937000)"),
        ("details.prompt is no text", "a text", '["No"]', 'details.prompt: an array in place of a text (["No"])'),
        ("timestamp: '2025-01-15T10:30:00' is not a 'date-time'", None, None,
         'timestamp: times with no offset ("2025-01-15T10:30:00")'),
        ('data.at: "2025-01-15T10:30:00" is not a "date-time"', None, None,
         'data.at: times with no offset ("2025-01-15T10:30:00")'),
        ('data.at: 1796055861078 is not of type "string"', None, None,
         "data.at: epoch milliseconds, a number (1796055861078)"),
        ('data.3.stock: "7" is not of type "integer"', None, None,
         'data.stock: a text in place of a number ("7")'),
        ("pagination.page: '1' is not of type 'integer'", None, None,
         'pagination.page: a text in place of a number ("1")'),
        ("data.active: True is not of type 'string'", None, None,
         "data.active: true or false in place of a text (true)"),
        ('data.title: 7 is not of type "string"', None, None, "data.title: a number in place of a text (7)"),
    ],
)  # fmt: skip
def test_a_finding_about_a_value_tells_the_way(
    message: str, expected: str | None, actual: str | None, said: str
) -> None:
    found = told(message, finding(message, expected, actual), exchange())

    assert found is not None
    assert found.said == said


@pytest.mark.parametrize(
    ("message", "actual"),
    [
        ("data.title differs", "nothing"),
        ("data.title differs", None),
        ("data.title differs", "no JSON"),
        ("data.title differs", '"other"'),
        ("code differs", '"A"'),
        ("data.title is another moment than the creation told", '"2025"'),
        ("data holds fewer records", '["a"]'),
        ("data.title: {'a': 1} is not of type 'string'", None),
    ],
)
def test_any_other_finding_tells_none(message: str, actual: str | None) -> None:
    assert told(message, finding(message, '"a"', actual), exchange()) is None


def test_what_was_to_be_null_is_one_cause_whatever_it_is() -> None:
    assert told("data.title is not null", finding("data.title is not null", "null", '"A"'), exchange()) is None


def test_a_value_of_which_the_beginning_is_quoted_is_read_from_its_exchange() -> None:
    long = "x" * 300
    quoted = finding("data.title differs", f'"{long[:158]}...', f'"{long[:158]}...')

    found = told("data.title differs", quoted, written("PATCH", {"title": long}, {"title": long[:250]}))  # type: ignore[arg-type]

    assert found is not None
    assert found.said == "data.title: cut after 250 characters"


def test_what_an_update_does_not_name_changes() -> None:
    seen = written("PATCH", {"title": "b"}, {"title": "b", "status": "todo"})

    found = told("data.status differs", finding("data.status differs", '"completed"', '"todo"'), seen)  # type: ignore[arg-type]

    assert found is not None
    assert found.said == 'data.status: changed without being named ("todo" in place of "completed")'


def test_what_a_creation_leaves_out_has_another_value_than_its_default() -> None:
    seen = written("POST", {"title": "b"}, {"title": "b", "status": None})

    found = told("data.status differs", finding("data.status differs", '"todo"', "null"), seen)  # type: ignore[arg-type]

    assert found is not None
    assert found.said == 'data.status: null in place of "todo", its default'


@pytest.mark.parametrize("name", ["id", "_id"])
@pytest.mark.parametrize("shows_before", [True, False])
def test_an_update_that_shows_what_was_there_before(shows_before: bool, name: str) -> None:  # noqa: FBT001
    before = written("POST", {"title": "a"}, {name: "tsk_1", "title": "a" if shows_before else "c"})
    after = written("PATCH", {"title": "b"}, {"id": "tsk_1", "title": "a"}, "x2")

    found = old_value(finding("data.title differs", '"b"', '"a"'), after, [before])  # type: ignore[arg-type, list-item]

    assert (found.said if found else None) == (
        'data.title: the old value, as before the PATCH ("a" in place of "b")' if shows_before else None
    )


def test_what_every_record_writes_another_way_is_told_by_the_way() -> None:
    members = {
        "id": ("a text", "1"),
        "active": ("true or false", "1"),
        "taskId": ("a text", "2"),
        "createdAt": ("a member createdAt", "created_at"),
        "at": ("an RFC 3339 date-time with an offset", '"2025-01-15 10:30; x: 1"'),
        "status": ("todo or done", '"TODO"'),
        "kind": ("a_b or c", '"AB"'),
        "other": ("x or y", '"z"'),
    }
    found = departures(
        finding(
            f"{', '.join(members)}: written another way in every record",
            "; ".join(f"{name}: {expected}" for name, (expected, _) in members.items()),
            "; ".join(f"{name}: {actual}" for name, (_, actual) in members.items()),
        )
    )

    assert [one.said for one in found] == [
        "id, taskId: a number in place of a text (1)",
        "active: 0 and 1 in place of false and true",
        "created_at in place of createdAt",
        'at: no RFC 3339 time ("2025-01-15 10:30; x: 1")',
        'status, kind: "TODO" in place of todo',
        'other: "z" in place of x or y',
    ]


def test_any_other_finding_is_no_departure() -> None:
    assert departures(finding("data.title differs")) == []


def test_what_is_told_of_several_members_is_told_by_the_way() -> None:
    quoted = finding(
        "data.title differs",
        'data.title "a; b "; data.stock 7; data.text " \\"c\\""',
        'data.title "a; b"; data.stock "7"; data.text "\\"c\\""',
    )

    assert [one.said for one in several(quoted, exchange())] == [
        "data.title, data.text: blanks at the ends are lost",
        'data.stock: a text in place of a number ("7")',
    ]


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ('data.title "a"', 'data.title "b"'),
        ('data.title "a "; data.text "c"', 'data.title "a"; data.text null'),
        ('data.title "a "', "no title"),
        ('data.title "a "', 'data.title "a'),
        ('data.title "a "', 'data.text "a"'),
        ('"a "', '"a"'),
        (None, None),
    ],
)
def test_what_tells_no_way_of_one_member_tells_none(expected: str | None, actual: str | None) -> None:
    assert several(finding("data.title differs", expected, actual), exchange()) == []


def test_where_nothing_is_quoted_as_expected_no_way_is_known() -> None:
    assert told("data.limit differs", finding("data.limit differs", None, "1000"), exchange()) is None


@pytest.mark.parametrize(("shown", "said"), [("x" * 100, "data.title: cut after 100 characters"), ("y" * 100, None)])
def test_the_beginning_of_a_text_tells_that_it_is_cut_and_nothing_else(shown: str, said: str | None) -> None:
    quoted = finding("data.title differs", f'"{"x" * 158}...', f'"{shown}"')

    found = told("data.title differs", quoted, exchange())

    assert (found.said if found else None) == said


def test_a_value_that_is_not_quoted_whole_nor_in_its_exchange_tells_none() -> None:
    seen = written("PATCH", {"title": "b"}, {"title": "b"})

    assert told("data.status differs", finding("data.status differs", '"a"', '"b...'), seen) is None  # type: ignore[arg-type]
