"""Hypothesis' state machine: what a client may do next, done to the model and to the deployment, and compared.

Charter: rules are short: draw, send, judge, keep. What is right is `answers` and `records`; what a departure looks like
is `judging`. A rule that draws from the model draws by place, never by id, so that a sequence can be repeated.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import wraps
from urllib.parse import quote

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from contract import Entity
from contract_tests.model import answers, drawing, mistakes
from contract_tests.model.deployment import TICK, Caller, Deployment, Reply, Request, Unusable, path
from contract_tests.model.dice import Dice
from contract_tests.model.dice import dice as rolled
from contract_tests.model.judging import Judge
from contract_tests.model.mistakes import BadBody, Level
from contract_tests.model.question import Question, shown_parts
from contract_tests.model.reading import DECIDED, EVERY, Reading
from contract_tests.model.records import Model, Record

MOST = 14
"""Records of one entity and caller at a time: enough for pages, few enough to read a failure."""
MOST_PAGES = 8
ROLLS = 120
QUESTIONS = 2
MISTAKES = 5
WRITES = 3
STEPS = (timedelta(0), TICK, timedelta(seconds=1), timedelta(hours=7), timedelta(days=1))
ODD_IDS = ("a b", "ü", "x.y", "'--", "%25", "~", "no_such_record", "a,b", "a/b", "0")


def act(rule_: Callable[["Machine", Dice], None]) -> Callable[["Machine", Dice], None]:
    """A rule with dice of its own."""

    @rule(dice=rolled(ROLLS))
    @wraps(rule_)
    def once(machine: "Machine", dice: Dice) -> None:
        rule_(machine, machine.shaken(dice))

    return once


class Machine(RuleBasedStateMachine):
    """One run of a client's acts; `opened` gives it a deployment in which it has no records."""

    def __init__(
        self,
        entities: tuple[Entity, ...],
        opened: Callable[[], Deployment],
        *,
        readings: tuple[Reading, ...] = EVERY,
        strict: bool = False,
        shake: str | None = None,
    ) -> None:
        super().__init__()
        self.deployment = opened()
        self._shake = shake
        self._acts = 0
        self._sent_before = self.deployment.sent
        self.made: list[tuple[Caller, str]] = []
        self.model = Model(entities, self.deployment.directory)
        self.judge = Judge(self.model, exact=self.deployment.exact, strict=strict)
        self.readings: tuple[Reading, ...] = (DECIDED,) if self.deployment.exact else readings
        self.writable = tuple(entity for entity in entities if entity.owned)
        self.listed = (*self.writable, *(one for one in entities if not one.owned and self.deployment.exact))

    @initialize(dice=rolled(600))
    def fill(self, dice: Dice) -> None:
        """Some records of every entity, parents first, and a few of the other user's."""
        dice = self.shaken(dice)
        for caller in self.deployment.callers:
            for entity in self._parents_first():
                for _ in range(dice.between(3, 5) if caller == "one" else dice.below(2)):
                    self._create(dice, entity, caller)
        if not self.deployment.exact:
            self._try_narrowing()

    @act
    def create(self, dice: Dice) -> None:
        """A new record."""
        caller, entity = self._caller(dice), dice.one_of(self.writable)
        if len(self.model.visible(entity, caller)) < MOST:
            self._create(dice, entity, caller)

    @act
    def change(self, dice: Dice) -> None:
        """A PATCH, then what it left."""
        found = self._some_record(dice)
        if found is None:
            return
        entity, record, caller = found
        body = drawing.changes(dice, self.model, entity, caller, plain=not self.deployment.exact)
        request = Request("PATCH", path(entity, record["id"]), caller, body=body)
        reply = self._send(request)
        if reply.status == 400 and None in body.values() and not self.deployment.exact:
            self.judge.should(request, ["a null should clear a field that may be null (R7)"], reply)
            return
        kept = self.judge.changed(request, reply, record, entity, self._now(reply))
        self.model.change(entity, record["id"], kept)
        self._read(entity, record["id"], caller)

    @act
    def delete(self, dice: Dice) -> None:
        """A DELETE with its consequences: nobody finds the record, its children are gone or orphans, the rest stays."""
        found = self._some_record(dice)
        if found is None:
            return
        entity, record, caller = found
        loss = self.model.loss(entity, record["id"])
        request = Request("DELETE", path(entity, record["id"]), caller)
        reply = self._send(request)
        if reply.status in (400, 409) and (loss.gone or loss.orphaned) and not self.deployment.exact:
            self._read(entity, record["id"], caller)
            return
        self.judge.status(request, reply, 200)
        if not isinstance((reply.body or {}).get("message"), str):
            self.judge.departs(request, ["`message` must be a text"], reply)
        self.model.delete(entity, record["id"])
        self._orphans(loss.orphaned, caller)
        self._gone(dice, entity, record["id"], caller)
        for name in {entity.name, *loss.gone, *loss.orphaned}:
            self._ask(Question(self.model.entity(name), limit=100), caller)

    @act
    def read(self, dice: Dice) -> None:
        """A READ with `fields` and `include`."""
        caller, entity = self._caller(dice), dice.one_of(self.listed)
        records = self.model.visible(entity, caller)
        if records:
            fields, include = drawing.parts(dice, entity, plain=not self.deployment.exact)
            record_id = dice.one_of(records)["id"]
            self._read(entity, record_id, caller, fields=fields, include=include, repeated=dice.one_of((False, True)))

    @act
    def read_nobody(self, dice: Dice) -> None:
        """What is not there, or not the caller's, is not found by any method (A7, R15)."""
        caller, entity = self._caller(dice), dice.one_of(self.writable)
        others = [one for name in self.deployment.callers if name != caller for one in self.model.visible(entity, name)]
        elsewhere = [two for one in self.writable if one != entity for two in self.model.visible(one, caller)]
        pools = (others, elsewhere, [{"id": one} for one in self.model.dead(entity)], [{"id": one} for one in ODD_IDS])
        pool = dice.one_of([one for one in pools if one])
        self._gone(dice, entity, dice.one_of(pool)["id"], caller)

    @act
    def ask(self, dice: Dice) -> None:
        """Pages of lists."""
        for _ in range(QUESTIONS):
            self._ask_once(dice)

    ask_again = ask
    ask_once_more = ask

    def _ask_once(self, dice: Dice) -> None:
        question, caller = self._question(dice)
        limit = dice.one_of((None, *drawing.LIMITS))
        total = len(answers.selected(self.model.visible(question.entity, caller), question, DECIDED))
        pages = answers.page_of(replace(question, limit=limit), total).pages
        page = dice.between(1, pages + 1) if dice.sometimes(6) else None
        self._ask(replace(question, limit=limit, page=page), caller)

    @act
    def walk(self, dice: Dice) -> None:
        """All pages of a list, from link to link."""
        question, caller = self._question(dice)
        total = len(answers.selected(self.model.visible(question.entity, caller), question, DECIDED))
        smallest = max(1, -(-total // MOST_PAGES))
        question = replace(question, limit=dice.between(smallest, smallest + 2))
        reply = self._ask(question, caller)
        seen = _ids(reply)
        page = 1
        while "next" in reply.links:
            page += 1
            question = replace(question, page=page)
            reply = self.deployment.follow(reply.links["next"], reply, caller)
            self._judge(question, caller, reply)
            seen += _ids(reply)
        if len(set(seen)) < len(seen):
            request = Request("GET", path(question.entity), caller, question.parameters())
            self.judge.departs(request, [f"page by page, each record must come once; what came is {seen}"], reply)

    @act
    def ask_wrongly(self, dice: Dice) -> None:
        """Lists and READs that are refused."""
        for _ in range(MISTAKES):
            self._ask_wrongly_once(dice)

    def _ask_wrongly_once(self, dice: Dice) -> None:
        caller, entity = self._caller(dice), dice.one_of(self.listed)
        records = self.model.visible(entity, caller)
        reading = bool(records) and dice.sometimes(3)
        bad = mistakes.bad_parts(dice, entity) if reading else mistakes.bad_query(dice, entity)
        place = path(entity, dice.one_of(records)["id"]) if reading else path(entity)
        request = Request("GET", place, caller, bad.parameters)
        reply = self._send(request)
        if reply.status == 200 and self._may_accept(bad.level):
            self._accepted(bad.level, request, reply)
            return
        self.judge.refusal(request, reply, bad.statuses, bad.code, (bad.name,))

    @act
    def create_wrongly(self, dice: Dice) -> None:
        """A CREATE that is refused creates nothing (R9)."""
        caller, entity = self._caller(dice), dice.one_of(self.writable)
        if not self._has_parents(entity, caller):
            return
        for _ in range(WRITES):
            body = drawing.body(dice, self.model, entity, caller, plain=not self.deployment.exact)
            bad = mistakes.bad_body(dice, entity, body, creating=True, hidden=self._hidden(entity, caller))
            reply = self._refused(Request("POST", path(entity), caller), bad)
            if reply.status < 300:
                self._delete_made()
        self._ask(Question(entity, limit=100), caller)

    @act
    def change_wrongly(self, dice: Dice) -> None:
        """A PATCH that is refused changes nothing (R9)."""
        found = self._some_record(dice)
        if found is None:
            return
        entity, record, caller = found
        body = drawing.changes(dice, self.model, entity, caller, plain=not self.deployment.exact)
        bad = mistakes.bad_body(dice, entity, body, creating=False, hidden=self._hidden(entity, caller))
        reply = self._refused(Request("PATCH", path(entity, record["id"]), caller), bad)
        if reply.status < 300:
            self._adopt(entity, record["id"], caller)
            return
        self._read(entity, record["id"], caller)

    @rule(step=st.sampled_from(STEPS))
    def wait(self, step: timedelta) -> None:
        """Time goes by, where the clock can be moved."""
        if self.deployment.clock is not None:
            self.deployment.clock.now += step

    def teardown(self) -> None:
        """Delete what is left, where others would find it."""
        if not self.deployment.exact:
            self._clean_up()

    def _clean_up(self) -> None:
        """Delete what this machine made, the last first; what cannot be deleted is kept in mind."""
        self.deployment.cleaning = True
        while self.made:
            self._delete_made()
        self.deployment.cleaning = False

    def _delete_made(self) -> None:
        caller, place = self.made.pop()
        self.deployment.held_back = len(self.made)
        if self._send(Request("DELETE", place, caller)).status not in (200, 404):
            self.deployment.left.append(place)

    def _try_narrowing(self) -> None:
        """That a list can be narrowed to one of the machine's records."""
        for entity in self.writable:
            ids = tuple(one["id"] for one in self.model.visible(entity, "one"))[:1]
            question = Question(entity, only=ids)
            reply = self._send(Request("GET", path(entity), parameters=question.parameters()))
            if ids and (reply.status != 200 or _ids(reply) != list(ids)):
                found = len(_ids(reply))
                reason = f"{entity.name} cannot be narrowed to one id by $in: {reply.status}, {found} records"
                raise Unusable(f"its own records cannot be told from others': {reason}", 3)

    def _create(self, dice: Dice, entity: Entity, caller: Caller) -> None:
        if not self._has_parents(entity, caller):
            return
        body = drawing.body(dice, self.model, entity, caller, plain=not self.deployment.exact)
        untyped = dice.below(10) == 9
        request = Request("POST", path(entity), caller, body=body, media_type=None if untyped else "application/json")
        reply = self._send(request, tick=dice.one_of(STEPS))
        if untyped and reply.status in (400, 415, 422) and not self.deployment.exact:  # E13
            return
        draft = self.model.draft(entity, body)
        self.model.create(entity, caller, self.judge.created(request, reply, draft, entity, self._now(reply)))

    def _read(
        self,
        entity: Entity,
        record_id: str,
        caller: Caller,
        *,
        fields: tuple[str, ...] | None = None,
        include: tuple[str, ...] = (),
        repeated: bool = False,
    ) -> None:
        record = self.model.find(entity, record_id, caller)
        assert record is not None
        parameters = shown_parts(fields, include, repeated=repeated)
        request = Request("GET", path(entity, record_id), caller, parameters)
        expected = answers.shown(self.model, entity, record, caller, fields=fields, include=include)
        self.judge.shown(request, self._send(request), expected, entity)

    def _gone(self, dice: Dice, entity: Entity, record_id: str, caller: Caller) -> None:
        """404 to one of the three methods that name a record, and, where it is another's, nothing happened to it."""
        method = dice.one_of(("GET", "PATCH", "DELETE"))
        field = next(one for one in entity.fields if not one.generated and one.type in ("string", "text"))
        body = {field.name: "ben@example.org" if field.format else "not yours"} if method == "PATCH" else None
        request = Request(method, path(entity, record_id), caller, body=body)
        self.judge.missing(request, self._send(request))
        for other in self.deployment.callers:
            if method != "GET" and self.model.find(entity, record_id, other) is not None:
                self._read(entity, record_id, other)

    def _may_accept(self, level: Level) -> bool:
        """Whether a deployment may do what the reference server refuses."""
        return level != "must" and not self.deployment.exact

    def _accepted(self, level: Level, request: Request, reply: Reply) -> None:
        self.judge.status(request, reply, 200, 201)
        if level == "should":
            self.judge.should(request, ["this should be refused"], reply)

    def _orphans(self, orphaned: Mapping[str, tuple[str, ...]], caller: Caller) -> None:
        """Where it is not decided, take over what became of `updatedAt` of children that lost their parent."""
        if self.deployment.exact:
            return
        for name, ids in orphaned.items():
            for record_id in ids:
                self._adopt(self.model.entity(name), record_id, caller)

    def _adopt(self, entity: Entity, record_id: str, caller: Caller) -> None:
        request = Request("GET", path(entity, record_id), caller)
        reply = self._send(request)
        record = self.model.find(entity, record_id, caller)
        assert record is not None
        came = self.judge.record(request, reply, {"id": record_id, "createdAt": record["createdAt"]}, entity)
        self.model.change(entity, record_id, {field.name: came.get(field.name) for field in entity.fields})

    def _refused(self, request: Request, bad: BadBody) -> Reply:
        request = replace(request, body=bad.body, raw=bad.raw, media_type=bad.media_type)
        reply = self._send(request)
        if reply.status < 300 and self._may_accept(bad.level):
            self._accepted(bad.level, request, reply)
            return reply
        statuses = (bad.status,) if self.deployment.exact else (bad.status, *bad.others)
        self.judge.refusal(request, reply, statuses, bad.code, bad.names)
        return reply

    def _ask(self, question: Question, caller: Caller) -> Reply:
        question = self._narrowed(question, caller)
        reply = self._send(Request("GET", path(question.entity), caller, question.parameters()))
        self._judge(question, caller, reply)
        return reply

    def _judge(self, question: Question, caller: Caller, reply: Reply) -> None:
        self.readings = self.judge.listing(question, caller, reply, self.readings)

    def _narrowed(self, question: Question, caller: Caller) -> Question:
        """The question about the machine's own records alone, where there are others."""
        if self.deployment.exact or question.only is not None:
            return question
        ids = tuple(one["id"] for one in self.model.visible(question.entity, caller))
        return replace(
            question,
            only=ids or (mistakes.NOBODY,),
            conditions=tuple(one for one in question.conditions if one.field != "id"),
        )

    def _question(self, dice: Dice) -> tuple[Question, Caller]:
        caller, entity = self._caller(dice), dice.one_of(self.listed)
        question = drawing.question(dice, self.model, entity, caller, plain=not self.deployment.exact)
        return self._narrowed(question, caller), caller

    def _some_record(self, dice: Dice) -> tuple[Entity, Record, Caller] | None:
        caller = self._caller(dice)
        entities = [entity for entity in self.writable if self.model.visible(entity, caller)]
        if not entities:
            return None
        entity = dice.one_of(entities)
        return entity, dice.one_of(self.model.visible(entity, caller)), caller

    def _caller(self, dice: Dice) -> Caller:
        return self.deployment.callers[-1] if dice.below(10) == 9 else "one"

    def _hidden(self, entity: Entity, caller: Caller) -> str | None:
        """A record that this caller cannot name: one that is dead, or another user's."""
        for relation in entity.relations:
            if relation.type == "belongsTo" and relation.entity != "users":
                parent = self.model.entity(relation.entity)
                others = [
                    two for one in self.deployment.callers if one != caller for two in self.model.visible(parent, one)
                ]
                ids = [*self.model.dead(parent), *(str(one["id"]) for one in others)]
                if ids:
                    return ids[-1]
        return None

    def _has_parents(self, entity: Entity, caller: Caller) -> bool:
        required = {field.name for field in entity.fields if field.required}
        return all(
            self.model.visible(self.model.entity(one.entity), caller)
            for one in entity.relations
            if one.type == "belongsTo" and one.foreign_key in required
        )

    def _parents_first(self) -> list[Entity]:
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

    def _send(self, request: Request, *, tick: timedelta = TICK) -> Reply:
        note(request.told())
        reply = self.deployment.send(request, tick=tick)
        data = (reply.body or {}).get("data")
        if request.method == "POST" and reply.status < 300 and isinstance(data, dict):
            self.made.append((request.caller, f"{request.path}/{quote(str(data.get('id')), safe='')}"))
            self.deployment.held_back = len(self.made)
        return reply

    def shaken(self, dice: Dice) -> Dice:
        """The dice for the next act.

        Hypothesis begins with the plainest choices and repeats what it has drawn at other places, which helps when it
        looks for the shortest sequence and finds little else here. Where it does not look for one, the dice are shaken.
        """
        self._acts += 1
        return dice if self._shake is None else dice.shaken(f"{self._shake} {self._acts}")

    @property
    def requests(self) -> int:
        """How many requests this machine has sent."""
        return self.deployment.sent - self._sent_before

    def _now(self, reply: Reply) -> datetime:
        """The deployment's own time."""
        if self.deployment.clock is not None:
            return self.deployment.clock.now
        return reply.at or datetime.now(UTC)


def _ids(reply: Reply) -> list[str]:
    data = (reply.body or {}).get("data")
    return [str(one["id"]) for one in data] if isinstance(data, list) else []
