"""A check declares itself rightly, or the suite cannot be imported."""

from typing import Any

import pytest
from entity_conformance.deployment.api import Api
from entity_conformance.suite import ledger, packaged
from entity_conformance.suite import run as suite
from entity_conformance.suite.registry import Body, Chapter, RegistryError
from entity_contract import Entity

from conformance.tests.miniature import CONTRACT

LEDGER = ledger.parse(
    [
        (
            "requirements/list.yaml",
            """
chapter: list
title: LIST
requirements:
  - {id: list.links, text: Link, source: LIST, pointer: '#'}
  - {id: list.in, text: in, source: LIST, pointer: '#'}
  - {id: list.untested, text: x, source: LIST, pointer: '#', untested: it costs money}
""",
        ),
        (
            "requirements/keys.yaml",
            """
chapter: keys
title: Keys
requirements:
  - {id: keys.masked, text: key, source: Keys, pointer: '#'}
""",
        ),
    ]
)


async def links(api: Api, entity: Entity) -> None:
    """A list links its pages.

    Every one of them.
    """


async def in_(api: Api) -> None:
    """A filter of lists."""


async def masked(api: Api, entity: Entity) -> None:
    """A key is masked."""


async def untested(api: Api, entity: Entity) -> None:
    """Something that nobody tests."""


SENTENCE = "A list links its pages. Every one of them."


def chapter() -> Chapter:
    return Chapter("list", LEDGER)


def refusal(requirement: str, body: Body, **declared: Any) -> str:
    with pytest.raises(RegistryError) as caught:
        chapter().proves(requirement, **declared)(body)
    return str(caught.value)


def test_a_check_is_kept_as_declared() -> None:
    own = chapter()

    own.proves("list.links", scopes={"read"}, needs={"session"}, after={"list.in"})(links)

    (check,) = own.checks
    assert (check.requirement, check.chapter, check.sentence) == ("list.links", "list", SENTENCE)
    assert check.scopes == frozenset({"read"})
    assert check.needs == frozenset({"session"})
    assert check.after == ("list.in",)
    assert check.body is links


def test_a_name_that_is_a_word_of_python_ends_in_an_underscore() -> None:
    own = chapter()

    own.proves("list.in", entities="none")(in_)

    assert own.checks[0].requirement == "list.in"


def test_an_unknown_requirement_is_refused() -> None:
    assert refusal("list.links-all", links).endswith("links cites list.links-all, which is not in the ledger")


def test_an_unknown_requirement_to_stand_on_is_refused() -> None:
    assert refusal("list.links", links, after={"list.page"}).endswith("cites list.page, which is not in the ledger")


def test_a_requirement_of_another_chapter_is_refused() -> None:
    assert "belongs to the chapter keys" in refusal("keys.masked", masked)


def test_a_requirement_called_untested_is_refused() -> None:
    assert "the ledger calls untested" in refusal("list.untested", untested)


def test_another_name_than_the_requirements_is_refused() -> None:
    assert "the function's name is not that of list.in" in refusal("list.in", links)


def test_a_second_check_of_a_requirement_is_refused() -> None:
    own = chapter()
    own.proves("list.links")(links)

    with pytest.raises(RegistryError, match=r"list\.links has a check already"):
        own.proves("list.links")(links)


def test_a_check_that_takes_no_entity_is_refused_where_there_is_one() -> None:
    assert "expected an async function of (api, entity)" in refusal("list.in", in_)


def test_a_check_without_a_sentence_is_refused() -> None:
    async def links(api: Api, entity: Entity) -> None: ...

    assert "the docstring is missing" in refusal("list.links", links)


def test_an_unknown_chapter_is_refused() -> None:
    with pytest.raises(RegistryError, match="no chapter lists"):
        Chapter("lists", LEDGER)


@pytest.mark.parametrize(
    ("scopes", "name", "suits"),
    [({"read"}, "users", True), ({"read", "write"}, "users", False), ({"read", "write", "delete"}, "tasks", True)],
)
def test_an_entity_needs_the_operations_that_the_scopes_imply(scopes: Any, name: str, suits: bool) -> None:  # noqa: FBT001
    own, entity = chapter(), CONTRACT.entity(name)
    own.proves("list.links", scopes=scopes)(links)

    assert entity is not None
    assert own.checks[0].suits(entity) is suits


def test_operations_that_are_stated_replace_the_implied_ones() -> None:
    own, users = chapter(), CONTRACT.entity("users")
    own.proves("list.links", scopes={"read", "write"}, operations={"list"})(links)

    assert users is not None
    assert own.checks[0].suits(users)
    assert own.checks[0].writes


def test_a_check_narrows_down_what_it_applies_to() -> None:
    own, users = chapter(), CONTRACT.entity("users")
    own.proves("list.links", applies=lambda entity: entity.name == "tasks")(links)

    assert users is not None
    assert not own.checks[0].suits(users)


def test_the_packaged_sentences_are_those_of_the_checks() -> None:
    """After a change: `python -m entity_tests.proofs.kill_matrix`."""
    assert packaged.sentences() == {check.requirement: check.sentence for check in suite.checks()}
