"""Hypothesis' state machine: what a client may do next, done to the model and to the deployment, and compared.

Charter: rules are short: draw, send, judge, keep. What is right is `answers` and `records`; what a departure looks like
is `judging`. A rule that draws from the model draws by place, never by id, so that a sequence can be repeated.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import wraps

from entity_contract import Entity
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from entity_tests.model import answers, drawing, mistakes
from entity_tests.model.deployment import Caller, Deployment, Request, path
from entity_tests.model.operations import STEPS, Operations, ids
from entity_tests.model.question import Question
from entity_tests.model.random_source import RandomSource, random_sources
from entity_tests.model.reading import DECIDED, EVERY, Reading
from entity_tests.model.records import Record

MOST = 14
"""Records of one entity and caller at a time: enough for pages, few enough to read a failure."""
MOST_PAGES = 8
CHOICES = 120
QUESTIONS = 2
MISTAKES = 5
WRITES = 3
ODD_IDS = ("a b", "ü", "x.y", "'--", "%25", "~", "no_such_record", "a,b", "a/b", "0")


def act(rule_: Callable[["Machine", RandomSource], None]) -> Callable[["Machine", RandomSource], None]:
    """A rule with source of its own."""

    @rule(source=random_sources(CHOICES))
    @wraps(rule_)
    def once(machine: "Machine", source: RandomSource) -> None:
        rule_(machine, machine.mixed(source))

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
        self.operations = Operations(entities, self.deployment, readings, strict=strict)
        self.model, self.judge = self.operations.model, self.operations.judge
        self.plain = not self.deployment.exact
        self._shake = shake
        self._count = 0

    @initialize(source=random_sources(600))
    def fill(self, source: RandomSource) -> None:
        """Some records of every entity, parents first, and a few of the other user's."""
        source = self.mixed(source)
        for caller in self.deployment.callers:
            for entity in self.operations.parents_first():
                for _ in range(source.between(3, 5) if caller == "one" else source.below(2)):
                    self.operations.create(source, entity, caller)
        if not self.deployment.exact:
            self.operations.try_narrowing()

    @act
    def create(self, source: RandomSource) -> None:
        """A new record."""
        caller, entity = self._caller(source), source.one_of(self.operations.writable)
        if len(self.model.visible(entity, caller)) < MOST:
            self.operations.create(source, entity, caller)

    @act
    def change(self, source: RandomSource) -> None:
        """A PATCH, then what it left."""
        found = self._some_record(source)
        if found is None:
            return
        entity, record, caller = found
        body = drawing.changes(source, self.model, entity, caller, plain=self.plain)
        request = Request("PATCH", path(entity, record["id"]), caller, body=body)
        reply = self.operations.send(request)
        if reply.status == 400 and None in body.values() and not self.deployment.exact:
            self.judge.should(request, ["a null should clear a field that may be null (R7)"], reply)
            return
        kept = self.judge.changed(request, reply, record, entity, self.operations.now(reply))
        self.model.change(entity, record["id"], kept)
        self.operations.read(entity, record["id"], caller)

    @act
    def delete(self, source: RandomSource) -> None:
        """A DELETE with its consequences: nobody finds the record, its children are gone or orphans, the rest stays."""
        found = self._some_record(source)
        if found is None:
            return
        entity, record, caller = found
        loss = self.model.loss(entity, record["id"])
        request = Request("DELETE", path(entity, record["id"]), caller)
        reply = self.operations.send(request)
        if reply.status in (400, 409) and (loss.gone or loss.orphaned) and not self.deployment.exact:
            self.operations.read(entity, record["id"], caller)
            return
        self.judge.status(request, reply, 200)
        if not isinstance((reply.body or {}).get("message"), str):
            self.judge.fail(request, ["`message` must be a text"], reply)
        self.model.delete(entity, record["id"])
        self.operations.orphans(loss.orphaned, caller)
        self.operations.gone(source, entity, record["id"], caller)
        for name in dict.fromkeys((entity.name, *loss.gone, *loss.orphaned)):
            self.operations.ask(Question(self.model.entity(name), limit=100), caller)

    @act
    def read(self, source: RandomSource) -> None:
        """A READ with `fields` and `include`."""
        caller, entity = self._caller(source), source.one_of(self.operations.listed)
        records = self.model.visible(entity, caller)
        if records:
            fields, include = drawing.parts(source, entity, plain=self.plain)
            record_id = source.one_of(records)["id"]
            self.operations.read(
                entity, record_id, caller, fields=fields, include=include, repeated=source.one_of((False, True))
            )

    @act
    def read_nobody(self, source: RandomSource) -> None:
        """What is not there, or not the caller's, is not found by any method (A7, R15)."""
        caller, entity = self._caller(source), source.one_of(self.operations.writable)
        others = [one for name in self.deployment.callers if name != caller for one in self.model.visible(entity, name)]
        elsewhere = [
            two for one in self.operations.writable if one != entity for two in self.model.visible(one, caller)
        ]
        pools = (
            others,
            elsewhere,
            [{"id": one} for one in self.model.deleted(entity)],
            [{"id": one} for one in ODD_IDS],
        )
        pool = source.one_of([one for one in pools if one])
        self.operations.gone(source, entity, source.one_of(pool)["id"], caller)

    @act
    def ask(self, source: RandomSource) -> None:
        """Pages of lists."""
        for _ in range(QUESTIONS):
            self._ask_once(source)

    ask_again = ask
    ask_once_more = ask

    def _ask_once(self, source: RandomSource) -> None:
        question, caller = self._question(source)
        limit = source.one_of((None, *drawing.LIMITS))
        total = len(answers.selected(self.model.visible(question.entity, caller), question, DECIDED))
        pages = answers.page_of(replace(question, limit=limit), total).pages
        page = source.between(1, pages + 1) if source.sometimes(6) else None
        self.operations.ask(replace(question, limit=limit, page=page), caller)

    @act
    def walk(self, source: RandomSource) -> None:
        """All pages of a list, from link to link."""
        question, caller = self._question(source)
        total = len(answers.selected(self.model.visible(question.entity, caller), question, DECIDED))
        smallest = max(1, -(-total // MOST_PAGES))
        question = replace(question, limit=source.between(smallest, smallest + 2))
        reply = self.operations.ask(question, caller)
        seen = ids(reply)
        page = 1
        while "next" in reply.links:
            page += 1
            question = replace(question, page=page)
            reply = self.deployment.follow(reply.links["next"], reply, caller)
            self.operations.judged(question, caller, reply)
            seen += ids(reply)
        if len(set(seen)) < len(seen):
            request = Request("GET", path(question.entity), caller, question.parameters())
            self.judge.fail(request, [f"page by page, each record must come once; what came is {seen}"], reply)

    @act
    def ask_wrongly(self, source: RandomSource) -> None:
        """Lists and READs that are refused."""
        for _ in range(MISTAKES):
            self._ask_wrongly_once(source)

    def _ask_wrongly_once(self, source: RandomSource) -> None:
        caller, entity = self._caller(source), source.one_of(self.operations.listed)
        records = self.model.visible(entity, caller)
        reading = bool(records) and source.sometimes(3)
        bad = (
            mistakes.bad_parts(source, entity) if reading else mistakes.bad_query(source, self.model.operators, entity)
        )
        place = path(entity, source.one_of(records)["id"]) if reading else path(entity)
        request = Request("GET", place, caller, bad.parameters)
        reply = self.operations.send(request)
        if reply.status == 200 and self.operations.may_accept(bad.level):
            self.operations.accepted(bad.level, request, reply)
            return
        self.judge.refusal(request, reply, (400,), bad.code, (bad.name,))

    @act
    def create_wrongly(self, source: RandomSource) -> None:
        """A CREATE that is refused creates nothing (R9)."""
        caller, entity = self._caller(source), source.one_of(self.operations.writable)
        if not self.operations.has_parents(entity, caller):
            return
        for _ in range(WRITES):
            body = drawing.body(source, self.model, entity, caller, plain=self.plain)
            bad = mistakes.bad_body(source, entity, body, creating=True, hidden=self.operations.hidden(entity, caller))
            reply = self.operations.refused(Request("POST", path(entity), caller), bad)
            if reply.status < 300:
                self.operations.delete_made()
        self.operations.ask(Question(entity, limit=100), caller)

    @act
    def change_wrongly(self, source: RandomSource) -> None:
        """A PATCH that is refused changes nothing (R9)."""
        found = self._some_record(source)
        if found is None:
            return
        entity, record, caller = found
        body = drawing.changes(source, self.model, entity, caller, plain=self.plain)
        bad = mistakes.bad_body(source, entity, body, creating=False, hidden=self.operations.hidden(entity, caller))
        reply = self.operations.refused(Request("PATCH", path(entity, record["id"]), caller), bad)
        if reply.status < 300:
            self.operations.adopt(entity, record["id"], caller, but=[field.name for field in entity.fields])
            return
        self.operations.read(entity, record["id"], caller)

    @rule(step=st.sampled_from(STEPS))
    def wait(self, step: timedelta) -> None:
        """Time goes by, where the clock can be moved."""
        if self.deployment.clock is not None:
            self.deployment.clock.now += step

    def teardown(self) -> None:
        """Delete what is left, where others would find it."""
        if not self.deployment.exact:
            self.operations.clean_up()

    def _question(self, source: RandomSource) -> tuple[Question, Caller]:
        caller, entity = self._caller(source), source.one_of(self.operations.listed)
        question = drawing.question(source, self.model, entity, caller, plain=self.plain)
        return self.operations.narrowed(question, caller), caller

    def _some_record(self, source: RandomSource) -> tuple[Entity, Record, Caller] | None:
        caller = self._caller(source)
        entities = [entity for entity in self.operations.writable if self.model.visible(entity, caller)]
        if not entities:
            return None
        entity = source.one_of(entities)
        return entity, source.one_of(self.model.visible(entity, caller)), caller

    def _caller(self, source: RandomSource) -> Caller:
        return self.deployment.callers[-1] if source.below(10) == 9 else "one"

    def mixed(self, source: RandomSource) -> RandomSource:
        """The source for the next act.

        Hypothesis begins with the plainest choices and repeats what it has drawn at other places, which helps when it
        looks for the shortest sequence and finds little else here. Elsewhere the source is mixed.
        """
        self._count += 1
        return source if self._shake is None else source.mixed(f"{self._shake} {self._count}")
