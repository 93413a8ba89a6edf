"""One operation of a client: sent to the deployment, done to the model, and judged.

What to send is drawn from a random source that the machine passes in; when, the machine decides. It is long because
each operation is here whole: what is sent, what it does to the model, and what must hold afterwards.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from entity_conformance.deployment.discovery import GENERIC_RECORD
from entity_conformance.deployment.reply import is_id
from entity_conformance.oracle import answers
from entity_conformance.oracle.messages import Answer, Caller, Request, path
from entity_conformance.oracle.question import FILTER, PAST_THE_END, Condition, Question
from entity_conformance.oracle.reading import DECIDED, EVERY, Reading
from entity_conformance.oracle.records import Model, Record
from entity_conformance.oracle.times import instant
from entity_conformance.oracle.values import is_unusual
from entity_conformance.suite import sample
from entity_contract import Contract, Entity
from entity_contract.rulings import Level

from entity_tests.model import mistakes
from entity_tests.model.deployment import PAUSES, SECOND, TICK, Deployment, Ended
from entity_tests.model.drawing import Drawing, marked, text_field
from entity_tests.model.judging import Difference, Judge
from entity_tests.model.mistakes import BadBody, BadQuery
from entity_tests.model.random_source import RandomSource
from entity_tests.model.requirements import REQUIREMENTS

_CONFLICT = 409
_IN_VAIN = 20
"""Valid bodies of an entity that are refused by rules that are not told, before any is taken: then it takes none."""
ALONE = ("model.every-answer", "model.create", "model.refuse", "model.refuse-more")
"""Requirements whose differences one exchange shows."""

METHODS = ("GET", "PATCH", "DELETE")
"""The methods that name a record."""


class Operations:
    """A deployment, and the model of what was written there.

    `sent` are all requests with their answers, `paused` is for how long nothing was sent.
    """

    def __init__(
        self,
        contract: Contract,
        deployment: Deployment,
        *,
        readings: tuple[Reading, ...] = EVERY,
        selected: frozenset[str] = frozenset(REQUIREMENTS),
    ) -> None:
        self.deployment = deployment
        self.model = Model(contract.entities, contract.operators, deployment.directory)
        self.judge = Judge(self.model, deployment.exact, selected)
        self.readings: tuple[Reading, ...] = (DECIDED,) if deployment.exact else readings
        self.sent: list[tuple[Request, Answer]] = []
        entities = contract.entities
        self.aside = deployment.aside
        self.writable = tuple(entity for entity in entities if entity.owned and entity.name not in self.aside.unmade)
        self.listed = (*self.writable, *(one for one in entities if not one.owned and deployment.exact))
        self.paused = timedelta(0)

    def delete_all(self) -> None:
        """Delete the records of the model, children first. What cannot be deleted is left to the end of the run."""
        for entity in reversed(parents_first(self.writable)):
            for caller in self.deployment.callers:
                for record in self.model.visible(entity, caller):
                    self.deployment.send(Request("DELETE", path(entity, record["id"]), caller))

    def try_narrowing(self) -> None:
        """Find out by which parameter each list can be narrowed to the machine's own records."""
        for entity in self.writable:
            mine = self.model.visible(entity, "api_key")
            if len(mine) < 2 or entity.name in self.aside.narrowings:
                continue
            if not self.aside.narrowings:
                self._try_filter(entity, mine)
            self.aside.narrowings[entity.name] = self.deployment.narrowing(entity, mine)

    def _try_filter(self, entity: Entity, records: Sequence[Record]) -> None:
        """Whether a filter is looked at at all: one for a record shows no other of the machine's own."""
        question = Question(entity, conditions=(Condition("id", "$eq", records[0]["id"], bare=True),), limit=100)
        request = Request("GET", path(entity), "api_key", question.parameters())
        answer = self.send(request)
        if answer.status == 200 and {one["id"] for one in records[1:]} & set(answer.ids):
            wrong = [f"data holds more records: must be [{records[0]['id']}], and is [{', '.join(answer.ids)}]"]
            self.judge.require("model.select", request, wrong, answer, about="no filter is looked at")
            self.aside.broken[FILTER] = None

    def create(self, source: RandomSource, entity: Entity, caller: Caller) -> None:
        """A new record, unless a parent that it needs is not there."""
        if not self.has_parents(entity, caller):
            return
        body = self.body(source, entity, caller)
        untyped = source.below(10) == 9
        request = Request("POST", path(entity), caller, body=body, media_type=None if untyped else "application/json")
        answer = self.send(request, pause=source.one_of(PAUSES))
        if untyped and answer.status in (400, 415, 422) and not self.deployment.exact:  # E13
            return
        if self.is_untold(entity, answer, body):
            self.aside.untold[entity.name] += 1
            if self.aside.untold[entity.name] == _IN_VAIN:
                self.aside.ruled.add(entity.name)
                self._set_aside(entity)
            return
        draft, seen = self.model.draft(entity, body), len(self.judge.differences)
        record = self.judge.created(request, answer, draft, entity, answer.at)
        if record is not None:
            self.aside.untold[entity.name] = _IN_VAIN + 1
            self.model.create(entity, caller, record)
            self.take_over_kin(self.model.parents(entity, record["id"]), caller)
            if len(self.judge.differences) > seen:  # whether that is how it is kept, READ tells
                self.look(entity, record["id"], caller)
            return
        self.judge.doubtful.add(entity.name)
        if not untyped:
            self._set_aside(entity)

    def _set_aside(self, entity: Entity) -> None:
        """From now on no record of the entity is made."""
        self.aside.unmade.add(entity.name)
        self.writable = tuple(one for one in self.writable if one != entity)
        self.listed = tuple(one for one in self.listed if one != entity)

    def may_have_children(self, entity: Entity) -> bool:
        """Whether a record may have children that the model does not know: their creation was not answered."""
        return any(one.type == "hasMany" and one.entity in self.judge.doubtful for one in entity.relations)

    def body(self, source: RandomSource, entity: Entity, caller: Caller) -> Record:
        """A valid CREATE body, by which the record can be found again where others write too."""
        body = self.drawing(source, entity, caller).body()
        return body if self.deployment.mark is None else marked(body, entity, self.deployment.mark)

    def changes(self, source: RandomSource, entity: Entity, caller: Caller) -> Record:
        """A valid PATCH body, after which the record can be found again too."""
        body, mark = self.drawing(source, entity, caller).changes(), self.deployment.mark
        named = None if mark is None else text_field(entity, len(mark))
        return body if mark is None or named is None or named.name not in body else marked(body, entity, mark)

    def drawing(self, source: RandomSource, entity: Entity, caller: Caller) -> Drawing:
        """What draws this caller's bodies and questions."""
        return Drawing(source, self.model, entity, caller, plain=not self.deployment.exact)

    def read(self, entity: Entity, record_id: str, caller: Caller, question: Question | None = None) -> None:
        """A READ, compared. The question's `fields` and `include` are what to show; without one, the whole record."""
        record = self.model.find(entity, record_id, caller)
        assert record is not None
        if question is not None and entity.owned and not question.parameters():
            question = None  # it is a plain READ
        fields, include = (None, ()) if question is None else (question.fields, question.include)
        parameters = [] if question is None else question.parameters()
        request = Request("GET", path(entity, record_id), caller, parameters)
        expected = answers.shown(self.model, entity, record, caller, fields=fields, include=include)
        answer = self.send(request)
        seen = len(self.judge.differences)
        self.judge.shown(request, answer, expected, entity, question)
        if question is not None:
            self._simplify(seen, question, lambda one: self._reread(entity, record_id, caller, one))
        elif not self._is_misread(entity, record, caller, answer):
            self._take_over(entity, record, answer)

    def _reread(self, entity: Entity, record_id: str, caller: Caller, question: Question) -> list[Difference]:
        """How a READ with a simpler question differs."""
        record = self.model.find(entity, record_id, caller)
        assert record is not None
        request = Request("GET", path(entity, record_id), caller, question.parameters())
        expected = answers.shown(self.model, entity, record, caller, fields=question.fields, include=question.include)
        judge = replace(self.judge, differences=[], judged=Counter(), held={})
        judge.shown(request, self.send(request), expected, entity, question)
        return judge.differences

    def _asked_again(self, caller: Caller, question: Question) -> list[Difference]:
        """How the answer to a simpler question differs."""
        judge = replace(self.judge, differences=[], judged=Counter(), held={})
        request = Request("GET", path(question.entity), caller, question.parameters())
        judge.listing(question, caller, self.send(request), self.readings)
        return judge.differences

    def _simplify(self, seen: int, question: Question, ask: Callable[[Question], list[Difference]]) -> None:
        """Of each difference that is new, the simplest question that shows it: its parts are set aside from now on."""
        fresh, self.judge.differences[seen:] = self.judge.differences[seen:], []
        for one in fresh:
            always = (one.requirement, one.about) in self.aside.always
            try:
                found, parts = (one, frozenset()) if always else self._simplest(one, question, ask)
            except Ended:
                self.judge.differences.extend(fresh[fresh.index(one) :])
                raise
            self.judge.judged[one.requirement, one.entity] -= 1
            self.judge.judged[found.requirement, one.entity] += 1
            found.parts = parts - {"page"} | PAST_THE_END if found.requirement == "model.page-past-end" else parts
            if found.parts:
                self.aside.broken[found.parts] = None
            else:
                self.aside.always.add((found.requirement, found.about))
            self.judge.differences.append(found)

    @staticmethod
    def _simplest(
        first: Difference, question: Question, ask: Callable[[Question], list[Difference]]
    ) -> tuple[Difference, frozenset[str]]:
        """The simplest question that shows such a difference: how it differs, and the parts that it has left."""
        found, left = first, dict(question.parts)
        while left:
            simpler = question.parts[left.popitem()[0]]
            alike = [one for one in ask(simpler) if _is_of_its_family(one, first)]
            if alike:
                found, question = alike[0], simpler
                left = {name: rest for name, rest in left.items() if name in question.parts}
        return found, frozenset(question.parts)

    def missing(
        self, source: RandomSource, entity: Entity, record_id: str, caller: Caller, *, is_odd: bool = False
    ) -> None:
        """404 to one of the three methods that name a record."""
        may_write = self.deployment.exact or is_id(record_id)  # no run writes to what is no plain segment (E19)
        self._missing(source.one_of(METHODS if may_write else METHODS[:1]), entity, record_id, caller, is_odd=is_odd)

    def gone(self, source: RandomSource, entity: Entity, record_id: str, caller: Caller) -> None:
        """404 to READ after a DELETE, and mostly to another method that names a record too."""
        for method in dict.fromkeys((METHODS[0], source.one_of(METHODS))):
            self._missing(method, entity, record_id, caller, is_odd=False)

    def _missing(self, method: str, entity: Entity, record_id: str, caller: Caller, *, is_odd: bool) -> None:
        """404 to this method; a record of another user's is as it was."""
        field = next(one for one in entity.fields if not one.generated and one.type in ("string", "text"))
        body = {field.name: "ben@example.org" if field.format else "not yours"} if method == "PATCH" else None
        request = Request(method, path(entity, record_id), caller, body=body)
        if record_id not in self.model.ids(entity):
            self.deployment.invent(record_id)
            if method != "GET" and not self.deployment.is_vacant(entity, record_id):  # READ shows a record there
                request = Request("GET", path(entity, record_id), caller)
        owners = [one for one in self.deployment.callers if self.model.find(entity, record_id, one) is not None]
        self.judge.missing(request, self.send(request), is_odd=is_odd)
        for owner in owners if method != "GET" else ():
            self.read(entity, record_id, owner)

    def may_accept(self, level: Level) -> bool:
        """Whether a deployment may do what the reference server refuses."""
        return level != "must" and not self.deployment.exact

    def is_untold(self, entity: Entity, answer: Answer, body: Record, of: Record | None = None) -> bool:
        """Whether a valid body was refused, perhaps for a rule that OPTIONS need not tell (O4.untold-rules).

        `of` is the record that it was to change. Of tasks such a rule can be about a text that is unusual, in use, or
        unlike those that were taken, another record, what another field holds, or a state that was left.
        """
        if self.deployment.exact or answer.status not in (400, 409, 422):
            return False
        details = (answer.body or {}).get("details")
        named = [*details] if isinstance(details, dict) else []
        if not named and answer.status == _CONFLICT:  # which need not say with what
            texts = [one.name for one in entity.fields if one.type in ("string", "text") and one.name in body]
            named = [name for name in texts if self._is_in_use(entity, name, body[name])]
        return entity.name != "tasks" or (
            bool(named) and all(self._may_be_ruled(entity, name, body, of) for name in named)
        )

    def _may_be_ruled(self, entity: Entity, name: str, body: Record, of: Record | None) -> bool:
        field = entity.field(name)
        if field is None or body.get(name) is None:
            return field is not None and not field.required and field.default is None
        if field.type == "enum":
            return of is not None and of.get(name) != field.default
        keys = {one.foreign_key for one in entity.relations if one.type == "belongsTo"}
        if name in keys or is_unusual(body[name]) or self._is_in_use(entity, name, body[name]):
            return True
        return isinstance(body[name], str) and not self._are_like(entity, name, body[name])

    def _is_in_use(self, entity: Entity, name: str, value: object) -> bool:
        """Whether a record of the machine's own holds that text already."""
        return isinstance(value, str) and value in self._held(entity, name)

    def _held(self, entity: Entity, name: str) -> list[str]:
        held = [one.get(name) for caller in self.deployment.callers for one in self.model.visible(entity, caller)]
        return [one for one in held if isinstance(one, str)]

    def _are_like(self, entity: Entity, name: str, text: str) -> bool:
        """Whether the machine's own records hold a text that is no longer, one that is no shorter, and no other kinds.

        Then no rule about a text's length or its characters can be why another one is refused.
        """
        own, held = sample.kinds(text), self._held(entity, name)
        return (
            any(len(one) <= len(text) for one in held)
            and any(len(one) >= len(text) for one in held)
            and any(sample.kinds(one) >= own for one in held)
            and any(sample.kinds(one) <= own for one in held)
        )

    def accepted(self, bad: BadBody | BadQuery, request: Request, answer: Answer) -> None:
        """Judge an answer that does what the reference server refuses."""
        self.judge.status(_refuses(bad.level), request, answer, 200, 201)
        wrong = ["the status must be 400"] if bad.level == "should" else []
        self.judge.require(_refuses(bad.level), request, wrong, answer, bad.ruling)

    def refused(self, request: Request, bad: BadBody) -> Answer | None:
        """The answer to a body that must be refused; None where that is known to go wrong.

        Where the rulings allow it, it was accepted.
        """
        if not self.deployment.exact and bad.ruling in self.aside.accepted:
            return None
        request = replace(request, body=bad.body, raw=bad.raw, media_type=bad.media_type)
        answer = self.send(request)
        is_in_a_state = answer.status == _CONFLICT and request.method == "PATCH" and not self.deployment.exact
        if is_in_a_state and not request.path.startswith("/tasks/"):  # which takes no change at all
            return None
        if answer.status not in bad.statuses:
            self.aside.accepted.add(bad.ruling)
        if answer.status < 300 and self.may_accept(bad.level):
            self.accepted(bad, request, answer)
            return answer
        statuses = (bad.status,) if self.deployment.exact else bad.statuses
        self.judge.refusal(_refuses(bad.level), request, answer, statuses, bad.code, bad.names, bad.ruling)
        return answer

    def refused_query(self, request: Request, bad: BadQuery) -> None:
        """A query that must be refused is refused, or, where the rulings allow it, accepted."""
        if not self.deployment.exact and (bad.ruling in self.aside.accepted or bad.name not in self.aside.works):
            return
        answer, seen = self.send(request), len(self.judge.differences)
        if answer.status != 400:
            self.aside.accepted.add(bad.ruling)
        if answer.status == 200 and self.may_accept(bad.level):
            self.accepted(bad, request, answer)
        else:
            self.judge.refusal(_refuses(bad.level), request, answer, (400,), bad.code, (bad.name,), bad.ruling)
        for one in self.judge.differences[seen:]:
            one.parts = frozenset({bad.name, bad.ruling})  # it stands on the parameter's being looked at

    def take_over_kin(self, kin: Iterable[tuple[str, str]], caller: Caller) -> None:
        """Where that is not decided, take over the `updatedAt` of records that lost a parent, or got or lost a child.

        R8 says of a PATCH alone that it touches nothing else.
        """
        for name, record_id in kin if not self.deployment.exact else ():
            entity = self.model.entity(name)
            record = self.model.find(entity, record_id, caller)
            request = Request("GET", path(entity, record_id), caller)
            if record is not None:
                kept = {one: value for one, value in record.items() if one != "updatedAt"}
                answer = self.send(request)
                self.judge.record("model.read", request, answer, kept, entity)
                if not self._is_misread(entity, record, caller, answer):
                    self._take_over(entity, record, answer)

    def look(self, entity: Entity, record_id: str, caller: Caller) -> None:
        """Take over a record, or that it is gone, after a write that went wrong in some way."""
        record = self.model.find(entity, record_id, caller)
        if record is not None:
            self._take_over(entity, record, self.send(Request("GET", path(entity, record_id), caller)))

    def _take_over(self, entity: Entity, record: Record, answer: Answer) -> None:
        """What a READ answers becomes the model's."""
        if answer.status == 404:
            self.model.forget(entity, record["id"])
        elif isinstance(answer.data, dict):
            self.model.change(entity, record["id"], self.judge.taken_over(entity, answer.data, record, answer.at))

    def _is_misread(self, entity: Entity, record: Record, caller: Caller, answer: Answer) -> bool:
        """Whether a READ tells otherwise than the last write, and what was written is kept all the same.

        It is where a list shows it, or READ does a little later: the answer was an old one, or READ's own. Else the
        write was not kept as it said. Who is not believed once is not believed again, and needs no witness.
        """
        other = self.judge.departures(entity, record, answer)
        if not other or self.deployment.exact:
            return False
        if entity.name not in self.aside.misread and (entity.name, other) not in self.aside.unkept:
            if self._is_witnessed(entity, record, caller, other):
                self.aside.misread.add(entity.name)
            else:
                self.aside.unkept.add((entity.name, other))
        return entity.name in self.aside.misread

    def _is_witnessed(self, entity: Entity, record: Record, caller: Caller, names: frozenset[str]) -> bool:
        """Whether a list, or READ a little later, shows these fields of a record as they were written."""
        asked = (record["id"], f"{mistakes.NOBODY}_{len(self.sent)}")  # what nobody asked before is in no cache
        listed = self.send(Request("GET", path(entity), caller, Question(entity, only=asked).parameters()))
        if self.judge.shows(entity, record, listed, names):
            return True
        self.deployment.rest()
        return self.judge.shows(entity, record, self.send(Request("GET", path(entity, record["id"]), caller)), names)

    def ask(self, question: Question, caller: Caller, link: str | None = None) -> Answer:
        """The page that answers the question, compared; asked for by a link of another page, where there is one."""
        question = self.narrowed(question, caller) if link is None else question
        answer = self.send(Request("GET", path(question.entity), caller, question.parameters(), link=link))
        if self._does_not_sort(question, answer):
            return answer
        seen = len(self.judge.differences)
        self.readings = self.judge.listing(question, caller, answer, self.readings)
        self._simplify(seen, question, partial(self._asked_again, caller))
        if not any(one.parts for one in self.judge.differences[seen:]):
            asked = {name for name, value in question.parameters() if value}
            self.aside.works |= asked | ({"order"} if question.sort else set())
        return answer

    def _does_not_sort(self, question: Question, answer: Answer) -> bool:
        """Whether lists are not sorted by a field, of an entity for which the contract does not say that they are."""
        is_refused = answer.status == 400 and (answer.body or {}).get("code") == "INVALID_SORT"
        return is_refused and question.sort is not None and question.entity.record_schema == GENERIC_RECORD

    def narrowed(self, question: Question, caller: Caller) -> Question:
        """The question about the machine's own records alone, where there are others, without what is set aside."""
        question = question.without(self.aside.broken)
        if self.deployment.exact or question.only is not None:
            return question
        records, kinds = self.model.visible(question.entity, caller), self.aside.narrowings
        kind = kinds.get(question.entity.name, next(iter(kinds.values()), "filter"))
        if kind == "filter" and FILTER in self.aside.broken:
            kind = next((one for one in kinds.values() if one != "filter"), "")
        if kind == "filter":
            mine = tuple(one["id"] for one in records) or (mistakes.NOBODY,)
            conditions = tuple(one for one in question.conditions if one.field != "id")
            return replace(question, only=mine, conditions=conditions)
        first = min((one["createdAt"] for one in records), default=None)
        return replace(
            question,
            word=self.deployment.mark if kind == "search" else None,
            since=(instant(first) - SECOND).isoformat() if first and kind == "startDate" else None,
            limit=question.limit or 100,
            is_alone=False,
        )

    def hidden(self, entity: Entity, caller: Caller) -> str | None:
        """A parent that this caller cannot refer to: one that was deleted, or another user's."""
        for relation in entity.relations:
            parent = self.model.entity(relation.entity)
            if relation.type == "belongsTo" and parent.owned:
                others = [
                    two for one in self.deployment.callers if one != caller for two in self.model.visible(parent, one)
                ]
                hidden = [*self.model.deleted(parent), *(str(one["id"]) for one in others)]
                if hidden:
                    return hidden[-1]
        return None

    def has_parents(self, entity: Entity, caller: Caller) -> bool:
        """Whether there are records of every entity that a new record must refer to."""
        required_fields = {field.name for field in entity.fields if field.required}
        return all(
            self.model.visible(self.model.entity(one.entity), caller)
            for one in entity.relations
            if one.type == "belongsTo" and one.foreign_key in required_fields
        )

    def that_led_to(self, difference: Difference) -> list[tuple[Request, Answer]]:
        """The writes that made what a difference is about: of the record that it names, or of all records of a list."""
        place = next((place for place, sent in enumerate(self.sent) if sent[1] is difference.answer), 0)
        if difference.requirement in ALONE:
            return []
        _, entity, *named = difference.request.path.split("/")
        before = [one for one in self.sent[:place] if one[0].method != "GET" and one[1].status < 300]
        mine = [one for one in before if one[0].path.split("/")[1] == entity]
        return [one for one in mine if not named or {*one[0].path.split("/")[2:], *_id_of(one[1])} & {*named}]

    def send(self, request: Request, *, pause: timedelta = TICK) -> Answer:
        """The answer to a request, which is noted."""
        answer = self.deployment.send(request, pause=pause + self.paused)
        self.paused = timedelta(0)
        self.sent.append((request, answer))
        self.aside.silences += answer.error is not None
        if answer.error is not None and self.aside.silences > 1:  # one missing answer accuses nobody
            self.judge.require("model.every-answer", request, [answer.error], answer)
        return answer


def parents_first(entities: Iterable[Entity]) -> list[Entity]:
    """The entities, each after those that its records refer to.

    Of entities that name one another, those come first whose records can be without the others.
    """
    placed: list[Entity] = []
    waiting = list(entities)
    while waiting:
        names = {one.name for one in waiting}
        free = [one for one in waiting if not _parents(one) & names]
        placed += free or [one for one in waiting if not _parents(one, required=True) & names] or waiting
        waiting = [entity for entity in waiting if entity not in placed]
    return placed


def _parents(entity: Entity, *, required: bool = False) -> set[str]:
    """The other entities that its records refer to, or have to refer to."""
    needed = {field.name for field in entity.fields if field.required}
    return {
        one.entity
        for one in entity.relations
        if one.type == "belongsTo" and one.entity != entity.name and (not required or one.foreign_key in needed)
    }


def _is_of_its_family(found: Difference, first: Difference) -> bool:
    """Whether a difference is about the same as the first one, and no milder."""
    is_milder = REQUIREMENTS[found.requirement].level == "should" != REQUIREMENTS[first.requirement].level
    return _family(found) == _family(first) and not is_milder


def _family(difference: Difference) -> str:
    """What a difference is about, whatever its level: the records of a list, how they are shown, or the page."""
    if difference.about.startswith(("Link", "X-", "pagination")) and "total" not in difference.about:
        return difference.about
    name = difference.requirement
    return "model.select" if name == "model.page-past-end" else name.removesuffix("-more")


def _id_of(answer: Answer) -> tuple[str, ...]:
    """The id of the one record in an answer."""
    return (str(answer.data.get("id")),) if isinstance(answer.data, dict) else ()


def _refuses(level: Level) -> str:
    return "model.refuse-more" if level == "should" else "model.refuse"
