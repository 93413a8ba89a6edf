"""What faults have in common: spoiled queries, spoiled records, refusals that are not made.

These tools judge nothing; which clause is broken stands with the fault.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode

from entity_contract import Entity

from entity_server.domain.filtering import Condition
from entity_server.domain.problems import Problem, ValidationFailed
from entity_server.domain.query import Query
from entity_server.domain.sentences import Sentence
from entity_server.faults.fault import Chapter, summary, with_body, with_headers
from entity_server.faults.wrapping import RecordsWrapper
from entity_server.http.exchange import Headers, Received
from entity_server.http.fault import Acts, Compose, Fault
from entity_server.http.services import Answer, Call, Handler, Listing, Services

Record = dict[str, Any]


class AnyAnswer(Chapter):
    """A chapter whose faults may also spoil the answers that no handler gave: 401, 404 for a path, 405."""

    def on_any_answer(
        self,
        fault_id: str,
        *,
        breaks: str,
        statuses: Callable[[int], bool],
        code: str | None = None,
        ruling: str | None = None,
    ) -> Callable[[Callable[[Answer], Answer]], Callable[[Answer], Answer]]:
        """A fault in every answer with such a status, and with that error code where one is named."""

        def declare(change: Callable[[Answer], Answer]) -> Callable[[Answer], Answer]:
            def outgoing(_: Call | None, answer: Answer) -> Answer:
                concerned = statuses(answer.status) and code in (None, (answer.body or {}).get("code"))
                changed = change(answer) if concerned else answer
                return changed if changed.headers else replace(changed, headers=answer.headers)

            self._faults.append(Fault(fault_id, breaks, summary(change), ruling, Acts(outgoing=outgoing)))
            return change

        return declare


class Forbidden(Problem):
    """A refusal that the right server has no reason for."""

    code = "FORBIDDEN"
    sentence = "Insufficient permissions"


def header(received: Received, name: str) -> str:
    """What a request says under that name; nothing where it says nothing."""
    return next(iter(received.headers.getall(name, ())), "")


@dataclass(frozen=True, slots=True)
class _Changed:
    """Headers of which some are others."""

    inner: Headers
    others: Mapping[str, tuple[str, ...]]

    def getall(self, key: str, default: object) -> tuple[str, ...]:
        """Every value under that name."""
        if key in self.others:
            return self.others[key]
        return tuple(self.inner.getall(key, ())) or tuple(default)  # type: ignore[arg-type]

    def items(self) -> Iterable[tuple[str, str]]:
        """Every header."""
        yield from ((name, value) for name, value in self.inner.items() if name.title() not in self.others)
        yield from ((name, value) for name, values in self.others.items() for value in values)


def requested(received: Received, name: str, text: str) -> Received:
    """The request with another header of that name."""
    return replace(received, headers=_Changed(received.headers, {name: (text,)}))


def refused(status: int) -> bool:
    """Whether the status is a refusal."""
    return status >= 400


def accepted(status: int) -> bool:
    """Whether the status is a success."""
    return status < 300


def says(problem: Problem, *sentences: Sentence) -> bool:
    """Whether a refusal says one of these of some field or parameter."""
    return any(reason.sentence in sentences for reason in problem.details.values())


async def without(call: Call, handler: Handler, *names: str) -> Answer:
    """What the handler answers when these query arguments are left out; its links are those of the whole question."""
    kept = {name: values for name, values in call.arguments.items() if name not in names}
    return _linked(call, await handler(replace(call, arguments=kept)))


async def with_argument(call: Call, handler: Handler, name: str, change: Callable[[str], str]) -> Answer:
    """What the handler answers when one query argument is changed; its links are those of the question as asked."""
    given = call.arguments.get(name)
    if given is None:
        return await handler(call)
    changed = {**call.arguments, name: tuple(change(value) for value in given)}
    return _linked(call, await handler(replace(call, arguments=changed)))


def _linked(call: Call, answer: Answer) -> Answer:
    link = answer.headers.get("Link")
    asked = [(name, value) for name, values in call.arguments.items() for value in values]
    return answer if link is None else with_headers(answer, Link=relinked(link, asked))


def relinked(link: str, asked: Sequence[tuple[str, str]]) -> str:
    """A Link header whose targets are pages of another question."""
    kept = [pair for pair in asked if pair[0] != "page"]

    def target(found: re.Match[str]) -> str:
        path, _, query = found[1].partition("?")
        pages = [pair for pair in parse_qsl(query) if pair[0] == "page"]
        return f"<{path}?{urlencode([*kept, *pages])}>"

    return re.sub("<([^>]*)>", target, link)


async def with_body_of(call: Call, handler: Handler, change: Callable[[Record], Record]) -> Answer:
    """What the handler answers when the request's body is changed."""

    async def body() -> Mapping[str, object]:
        return change(dict(await call.body()))

    return await handler(replace(call, body=body))


async def with_numbers_in_bounds(call: Call, handler: Handler) -> Answer:
    """The answer to the request with each number cut to the bounds of its field."""
    fields = {field.name: field for field in call.registered.fields}

    def bounded(name: str, value: object) -> object:
        field = fields.get(name)
        if field is None or isinstance(value, bool) or not isinstance(value, int | float):
            return value
        least = value if field.minimum is None else max(value, int(field.minimum))
        return least if field.maximum is None else min(least, int(field.maximum))

    return await with_body_of(call, handler, lambda body: {name: bounded(name, value) for name, value in body.items()})


async def with_shorter_texts(call: Call, handler: Handler) -> Answer:
    """What the handler answers to texts of the longest length; it shows them as long as they were sent."""
    longest = {field.name: field.max_length for field in call.registered.fields if field.max_length}
    sent = await call.body()
    texts = {name: value for name, value in sent.items() if isinstance(value, str) and name in longest}
    long = {name: text for name, text in texts.items() if len(text) > longest[name]}
    if not long:
        return await handler(call)
    cut = {name: text[: longest[name]] for name, text in long.items()}
    return each(await with_body_of(call, handler, lambda body: body | cut), lambda record: record | long)


async def despite(
    call: Call,
    handler: Handler,
    problem: Callable[[ValidationFailed], bool],
    instead: Callable[[Call], Awaitable[Answer]],
) -> Answer:
    """What the handler answers; and what `instead` does where the handler refuses with such a problem."""
    try:
        return await handler(call)
    except ValidationFailed as refusal:
        if problem(refusal):
            return await instead(call)
        raise


def data(answer: Answer) -> Any:  # noqa: ANN401 - whatever the envelope holds
    """The envelope's data."""
    return (answer.body or {}).get("data")


def with_data(answer: Answer, value: object) -> Answer:
    """The answer with other data in its envelope."""
    return replace(answer, body={**(answer.body or {}), "data": value})


def each(answer: Answer, change: Callable[[Record], Record]) -> Answer:
    """The answer with every record changed, be it one or a page."""
    held = data(answer)
    changed = [change(dict(record)) for record in held] if isinstance(held, list) else change(dict(held))
    return with_data(answer, changed)


def with_pagination(answer: Answer, **members: object) -> Answer:
    """The answer with other members in its pagination."""
    pagination = cast("dict[str, Any]", (answer.body or {})["pagination"])
    return replace(answer, body={**(answer.body or {}), "pagination": {**pagination, **members}})


def with_first_detail(answer: Answer) -> Answer:
    """A refusal that names the first of its bad fields alone."""
    details = cast("dict[str, str]", (answer.body or {}).get("details", {}))
    return with_body(answer, details=dict(list(details.items())[:1]))


def narrowed(answer: Answer, keeps: Callable[[Record], bool]) -> Answer:
    """A page from which a fault drops records, with a total to match."""
    kept = [record for record in data(answer) if keeps(record)]
    dropped = len(data(answer)) - len(kept)
    pagination = cast("dict[str, Any]", (answer.body or {})["pagination"])
    total = pagination["total"] - dropped
    pages = -(-total // pagination["limit"])
    has_next = pagination["page"] < pages
    spoiled = with_pagination(with_data(answer, kept), total=total, totalPages=pages, hasNext=has_next)
    told = with_headers(spoiled, X_Total_Count=str(total))
    links = [one for one in answer.headers.get("Link", "").split(", ") if has_next or 'rel="next"' not in one]
    return with_headers(told, Link=", ".join(links) or None)


class _Rewritten(RecordsWrapper):
    def __init__(self, services: Services, change: Callable[[Query], Query]) -> None:
        super().__init__(services.records)
        self._change = change

    async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
        return await self.inner.list(entity, self._change(query), owner)


def rewriting(services: Services, change: Callable[[Query], Query]) -> Services:
    """The services with a store that is asked something else than the client asked."""
    return replace(services, records=_Rewritten(services, change))


def conditions(change: Callable[[Condition], Condition | None]) -> Compose:
    """A store to which every condition of a filter is changed, or dropped where the change answers None."""

    def query(asked: Query) -> Query:
        changed = (change(condition) for condition in asked.selection.conditions)
        kept = tuple(condition for condition in changed if condition is not None)
        return replace(asked, selection=replace(asked.selection, conditions=kept))

    return lambda services: rewriting(services, query)


def names(answer: Answer, *parameters: str) -> bool:
    """Whether a refusal's details name one of these."""
    details = (answer.body or {}).get("details")
    return isinstance(details, dict) and not details.keys().isdisjoint(parameters)


def empty_page(instead_of: Answer | Call) -> Answer:
    """The answer to a list that selects nothing, in the place of a refusal or to a call."""
    arguments, headers = (instead_of.arguments, {}) if isinstance(instead_of, Call) else ({}, instead_of.headers)
    number, limit = (int(next(iter(arguments.get(name, ())), usual)) for name, usual in (("page", 1), ("limit", 20)))
    page = {"page": number, "limit": limit, "total": 0, "totalPages": 0, "hasNext": False, "hasPrev": number > 1}
    told = {"X-Total-Count": "0", "X-Page": str(number), "X-Per-Page": str(limit)}
    return Answer(200, {"success": True, "data": [], "pagination": page}, {**headers, **told})


def is_400(status: int) -> bool:
    """Whether the status is 400."""
    return status == 400
