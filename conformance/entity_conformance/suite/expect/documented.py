"""The contract's documented answers, as jsonschema judges them, with formats asserted.

The typed paths judge tasks and the system operations. Any other entity is judged by the generic paths (`EntityRecord`),
because the schema that a deployment's entity follows is its own OPTIONS answer. A schema is compiled when it first
judges, once per contract. To import jsonschema takes a tenth of a start-up: `schema` does so when it first judges.
"""

import re
from collections.abc import Iterator
from functools import cache
from urllib.parse import urlsplit

from entity_contract import Contract, Operation, Response
from entity_contract.references import at
from entity_contract.schemas import standalone
from jsonschema import Draft202012Validator, FormatChecker

from entity_conformance.deployment.reply import Reply

_FORMATS = FormatChecker(("date", "date-time", "email", "uuid"))
"""Those that an answer may have. What `int32` and `double` say is said by types and bounds."""
_TYPED = frozenset({"tasks", "keys", "ai"})
_JUDGED_ELSEWHERE = "x-request-id"


def differences(reply: Reply, contract: Contract, apart_from: str | None, *, headers: bool) -> tuple[str, str | None]:
    """The contract's path of the answer's operation, and the innermost reason why the answer is none of it, if any.

    Headers come behind the body. Each has a requirement of its own, so that they are judged only where asked for.
    Raises Violation for a body that is no JSON object.
    """
    path = _path(reply.url)
    return f"/api{path}", next(_reasons(reply, path, _Documented.of(contract), apart_from, headers=headers), None)


def _path(url: str) -> str:
    """The contract's path for a URL, with an entity other than tasks on the generic path."""
    found = re.search(r"/v1/(?P<entity>[^/]+)(?P<rest>/.*)?$", urlsplit(url).path)
    if found is None:
        return "/health"
    entity = found["entity"] if found["entity"] in _TYPED else "{entity}"
    return f"/v1/{entity}{found['rest'] or ''}"


def _reasons(
    reply: Reply, path: str, documented: "_Documented", apart_from: str | None, *, headers: bool
) -> Iterator[str]:
    answer = documented.answer(reply.method, path, reply.status)
    if answer is None:
        yield f"Unknown response http status: {reply.status}"
        return
    media = reply.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media != "application/json":
        yield f"Content for the following mimetype not found: {media}. Valid mimetypes: ['application/json']"
        return
    for error in documented.validator(answer.schema).iter_errors(reply.body):
        place = ".".join(str(part) for part in error.absolute_path)
        if apart_from is None or re.fullmatch(apart_from, place) is None:
            yield f"{place or 'the body'}: {error.message}"
    for header in answer.headers if headers else ():
        value = reply.headers.get(header.name)
        if header.name.lower() == _JUDGED_ELSEWHERE or (value is None and not header.required):
            continue
        if value is None:
            yield f"Missing required header: {header.name}"
            continue
        for error in documented.validator(header.schema).iter_errors(documented.read(header.schema, value)):
            yield f"the header {header.name}: {error.message}"


class _Documented:
    """One contract's answers, and what judges them."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self.validator = cache(self._compiled)

    @staticmethod
    def of(contract: Contract) -> "_Documented":
        """Those of a contract, the same each time."""
        known = _KNOWN.get(id(contract))
        if known is None:
            known = _KNOWN[id(contract)] = _Documented(contract)
        return known

    def answer(self, method: str, path: str, status: int) -> Response | None:
        """The documented answer of an operation with that status."""
        asked = path.split("/")
        operations = (one for one in self._contract.operations if one.method == method and _is_at(one, asked))
        return next((one.response(status) for one in operations), None)

    def read(self, schema: str, value: str) -> object:
        """The value of a header as its schema types it; what is no such value stays a text."""
        facts = at(self._contract.document, schema)
        is_integer = isinstance(facts, dict) and facts.get("type") == "integer"
        return int(value) if is_integer and re.fullmatch(r"-?[0-9]{1,18}", value) else value

    def _compiled(self, schema: str) -> Draft202012Validator:
        return Draft202012Validator(standalone(self._contract.document, schema), format_checker=_FORMATS)


_KNOWN: dict[int, _Documented] = {}


def _is_at(operation: Operation, asked: list[str]) -> bool:
    """Whether a path, split at its slashes, is the operation's; the entity is named as the contract's path names it."""
    parts = operation.path.split("/")
    return (
        len(parts) == len(asked)
        and parts[:3] == asked[:3]
        and all(part == one or part.startswith("{") for part, one in zip(parts[3:], asked[3:], strict=True))
    )
