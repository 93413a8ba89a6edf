"""What checks cost together: arrangements that several use are paid once, and what is left is removed."""

from collections import Counter

from entity_conformance.deployment.outgoing import Asked, Outgoing
from entity_conformance.deployment.reply import Headers, Reply
from entity_conformance.suite.costs import Cost, cleaning, closure, counted, expected

READ, WRITE = ("api_key", True), ("api_key", False)
COSTS = {
    "list.one [tasks]": Cost(Counter({READ: 2}), ("group [tasks]",)),
    "list.two [tasks]": Cost(Counter({READ: 3}), ("group [tasks]",)),
    "group [tasks]": Cost(Counter({WRITE: 5}), ("person",), {"tasks": 4}),
    "person": Cost(Counter({READ: 1})),
    "clean-up [tasks]": Cost(Counter({READ: 1, WRITE: 4})),
}


def asked(method: str, path: tuple[str, ...], status: int, body: str = "{}", *, payer: str, check: str = "c") -> Asked:
    url = "/".join(("http://h/api/v1", *path))
    reply = Reply("x1", method, url, "api_key", status, Headers(()), body.encode())
    return Asked(Outgoing(method, url, credential="api_key"), reply, check, path, 0, 1, payer)


def test_what_several_checks_use_is_paid_once() -> None:
    assert expected(["list.one [tasks]", "list.two [tasks]"], COSTS) == {READ: 7, WRITE: 9}


def test_a_check_takes_along_what_it_uses_and_what_that_uses() -> None:
    assert closure(["list.one [tasks]"], COSTS) == {"list.one [tasks]", "group [tasks]", "person"}


def test_cleaning_up_takes_as_many_deletions_a_thing_as_were_counted() -> None:
    assert cleaning({"tasks": 2}, COSTS) == {READ: 1, WRITE: 2}


def test_nothing_made_is_nothing_to_be_removed() -> None:
    assert cleaning({"tasks": 0}, COSTS) == {}


def test_a_request_is_booked_on_what_it_was_for() -> None:
    created = asked("POST", ("tasks",), 201, '{"data": {"id": "t1"}}', payer="group [tasks]", check="list.one [tasks]")

    found = counted([created], {"list.one [tasks]": ["group [tasks]"]})

    assert found == {
        "group [tasks]": Cost(Counter({WRITE: 1}), (), {"tasks": 1}),
        "list.one [tasks]": Cost(Counter(), ("group [tasks]",)),
    }


def test_what_another_check_deletes_is_not_left() -> None:
    found = counted(
        [
            asked("POST", ("tasks",), 201, '{"data": {"id": "t1"}}', payer="own [tasks]"),
            asked("DELETE", ("tasks", "t1"), 200, payer="delete.one [tasks]"),
        ],
        {},
    )

    assert found["own [tasks]"].left == {}


def test_cleaning_up_is_booked_by_collection() -> None:
    found = counted([asked("DELETE", ("tasks", "t1"), 200, payer="clean-up", check="clean-up")], {})

    assert found == {"clean-up [tasks]": Cost(Counter({WRITE: 1}))}
