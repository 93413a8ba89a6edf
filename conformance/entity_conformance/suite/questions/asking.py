"""Questions to a list about the run's own records: each is asked once, and judged once by the oracle.

What the rulings leave open narrows the readings that are left: what a deployment chose once, it must keep to.
It is long because all questions share what has been asked and which readings are left.
"""

import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import lru_cache, wraps
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from entity_contract import Entity, Field

from entity_conformance.deployment.api import Api, NoAnswer, Record, Reply
from entity_conformance.deployment.credentials import CredentialName
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.deployment.target import LONGEST_PAGE
from entity_conformance.oracle import answers, levels
from entity_conformance.oracle.question import Question
from entity_conformance.oracle.reading import EVERY, Reading
from entity_conformance.oracle.times import instant, printed_unit, stamp
from entity_conformance.oracle.values import is_value, same
from entity_conformance.suite import expect, given
from entity_conformance.suite.expect import values
from entity_conformance.suite.given import Group
from entity_conformance.suite.registry import Body

_COMPARING = ("$gt", "$gte", "$lt", "$lte")

FIRST_PAGE = 20
UNKNOWN = given.filter_json({"id": "conformance-unknown", "conformanceUnknown": "x"})
"""A filter on a field that no entity has, beside one that each has."""

Nulls = Literal["counted", "apart"]
Parameters = Mapping[str, object] | Sequence[tuple[str, object]]


OPEN = tuple(one for one in EVERY if (one.default_order, one.ties, one.text) == ("any", "any", "any"))
"""Readings that differ in what these questions tell: any order of what is equal is right in all of them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, by which it is known that it was. As text it names the kind of question, as a plan has it."""

    kind: str
    entity: str
    query: str
    credential: CredentialName
    is_again: bool

    def __str__(self) -> str:
        return f"{self.kind} [{self.entity}]"


@dataclass(slots=True)
class Readings:
    """The readings of the rulings that all answers so far agree with.

    `unlike` are wrong answers to a read-only key, where the same question of the API key was answered rightly;
    `by_both` counts what the read-only key asked. `right` are right answers to questions that are asked for many
    requirements, by question and exchange: what was judged by the readings that are left is not judged again.
    """

    left: tuple[Reading, ...] = OPEN
    right: dict[tuple[int, str, Nulls], tuple[Question, tuple[Reading, ...]]] = field(default_factory=dict)
    unlike: list[Violation] = field(default_factory=list)
    by_both: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """The run's own records of an answer, in its order, and the answer: the last of several pages."""

    records: tuple[Record, ...]
    reply: Reply


async def answer(api: Api, entity: Entity, *, params: Parameters = (), **asked: object) -> Reply:
    """The answer to a list, as `api.list` gives it to the asker; whoever asks the same gets the same answer."""
    query = (*(params.items() if isinstance(params, Mapping) else params), *asked.items())
    names = dict.fromkeys(name for name, value in query if value is not None and name not in {"page", "limit"})
    conditions = "".join(_shape(value) for name, value in query if name == "filter")
    if "," in conditions:  # what a filter of several carries besides, depends on when its records were created
        names, shape = {"filter": None}, conditions
    else:
        shape = "".join(_shape(value) for name, value in query if name in {"filter", "sort", "limit", "page"})
    key = Asked(f"list-by-{'-'.join(names) or 'page'}{shape}", entity.name, repr(query), api.asker, api.is_again)
    if not query and (entity, api.asker, api.is_again) == (api.entities[0], "read_key", False):
        return await _once(api, key, lambda: given.plain_list_by_reader(api))
    return await _once(api, key, lambda: api.list(entity, params=query, credential=api.asker))


def _shape(value: object) -> str:
    """What a question is about, without its values, which each run makes up: so the plan tells questions apart."""
    match value:
        case dict():
            names = [name + (_shape(of) if isinstance(of, dict) else "") for name, of in value.items()]
            return f":{','.join(names)}"
        case int():
            return f":{value}"
        case str():
            return _shape_of_text(value)
        case _:
            return ""


@lru_cache(maxsize=512)
def _shape_of_text(text: str) -> str:
    if re.fullmatch("-?[A-Za-z]{1,20}", text):
        return f":{text}"
    if text.startswith("{"):
        with suppress(ValueError):
            return _shape(json.loads(text))
    return ""


async def read(api: Api, entity: Entity, id_: str, *, params: Parameters = (), **asked: object) -> Reply:
    """The answer to a READ; whoever asks the same gets the same answer."""
    query = (*(params.items() if isinstance(params, Mapping) else params), *asked.items())
    names = dict.fromkeys(name for name, _ in query)
    key = Asked(f"read-with-{'-'.join(names)}", entity.name, f"{id_} {query!r}", api.asker, api.is_again)
    return await _once(api, key, lambda: api.read(entity, id_, params=query, credential=api.asker))


async def _once(api: Api, key: Asked, ask: Callable[[], Awaitable[Reply]]) -> Reply:
    async def asked() -> Reply | NoAnswer:
        try:
            return await ask()
        except NoAnswer as problem:
            return problem

    found = await api.once(key, asked)
    if isinstance(found, NoAnswer):
        raise found
    return found


async def first_page(api: Api, entity: Entity, **asked: object) -> Reply:
    """The first twenty records of a list, asked for once. Raises Violation where it is none."""
    reply = await answer(api, entity, params={"page": 1, "limit": FIRST_PAGE, **asked})
    expect.status(reply, 200)
    return given.with_records(reply)


async def any_list(api: Api, entity: Entity) -> Reply:
    """A list of the entity: that of the run's own records, where there is one."""
    with suppress(Blocked, OutOfProfile):
        if (reply := (await given.group(api, entity)).reply) is not None:
            return reply
    return await given.first_list(api, entity)


async def longest(api: Api, entity: Entity) -> Reply:
    """A list of a hundred records: the one that the run began with, where that was of this entity."""
    known = await given.first_list(api, entity)
    is_long = dict(parse_qsl(urlsplit(known.url).query)).get("limit") == str(LONGEST_PAGE)
    return known if is_long else await answer(api, entity, limit=LONGEST_PAGE)


async def bad_filter(api: Api) -> Reply:
    """How this deployment refuses a filter. Raises Blocked where it refuses none of three."""
    for text in (UNKNOWN, "status:todo", given.filter_json(["id"])):
        reply = await answer(api, api.entities[0], filter=text)
        if 400 <= reply.status < 500:
            break
    return given.refusal(reply)


async def listed(api: Api, of: Group, **asked: object) -> tuple[Record, ...]:
    """The group's records in a list, in its order, as the asker is answered."""
    return await given.listed(api, of, credential=api.asker, **asked)


async def ask(api: Api, of: Group, question: Question) -> Shown:
    """The answer to a question about the group's records. Raises Violation where it is no list."""
    narrowed = of.narrowed(question)
    if narrowed is None:
        found = await given.walked_through(api, of, question.parameters(), credential=api.asker)
        return Shown(found.records, found.reply)
    page = {} if question.limit or question.page else {"page": 1, "limit": FIRST_PAGE}
    reply = await answer(api, of.entity, params=narrowed.parameters(), **page)
    expect.status(reply, 200)
    return Shown(reply.records, reply)


def by_a_reader(body: Body) -> Body:
    """The check with the questions of a read-only key, where there is one that can list.

    Where it finds something wrong, the API key asks too. What is wrong for the read-only key alone, twice, says
    nothing of what is asked: `read_key_sees_the_same` tells it.
    """

    @wraps(body)
    async def asked(api: Api, *entity: Entity) -> str | None:
        reader = await second_asker(api)
        if reader == "api_key":
            return await body(api, *entity)
        kept = await readings(api)
        kept.by_both += 1
        try:
            return await body(api.asking_as(reader), *entity)
        except Blocked:
            return await body(api, *entity)
        except Violation as violation:
            shown = api.exchanges[-1:]
            try:
                found = await body(api, *entity)
            except Violation:
                api.exchanges[-1:-1] = shown  # both are shown, one after the other
                raise
            if not _failed(api, violation):
                try:
                    await body(api.asking_as(reader, again=True), *entity)
                except Violation:
                    kept.unlike.append(violation)
                else:
                    raise
            return found

    return asked


def by_anybody(body: Body) -> Body:
    """The check with the questions of a reader, of another user where no other key may read: it is refused alike.

    What is wrong for another user alone says nothing of what is asked: the API key asks too then.
    """
    by_reader = by_a_reader(body)

    @wraps(body)
    async def asked(api: Api, *entity: Entity) -> str | None:
        if api.has("read_key") or not api.has("other_api_key") or api.context.wallet.main != "api_key":
            return await by_reader(api, *entity)
        with suppress(Violation, Blocked, OutOfProfile):
            return await body(api.asking_as("other_api_key"), *entity)
        return await body(api, *entity)

    return asked


async def second_asker(api: Api) -> CredentialName:
    """The read-only key where this run has one that can list and has requests to spare, else the API key."""
    can_ask = api.has("read_key") and not given.is_spent(api, "read_key")
    return await api.once("asker", lambda: _second_asker(api)) if can_ask else "api_key"


async def _second_asker(api: Api) -> CredentialName:
    try:
        reply = await answer(api.asking_as("read_key"), api.entities[0])
    except NoAnswer:
        return "api_key"
    return "read_key" if reply.status == 200 else "api_key"


async def wrong(api: Api, of: Group, question: Question, *, nulls: Nulls = "counted") -> Violation | None:
    """What is wrong with the answer to a question, None where it is one of the right ones. It is asked once.

    Where nulls stand `apart`, the order of the other records alone is judged. What is wrong for a read-only key alone
    is no fault of the question's.
    """
    violation = await _wrong(api, of, question, nulls)
    if violation is None or api.asker != "read_key":
        return violation
    kept = await readings(api)
    if (mine := await _wrong(api.asking_as("api_key"), of, question, nulls)) is not None:
        return mine
    if _failed(api, violation):
        return None
    if await _wrong(api.asking_as(api.asker, again=True), of, question, nulls) is None:
        return violation
    kept.unlike.append(violation)
    return None


async def right(api: Api, of: Group, question: Question, *, nulls: Nulls = "counted") -> Shown:
    """A right answer to a question, the API key's where a read-only key has none. Raises Violation where none is."""
    if (found := await wrong(api, of, question, nulls=nulls)) is not None:
        raise found
    is_right = await _wrong(api, of, question, nulls) is None
    return await ask(api if is_right else api.asking_as("api_key"), of, question)


async def _wrong(api: Api, of: Group, question: Question, nulls: Nulls) -> Violation | None:
    kept = await readings(api)
    kept.by_both += api.asker == "read_key"
    try:
        shown = await ask(api, of, question)
        key = (id(question), shown.reply.exchange, nulls)
        if key not in kept.right:
            kept.right[key] = question, _agreeing(of, question, shown, kept.left, nulls)
    except Violation as violation:
        return violation
    _, agreeing = kept.right[key]
    if len(question.conditions) < 2 and agreeing != kept.left:  # of several another one may be answered wrongly
        kept.left = agreeing
        kept.right.clear()
    return None


def _failed(api: Api, violation: Violation) -> bool:
    """Whether no answer came, or one by which the server failed: that says nothing of who asked."""
    return isinstance(violation, NoAnswer) or any(
        one.exchange == violation.exchange and one.status >= 500 for one in api.seen
    )


async def holds(api: Api, of: Group, question: Question, *, nulls: Nulls = "counted") -> None:
    """The answer to a question is one of the right ones. Raises Violation where not, Blocked where that is open."""
    if not is_decided(question, of):
        raise Blocked(f"what the run's {question.entity.name} hold leaves the right answer open")
    if (found := await wrong(api, of, question, nulls=nulls)) is not None:
        raise found


def is_shown(entity: Entity, shown: Record, written: tuple[str, object]) -> None:
    """A record shows what was written to a field of it, moments as finely as they are printed. Raises Violation."""
    name, value = written
    of, found = entity.field(name), shown.get(name)
    is_moment = of is not None and of.type == "datetime" and stamp(found) is not None
    if not same(of, value, found, within=printed_unit(str(found)) if is_moment else timedelta()):
        raise values.violation(f"data[].{name} differs", expected=values.shown(value), found=found, of=shown)


def taken(entity: Entity, answered: Record, body: Mapping[str, object]) -> Mapping[str, object]:
    """What the answer to a creation shows as it was written: what it shows otherwise, others judge."""
    found: dict[str, object] = {}
    for written in body.items():
        with suppress(Violation):
            is_shown(entity, answered, written)
            found.update([written])
    return found


async def readings(api: Api) -> Readings:
    """What this deployment may have chosen, as far as it has been asked."""
    return await api.once("readings", _readings)


async def read_key_sees_the_same(api: Api) -> None:
    """No answer to the read-only key was wrong that was right for the API key.

    Raises Violation, Blocked where nothing was asked, and OutOfProfile where nothing is listed.
    """
    kept = await readings(api)
    if not any("list" in one.operations for one in api.entities):
        raise OutOfProfile("no entity lists its records")
    if not kept.by_both:
        raise Blocked("nothing was asked with a read-only key")
    for violation in kept.unlike:
        raise violation


async def _readings() -> Readings:
    return Readings()


def _agreeing(
    of: Group, question: Question, shown: Shown, left: tuple[Reading, ...], nulls: Nulls
) -> tuple[Reading, ...]:
    """The readings under which this is a right answer. Raises Violation where there is none."""
    if not is_decided(question, of):
        return left
    judged: dict[tuple[str, ...], bool] = {}
    points = [*map(answers.points_of(question, of.known), left)]
    for reading, point in zip(left, points, strict=True):
        if point not in judged:
            judged[point] = _is_right(of, question, shown, reading, nulls)
    agreeing = tuple(one for one, point in zip(left, points, strict=True) if judged[point])
    if agreeing or _is_right_as_written(of, question, shown, left, nulls):
        return agreeing or left
    expected = [one for group in _ranked(of, question, left[0]) for one in group]
    if question.limit is not None:
        first = ((question.page or 1) - 1) * question.limit
        expected = expected[first : first + question.limit]
    try:
        expect.exactly(shown.records, expected)
        expect.in_order(shown.records, expected)
    except Violation as violation:
        raise Violation(
            f"{question.entity.name}: {violation.message}",
            expected=violation.expected,
            actual=violation.actual,
            exchange=shown.reply.exchange,
        ) from None
    return left


def _is_right_as_written(of: Group, question: Question, shown: Shown, left: Iterable[Reading], nulls: Nulls) -> bool:
    """Whether this is the right answer about texts that were written, where they are shown otherwise (R10).

    Which of both the deployment keeps, no list tells.
    """
    texts = {one.name for one in of.entity.fields if one.type in ("string", "text") and not one.generated}
    written = tuple(
        {**record, **{name: text for name, text in body.items() if name in texts and text is not None}}
        for record, body in zip(of.records, of.bodies, strict=True)
    )
    if written == of.records:
        return False
    kept = replace(of, records=written)
    return any(_is_right(kept, question, shown, reading, nulls) for reading in left)


def is_decided(question: Question, of: Group) -> bool:
    """Whether the rulings, and what the records hold, leave one set of records for each reading.

    Which text is larger is not open here: texts are only compared where every collation orders them alike. A moment
    that is printed as it was written is what the deployment keeps; which one it keeps in place of another is open.
    """
    named = {question.sort, *(one.field for one in question.conditions)}
    if not of.unshown.isdisjoint(named):
        return False
    fields = [field for field in question.entity.fields if field.name in named]
    if not all(is_value(field, record[field.name]) for field in fields for record in of.known):
        return False
    settled = {field.name for field in fields if field.type in ("string", "text") or _is_kept(field, of)}
    others = tuple(one for one in question.conditions if one.field not in settled)
    moments = {field.name: field for field in fields if field.type == "datetime" and not field.generated}
    equal = [one for one in others if one.field in moments and one.operator not in (*_COMPARING, "$null")]
    if not all(_are_kept(moments[one.field], of, one.operand) for one in equal):
        return False
    return levels.selection(replace(question, conditions=others), of.known) != "open"


def _are_kept(field: Field, of: Group, operand: object) -> bool:
    """Whether each record that shows a moment about these holds what was written to it, as finely as it is printed."""
    asked = [instant(stamp(one) or "") for one in (operand if isinstance(operand, list) else [operand]) if stamp(one)]
    for body, record in zip(of.bodies, of.known, strict=True):
        shown = stamp(record[field.name])
        unit = printed_unit(str(record[field.name]))
        is_near = shown is not None and any(abs(instant(shown) - one) <= unit for one in asked)
        if is_near and not same(field, body.get(field.name), record[field.name], within=timedelta()):
            return False
    return True


def _is_kept(field: Field, of: Group) -> bool:
    """Whether each record shows in the field exactly what was written to it."""
    pairs = zip(of.bodies, of.known, strict=True)
    return not field.generated and all(
        same(field, body.get(field.name), record[field.name], within=timedelta()) for body, record in pairs
    )


def _is_right(of: Group, question: Question, shown: Shown, reading: Reading, nulls: Nulls) -> bool:
    """Whether these are the records in their order, or those of the page that was asked for."""
    groups = [frozenset([str(one["id"]) for one in group]) for group in _ranked(of, question, reading)]
    places = [group for group in groups for _ in group]
    found = [str(one.get("id")) for one in shown.records]
    if question.sort is None:
        places = [frozenset().union(*places)] * len(places)
    elif nulls == "apart" and (empty := _empty(of, question, places)):
        if len(found) != len(places):
            return False
        places = [place for place in places if place.isdisjoint(empty)]
        found = [one for one in found if one not in empty]
    if question.limit is not None:
        first = ((question.page or 1) - 1) * question.limit
        places = places[first : first + question.limit]
    is_each_once = len(found) == len(places) == len(set(found))
    return is_each_once and all(one in place for one, place in zip(found, places, strict=True))


def _empty(of: Group, question: Question, places: Iterable[frozenset[str]]) -> frozenset[str]:
    """The records at these places that hold nothing in the field by which they are sorted."""
    held = frozenset[str]().union(*places)
    return held & {str(one["id"]) for one in of.known if one[question.sort or ""] is None}


def _ranked(of: Group, question: Question, reading: Reading) -> tuple[answers.Group, ...]:
    """The right answer. Titles are in the same order in every collation, and so are ids of small letters and digits."""
    selected = answers.selected(of.known, question, reading)
    is_settled = question.sort == of.title or _are_plain(one[question.sort] for one in selected if question.sort)
    return answers.ranked(selected, question, replace(reading, text="code points") if is_settled else reading)


def _are_plain(values: Iterable[object]) -> bool:
    """Whether texts are of small letters and digits, and of one form."""
    held = [str(one) for one in values if one is not None]
    forms = {re.sub(r"[0-9a-z]", "x", one) for one in held}
    return len(forms) == 1 and re.fullmatch(r"x+([_-]x+)*", forms.pop()) is not None
