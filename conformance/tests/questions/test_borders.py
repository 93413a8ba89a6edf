"""The designed records: borders for values, within what a field takes."""

import pytest
from entity_conformance.suite import sample
from entity_contract import Contract, Entity, Field


def column(contract: Contract, entity: str, field: str) -> list[object]:
    """What the seven records of an entity hold in a field."""
    (of,) = [one for one in contract.entities if one.name == entity]
    bodies = [sample.bordering(of, "abcdefghi", group="a group", index=index, keys={}) for index in range(7)]
    return [body.get(field) for body in bodies]


def of_one_field(field: Field) -> list[object]:
    """What seven records of an entity with a title and this field hold in it."""
    entity = Entity(
        name="things",
        title="Thing",
        id_prefix="thg",
        fields=(Field("title", "string", required=True), field),
        relations=(),
        searchable=(),
        sortable=(),
        operations=("create",),
        always=("id",),
        record_schema="#/components/schemas/EntityRecord",
    )
    bodies = [sample.bordering(entity, "abcdefghi", group="a group", index=index, keys={}) for index in range(7)]
    return [body.get(field.name) for body in bodies]


def test_an_optional_text_is_null_empty_long_and_full_of_odd_characters(contract: Contract) -> None:
    texts = column(contract, "products", "description")

    assert None in texts
    assert "" in texts
    assert max(len(str(text)) for text in texts) == 2000
    assert any("50%_(off*" in str(text) for text in texts)
    assert any("\r\n" in str(text) for text in texts)
    assert any(str(text).startswith("  ") for text in texts)


def test_a_required_text_is_neither_null_nor_empty(contract: Contract) -> None:
    assert all(column(contract, "products", "sku"))


@pytest.mark.parametrize(
    ("entity", "field", "borders"),
    [
        ("products", "weightKg", {0, 0.1, 4096.5, 4096.5001, None}),
        ("products", "priceCents", {0, 9, 2**24, 2**24 + 1, 100_000_000}),
        ("products", "stock", {0, 9, 1_000_000}),
        ("customers", "newsletter", {True, False}),
        ("customers", "birthDate", {"1969-12-31", "2020-02-29", None}),
        ("orders", "shippedAt", {"2020-02-29T14:15:30.250+02:00", "1969-12-31T23:59:59Z", None}),
    ],
)
def test_values_are_borders(contract: Contract, entity: str, field: str, borders: set[object]) -> None:
    assert borders <= set(column(contract, entity, field))


def test_the_word_of_all_titles_stands_in_another_text_of_one_record_too(contract: Contract) -> None:
    word = sample.word("abcdefghi", "a group")

    assert sum(word in str(text) for text in column(contract, "products", "description")) == 1
    assert sum(word in str(text) for text in column(contract, "products", "sku")) == 1


def test_numbers_go_as_far_as_what_is_told_of_them() -> None:
    assert 2**53 - 1 in of_one_field(Field("size", "integer", format="int64"))
    assert max(filter(None, of_one_field(Field("size", "integer")))) == 2**31 - 1  # type: ignore[type-var]
    assert -33 in of_one_field(Field("size", "integer"))
    assert of_one_field(Field("size", "integer", minimum=3, maximum=3)) == [3] * 7


def test_a_field_with_samples_of_the_users_has_no_other_values() -> None:
    assert set(of_one_field(Field("code", "string", samples=("a", "b")))) == {"a", "b"}


@pytest.mark.parametrize("entity", ["tasks", "comments", "products", "customers", "orders"])
def test_what_one_record_was_before_differs_in_every_text_and_in_the_word_of_half_of_them(
    contract: Contract, entity: str
) -> None:
    (of,) = [one for one in contract.entities if one.name == entity]
    place, half = sample.amended(of), sample.halving("abcdefghi", "a group")
    later, earlier = (
        sample.bordering(of, "abcdefghi", group="a group", index=index, keys={})
        for index in (place, sample.earlier(place))
    )
    title = sample.title_field(of)

    assert title is not None
    assert (half in str(later[title.name])) is not (half in str(earlier[title.name]))
    texts = [one.name for one in sample.writable(of) if one.type in ("string", "text")]
    assert all(later.get(name) != earlier.get(name) for name in texts)
    assert place > 0


def test_a_title_ends_with_a_blank(contract: Contract) -> None:
    for of in [one for one in contract.entities if one.create_schema is not None]:
        field = sample.title_field(of)
        assert field is not None
        bodies = [sample.bordering(of, "abcdefghi", group="a group", index=index, keys={}) for index in range(7)]
        titles = [str(body[field.name]) for body in bodies]

        assert [title for title in titles if title != title.strip()] == [titles[2]], of.name
