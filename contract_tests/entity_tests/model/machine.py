"""Hypothesis' state machine: what a client may do next, done to the model and to the deployment, and compared.

A rule is short: draw, send, judge, keep. It draws records by their place and never by id, so that a sequence can be
repeated.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import cycle

from entity_conformance.deployment.reply import is_id
from entity_conformance.oracle import answers
from entity_conformance.oracle.messages import Answer, Caller, Request, path, same_origin
from entity_conformance.oracle.question import PAST_THE_END, Question
from entity_conformance.oracle.reading import DECIDED
from entity_conformance.oracle.records import Record
from entity_contract import Entity
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from entity_tests.model import drawing, mistakes
from entity_tests.model.deployment import PAUSES
from entity_tests.model.operations import Operations, parents_first
from entity_tests.model.random_source import RandomSource, random_sources

MOST = 14
"""Records of one entity and caller at a time: enough for pages, few enough to read a failure."""
MOST_PAGES = 8
FIRST_RECORDS = (0, *(3, 4, 5) * 9)
"""Records of one entity that a sequence begins with: none in the plainest case, and seldom."""
COUNTS = 9
CHOICES = 120
"""Choices that one rule may take."""
FIRST_CHOICES = 600
QUESTIONS = 2
MISTAKES = 5
WRITES = 3
ODD_IDS = ("a b", "ü", "x.y", "'--", "%25", "~", "no_such_record", "a,b", "0")


class Machine(RuleBasedStateMachine):
    """A sequence of a client's operations, on a deployment in which it has no records; `begin` makes them.

    `number` is that of the sequence, by which its operations are chosen.

    A sequence that `is_over` sends nothing more. So is the plainest one, with which Hypothesis begins: forty times the
    same operation finds nothing.
    """

    def __init__(self, begin: Callable[[], Operations], number: int) -> None:
        super().__init__()
        self.is_over = False
        self._begin, self._focus = begin, FOCUSES[number % len(FOCUSES)]

    @initialize(
        source=random_sources(FIRST_CHOICES),
        counts=st.lists(st.sampled_from(FIRST_RECORDS), min_size=COUNTS, max_size=COUNTS),
    )
    def populate(self, source: RandomSource, counts: list[int]) -> None:
        """Some records of every entity, parents first, and a few of the other user's."""
        self.is_over = not any(counts)
        if self.is_over:
            return
        self.operations = self._begin()
        self.deployment, self.model = self.operations.deployment, self.operations.model
        self.judge = self.operations.judge
        for caller in self.deployment.callers:
            for entity, count in zip(parents_first(self.operations.writable), cycle(counts), strict=False):
                for _ in range(count if caller == "api_key" else source.below(2)):
                    self.operations.create(source, entity, caller)
        if not self.deployment.exact:
            self.operations.try_narrowing()
            self.is_over = not self.operations.writable

    def create(self, source: RandomSource) -> None:
        """A new record."""
        caller, entity = self._caller(source), source.one_of(self.operations.writable)
        if len(self.model.visible(entity, caller)) < MOST:
            self.operations.create(source, entity, caller)

    def update(self, source: RandomSource) -> None:
        """A PATCH, then what it left."""
        found = self._some_record(source)
        if found is None:
            return
        entity, record, caller = found
        body = self.operations.changes(source, entity, caller)
        request = Request("PATCH", path(entity, record["id"]), caller, body=body)
        answer = self.operations.send(request)
        if answer.status == 400 and refuses_a_null(answer, body) and not self.deployment.exact:
            wrong = ["a null should clear a field that may be null"]
            self.judge.require("model.null-clears", request, wrong, answer)
            return
        if self.operations.is_untold(entity, answer, body, record):
            self.operations.read(entity, record["id"], caller)
            return
        if None in body.values():
            self.judge.require("model.null-clears", request, [], answer)
        seen = len(self.judge.differences)
        kept = self.judge.updated(request, answer, record, entity, answer.at)
        if kept is None or len(self.judge.differences) > seen:  # what is kept in its place, READ tells
            self.operations.look(entity, record["id"], caller)
            return
        self.model.change(entity, record["id"], kept)
        self.operations.read(entity, record["id"], caller)

    def delete(self, source: RandomSource) -> None:
        """A DELETE and its consequences: the record is gone, its children too or orphans, every other one is there."""
        found = self._some_record(source)
        if found is None:
            return
        entity, record, caller = found
        loss = self.model.loss(entity, record["id"])
        kin = self.model.kin(entity, record["id"], loss)
        request = Request("DELETE", path(entity, record["id"]), caller)
        answer = self.operations.send(request)
        has_children = loss.gone or loss.orphaned or self.operations.may_have_children(entity)
        if answer.status in (400, 409) and has_children and not self.deployment.exact:
            self.operations.read(entity, record["id"], caller)
            return
        if self.judge.status("model.delete", request, answer, 200):
            confirmed = isinstance((answer.body or {}).get("message"), str)
            self.judge.require("model.delete", request, [] if confirmed else ["message is no text"], answer)
        if not 200 <= answer.status < 300:
            self.operations.look(entity, record["id"], caller)
            return
        self.model.delete(entity, record["id"])
        self.operations.take_over_kin(kin, caller)
        self.operations.gone(source, entity, record["id"], caller)
        for name in dict.fromkeys((entity.name, *loss.gone, *loss.orphaned)):
            self.operations.ask(Question(self.model.entity(name), limit=100), caller)

    def read(self, source: RandomSource) -> None:
        """A READ with `fields` and `include`."""
        caller, entity = self._caller(source), source.one_of(self.operations.listed)
        records = self.model.visible(entity, caller)
        if records:
            question = self.operations.drawing(source, entity, caller).projection()
            self.operations.read(entity, source.one_of(records)["id"], caller, question)

    def read_missing(self, source: RandomSource) -> None:
        """A record that is not there, or not the caller's, is not found by any method (A7, R15)."""
        caller, entity = self._caller(source), source.one_of(self.operations.writable)
        others = [one for name in self.deployment.callers if name != caller for one in self.model.visible(entity, name)]
        of_others = [  # whose ids say so: where each entity counts its own, one of them has a record here too (E19)
            two
            for one in self.operations.writable
            for two in self.model.visible(one, caller)
            if one != entity and one.id_prefix and two["id"].startswith(f"{one.id_prefix}_")
        ]
        known = [one["id"] for one in (*others, *of_others)]
        pool = source.one_of([one for one in (known, self.model.deleted(entity), ODD_IDS) if one])
        self.operations.missing(source, entity, source.one_of(pool), caller, is_odd=pool is ODD_IDS)

    @rule(source=random_sources(CHOICES))
    def step(self, source: RandomSource) -> None:
        """Any operation, while there is an entity that takes records."""
        if not self.is_over and self.operations.writable:
            source.one_of(self._focus)(self, source)

    def ask(self, source: RandomSource) -> None:
        """Pages of lists."""
        for _ in range(QUESTIONS):
            self._ask_once(source)

    def _ask_once(self, source: RandomSource) -> None:
        question, caller = self._question(source)
        limit = source.one_of((None, *drawing.LIMITS))
        pages = answers.page_of(replace(question, limit=limit), self._total(question, caller)).pages
        last = pages + (not any(one >= PAST_THE_END for one in self.operations.aside.broken))
        page = source.between(1, max(1, last)) if source.sometimes(6) else None
        self.operations.ask(replace(question, limit=limit, page=page), caller)

    def walk(self, source: RandomSource) -> None:
        """All pages of a list, from link to link. A link to another origin is not followed."""
        question, caller = self._question(source)
        smallest = max(1, -(-self._total(question, caller) // MOST_PAGES))
        question = replace(question, limit=source.between(smallest, smallest + 2), page=1)
        answer, broken = self.operations.ask(replace(question, page=None), caller), self.operations.aside.broken
        if question.without(broken) != question:
            return
        seen, pages = answer.ids, 1
        while (
            (following := answer.linked("next")) is not None
            and same_origin(following, answer.url)
            and (question.is_alone or pages < MOST_PAGES)
        ):
            pages, question = pages + 1, replace(question, page=(question.page or 1) + 1)
            answer = self.operations.ask(question, caller, following)
            seen += answer.ids
        request = Request("GET", path(question.entity), caller, question.parameters())
        repeats = [f"data holds a record twice, page by page: must be each once, and is {', '.join(seen)}"]
        is_right = len(set(seen)) == len(seen)
        if is_right or question.is_alone or question.word is not None:  # else others may have moved the pages
            self.judge.require("model.walk", request, [] if is_right else repeats, answer)

    def send_bad_queries(self, source: RandomSource) -> None:
        """Lists and READs that are refused."""
        for _ in range(MISTAKES):
            caller, entity = self._caller(source), source.one_of(self.operations.listed)
            records = self.model.visible(entity, caller)
            reading = bool(records) and source.sometimes(3)
            bad = (
                mistakes.bad_parts(source, entity)
                if reading
                else mistakes.bad_query(source, self.model.operators, entity)
            )
            place = path(entity, source.one_of(records)["id"]) if reading else path(entity)
            self.operations.refused_query(Request("GET", place, caller, bad.parameters), bad)

    def send_bad_bodies(self, source: RandomSource) -> None:
        """A CREATE that is refused creates nothing (R9)."""
        caller, entity = self._caller(source), source.one_of(self.operations.writable)
        if not self.operations.has_parents(entity, caller):
            return
        for _ in range(WRITES):
            body = self.operations.body(source, entity, caller)
            bad = mistakes.bad_body(source, entity, body, creating=True, hidden=self.operations.hidden(entity, caller))
            answer = self.operations.refused(Request("POST", path(entity), caller), bad)
            if answer is not None and answer.status < 300 and is_id((answer.data or {}).get("id")):
                self.operations.send(Request("DELETE", path(entity, answer.data["id"]), caller))
        self.operations.ask(Question(entity, limit=100), caller)

    def send_bad_changes(self, source: RandomSource) -> None:
        """A PATCH that is refused changes nothing (R9)."""
        found = self._some_record(source)
        if found is None:
            return
        entity, record, caller = found
        body = self.operations.changes(source, entity, caller)
        bad = mistakes.bad_body(source, entity, body, creating=False, hidden=self.operations.hidden(entity, caller))
        answer = self.operations.refused(Request("PATCH", path(entity, record["id"]), caller), bad)
        if answer is not None and answer.status < 300:
            self.operations.look(entity, record["id"], caller)
        elif answer is not None:
            self.operations.read(entity, record["id"], caller)

    def wait(self, source: RandomSource) -> None:
        """Time goes by, where the clock can be moved."""
        self.operations.paused += source.one_of(PAUSES)

    def teardown(self) -> None:
        """Delete what is left, where others would find it."""
        if hasattr(self, "operations") and not self.deployment.exact:
            self.operations.delete_all()

    def _question(self, source: RandomSource) -> tuple[Question, Caller]:
        caller, entity = self._caller(source), source.one_of(self.operations.listed)
        return self.operations.narrowed(self.operations.drawing(source, entity, caller).question(), caller), caller

    def _total(self, question: Question, caller: Caller) -> int:
        return len(answers.selected(self.model.visible(question.entity, caller), question, DECIDED))

    def _some_record(self, source: RandomSource) -> tuple[Entity, Record, Caller] | None:
        caller = self._caller(source)
        entities = [entity for entity in self.operations.writable if self.model.visible(entity, caller)]
        if not entities:
            return None
        entity = source.one_of(entities)
        return entity, source.one_of(self.model.visible(entity, caller)), caller

    def _caller(self, source: RandomSource) -> Caller:
        return self.deployment.callers[-1] if source.below(10) == 9 else "api_key"


def refuses_a_null(answer: Answer, body: Record) -> bool:
    """Whether a null is what was refused: where the refusal names fields, each of them is one.

    One that names others too may be a rule of several fields: that one of them is needed.
    """
    details = (answer.body or {}).get("details")
    named = {*details} if isinstance(details, dict) else set()
    nulls = {name for name, value in body.items() if value is None}
    return bool(nulls) and named <= nulls


EVERYTHING = (
    Machine.wait,
    *[Machine.ask] * 4,
    *[Machine.create] * 2,
    *[Machine.update] * 2,
    *[Machine.send_bad_bodies] * 2,
    *[Machine.send_bad_changes] * 2,
    *[Machine.delete] * 2,
    Machine.walk,
    Machine.read,
    *[Machine.read_missing] * 2,
    Machine.send_bad_queries,
)
QUESTIONS_ALONE = (*[Machine.ask] * 5, Machine.walk, Machine.read, Machine.send_bad_queries)
WRITES_ALONE = (Machine.create, Machine.update, Machine.send_bad_bodies, Machine.send_bad_changes)
FOCUSES = (EVERYTHING, QUESTIONS_ALONE, EVERYTHING, QUESTIONS_ALONE, WRITES_ALONE)
"""What the operations of one sequence after the other are drawn from."""
