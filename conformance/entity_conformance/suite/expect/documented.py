"""openapi-core's reading of the contract, with formats asserted.

The typed paths judge tasks and the system operations. Any other entity is judged by the generic paths (`EntityRecord`),
because the schema that a deployment's entity follows is its own OPTIONS answer. The document is prepared once per
contract. To import openapi-core takes a third of a start-up: `schema` does so for an answer that `compiled` does not
accept.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace

from entity_contract import Contract
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from openapi_core.validation.response.exceptions import HeaderValidationError
from openapi_core.validation.response.validators import V31ResponseDataValidator

from entity_conformance.deployment.reply import Headers, Reply
from entity_conformance.suite.expect.compiled import path_of

_HOST = "https://yourdomain.com"
_LACKING = re.compile(r"'(\w+)' is a required property$")
_PREPARED: dict[int, tuple[Contract, Mapping[bool, OpenAPI]]] = {}


_LIMITS = dict.fromkeys(("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"), "1")
"""Headers that every answer has: what they tell, `limits` judges of each."""


class _Asked:
    """The request, as far as openapi-core needs one to find the operation."""

    host_url = _HOST
    content_type = ""
    body = None
    parameters = RequestParameters()

    def __init__(self, method: str, path: str) -> None:
        self.method = method.lower()
        self.path = path


class _Answered:
    """The answer in openapi-core's words."""

    def __init__(self, reply: Reply) -> None:
        self.status_code = reply.status
        self.headers = Headers(list({"x-request-id": "judged elsewhere", **reply.headers, **_LIMITS}.items()))
        self.content_type = reply.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if reply.flaw is None and not path_of(reply.url).endswith("/health"):
            self.content_type = "application/json"  # `errors.answers-are-json` judges what it is called
        self.data = reply.judged


def differences(reply: Reply, contract: Contract, apart_from: str | None, *, headers: bool) -> tuple[str, str | None]:
    """The contract's path of the answer's operation, and the innermost reason why the answer is none of it, if any.

    Headers come behind the body. Each has a requirement of its own, so that they are judged only where asked for.
    """
    asked = _Asked(reply.method, path_of(reply.url))
    try:
        _openapi(contract, headers=headers).response_validator.validate(asked, _Answered(reply))
    except OpenAPIError as refusal:
        return asked.path, _reason(refusal, apart_from)
    return asked.path, None


def _openapi(contract: Contract, *, headers: bool) -> OpenAPI:
    """The contract as openapi-core holds it, prepared once: what judges the body alone, and the `headers` besides."""
    kept = _PREPARED.get(id(contract))
    if kept is None:
        config = Config(
            spec_validator_cls=None,  # type: ignore[arg-type]  # its way to say that the document was checked before
            extra_format_validators={"json-object": _is_json_object, "int32": _is_anything, "int64": _is_anything},
        )
        whole = OpenAPI.from_dict(json.loads(json.dumps(contract.document)), config=config)
        body = OpenAPI(whole.spec, config=replace(config, response_validator_cls=V31ResponseDataValidator))
        kept = _PREPARED[id(contract)] = (contract, {True: whole, False: body})
    return kept[1][headers]


def _is_json_object(value: object) -> bool:
    """The format `json-object`; it stands on a request parameter only."""
    return isinstance(json.loads(value), dict) if isinstance(value, str) else True


def _is_anything(value: object) -> bool:
    """The formats of integers; `type: integer` and the bounds say what matters in an answer."""
    return value is not None


def _reason(refusal: BaseException, apart_from: str | None, header: str = "") -> str | None:
    """The innermost reason that openapi-core gives, None when all of them are about what may be anything."""
    if isinstance(refusal, HeaderValidationError):
        header = refusal.name
    errors = getattr(refusal, "schema_errors", None)
    if errors:
        for error in errors:
            lacking = _LACKING.match(error.message) if not error.absolute_path else None  # of the envelope
            place = lacking[1] if lacking else ".".join(str(part) for part in error.absolute_path)
            if apart_from is None or re.fullmatch(apart_from, place) is None:
                where = "the body" if lacking or not place else place
                return f"{f'the header {header}' if header else where}: {error.message}"
        return None
    if isinstance(refusal.__cause__, OpenAPIError):
        return _reason(refusal.__cause__, apart_from, header)
    said = str(refusal)
    return f"the header {header}: {said}" if header and header not in said else said
