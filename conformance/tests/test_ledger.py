"""The ledger is read whole, and what is wrong in it is named."""

from dataclasses import fields

import pytest
from entity_conformance.suite import ledger
from entity_conformance.suite.ledger import CHAPTERS, LedgerError, Requirement

GOOD = """
chapter: list
title: LIST
requirements:
  - id: list.links
    text: "Link: </api/v1/tasks?page=2>"
    source: Response Headers
    pointer: "#/components/headers/Link"
    decision: E4.limit-of-keys
"""


def refusal(text: str, *, source: str = "requirements/list.yaml") -> str:
    with pytest.raises(LedgerError) as caught:
        ledger.parse([(source, text)])
    return str(caught.value)


def test_an_entry_is_read_with_all_its_facts() -> None:
    found = ledger.parse([("requirements/list.yaml", GOOD)])

    assert found.titles == {"list": "LIST"}
    assert found.requirements["list.links"] == Requirement(
        id="list.links",
        chapter="list",
        level="choice",
        text="Link: </api/v1/tasks?page=2>",
        source="Response Headers",
        pointer="#/components/headers/Link",
        decision=("E4.limit-of-keys",),
        choices=("1000", "another"),
    )


def test_a_requirement_has_the_level_of_the_clauses_that_it_cites() -> None:
    text = GOOD.replace("E4.limit-of-keys", "[R18.bad-query-on-read, L20.unknown-field]")

    found = ledger.parse([("requirements/list.yaml", text)]).requirements["list.links"]

    assert (found.level, found.choices) == ("should", ())


def test_what_the_reference_says_plainly_is_a_must() -> None:
    text = GOOD.replace("    decision: E4.limit-of-keys\n", "")

    assert ledger.parse([("requirements/list.yaml", text)]).requirements["list.links"].level == "must"


def test_the_packaged_ledger_holds_every_chapter_in_order() -> None:
    found = ledger.load()

    assert tuple(found.titles) == CHAPTERS
    assert len(found.requirements) >= 100


def test_the_id_of_every_requirement_begins_with_its_chapter() -> None:
    assert [one.id for one in ledger.load().requirements.values() if one.id.split(".")[0] != one.chapter] == []


def test_a_requirement_holds_what_its_entry_says_its_chapter_and_what_its_clauses_do() -> None:
    assert {field.name for field in fields(Requirement)} == ledger._REQUIRED | ledger._OPTIONAL | {
        "chapter",
        "level",
        "choices",
    }


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    decision: E4.limit-of-keys\n", "    level: must\n", "(list.links): unknown key level"),
        ("    source: Response Headers\n", "", "(list.links): lacks source"),
        ("decision: E4.limit-of-keys", "ruling: L6", "(list.links): unknown key ruling"),
        ("decision: E4.limit-of-keys", "decision: 6", "(list.links): decision is not a text"),
        ("decision: E4.limit-of-keys", "decision: [E4.limit, 6]", "(list.links): decision is not a text"),
        ("decision: E4.limit-of-keys", "decision: L6", "(list.links): there is no clause L6"),
        ("decision: E4.limit-of-keys", "decision: [L1.refused, L1.details]", "the clauses have no level in common"),
        ("decision: E4.limit-of-keys", "decision: E19.changes-nothing", "E19.changes-nothing judges no deployment"),
        ("decision: E4.limit-of-keys", "decision: [L2.above-100, L7.default-order]", "a choice is one clause"),
        ("title: LIST\n", "", "expected the keys chapter, title and requirements"),
        ("title: LIST\n", "title: [LIST]\n", "chapter and title are texts"),
        ("chapter: list\n", "chapter: lists\n", "the chapter lists belongs into a file of its name"),
        ("chapter: list\n", "chapter: {\n", "not YAML"),
        ("id: list.links", "id: lists.links", "lists.links is not of the chapter list, as its id says"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, said: str) -> None:
    assert said in refusal(GOOD.replace(old, new))


def test_an_entry_that_is_no_mapping_is_refused() -> None:
    assert "entry 1: not a mapping" in refusal("chapter: list\ntitle: LIST\nrequirements: [word]\n")


def test_an_id_stands_once() -> None:
    twice = GOOD + GOOD.partition("requirements:\n")[2]

    assert refusal(twice) == "requirements/list.yaml: the id list.links is taken"
