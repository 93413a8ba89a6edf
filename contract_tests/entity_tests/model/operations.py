"""One operation of a client: sent to the deployment, done to the model, and judged.

What to send is drawn from a random source that the machine passes in; when, the machine decides.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from entity_conformance.deployment.reply import is_id
from entity_contract import Contract, Entity
from entity_contract.rulings import Level

from entity_tests.model import answers, mistakes
from entity_tests.model.drawing import Drawing, marked
from entity_tests.model.judging import Judge
from entity_tests.model.messages import Answer, Caller, Request, path
from entity_tests.model.mistakes import BadBody, BadQuery
from entity_tests.model.question import Question
from entity_tests.model.random_source import RandomSource
from entity_tests.model.reading import DECIDED, EVERY, Reading
from entity_tests.model.records import Model, Record
from entity_tests.model.requirements import REQUIREMENTS

TICK = timedelta(milliseconds=1)
PAUSES = (timedelta(0), TICK, timedelta(seconds=1), timedelta(hours=7), timedelta(days=1))


class Ended(BaseException):
    """The run is over, and nothing more is sent; `reason` says why, `is_lost` that the deployment answers no more.

    No Exception, so that Hypothesis neither repeats nor shrinks what it was doing.
    """

    def __init__(self, reason: str, *, is_lost: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.is_lost = reason, is_lost


class Deployment(Protocol):
    """A deployment as the machine needs it. Every method that sends raises Ended when nothing more may be sent.

    `exact` says that it holds nothing but what the machine writes, and decides every point as the rulings do.
    With `mark` in a text a record is known as this run's.
    `narrowed` are the entities whose lists were seen to show the records that they are asked for by id.
    """

    exact: bool
    mark: str | None
    callers: tuple[Caller, ...]
    narrowed: set[str]

    @property
    def directory(self) -> tuple[Record, ...]:
        """The users that records may refer to."""

    def send(self, request: Request, *, pause: timedelta = TICK) -> Answer:
        """The answer to a request. A deployment whose clock can be moved moves it on by `pause` first."""

    def invent(self, record_id: str) -> None:
        """From now on requests may name this id, which no record has."""


class Operations:
    """A deployment, and the model of what was written there.

    `requests` are all that were sent, `paused` is for how long nothing was.
    """

    def __init__(
        self,
        contract: Contract,
        deployment: Deployment,
        *,
        readings: tuple[Reading, ...] = EVERY,
        strict: bool = False,
        selected: frozenset[str] = frozenset(REQUIREMENTS),
    ) -> None:
        self.deployment = deployment
        self.model = Model(contract.entities, contract.operators, deployment.directory)
        self.judge = Judge(self.model, deployment.exact, strict, selected)
        self.readings: tuple[Reading, ...] = (DECIDED,) if deployment.exact else readings
        self.requests: list[Request] = []
        self.exchanges: list[str] = []
        entities = contract.entities
        self.writable = tuple(entity for entity in entities if entity.owned)
        self.listed = (*self.writable, *(one for one in entities if not one.owned and deployment.exact))
        self.paused = timedelta(0)

    def delete_all(self) -> None:
        """Delete the records of the model, children first. What cannot be deleted is left to the end of the run."""
        for entity in reversed(self.parents_first()):
            for caller in self.deployment.callers:
                for record in self.model.visible(entity, caller):
                    self.deployment.send(Request("DELETE", path(entity, record["id"]), caller))

    def try_narrowing(self) -> None:
        """Each list can be narrowed to the machine's own records. Raises Ended where it cannot."""
        for entity in self.writable:
            mine = tuple(one["id"] for one in self.model.visible(entity, "api_key"))
            if len(mine) < 2 or entity.name in self.deployment.narrowed:
                continue
            self.deployment.narrowed.add(entity.name)
            question = Question(entity, only=mine, limit=100)
            answer = self.send(Request("GET", path(entity), parameters=question.parameters()))
            if answer.status != 200 or sorted(answer.ids) != sorted(mine):
                found = f"{answer.status} and {len(answer.ids)} records"
                raise Ended(
                    "the run cannot tell its own records from others': "
                    f"{entity.name} narrowed to {len(mine)} ids by $in answers {found}"
                )

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
        if self.is_untold(entity, answer):
            return
        draft = self.model.draft(entity, body)
        record = self.judge.created(request, answer, draft, entity, answer.at)
        self.model.create(entity, caller, record)

    def body(self, source: RandomSource, entity: Entity, caller: Caller) -> Record:
        """A valid CREATE body, by which the record can be found again where others write too."""
        body = Drawing(source, self.model, entity, caller, plain=not self.deployment.exact).body()
        return body if self.deployment.mark is None else marked(body, entity, self.deployment.mark)

    def read(self, entity: Entity, record_id: str, caller: Caller, question: Question | None = None) -> None:
        """A READ, compared. The question's `fields` and `include` are what to show; without one, the whole record."""
        record = self.model.find(entity, record_id, caller)
        assert record is not None
        fields, include = (None, ()) if question is None else (question.fields, question.include)
        parameters = [] if question is None else question.parameters()
        request = Request("GET", path(entity, record_id), caller, parameters)
        expected = answers.shown(self.model, entity, record, caller, fields=fields, include=include)
        self.judge.shown(request, self.send(request), expected, entity, question)

    def missing(
        self, source: RandomSource, entity: Entity, record_id: str, caller: Caller, *, is_odd: bool = False
    ) -> None:
        """404 to one of the three methods that name a record; one of another user's is as it was."""
        may_write = self.deployment.exact or is_id(record_id)  # no run writes to what is no plain segment (E19)
        method = source.one_of(("GET", "PATCH", "DELETE") if may_write else ("GET",))
        field = next(one for one in entity.fields if not one.generated and one.type in ("string", "text"))
        body = {field.name: "ben@example.org" if field.format else "not yours"} if method == "PATCH" else None
        request = Request(method, path(entity, record_id), caller, body=body)
        if record_id not in self.model.ids(entity):
            self.deployment.invent(record_id)
        owners = [one for one in self.deployment.callers if self.model.find(entity, record_id, one) is not None]
        self.judge.missing(request, self.send(request), is_odd=is_odd)
        for owner in owners if method != "GET" else ():
            self.read(entity, record_id, owner)

    def may_accept(self, level: Level) -> bool:
        """Whether a deployment may do what the reference server refuses."""
        return level != "must" and not self.deployment.exact

    def is_untold(self, entity: Entity, answer: Answer) -> bool:
        """Whether a valid body was refused, perhaps for a rule that OPTIONS need not tell (O4.untold-rules).

        Of tasks all rules are known.
        """
        return not self.deployment.exact and entity.name != "tasks" and answer.status in (400, 409, 422)

    def accepted(self, level: Level, request: Request, answer: Answer) -> None:
        """Judge an answer that does what the reference server refuses."""
        self.judge.status(_refuses(level), request, answer, 200, 201)
        self.judge.require(_refuses(level), request, ["this should be refused"] if level == "should" else [], answer)

    def refused(self, request: Request, bad: BadBody) -> Answer:
        """The answer to a body that must be refused. Where the rulings allow it, it was accepted."""
        request = replace(request, body=bad.body, raw=bad.raw, media_type=bad.media_type)
        answer = self.send(request)
        if answer.status < 300 and self.may_accept(bad.level):
            self.accepted(bad.level, request, answer)
            return answer
        statuses = (bad.status,) if self.deployment.exact else bad.statuses
        self.judge.refusal(_refuses(bad.level), request, answer, statuses, bad.code, bad.names)
        return answer

    def refused_query(self, request: Request, bad: BadQuery) -> None:
        """A query that must be refused is refused, or, where the rulings allow it, accepted."""
        answer = self.send(request)
        if answer.status == 200 and self.may_accept(bad.level):
            self.accepted(bad.level, request, answer)
        else:
            self.judge.refusal(_refuses(bad.level), request, answer, (400,), bad.code, (bad.name,))

    def adopt_orphans(self, orphaned: Mapping[str, tuple[str, ...]], caller: Caller) -> None:
        """Where that is not decided, take over the `updatedAt` of children that lost their parent."""
        for name, ids in orphaned.items() if not self.deployment.exact else ():
            for record_id in ids:
                self.adopt(self.model.entity(name), record_id, caller, but=["updatedAt"])

    def adopt(self, entity: Entity, record_id: str, caller: Caller, *, but: Collection[str]) -> None:
        """Take over these fields of a record as the deployment now has them; the others must be as they were."""
        request = Request("GET", path(entity, record_id), caller)
        record = self.model.find(entity, record_id, caller)
        assert record is not None
        kept = {name: value for name, value in record.items() if name in ("id", "createdAt") or name not in but}
        found = self.judge.record("model.read", request, self.send(request), kept, entity)
        changes = {field.name: found.get(field.name) for field in entity.fields}
        self.model.change(entity, record_id, {**changes, "updatedAt": changes["updatedAt"] or record["updatedAt"]})

    def ask(self, question: Question, caller: Caller, link: str | None = None) -> Answer:
        """The page that answers the question, compared; asked for by a link of another page, where there is one."""
        question = self.narrowed(question, caller)
        answer = self.send(Request("GET", path(question.entity), caller, question.parameters(), link=link))
        self.readings = self.judge.listing(question, caller, answer, self.readings)
        return answer

    def narrowed(self, question: Question, caller: Caller) -> Question:
        """The question about the machine's own records alone, where there are others."""
        if self.deployment.exact or question.only is not None:
            return question
        mine = tuple(one["id"] for one in self.model.visible(question.entity, caller))
        return replace(
            question,
            only=mine or (mistakes.NOBODY,),
            conditions=tuple(one for one in question.conditions if one.field != "id"),
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

    def parents_first(self) -> list[Entity]:
        """The entities that can be written, each after those that its records refer to."""
        placed: list[Entity] = []
        waiting = list(self.writable)
        while waiting:
            for entity in waiting:
                parents = {one.entity for one in entity.relations if one.type == "belongsTo"} - {entity.name}
                if not parents & {one.name for one in waiting if one != entity}:
                    placed.append(entity)
            waiting = [entity for entity in waiting if entity not in placed]
        return placed

    def send(self, request: Request, *, pause: timedelta = TICK) -> Answer:
        """The answer to a request, which is noted."""
        answer = self.deployment.send(request, pause=pause + self.paused)
        self.paused = timedelta(0)
        self.requests.append(request)
        self.exchanges.append(answer.exchange)
        if answer.error is not None:
            self.judge.require("model.every-answer", request, [answer.error], answer)
        return answer


def _refuses(level: Level) -> str:
    return "model.refuse-more" if level == "should" else "model.refuse"
