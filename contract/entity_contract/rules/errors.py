"""The error codes: each has a status, and every parameter's code is one of them."""

from collections.abc import Iterator

from entity_contract.errors import ERROR_CODE
from entity_contract.references import Object, mapping, strings
from entity_contract.rules.problem import Problem
from entity_contract.rules.view import SCHEMAS, component, nodes

DEFAULT_CODE = "VALIDATION_FAILED"


def codes_have_a_status(document: Object) -> Iterator[Problem]:
    """`x-statuses` of ErrorCode has each value of its enum, and no other."""
    if "ErrorCode" not in component(document, "schemas"):
        yield Problem(SCHEMAS, "the schema ErrorCode is missing: an enum of the error codes, with x-statuses")
        return
    schema = mapping(component(document, "schemas")["ErrorCode"])
    codes, statuses = strings(schema.get("enum")), mapping(schema.get("x-statuses"))
    for code in codes:
        if code not in statuses:
            yield Problem(f"{ERROR_CODE}/x-statuses", f"x-statuses lacks {code}")
    for code, status in statuses.items():
        if code not in codes:
            yield Problem(f"{ERROR_CODE}/x-statuses/{code}", f"x-statuses names {code}, which ErrorCode lacks")
        elif not isinstance(status, int) or not 400 <= status <= 599:
            yield Problem(f"{ERROR_CODE}/x-statuses/{code}", f"the status of {code} is no number from 400 to 599")
    if DEFAULT_CODE not in codes:
        yield Problem(ERROR_CODE, f"ErrorCode lacks {DEFAULT_CODE}, the code of a parameter without x-error-code")


def parameters_fail_with_a_code(document: Object) -> Iterator[Problem]:
    """`x-error-code` is one of the codes."""
    codes = strings(mapping(component(document, "schemas").get("ErrorCode")).get("enum"))
    for place, node in nodes(document):
        if "x-error-code" in node and node["x-error-code"] not in codes:
            yield Problem(
                f"{place}/x-error-code", f"ErrorCode lacks {node['x-error-code']}, which this parameter names"
            )


RULES = (codes_have_a_status, parameters_fail_with_a_code)
