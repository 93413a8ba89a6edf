"""The control port's document: it is an OpenAPI document, and all of it is served."""

from dataclasses import MISSING, fields
from typing import Any

import pytest
import yaml
from entity_contract.parsing import FAST_LOADER
from entity_server.control.document import control_document
from entity_server.control.operations import Operations
from openapi_spec_validator import validate

OTHERWISE = {"readDocument", "streamRequests"}
"""The operations that do not answer with JSON: the socket serves them."""


def test_the_document_is_valid() -> None:
    validate(yaml.load(control_document().text, Loader=FAST_LOADER))


def test_every_operation_has_a_handler_and_no_handler_lacks_an_operation() -> None:
    unused: list[Any] = [None for field in fields(Operations) if field.default_factory is MISSING]
    operations = Operations(*unused)

    assert operations.handlers().keys() == {one.id for one in control_document().operations} - OTHERWISE


def _examples() -> list[tuple[str, Any]]:
    found = []
    for path, item in yaml.load(control_document().text, Loader=FAST_LOADER)["paths"].items():
        for method, operation in item.items():
            media = (
                operation.get("requestBody", {}).get("content", {}).get("application/json", {})
                if method != "parameters"
                else {}
            )
            named = [one["value"] for one in media.get("examples", {}).values()]
            found += [
                (f"{method.upper()} {path}", one)
                for one in (*named, *([media["example"]] if "example" in media else []))
            ]
    return found


@pytest.mark.parametrize(("operation", "example"), _examples())
def test_every_example_of_a_body_fits_its_schema(operation: str, example: Any) -> None:
    method, path = operation.split()
    found, _ = control_document().find(method, f"/control/v1{path}")

    assert found.body is not None
    assert found.body.is_valid(example)
