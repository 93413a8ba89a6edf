"""The contract's answers as compiled schemas: what is accepted here certainly agrees with the contract.

Nothing is refused here. What is not accepted is judged, and put into words, by openapi-core (`documented`): to import
it takes a tenth of the CPU of a run in which nothing is wrong.
"""

import json
import re
from urllib.parse import urlsplit

from entity_contract import Contract
from entity_contract.operations import Header, Response
from entity_contract.references import at, mapping
from entity_contract.schemas import standalone
from jsonschema import Draft202012Validator, FormatChecker

from entity_conformance.deployment.reply import Reply

_MEDIA_TYPE = "application/json"
_JUDGED_ELSEWHERE = "X-Request-ID"
"""Whether it is there has a requirement of its own."""
_LIMITS = frozenset({"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"})
"""What each of these tells has one too."""

_ASSERTED = ("date", "date-time", "email")
_FREE = {"int32", "int64", "double"}
"""Formats that say no more than type and bounds do."""

_FORMATS = FormatChecker(_ASSERTED)
_COMPILED: dict[tuple[int, str], tuple[Contract, Draft202012Validator | None]] = {}


def agrees(reply: Reply, contract: Contract, *, headers: bool) -> bool:
    """Whether the answer certainly is one that the contract documents, with `headers` these too."""
    response = _response(reply, contract)
    if response is None or reply.headers.get("Content-Type", "").partition(";")[0].strip().lower() != _MEDIA_TYPE:
        return False
    try:
        body = json.loads(reply.judged)
    except (ValueError, RecursionError):
        return False
    if not _is_valid(contract, response.schema, body):
        return False
    return not headers or all(_has(reply, contract, one) for one in response.headers)


def path_of(url: str) -> str:
    """The contract's path for a URL, with an entity other than tasks on the generic path."""
    path = urlsplit(url).path
    found = re.search(r"/v1/(?P<entity>[^/]+)(?P<rest>/.*)?$", path)
    if found is None:
        return "/api/health"
    entity = found["entity"] if found["entity"] in {"tasks", "keys", "ai"} else "records"
    return f"/api/v1/{entity}{found['rest'] or ''}"


def _response(reply: Reply, contract: Contract) -> Response | None:
    """The documented answer of that status to that operation: a path that is spelled out goes before a template."""
    segments = path_of(reply.url).removeprefix("/api").split("/")
    found = [one for one in contract.operations if one.method == reply.method and _fits(one.path, segments)]
    plainest = min(found, key=lambda one: one.path.count("{"), default=None)
    return None if plainest is None else plainest.response(reply.status)


def _fits(path: str, segments: list[str]) -> bool:
    template = path.split("/")
    return len(template) == len(segments) and all(
        part == segment or (part.startswith("{") and segment != "")
        for part, segment in zip(template, segments, strict=True)
    )


def _has(reply: Reply, contract: Contract, header: Header) -> bool:
    """Whether the answer has that header as it is documented."""
    value = reply.headers.get(header.name)
    if header.name in _LIMITS:
        return True
    if value is None:
        return header.name == _JUDGED_ELSEWHERE or not header.required
    kind = mapping(at(contract.document, header.schema)).get("type")
    if kind == "integer":
        return re.fullmatch("[0-9]{1,18}", value) is not None and _is_valid(contract, header.schema, int(value))
    return kind == "string" and _is_valid(contract, header.schema, value)


def _is_valid(contract: Contract, schema: str, value: object) -> bool:
    known = _COMPILED.get((id(contract), schema))
    if known is None:
        known = _COMPILED[id(contract), schema] = (contract, _compiled(contract, schema))
    return known[1] is not None and known[1].is_valid(value)


def _compiled(contract: Contract, schema: str) -> Draft202012Validator | None:
    """The validator of a schema; None where it names a format that nobody here knows."""
    whole = standalone(contract.document, schema)
    formats = set(re.findall(r'"format": "([^"]*)"', json.dumps(whole)))
    return Draft202012Validator(whole, format_checker=_FORMATS) if formats <= {*_ASSERTED, *_FREE} else None
