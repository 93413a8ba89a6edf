"""Samples are valid where they should be, broken where they should be, and the same for the same run.

It is long because each type has its own samples.
"""

from dataclasses import replace
from typing import Any

import entity_contract as contract
import pytest
from entity_conformance.suite import sample
from entity_contract import Contract, Entity, Field
from openapi_schema_validator import OAS31Validator

RUN = "abcdefghi"
KEYS = {"taskId": "tsk_1", "customerId": "cus_1"}


@pytest.fixture(scope="module")
def v1() -> Contract:
    return contract.load()


def writable(v1: Contract) -> list[Entity]:
    return [entity for entity in v1.entities if entity.create_schema is not None]


def validator(v1: Contract, entity: Entity) -> Any:
    schema = v1.schema(str(entity.create_schema))
    return OAS31Validator(schema, format_checker=OAS31Validator.FORMAT_CHECKER)


def keys(entity: Entity) -> dict[str, str]:
    return {name: value for name, value in KEYS.items() if name in sample.required(entity)}


@pytest.mark.parametrize("index", range(7))
def test_every_full_body_is_one_that_create_accepts(v1: Contract, index: int) -> None:
    for entity in writable(v1):
        validator(v1, entity).validate(sample.full(entity, RUN, index=index, keys=keys(entity)))


@pytest.mark.parametrize(
    ("left_out", "denied"),
    [
        ({"delete"}, {"delete"}),
        ({"create"}, set[str]()),
        ({"create", "update"}, {"write"}),
        ({"list"}, set[str]()),
        ({"list", "read"}, {"read"}),
    ],
)
def test_who_has_all_scopes_may_do_what_an_entity_has(v1: Contract, left_out: set[str], denied: set[str]) -> None:
    (tasks,) = [one for one in v1.entities if one.name == "tasks"]
    entity = replace(tasks, operations=tuple(one for one in tasks.operations if one not in left_out))

    told = sample.permissions(entity)

    assert {name for name, is_granted in told.items() if not is_granted} == denied
    assert told.keys() == {"read", "write", "delete"}


def test_a_relation_by_a_key_that_no_record_holds_is_no_parent(v1: Contract) -> None:
    comments = next(one for one in v1.entities if one.name == "comments")
    without = replace(comments, fields=tuple(one for one in comments.fields if one.name != "authorId"))

    assert sample.optional_parent(comments) == "author"
    assert not sample.has_optional_parent(without)


def test_a_relation_by_a_key_that_the_deployment_sets_is_no_parent(v1: Contract) -> None:
    comments = next(one for one in v1.entities if one.name == "comments")
    fields = tuple(replace(one, generated=one.generated or one.name == "authorId") for one in comments.fields)
    own = replace(comments, fields=fields)

    assert sample.has_person(comments)
    assert not sample.has_optional_parent(own)
    assert not sample.has_person(own)


def test_a_key_with_a_default_is_never_without_a_parent(v1: Contract) -> None:
    (tasks,) = [one for one in v1.entities if one.name == "tasks"]
    fields = tuple(replace(one, default="usr_1") if one.name == "assigneeId" else one for one in tasks.fields)

    assert sample.has_optional_parent(tasks)
    assert not sample.has_optional_parent(replace(tasks, fields=fields))


def test_every_minimal_body_is_one_that_create_accepts(v1: Contract) -> None:
    for entity in writable(v1):
        body = sample.minimal(entity, RUN, keys=keys(entity))

        validator(v1, entity).validate(body)
        assert set(body) == set(sample.required(entity))


def test_a_full_body_names_everything_but_the_foreign_keys_that_it_need_not(v1: Contract) -> None:
    tasks = v1.entity("tasks")
    assert tasks is not None

    assert set(sample.full(tasks, RUN)) == {"title", "description", "status", "priority"}


def test_each_vice_is_one_that_create_refuses(v1: Contract) -> None:
    for entity in writable(v1):
        good, judge = sample.full(entity, RUN, keys=keys(entity)), validator(v1, entity)
        vices = [(name, vice) for of in sample.of_creation(entity) for name, vice in of.items()]
        judged = [(name, vice) for name, vice in vices if vice.kind != "bounds"]  # formats are nothing to this judge
        wrong: list[dict[str, Any]] = [{**good, name: one.value} for name, one in judged if one.kind != "missing"]
        wrong += [{name: good[name] for name in good if name != left_out} for left_out in sample.required(entity)]

        assert not [body for body in wrong if judge.is_valid(body)]


def test_an_integer_is_beyond_its_bounds_by_one_and_beyond_any_word(v1: Contract) -> None:
    (products,) = [entity for entity in writable(v1) if entity.name == "products"]

    created, updated = (
        {(name, vice.value) for of in bodies for name, vice in of.items() if vice.kind == "bounds"}
        for bodies in (sample.of_creation(products), sample.of_update(products))
    )

    assert {("stock", -1), ("stock", 1_000_001)} <= created
    assert {("priceCents", 2**63), ("stock", -1)} <= updated


def test_what_a_body_may_name_is_not_taken_for_what_the_server_generates(v1: Contract) -> None:
    tasks = v1.entities[0]
    own = replace(tasks, fields=tuple(replace(one, generated=one.name != "createdAt") for one in tasks.fields))

    assert set(sample.generated(tasks, RUN)) == {"id", "createdAt", "updatedAt"}
    assert set(sample.generated(own, RUN)) == {"id", "updatedAt"}
    assert set(sample.meddling(own, RUN)) == {sample.UNKNOWN, "id", "updatedAt"}


def test_a_value_outside_of_an_enum_is_one_that_the_contract_alone_lists(v1: Contract) -> None:
    (orders,) = [entity for entity in writable(v1) if entity.name == "orders"]
    fewer = replace(
        orders,
        fields=tuple(replace(one, values=one.values[:-1]) if one.name == "status" else one for one in orders.fields),
    )

    for sets in (sample.of_creation, sample.of_update):
        fewer_sent, all_sent = (
            {of["status"].value for of in sets(entity, orders) if of["status"].kind == "enum"}
            for entity in (fewer, orders)
        )
        assert "cancelled" in fewer_sent
        assert "cancelled" not in all_sent


def test_an_update_makes_one_required_text_of_every_entity_blank(v1: Contract) -> None:
    for entity in writable(v1):
        blank = [name for of in sample.of_update(entity) for name, vice in of.items() if vice.kind == "blank"]

        assert len(blank) == 1, entity.name


def test_an_update_spells_a_boolean_as_a_text_and_an_address_as_none(v1: Contract) -> None:
    customers = next(one for one in v1.entities if one.name == "customers")
    first, *_ = sample.of_update(customers)

    assert (first["newsletter"].kind, first["newsletter"].value) == ("type", "true")
    assert (first["email"].kind, first["email"].value) == ("bounds", "no address")


def test_a_blank_text_is_of_blanks_that_some_do_not_trim(v1: Contract) -> None:
    bodies = [*sample.of_creation(v1.entities[0]), *sample.of_update(v1.entities[0])]
    blank = [str(vice.value) for of in bodies for vice in of.values() if vice.kind == "blank" and vice.value]

    assert [text for text in blank if text.strip() or not text.strip(" ")] == []
    assert len(blank) == 2


def test_most_fields_of_a_wide_entity_are_changed_two_by_two_and_a_boolean_alone(v1: Contract) -> None:
    for entity in writable(v1):
        steps = sample.steps(entity, RUN)

        assert {name: value for body in steps for name, value in body.items()} == sample.single(entity, RUN)
        assert {len(body) for body in steps} <= {1, 2}
        assert [len(body) for body in steps if any(isinstance(value, bool) for value in body.values())] in ([], [1])


def test_an_entity_with_hundreds_of_fields_is_changed_by_few_updates(v1: Contract) -> None:
    (tasks,) = [one for one in v1.entities if one.name == "tasks"]
    more = tuple(Field(f"more{number}", ("string", "boolean")[number % 2]) for number in range(300))
    wide = replace(tasks, fields=(*tasks.fields, *more))

    steps = sample.steps(wide, RUN)

    assert len(steps) == 4 + 8 + 8
    assert {name: value for body in steps for name, value in body.items()} == sample.single(wide, RUN)


def test_a_long_text_is_shortened_to_characters_of_the_same_kinds(v1: Contract) -> None:
    for entity in writable(v1):
        longest = {one.name: one.max_length for one in entity.fields if one.max_length}
        bodies = [sample.whole(entity, RUN), *sample.steps(entity, RUN), *sample.several(entity, RUN)]
        texts = [str(value) for body in bodies for name, value in body.items() if len(str(value)) == longest.get(name)]

        for text in texts:
            shorter = sample.shortened(text)
            assert shorter is None or (len(shorter) < len(text) and sample.kinds(shorter) == sample.kinds(text))
        assert [text for text in texts if len(text) > 150 and sample.shortened(text) is None] == []


def test_a_text_of_one_kind_at_its_end_alone_keeps_that() -> None:
    assert sample.shortened("cab" + "a" * 50 + ".") == "cab" + "a" * 30 + "."
    assert sample.shortened("abcdefgh" * 2 + ".") == "abcdefghh."
    assert sample.shortened("a.") is None


def test_a_text_that_need_not_be_there_is_changed_to_one_as_long_as_it_may_be(v1: Contract) -> None:
    (customers,) = [entity for entity in writable(v1) if entity.name == "customers"]

    assert len(str(sample.whole(customers, RUN)["company"])) == 120
    assert len(str(sample.whole(customers, RUN)["name"])) < 40


def test_each_type_of_field_is_shown_every_type_that_it_is_not(v1: Contract) -> None:
    shown: dict[str, set[type]] = {}
    for entity in writable(v1):
        types = {field.name: field.type for field in entity.fields}
        for of in (*sample.of_creation(entity), *sample.of_update(entity)):
            for name, vice in of.items():
                if vice.kind == "type":
                    shown.setdefault(types[name], set()).add(type(vice.value))

    texts = {key: {int, bool, list, dict} for key in ("string", "text", "enum", "date", "datetime")}
    numbers = {"integer": {str, bool, float, list, dict}, "number": {str, bool, list, dict}}
    assert shown == {**texts, **numbers, "boolean": {str, int, list, dict}}


def test_every_value_that_a_field_is_changed_to_is_one_that_create_accepts(v1: Contract) -> None:
    for entity in writable(v1):
        good, judge = sample.full(entity, RUN, keys=keys(entity)), validator(v1, entity)

        judge.validate({**good, **sample.whole(entity, RUN)})
        judge.validate({**good, **sample.single(entity, RUN)})


def test_the_longest_text_is_one_that_create_accepts(v1: Contract) -> None:
    for entity in (entity for entity in writable(v1) if sample.has_maximum(entity)):
        field = sample.bounded(entity)
        text = sample.longest(field)
        body = {**sample.full(entity, RUN, keys=keys(entity)), field.name: text}

        validator(v1, entity).validate(body)
        assert len(text) == field.max_length
        assert max(map(len, text.split(" "))) < 10


def test_the_same_run_gives_the_same_bodies_and_another_run_others(v1: Contract) -> None:
    for entity in writable(v1):
        assert sample.full(entity, RUN) == sample.full(entity, RUN)
        assert sample.full(entity, RUN) != sample.full(entity, "another")


def test_every_body_can_be_told_by_the_runs_mark(v1: Contract) -> None:
    for entity in writable(v1):
        if sample.mark_field(entity) is not None:
            assert any(sample.mark(RUN) in str(value) for value in sample.full(entity, RUN).values())


@pytest.mark.parametrize("type_", ["integer", "number", "date", "datetime"])
def test_the_values_of_a_field_differ_and_are_not_in_order(v1: Contract, type_: str) -> None:
    for entity in writable(v1):
        for field in (field for field in sample.writable(entity) if field.type == type_):
            values = [sample.value(field, RUN, group="g", index=index) for index in range(sample.VARIANTS)]

            assert len(set(values)) == sample.VARIANTS
            assert values not in (sorted(values, key=float_or_text), sorted(values, key=float_or_text, reverse=True))


def float_or_text(value: Any) -> Any:
    return value


def test_integers_sort_otherwise_as_text() -> None:
    field = Field("n", "integer")
    values = [int(str(sample.value(field, RUN, group="g", index=index))) for index in range(sample.VARIANTS)]

    assert sorted(values) != sorted(values, key=str)


@pytest.mark.parametrize("fold", [str, str.casefold, str.swapcase])
def test_titles_sort_alike_in_every_collation(fold: Any) -> None:
    titles = [sample.title(RUN, "g", index) for index in range(sample.VARIANTS)]

    assert sorted(titles) == sorted(titles, key=fold)
    assert titles not in (sorted(titles), sorted(titles, reverse=True))


def test_only_the_last_title_has_the_characters_that_patterns_use() -> None:
    titles = [sample.title(RUN, "g", index) for index in range(sample.VARIANTS)]

    assert [any(sign in text for sign in "%_*") for text in titles] == [False, False, False, False, True]


def test_a_tame_title_has_letters_and_blanks_alone(v1: Contract) -> None:
    for entity in writable(v1):
        title = sample.title_field(entity)
        assert title is not None
        bodies = [sample.tame(entity, RUN, group="g", index=index) for index in range(sample.VARIANTS)]

        assert all(str(body[title.name]).replace(" ", "").isalpha() for body in bodies)


@pytest.mark.parametrize(
    "field",
    [
        Field("n", "integer", minimum=1, maximum=5),
        Field("n", "number", minimum=0, maximum=1),
        Field("n", "integer", minimum=-10, maximum=-1),
        Field("n", "integer", minimum=1000),
        Field("n", "integer", maximum=3),
    ],
)
def test_numbers_stay_within_their_bounds(field: Field) -> None:
    values = [float(str(sample.value(field, RUN, group="g", index=index))) for index in range(sample.VARIANTS)]

    assert all(field.minimum is None or value >= field.minimum for value in values)
    assert all(field.maximum is None or value <= field.maximum for value in values)


@pytest.mark.parametrize("length", [3, 9, 20])
def test_text_stays_within_its_bounds(length: int) -> None:
    field = Field("code", "string", min_length=length, max_length=length)

    assert len(str(sample.value(field, RUN, group="g", index=1))) == length


def test_an_email_by_its_name_or_its_format_is_one() -> None:
    for field in (Field("contact", "string", format="email"), Field("workEmail", "string")):
        assert str(sample.value(field, RUN, group="g", index=0)).endswith("@example.com")


def test_another_value_is_another_one(v1: Contract) -> None:
    for entity in writable(v1):
        body = sample.full(entity, RUN, keys=keys(entity))
        for field in sample.changeable(entity):
            assert sample.other_value(field, RUN, body[field.name]) != body[field.name]


@pytest.mark.parametrize("known", ["tsk_01jabc9z", "1f0e8c1a-6d0e-4c39-8a43-0d9f8f0f2a1f", "507f1f77bcf86cd799439011"])
def test_an_id_of_nobody_has_the_form_of_a_known_one(known: str) -> None:
    nobody = sample.another_id(known)

    assert nobody != known
    assert [character.isdigit() for character in nobody] == [character.isdigit() for character in known]


@pytest.mark.parametrize(
    ("known", "nobodys"),
    [
        ("17", "2147483647"),
        ("TASK-17", "TASK-2147483647"),
        ("tsk.2025.000017", "tsk.2025.2147483647"),
        ("T17", "T2147483647"),
        ("key_a7x", "key_a7x2147483647"),
        ("(17),!", "(2147483647),!"),
        ("ü-17-日本", "ü-2147483647-日本"),
        ("日本", "日本2147483647"),
        ("bl", "cncncncnc"),
        ("12345678901234567890", "12345678901245678901"),
    ],
)
def test_an_id_of_nobody_is_far_from_those_that_are_counted(known: str, nobodys: str) -> None:
    assert sample.another_id(known) == nobodys


def test_a_text_that_has_to_be_longer_than_any_body_is_cut_short() -> None:
    assert len(sample.cut(Field("title", "string", min_length=10**9), "x")) == 100_000


def test_a_field_with_a_pattern_that_no_text_is_made_for_is_not_sampled() -> None:
    entity = Entity(
        name="parcels",
        title="Parcel",
        id_prefix="",
        fields=(Field("code", "string", pattern="^(.)\\1$"), Field("name", "string")),
        relations=(),
        searchable=(),
        sortable=(),
        operations=("create",),
        always=(),
        record_schema="",
    )

    assert [field.name for field in sample.writable(entity)] == ["name"]


@pytest.mark.parametrize(("known", "chosen"), [(("a",), None), (("a", "b", "c", "d", "e"), "description")])
def test_a_field_that_may_be_empty_is_one_whose_samples_differ(
    v1: Contract, known: tuple[str, ...], chosen: str | None
) -> None:
    tasks = v1.entity("tasks")
    assert tasks is not None
    fields = tuple(replace(one, samples=known) if one.name == "description" else one for one in tasks.fields)
    without_others = tuple(one for one in fields if one.name in {"title", "description"})

    assert sample.optional(replace(tasks, fields=without_others)) == chosen


def test_an_entity_tells_a_time_that_its_fields_or_the_contract_name(v1: Contract) -> None:
    (products,) = (one for one in v1.entities if one.name == "products")
    timeless = replace(
        products, fields=tuple(one for one in products.fields if one.name != "updatedAt"), always=("id",)
    )

    assert sample.tells("updatedAt")(products)
    assert not sample.tells("updatedAt")(timeless)
    assert sample.tells("createdAt", "updatedAt")(timeless)
    assert sample.tells("updatedAt")(replace(timeless, always=("updatedAt",)))
