"""What the rules are made of: one act of a client, done to the deployment and to the model, and judged.

Charter: sends, judges, keeps. What to send is drawn by source that the machine hands in; when, the machine decides.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import httpx
from entity_contract import Entity
from entity_contract.rulings import Level
from hypothesis import note

from entity_tests.model import answers, drawing, mistakes
from entity_tests.model.deployment import TICK, Caller, Deployment, Reply, Request, Unusable, path
from entity_tests.model.judging import Judge
from entity_tests.model.mistakes import BadBody
from entity_tests.model.question import Question, shown_parts
from entity_tests.model.random_source import RandomSource
from entity_tests.model.reading import DECIDED, Reading
from entity_tests.model.records import Model

STEPS = (timedelta(0), TICK, timedelta(seconds=1), timedelta(hours=7), timedelta(days=1))


class Operations:
    """A deployment and the model of what was written there. `made` are the callers and paths of records to delete."""

    def __init__(
        self, entities: tuple[Entity, ...], deployment: Deployment, readings: tuple[Reading, ...], *, strict: bool
    ) -> None:
        self.deployment = deployment
        self._sent_before = deployment.sent
        self.made: list[tuple[Caller, str]] = []
        self.model = Model(entities, deployment.operators, deployment.directory)
        self.judge = Judge(self.model, exact=deployment.exact, strict=strict)
        self.readings: tuple[Reading, ...] = (DECIDED,) if deployment.exact else readings
        self.writable = tuple(entity for entity in entities if entity.owned)
        self.listed = (*self.writable, *(one for one in entities if not one.owned and deployment.exact))

    def clean_up(self) -> None:
        """Delete what this machine made, the last first; what cannot be deleted is kept in mind."""
        self.deployment.cleaning = True
        while self.made:
            self.delete_made()
        self.deployment.cleaning = False

    def delete_made(self) -> None:
        """Delete the last record that was made."""
        caller, place = self.made.pop()
        self.deployment.held_back = len(self.made)
        try:
            gone = self.send(Request("DELETE", place, caller)).status in (200, 404)
        except httpx.HTTPError:
            gone = False
        if not gone:
            self.deployment.left.append(place)

    def try_narrowing(self) -> None:
        """That a list can be narrowed to one of the machine's records."""
        for entity in self.writable:
            mine = tuple(one["id"] for one in self.model.visible(entity, "one"))[:1]
            question = Question(entity, only=mine)
            reply = self.send(Request("GET", path(entity), parameters=question.parameters()))
            if mine and (reply.status != 200 or ids(reply) != list(mine)):
                found = len(ids(reply))
                reason = f"{entity.name} cannot be narrowed to one id by $in: {reply.status}, {found} records"
                raise Unusable(f"its own records cannot be told from others': {reason}", 3)

    def create(self, source: RandomSource, entity: Entity, caller: Caller) -> None:
        """A new record, unless its parents lack."""
        if not self.has_parents(entity, caller):
            return
        body = drawing.body(source, self.model, entity, caller, plain=not self.deployment.exact)
        untyped = source.below(10) == 9
        request = Request("POST", path(entity), caller, body=body, media_type=None if untyped else "application/json")
        reply = self.send(request, tick=source.one_of(STEPS))
        if untyped and reply.status in (400, 415, 422) and not self.deployment.exact:  # E13
            return
        draft = self.model.draft(entity, body)
        self.model.create(entity, caller, self.judge.created(request, reply, draft, entity, self.now(reply)))

    def read(
        self,
        entity: Entity,
        record_id: str,
        caller: Caller,
        *,
        fields: tuple[str, ...] | None = None,
        include: tuple[str, ...] = (),
        repeated: bool = False,
    ) -> None:
        """A READ, compared."""
        record = self.model.find(entity, record_id, caller)
        assert record is not None
        parameters = shown_parts(fields, include, repeated=repeated)
        request = Request("GET", path(entity, record_id), caller, parameters)
        expected = answers.shown(self.model, entity, record, caller, fields=fields, include=include)
        self.judge.shown(request, self.send(request), expected, entity)

    def gone(self, source: RandomSource, entity: Entity, record_id: str, caller: Caller) -> None:
        """404 to one of the three methods that name a record, and, where it is another's, nothing happened to it."""
        method = source.one_of(("GET", "PATCH", "DELETE"))
        field = next(one for one in entity.fields if not one.generated and one.type in ("string", "text"))
        body = {field.name: "ben@example.org" if field.format else "not yours"} if method == "PATCH" else None
        request = Request(method, path(entity, record_id), caller, body=body)
        self.judge.missing(request, self.send(request))
        for other in self.deployment.callers:
            if method != "GET" and self.model.find(entity, record_id, other) is not None:
                self.read(entity, record_id, other)

    def may_accept(self, level: Level) -> bool:
        """Whether a deployment may do what the reference server refuses."""
        return level != "must" and not self.deployment.exact

    def accepted(self, level: Level, request: Request, reply: Reply) -> None:
        """Note that what the reference server refuses was done."""
        self.judge.status(request, reply, 200, 201)
        if level == "should":
            self.judge.should(request, ["this should be refused"], reply)

    def orphans(self, orphaned: Mapping[str, tuple[str, ...]], caller: Caller) -> None:
        """Where it is not decided, take over what became of `updatedAt` of children that lost their parent."""
        for name, lost in orphaned.items() if not self.deployment.exact else ():
            for record_id in lost:
                self.adopt(self.model.entity(name), record_id, caller, but=["updatedAt"])

    def adopt(self, entity: Entity, record_id: str, caller: Caller, *, but: Collection[str]) -> None:
        """Take over these fields of a record as the deployment now has them; the others must be as they were."""
        request = Request("GET", path(entity, record_id), caller)
        reply = self.send(request)
        record = self.model.find(entity, record_id, caller)
        assert record is not None
        kept = {name: value for name, value in record.items() if name in ("id", "createdAt") or name not in but}
        came = self.judge.record(request, reply, kept, entity)
        self.model.change(entity, record_id, {field.name: came.get(field.name) for field in entity.fields})

    def refused(self, request: Request, bad: BadBody) -> Reply:
        """The answer to a body that must be refused; or, where that may be, was not."""
        request = replace(request, body=bad.body, raw=bad.raw, media_type=bad.media_type)
        reply = self.send(request)
        if reply.status < 300 and self.may_accept(bad.level):
            self.accepted(bad.level, request, reply)
            return reply
        statuses = (bad.status,) if self.deployment.exact else bad.statuses
        self.judge.refusal(request, reply, statuses, bad.code, bad.names)
        return reply

    def ask(self, question: Question, caller: Caller) -> Reply:
        """The page that answers the question, compared."""
        question = self.narrowed(question, caller)
        reply = self.send(Request("GET", path(question.entity), caller, question.parameters()))
        self.judged(question, caller, reply)
        return reply

    def judged(self, question: Question, caller: Caller, reply: Reply) -> None:
        """Compare a page, and keep the readings that it leaves."""
        self.readings = self.judge.listing(question, caller, reply, self.readings)

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
        """A record that this caller cannot name: one that is dead, or another user's."""
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
        """Whether there are records of every entity that a new one must name."""
        required = {field.name for field in entity.fields if field.required}
        return all(
            self.model.visible(self.model.entity(one.entity), caller)
            for one in entity.relations
            if one.type == "belongsTo" and one.foreign_key in required
        )

    def parents_first(self) -> list[Entity]:
        """The entities that can be written, each after those that its records name."""
        placed: list[Entity] = []
        waiting = list(self.writable)
        while waiting:
            for entity in waiting:
                parents = {one.entity for one in entity.relations if one.type == "belongsTo"} - {entity.name}
                if not parents & {one.name for one in waiting if one != entity}:
                    placed.append(entity)
            waiting = [entity for entity in waiting if entity not in placed]
        return placed

    def send(self, request: Request, *, tick: timedelta = TICK) -> Reply:
        """The answer; what a POST made is kept in mind before anything is judged."""
        note(request.text())
        reply = self.deployment.send(request, tick=tick)
        data = (reply.body or {}).get("data")
        if request.method == "POST" and reply.status < 300 and isinstance(data, dict):
            self.made.append((request.caller, f"{request.path}/{quote(str(data.get('id')), safe='')}"))
            self.deployment.held_back = len(self.made)
        return reply

    @property
    def requests(self) -> int:
        """How many requests this machine has sent."""
        return self.deployment.sent - self._sent_before

    def now(self, reply: Reply) -> datetime:
        """The deployment's own time."""
        if self.deployment.clock is not None:
            return self.deployment.clock.now
        return reply.at or datetime.now(UTC)


def ids(reply: Reply) -> list[str]:
    """The ids of the records that a page holds."""
    data = (reply.body or {}).get("data")
    return [str(one["id"]) for one in data] if isinstance(data, list) else []
