"""The ledger is read whole, and what is wrong in it is named."""

from dataclasses import fields

import pytest
from entity_conformance.suite import ledger
from entity_conformance.suite.ledger import CHAPTERS, LedgerError, Requirement

GOOD = """
chapter: listing
title: LIST
requirements:
  - id: list.links
    level: choice
    text: "Link: </api/v1/tasks?page=2>"
    source: Response Headers
    pointer: "#/components/headers/Link"
    decision: L6
    choices: [1000, another]
"""


def refusal(text: str, *, source: str = "requirements/listing.yaml") -> str:
    with pytest.raises(LedgerError) as caught:
        ledger.parse([(source, text)])
    return str(caught.value)


def test_an_entry_is_read_with_all_its_facts() -> None:
    found = ledger.parse([("requirements/listing.yaml", GOOD)])

    assert found.titles == {"listing": "LIST"}
    assert found.requirements["list.links"] == Requirement(
        id="list.links",
        chapter="listing",
        level="choice",
        text="Link: </api/v1/tasks?page=2>",
        source="Response Headers",
        pointer="#/components/headers/Link",
        decision="L6",
        choices=("1000", "another"),
    )


def test_the_packaged_ledger_holds_every_chapter_in_order() -> None:
    found = ledger.load()

    assert tuple(found.titles) == CHAPTERS
    assert len(found.requirements) >= 100


def test_every_key_of_an_entry_is_a_fact_of_a_requirement() -> None:
    assert {field.name for field in fields(Requirement)} == ledger._REQUIRED | ledger._OPTIONAL | {"chapter"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    level: choice\n", "    level: may\n", "level is may, not one of must, should, choice"),
        ("    source: Response Headers\n", "", "(list.links): lacks source"),
        ("    decision: L6\n", "    ruling: L6\n", "(list.links): unknown key ruling"),
        ("    decision: L6\n", "    decision: 6\n", "(list.links): decision is not a text"),
        ("    choices: [1000, another]\n", "", "a choice, and nothing else, lists its choices"),
        ("    level: choice\n", "    level: must\n", "a choice, and nothing else, lists its choices"),
        ("title: LIST\n", "", "expected the keys chapter, title and requirements"),
        ("title: LIST\n", "title: [LIST]\n", "chapter and title are texts"),
        ("chapter: listing\n", "chapter: lists\n", "the chapter lists belongs into a file of its name"),
        ("chapter: listing\n", "chapter: {\n", "not YAML"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, said: str) -> None:
    assert said in refusal(GOOD.replace(old, new))


def test_an_entry_that_is_no_mapping_is_refused() -> None:
    assert "entry 1: not a mapping" in refusal("chapter: listing\ntitle: LIST\nrequirements: [word]\n")


def test_an_id_stands_once() -> None:
    twice = GOOD + GOOD.partition("requirements:\n")[2]

    assert refusal(twice) == "requirements/listing.yaml: the id list.links is taken"
