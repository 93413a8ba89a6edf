"""Faults of OPTIONS."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from entity_server.domain.problems import ValidationFailed
from entity_server.domain.sentences import Sentence
from entity_server.faults.fault import with_body
from entity_server.faults.spoiling import AnyAnswer, Forbidden, data, header, with_data
from entity_server.http.exchange import Received
from entity_server.http.services import Answer, Call, Handler, Services

chapter = AnyAnswer()

METADATA = frozenset({"metadata"})
Facts = dict[str, Any]


def _facts(answer: Answer, **members: object) -> Answer:
    return with_data(answer, {**data(answer), **members})


def _fields(answer: Answer, change: Callable[[str, Facts], Facts]) -> Answer:
    schema = cast("dict[str, Facts]", data(answer)["schema"])
    return _facts(answer, schema={name: change(name, dict(field)) for name, field in schema.items()})


@chapter.on_answer("metadata.another-entity", breaks="metadata.describes-entity", to=METADATA)
def another_entity(answer: Answer) -> Answer:
    """The entity has another name than its path."""
    return _facts(answer, entity="things")


@chapter.on_answer("metadata.nothing-required", breaks="metadata.fields-of-tasks", to=METADATA)
def nothing_required(answer: Answer) -> Answer:
    """No field is said to be required."""
    return _fields(answer, lambda _, field: {**field, "required": False})


@chapter.on_answer("metadata.longer-texts", breaks="metadata.fields-of-tasks", to=METADATA)
def longer_texts(answer: Answer) -> Answer:
    """`maxLength` is ten more than what is taken."""
    return _fields(
        answer, lambda _, field: {**field, "maxLength": field["maxLength"] + 10} if "maxLength" in field else field
    )


@chapter.on_answer("metadata.larger-numbers", breaks="metadata.agrees-with-behaviour", to=METADATA)
def larger_numbers(answer: Answer) -> Answer:
    """Numbers are said to be bounded by more than what is taken."""
    return _fields(answer, lambda _, field: {**field, "maximum": field["maximum"] + 1} if "maximum" in field else field)


@chapter.on_answer("metadata.nothing-required-of-customers", breaks="metadata.agrees-with-behaviour", to=METADATA)
def nothing_required_of_customers(answer: Answer) -> Answer:
    """The address of a customer is not said to be required."""
    return _fields(answer, lambda name, field: {**field, "required": False} if name == "email" else field)


@chapter.on_answer("metadata.relation-left-out", breaks="metadata.relations-of-tasks", to=METADATA)
def relation_left_out(answer: Answer) -> Answer:
    """The first relation is not described."""
    relations = cast("dict[str, Facts]", data(answer)["relations"])
    return _facts(answer, relations=dict(list(relations.items())[1:]))


@chapter.on_answer("metadata.field-left-out", breaks="metadata.covers-the-record", to=METADATA)
def field_left_out(answer: Answer) -> Answer:
    """`updatedAt` is not described."""
    schema = cast("dict[str, Facts]", data(answer)["schema"])
    return _facts(answer, schema={name: field for name, field in schema.items() if name != "updatedAt"})


@chapter.around("metadata.last-value-refused", breaks="metadata.enum-values-are-taken", to={"update"})
async def last_value_refused(call: Call, handler: Handler) -> Answer:
    """The last value of an enum is described, and not taken."""
    last = {field.name: field.values[-1] for field in call.registered.fields if field.type == "enum"}
    bad = [name for name, value in (await call.body()).items() if name in last and value == last[name]]
    if bad:
        raise ValidationFailed(details=dict.fromkeys(bad, Sentence.OTHERWISE()))
    return await handler(call)


@chapter.around("metadata.nothing-begins-urgent", breaks="metadata.enum-values-are-taken", to={"createTask"})
async def nothing_begins_urgent(call: Call, handler: Handler) -> Answer:
    """No task is made with the highest priority, which a PATCH sets."""
    if (await call.body()).get("priority") == "high":
        raise ValidationFailed(details={"priority": Sentence.OTHERWISE()})
    return await handler(call)


@chapter.on_answer("metadata.another-type", breaks="metadata.types", to=METADATA)
def another_type(answer: Answer) -> Answer:
    """Times have a type that the reference does not know."""
    return _fields(answer, lambda _, field: {**field, "type": "moment"} if field["type"] == "datetime" else field)


@chapter.on_answer("metadata.method-left-out", breaks="metadata.methods", to=METADATA)
def method_left_out(answer: Answer) -> Answer:
    """GET is not among the methods."""
    return _facts(answer, methods=[method for method in data(answer)["methods"] if method != "GET"])


@chapter.on_answer("metadata.update-of-comments-left-out", breaks="metadata.methods", to=METADATA)
def update_of_comments_left_out(answer: Answer) -> Answer:
    """PATCH is not among the methods of comments, and is granted."""
    if data(answer)["entity"] != "comments":
        return answer
    return _facts(answer, methods=[method for method in data(answer)["methods"] if method != "PATCH"])


@chapter.around("metadata.everything-permitted", breaks="metadata.permissions-of-a-key", to=METADATA)
async def everything_permitted(call: Call, handler: Handler) -> Answer:
    """Every caller is said to be permitted everything."""
    return _facts(await handler(call), permissions={"read": True, "write": True, "delete": True})


@chapter.around("metadata.key-never-deletes", breaks="metadata.permissions-of-a-full-key", to=METADATA)
async def key_never_deletes(call: Call, handler: Handler) -> Answer:
    """No key is said to be permitted to delete."""
    answer = await handler(call)
    by_key = call.known_caller.credential == "key"
    return _facts(answer, permissions={**data(answer)["permissions"], "delete": False}) if by_key else answer


@chapter.around(
    "metadata.session-reads-only", breaks="metadata.permissions-of-a-session", ruling="A5.sessions", to=METADATA
)
async def session_reads_only(call: Call, handler: Handler) -> Answer:
    """A session is said to be permitted to read only."""
    answer = await handler(call)
    by_session = call.known_caller.credential == "session"
    return _facts(answer, permissions={"read": True, "write": False, "delete": False}) if by_session else answer


@chapter.on_answer("metadata.twice-the-limit", breaks="metadata.rate-limit", to=METADATA)
def twice_the_limit(answer: Answer) -> Answer:
    """The limit is twice what applies."""
    limit = cast("Facts", data(answer)["rateLimit"])
    return _facts(answer, rateLimit={**limit, "limit": limit["limit"] * 2})


@chapter.on_answer("metadata.window-in-words", breaks="metadata.window", to=METADATA)
def window_in_words(answer: Answer) -> Answer:
    """The window is spelled in words."""
    return _facts(answer, rateLimit={**data(answer)["rateLimit"], "window": "one hour"})


@chapter.in_services("metadata.wants-read", breaks="metadata.needs-no-scope")
def wants_read(services: Services) -> Services:
    """OPTIONS needs the scope read."""

    def allows(caller: Any, operation: Any) -> bool:  # noqa: ANN401 - as the service has them
        return services.allows(caller, operation) and (operation.action != "metadata" or "read" in caller.scopes)

    return replace(services, allows=allows)


@chapter.on_any_answer(
    "metadata.unknown-entity-not-found",
    breaks="metadata.unknown-entity",
    ruling="R18.code-on-options",
    statuses=lambda s: s == 404,
    code="ENTITY_NOT_FOUND",
)
def unknown_entity_not_found(answer: Answer) -> Answer:
    """An unknown entity has the code of a missing record."""
    return with_body(answer, code="NOT_FOUND")


@chapter.on_any_answer("metadata.preflight-refused", breaks="metadata.preflight", statuses=lambda s: s == 204)
def preflight_refused(answer: Answer) -> Answer:
    """A browser's preflight needs credentials."""
    body = {"success": False, "error": "Authentication required", "code": "UNAUTHORIZED"}
    return replace(answer, status=401, body=body)


@chapter.on_request("metadata.nobody-forbidden", breaks="metadata.needs-authentication")
def nobody_forbidden(received: Received) -> None:
    """OPTIONS answers 403 to who is not known."""
    names = ("Authorization", "Cookie", "Access-Control-Request-Method")
    if received.method == "OPTIONS" and not any(header(received, name) for name in names):
        raise Forbidden
