"""What a run can test, by the options, the credentials and what the deployment has; why the rest is left out."""

from dataclasses import replace
from typing import Any

import pytest
from entity_conformance.deployment.settings import Misuse, Settings
from entity_conformance.suite.sample import NEVER
from entity_contract import load
from entity_tests.properties.command import requirements
from entity_tests.properties.scope import Scope, absent, scope, selection

CONTRACT = load()
CLAUSES = requirements()
URL = "http://127.0.0.1:5173"
WHY = "this run only reads: the host is not this machine, and --allow-writes was not given"
BOTH = ("api_key", "session")


def scoped(credentials: tuple[str, ...] = BOTH, found: Any = CONTRACT.entities, **options: Any) -> Scope:
    settings = Settings(**{"url": URL, **options})
    selected = selection(CONTRACT, CLAUSES, settings)
    without = absent(CONTRACT, found, settings)
    return scope(CONTRACT, settings, selected=selected, credentials=credentials, without=without, found=found)


def test_with_both_credentials_everything_is_in_scope() -> None:
    assert (scoped().operations, scoped().out) == (CONTRACT.operations, ())


def test_without_a_session_the_keys_are_out_of_scope() -> None:
    assert scoped(("api_key",)).out == tuple(
        (name, "no session was given (--session)") for name in ("listApiKeys", "createApiKey", "revokeApiKey")
    )


def test_a_run_that_only_reads_tests_no_write() -> None:
    out = dict(scoped(url="https://shop.example.com").out)
    assert out["createTask"] == out["generateText"] == WHY
    assert "listTasks" not in out


def test_no_text_is_generated_when_that_was_asked() -> None:
    assert scoped(skip_ai=True).out == (("generateText", "--skip-ai was given"),)


def test_only_and_skip_choose_operations_by_their_names() -> None:
    chosen = scoped(only=("*Task", "listTasks"), skip=("deleteTask",)).operations
    assert {one.id for one in chosen} == {"listTasks", "createTask", "getTask", "updateTask"}


def test_only_and_skip_choose_requirements_too() -> None:
    settings = Settings(URL, only=("properties.envelope", "listTasks"), skip=("properties.e*",))
    selected = selection(CONTRACT, CLAUSES, settings)
    assert (selected.requirements, selected.operations) == (frozenset[str](), frozenset({"listTasks"}))
    alone = selection(CONTRACT, CLAUSES, Settings(URL, only=("properties.envelope",)))
    assert alone.requirements == {"properties.envelope"}
    assert len(alone.operations) == len(CONTRACT.operations)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"only": ("listTask",)},
            "no such requirement, chapter or operation; did you mean listTasks?",
        ),
        ({"skip": ("properties.envelop",)}, "did you mean properties.envelope?"),
        ({"only": ("zzz",)}, "no such requirement, chapter or operation; the nearest is"),
        ({"entities": ("nothings",)}, "--entity nothings: properties test the contract's entities alone"),
    ],
)
def test_what_is_not_there_cannot_be_chosen(options: Any, message: str) -> None:
    with pytest.raises(Misuse, match=message.replace("?", r"\?").replace("*", r"\*")):
        scoped(**options)


def test_one_entity_alone_leaves_the_others_out() -> None:
    found = scoped(entities=("products",))
    assert {one.entity for one in found.operations} == {"products", None}
    assert dict(found.out)["listTasks"] == "left out by --entity"


def test_an_entity_that_is_absent_takes_along_what_cannot_be_made_without_it() -> None:
    found = scoped(found=[entity for entity in CONTRACT.entities if entity.name != "tasks"])
    assert dict(found.out)["listTasks"] == "the deployment does not have it"
    assert dict(found.out)["createComment"] == "it needs tasks, which cannot be tested"


def test_an_entity_with_other_fields_is_left_out_with_the_reason() -> None:
    products = CONTRACT.entity("products")
    assert products is not None
    others = [entity for entity in CONTRACT.entities if entity is not products]
    found = scoped(found=[*others, replace(products, fields=products.fields[:-1])])
    assert dict(found.out)["listProducts"].startswith("its own OPTIONS describes other fields than the contract: ")


def test_a_method_that_the_entitys_own_options_does_not_name_is_out_of_scope() -> None:
    found = [
        replace(one, operations=("list", "read", "metadata")) if one.name == "products" else one
        for one in CONTRACT.entities
    ]
    out = dict(scoped(found=found).out)
    assert out == {
        "createProduct": "its own OPTIONS names no method to create products",
        "updateProduct": "its own OPTIONS names no method to update products",
        "deleteProduct": "its own OPTIONS names no method to delete products",
    }


def test_without_a_sample_of_a_required_field_an_entitys_writes_are_out_of_scope() -> None:
    found = [
        replace(one, fields=tuple(replace(f, pattern=NEVER) if f.name == "sku" else f for f in one.fields))
        if one.name == "products"
        else one
        for one in CONTRACT.entities
    ]
    out = dict(scoped(found=found).out)
    assert out == dict.fromkeys(("createProduct", "updateProduct", "deleteProduct"), "no sample of sku is taken")


def test_what_the_user_took_out_is_told_apart() -> None:
    selected = selection(
        CONTRACT, CLAUSES, Settings(URL, only=("*Task", "properties.*"), skip=("createTask", "listUsers"))
    )

    assert selected.why("createTask") == "left out by --skip"
    assert selected.why("listUsers") == selected.why("getUser") == "left out by --only"
