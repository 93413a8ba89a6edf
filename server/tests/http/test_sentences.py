"""Every sentence of the domain can be seen over HTTP, of the field or parameter that it is about.

The sentences are the table in `domain.sentences`; a sentence without a request here fails, and so does one that nobody
can see. What the contract at hand never asks for is asked for by a contract with a property for each such keyword.
"""

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from entity_contract import Contract
from entity_contract.references import at
from entity_server.domain.sentences import Reason, Sentence
from entity_server.http.operations import CompiledContract, compile_contract

from server.tests.http.served_api import ServedApi

pytestmark = pytest.mark.anyio

FIELDS = "id, title, description, status, priority, assigneeId, createdAt, updatedAt"
OPERATORS = "$eq, $ne, $gt, $gte, $lt, $lte, $in, $nin, $contains, $startsWith, $endsWith, $null"
KEYWORDS: Mapping[str, Any] = {
    "constant": {"const": 5},
    "short": {"type": "string", "minLength": 3},
    "pattern": {"type": "string", "pattern": "^a"},
    "above": {"type": "number", "exclusiveMinimum": 0},
    "below": {"type": "number", "exclusiveMaximum": 0},
    "step": {"type": "integer", "multipleOf": 5},
    "uuid": {"type": "string", "format": "uuid"},
    "few": {"type": "array", "minItems": 2},
    "many": {"type": "array", "maxItems": 1},
    "unique": {"type": "array", "uniqueItems": True},
    "anything": {"not": {"type": "string"}},
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that is refused, the field or parameter that is named, and what is said of it."""

    method: str
    path: str
    name: str
    text: str
    content: bytes = b""
    media_type: str = "application/json"


def query(parameter: str, value: str, text: str, entity: str = "tasks") -> Seen:
    return Seen("GET", f"/{entity}?{parameter}={quote(value)}", parameter, text)


def filtered(filter_: object, text: str, entity: str = "tasks") -> Seen:
    return query("filter", filter_ if isinstance(filter_, str) else json.dumps(filter_), text, entity)


def body(members: Mapping[str, object], name: str, text: str, path: str = "/tasks") -> Seen:
    return Seen("POST", path, name, text, json.dumps(members).encode())


def raw(content: bytes, text: str, media_type: str = "application/json") -> Seen:
    return Seen("POST", "/tasks", "body", text, content, media_type)


def keyword(name: str, value: object, text: str) -> Seen:
    return body({"prompt": "x", name: value}, name, text, "/ai/generate")


SEEN: Mapping[Sentence, Seen] = {
    Sentence.MALFORMED: raw(b"{", "Must be well-formed JSON"),
    Sentence.NO_SUCH_NUMBER: raw(b'{"title": NaN}', "Must be JSON, which has no NaN"),
    Sentence.NAMED_TWICE: raw(b'{"title": "a", "title": "b"}', "Must not name anything twice"),
    Sentence.NESTED: raw(b'{"a":' * 101 + b"1" + b"}" * 101, "Must not be nested deeper than 100 levels"),
    Sentence.OBJECT: raw(b"[]", "Must be a JSON object"),
    Sentence.MEDIA_TYPE: raw(b"{}", "Must be application/json", "text/plain"),
    Sentence.FEWEST_FIELDS: Seen("PATCH", "/tasks/{id}", "body", "Must name at least 1 field", b"{}"),
    Sentence.MOST_FIELDS: body(
        {"prompt": "x"} | dict.fromkeys("abcde"), "body", "Must name at most 5 fields", "/ai/generate"
    ),
    Sentence.REQUIRED: body({}, "customerId", "Customer id is required", "/orders"),
    Sentence.NOT_WRITABLE: body({"createdAt": "x"}, "createdAt", "Created at is not a field that can be written"),
    Sentence.TYPE: body({"description": 5}, "description", "Must be a string or null"),
    Sentence.ONE_OF: body({"priority": "x"}, "priority", "Must be one of: low, medium, high"),
    Sentence.CONSTANT: keyword("constant", 6, "Must be 5"),
    Sentence.BLANK: body({"title": "\x85"}, "title", "Must not be blank"),
    Sentence.EMPTY: body({"title": ""}, "title", "Must not be empty"),
    Sentence.SHORTEST: keyword("short", "ab", "Must be at least 3 characters"),
    Sentence.LONGEST: body({"title": "x" * 201}, "title", "Must be at most 200 characters"),
    Sentence.PATTERN: keyword("pattern", "b", "Must match the pattern ^a"),
    Sentence.NUL: body({"title": "a\0b"}, "title", "Must not contain the character U+0000"),
    Sentence.UNICODE: body({"title": "\ud800"}, "title", "Must be valid Unicode, without lone surrogates"),
    Sentence.LEAST: query("page", "0", "Must be at least 1"),
    Sentence.MOST: query("limit", "101", "Must be at most 100"),
    Sentence.ABOVE: keyword("above", 0, "Must be greater than 0"),
    Sentence.BELOW: keyword("below", 0, "Must be less than 0"),
    Sentence.MULTIPLE: keyword("step", 6, "Must be a multiple of 5"),
    Sentence.BITS: filtered(
        {"priceCents": 2**63}, "priceCents: must be an integer of at most 64 bits", entity="products"
    ),
    Sentence.DATE: body({"releasedOn": "2025-02-30"}, "releasedOn", "Must be a date (YYYY-MM-DD)", "/products"),
    Sentence.INSTANT: body({"shippedAt": "2025-01-01"}, "shippedAt", "Must be an RFC 3339 date-time", "/orders"),
    Sentence.EMAIL: body({"email": "a@"}, "email", "Must be an email address", "/customers"),
    Sentence.FORMAT: keyword("uuid", "x", "Must have the format uuid"),
    Sentence.FEWEST_ITEMS: keyword("few", [1], "Must have at least 2 items"),
    Sentence.MOST_ITEMS: keyword("many", [1, 2], "Must have at most 1 item"),
    Sentence.REPEATED_ITEM: keyword("unique", [1, 1], "Must not repeat an item"),
    Sentence.OTHERWISE: keyword("anything", "x", "Is not valid"),
    Sentence.FUTURE: body(
        {"name": "CI", "scopes": ["read"], "expiresAt": "2020-01-01T00:00:00Z"},
        "expiresAt",
        "Must be in the future",
        "/keys",
    ),
    Sentence.NO_RECORD: body({"title": "x", "assigneeId": "usr_no"}, "assigneeId", "Assignee id names no record"),
    Sentence.ONCE: Seen("GET", "/tasks?page=1&page=1", "page", "Must be given once"),
    Sentence.BORDER: query("startDate", "soon", "Must be a date (YYYY-MM-DD) or an RFC 3339 date-time"),
    Sentence.REVERSED: Seen(
        "GET", "/tasks?startDate=2025-01-02&endDate=2025-01-01", "startDate", "Must not be after endDate"
    ),
    Sentence.MOST_WORDS: query("search", " ".join(map(str, range(101))), "Must have at most 100 words"),
    Sentence.LONGEST_WORD: query("search", "a" * 5001, "Must have words of at most 5000 characters"),
    Sentence.OPERATOR_OUTSIDE: filtered({"$or": []}, "Operators belong inside a field: $or"),
    Sentence.UNKNOWN_FIELD: filtered({"colour": 1}, "Unknown field: colour"),
    Sentence.BARE_NULL: filtered({"title": None}, 'title: use {"$null": true} to find nulls'),
    Sentence.NO_OPERATOR: filtered({"title": {}}, "title: must name an operator"),
    Sentence.UNKNOWN_OPERATOR: filtered(
        {"title": {"$like": "a"}}, f"title: unknown operator $like; there are {OPERATORS}"
    ),
    Sentence.OPERATOR_TYPES: filtered(
        {"priority": {"$contains": "a"}}, "priority: $contains needs a field of type string or text"
    ),
    Sentence.LONGEST_OPERAND: filtered(
        {"title": {"$contains": "a" * 5001}}, "title: $contains takes at most 5000 characters"
    ),
    Sentence.NULL_OPERAND: filtered({"title": {"$eq": None}}, "title: $eq takes no null; use $null"),
    Sentence.BOOLEAN_OPERAND: filtered({"title": {"$null": 1}}, "title: $null must be true or false"),
    Sentence.LIST_OPERAND: filtered({"title": {"$in": []}}, "title: $in must be a non-empty array"),
    Sentence.MOST_VALUES: filtered({"title": {"$in": ["a"] * 1001}}, "title: $in must have at most 1000 values"),
}
AGAIN: tuple[Seen, ...] = (
    query("startDate", "2025-02-30T00:00:00Z", "Must be a date (YYYY-MM-DD) or an RFC 3339 date-time"),
    query("page", "1_0", "Must be an integer"),
    query("page", "9" * 5000, "Must be at most 2147483647"),
    query("sort", "colour", f"Must be one of: {FIELDS}"),
    query("order", "up", "Must be one of: asc, desc"),
    query("fields", "colour", f"Must be one of: {FIELDS}"),
    query("include", "colour", "Must be one of: assignee, comments"),
    query("search", "a\0", "Must not contain the character U+0000"),
    filtered("soon", "Must be well-formed JSON"),
    filtered("[]", "Must be a JSON object"),
    filtered('{"title": Infinity}', "Must be JSON, which has no Infinity"),
    filtered('{"title": "a", "title": "a"}', "Must not name anything twice"),
    filtered("[" * 2000, "Must not be nested deeper than 100 levels"),
    filtered('{"title": "\\ud800"}', "title: must be valid Unicode, without lone surrogates"),
    filtered('{"title": {"$contains": "\\u0000"}}', "title: must not contain the character U+0000"),
    filtered({"title": {"$in": ["a", 5]}}, "title: must be a string"),
    filtered({"title": {"$startsWith": None}}, "title: $startsWith takes no null; use $null"),
    filtered({"priority": "x"}, "priority: must be one of: low, medium, high"),
    filtered({"createdAt": "soon"}, "createdAt: must be an RFC 3339 date-time"),
    filtered('{"weightKg": 1e999}', "weightKg: must be a number of at most 64 bits", "products"),
    filtered({"weightKg": "1"}, "weightKg: must be a number", "products"),
    filtered({"active": 1}, "active: must be true or false", "products"),
    filtered({"releasedOn": "2025-02-30"}, "releasedOn: must be a date (YYYY-MM-DD)", "products"),
    Seen("GET", "/tasks?filter={}&filter={}", "filter", "Must be given once"),
)
"""The same sentences of other parameters and fields."""


@pytest.fixture(scope="module")
def compiled(contract: Contract) -> CompiledContract:
    """A contract whose generation takes a property for each keyword that the shipped one never uses."""
    document: Any = copy.deepcopy(contract.document)
    schema: Any = at(document, "#/components/schemas/GenerateTextRequest")
    schema["properties"] |= KEYWORDS
    schema["additionalProperties"] = True
    schema["maxProperties"] = 5
    return compile_contract(Contract.from_mapping(document))


def test_every_sentence_is_asked_for() -> None:
    assert set(SEEN) == set(Sentence)


@pytest.mark.parametrize("seen", [*SEEN.values(), *AGAIN], ids=lambda one: f"{one.name}: {one.text}"[:80])
async def test_a_sentence_is_seen(api: ServedApi, seen: Seen) -> None:
    record = await api.created("/tasks", title="x")
    credential = "session" if seen.path == "/keys" else "key"

    answer = await api.send(
        seen.method,
        seen.path.replace("{id}", record),
        credential=credential,
        content=seen.content,
        headers={"Content-Type": seen.media_type},
    )

    assert answer.status_code in (400, 422), answer.text
    assert answer.json()["details"][seen.name] == seen.text


@pytest.mark.parametrize(("sentence", "seen"), SEEN.items(), ids=lambda one: getattr(one, "name", ""))
def test_what_is_seen_is_that_sentence(sentence: Sentence, seen: Seen) -> None:
    """Or two of them could be the same request."""
    words = [part for part in _fixed(sentence) if part]

    assert all(word.lower() in seen.text.lower() for word in words)


def test_a_reason_tells_its_sentence() -> None:
    reason = Sentence.MOST(limit=5)

    assert (reason, reason.sentence) == ("Must be at most 5", Sentence.MOST)
    assert isinstance(reason, Reason)


def _fixed(sentence: Sentence) -> list[str]:
    """The parts of a sentence between its blanks."""
    blanked = sentence.value.replace("{{", "\1").replace("}}", "\2")
    parts = [part.rpartition("}")[2] for part in blanked.split("{")]
    return [part.replace("\1", "{").replace("\2", "}") for part in parts]
