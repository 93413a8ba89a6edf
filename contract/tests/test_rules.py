"""Each rule of a contract names what breaks it: the place, and what is to be done there."""

import pytest
from entity_contract.rules import Problem, rule_problems

from contract.tests.planted_problems import (
    ANSWERS,
    DELETE,
    KEYS,
    LIST,
    PARAMETERS,
    ROWS,
    SCHEMAS,
    Edits,
    Told,
)
from contract.tests.spoiling import REMOVED, copied, spoiled


def test_the_contract_keeps_every_rule() -> None:
    assert rule_problems(copied()) == ()


@pytest.mark.parametrize(("edits", "told"), ROWS, ids=[next(iter(edits)) for edits, _ in ROWS])
def test_what_breaks_a_rule_is_named_and_nothing_else(edits: Edits, told: list[Told]) -> None:
    assert set(rule_problems(spoiled(edits))) == {Problem(place, message) for place, message in told}


def test_all_problems_are_told_at_once() -> None:
    spoilt = spoiled({f"{SCHEMAS}/TaskField/enum/1": REMOVED, f"{LIST}/responses/403": REMOVED})

    assert [problem.message for problem in rule_problems(spoilt)] == [
        "listTasks lacks the answer 403",
        "TaskField lacks title",
    ]


@pytest.mark.parametrize(
    "key", ["x-speakeasy-retries", "x-fern-sdk-method-name", "x-ms-enum", "x-go-type", "x-identity", "x-internal"]
)
def test_anybody_elses_key_is_legal_wherever_it_stands(key: str) -> None:
    places = (
        "#",
        "#/info",
        "#/paths",
        "#/components",
        LIST + "/responses",
        SCHEMAS + "/Task",
        SCHEMAS + "/Task/properties/title",
        PARAMETERS + "/Limit",
        LIST,
        ANSWERS + "/Task",
    )

    assert rule_problems(spoiled({f"{place}/{key}": {"x-entitiy": True} for place in places})) == ()


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("x-entitiy", "x-entity"),
        ("x-entities", "x-entity"),
        ("x-enttiy", "x-entity"),
        ("x-Entity", "x-entity"),
        ("x_entity", "x-entity"),
        ("x-typ", "x-type"),
        ("x-tpye", "x-type"),
        ("x-eror-code", "x-error-code"),
        ("x-errorcode", "x-error-code"),
        ("x-opertors", "x-operators"),
        ("x-statusses", "x-statuses"),
    ],
)
def test_a_slip_of_one_of_our_keys_is_told_with_the_key_that_was_meant(key: str, meant: str) -> None:
    (told,) = rule_problems(spoiled({f"{LIST}/{key}": {}}))

    assert told == Problem(f"{LIST}/{key}", f"{key} is probably {meant}, misspelt: correct it")


def test_a_document_may_answer_more_than_it_must() -> None:
    conflict = {"$ref": f"{ANSWERS}/BadRequest"}

    assert rule_problems(spoiled({f"{DELETE}/responses/409": conflict, f"{KEYS}/responses/400": conflict})) == ()
