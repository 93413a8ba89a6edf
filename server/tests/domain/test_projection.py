import pytest
from entity_server.domain.problems import ValidationFailed
from entity_server.domain.projection import Projection, parse_projection, project
from entity_server.domain.query import parse_read

from server.tests.example_entities import THINGS

USER, PARTS, _ = THINGS.relations


@pytest.mark.parametrize("arguments", [{}, {"fields": [""]}, {"fields": ["", ""]}, {"include": [""]}])
def test_nothing_asked_for_means_all_fields_and_no_relations(arguments: dict[str, list[str]]) -> None:
    assert parse_projection(THINGS, arguments) == Projection(fields=None, relations=())


@pytest.mark.parametrize("values", [["title,size"], ["title", "size"], ["title,size", "title"], ["", "title,size"]])
def test_fields_are_a_comma_list_or_repeated_keys(values: list[str]) -> None:
    assert parse_projection(THINGS, {"fields": values}).fields == ("title", "size")


@pytest.mark.parametrize("values", [["user,parts"], ["user", "parts"], ["user", "parts,user"]])
def test_relations_are_a_comma_list_or_repeated_keys(values: list[str]) -> None:
    assert parse_projection(THINGS, {"include": values}).relations == (USER, PARTS)


@pytest.mark.parametrize("text", [",", "colour", "title,colour", "title,", "title, size", "Title", "user", "\udc80"])
def test_an_unknown_field_is_refused(text: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        parse_projection(THINGS, {"fields": [text]})

    assert set(refusal.value.details) == {"fields"}


@pytest.mark.parametrize("text", ["colour", "user.name", "user,", "title", "parts.thing"])
def test_an_unknown_or_dotted_relation_is_refused(text: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        parse_projection(THINGS, {"include": [text]})

    assert set(refusal.value.details) == {"include"}


def test_reading_refuses_both_at_once() -> None:
    with pytest.raises(ValidationFailed) as refusal:
        parse_read(THINGS, {"fields": ["x"], "include": ["y"]})

    assert set(refusal.value.details) == {"fields", "include"}


def test_a_projected_record_has_the_fields_the_relations_and_its_id() -> None:
    record = {"id": "thg_1", "title": "A", "size": "small", "userId": "usr_1", "user": {"id": "usr_1"}}

    assert project(record, Projection(fields=("title",), relations=(USER,))) == {
        "id": "thg_1",
        "title": "A",
        "user": {"id": "usr_1"},
    }


def test_without_fields_the_record_is_whole() -> None:
    assert project({"id": "thg_1", "title": "A"}, Projection()) == {"id": "thg_1", "title": "A"}
