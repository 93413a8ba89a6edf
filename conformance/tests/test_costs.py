"""What checks cost together: arrangements that several use are paid once, and what is left is removed."""

from collections import Counter

from entity_conformance.deployment.outgoing import Asked, Outgoing
from entity_conformance.deployment.reply import Headers, Reply
from entity_conformance.suite.costs import Cost, closure, completed, counted, expected, of_entity, with_cleaning

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
    assert expected(closure(["list.one [tasks]", "list.two [tasks]"], COSTS), COSTS) == {READ: 6, WRITE: 5}


def test_a_check_takes_along_what_it_uses_and_what_that_uses() -> None:
    assert closure(["list.one [tasks]"], COSTS) == {"list.one [tasks]", "group [tasks]", "person"}


def test_the_deletions_are_paid_by_what_leaves_things_and_the_look_for_them_once() -> None:
    costs = {**COSTS, "own [tasks]": Cost(Counter({WRITE: 1}), (), {"tasks": 2})}

    told = with_cleaning(costs, COSTS)

    assert told["own [tasks]"] == Cost(Counter({WRITE: 3}), ("clean-up [tasks]",), {"tasks": 2})
    assert told["clean-up [tasks]"] == Cost(Counter({READ: 1}))


def test_a_thing_of_a_collection_that_was_never_counted_takes_one_deletion() -> None:
    told = with_cleaning({"own [invoices]": Cost(Counter(), (), {"invoices": 3})}, COSTS)

    assert told["own [invoices]"].sent == {WRITE: 3}


def test_an_entity_that_was_never_counted_costs_what_the_dearest_does() -> None:
    costs = {**COSTS, "list.one [users]": Cost(Counter({READ: 1}))}

    told = completed(["list.one [invoices]"], costs)

    assert told["list.one [invoices]"] == Cost(Counter({READ: 2}), ("group [invoices]",))
    assert told["group [invoices]"] == Cost(Counter({WRITE: 5}), ("person",), {"invoices": 4})


def test_a_check_that_was_never_counted_is_taken_to_send_a_request() -> None:
    assert completed(["list.new [tasks]"], COSTS)["list.new [tasks]"] == Cost(Counter({READ: 1}))


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


def test_a_run_of_one_entity_costs_what_that_of_another_does() -> None:
    told = of_entity(COSTS, "tasks", "orders")

    assert told["group [orders]"] == Cost(Counter({WRITE: 5}), ("person",), {"orders": 4})
    assert told["list.one [orders]"].uses == ("group [orders]",)
    assert "group [tasks]" not in told
