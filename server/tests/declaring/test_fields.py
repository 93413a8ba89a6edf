"""The fields of a new entity: as they are asked for, in a record, and in both bodies."""

import pytest
from entity_server.declaring import DeclarationError, NewField, parse


@pytest.mark.parametrize(
    ("spelled", "field"),
    [
        ("number:string", NewField("number", "string")),
        ("number:string!", NewField("number", "string", required=True)),
        ("state:enum=draft,sent", NewField("state", "enum", values=("draft", "sent"))),
        ("state:enum=draft,sent!", NewField("state", "enum", required=True, values=("draft", "sent"))),
    ],
)
def test_a_field_is_spelled(spelled: str, field: NewField) -> None:
    assert parse([spelled]) == (field,)


@pytest.mark.parametrize(
    ("spelled", "told"),
    [
        (["number"], "is no field"),
        (["number:"], "is no field type"),
        (["Number:string"], "write it in camelCase"),
        (["number:money"], "'money' is no field type; choose one of string, text, enum"),
        (["state:enum"], "has values"),
        (["number:string=a"], "has values"),
        (["state:enum=a,,b"], "'' is no value"),
        (["state:enum=Draft"], "'Draft' is no value"),
        (["state:enum=a,a"], "stands twice"),
        (["id:string"], "every entity has the field id"),
        (["a:string", "a:text"], "the field a is given twice"),
    ],
)
def test_a_bad_field_is_told(spelled: list[str], told: str) -> None:
    with pytest.raises(DeclarationError, match=told):
        parse(spelled)


def test_a_required_text_is_not_blank() -> None:
    field = NewField("number", "string", required=True)

    assert field.shown("Invoice") == {"type": "string", "description": "The number."}
    assert field.accepted("Invoice", create=True) == {
        "type": "string",
        "minLength": 1,
        "maxLength": 200,
        "pattern": r"\S",
        "description": "The number.",
    }


def test_a_field_that_need_not_be_given_is_null_or_has_a_default() -> None:
    date, flag = NewField("dueOn", "date"), NewField("paid", "boolean")

    assert date.accepted("Invoice", create=True)["type"] == ["string", "null"]
    assert (flag.nullable, flag.accepted("Invoice", create=True)["default"]) == (False, False)


def test_an_update_has_no_default() -> None:
    state = NewField("state", "enum", values=("draft", "sent"))

    assert state.accepted("Invoice", create=True) == {"$ref": "#/components/schemas/InvoiceState", "default": "draft"}
    assert state.accepted("Invoice", create=False) == {"$ref": "#/components/schemas/InvoiceState"}
