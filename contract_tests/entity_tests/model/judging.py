"""What came, held against what must come; a departure is told in plain words: asked, expected, came.

Charter: compares. What must come is the model's to say, what to ask the machine's.
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NoReturn

from entity_contract import Entity, Field

from entity_tests.model import answers, paging
from entity_tests.model.answers import Group, Page
from entity_tests.model.deployment import Caller, Reply, Request
from entity_tests.model.levels import must_select, must_show
from entity_tests.model.question import Question
from entity_tests.model.reading import Reading
from entity_tests.model.records import Model, Record
from entity_tests.properties.filters import moment

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
"""RFC 3339 with an offset (R13)."""


class Difference(AssertionError):  # noqa: N818 - named for what it is
    """A deployment answered something else than the model."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Holds answers against the model. `exact` asks for what is decided, and not only for what must be.

    `strict` asks for what only should be, too; else that is a warning. `found` and `warnings` keep what was told.
    """

    model: Model
    exact: bool
    strict: bool = False
    found: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def fail(self, request: Request, wrong: Sequence[str], reply: Reply) -> NoReturn:
        """Tell what is wrong with an answer. Raises Difference."""
        self.found.append(_message(request, wrong, reply))
        raise Difference(f"\n{self.found[-1]}")

    def should(self, request: Request, wrong: Sequence[str], reply: Reply) -> None:
        """Tell what only should be otherwise."""
        if self.exact or self.strict:
            self.fail(request, wrong, reply)
        self.warnings.append(_message(request, wrong, reply))

    def listing(
        self, question: Question, caller: Caller, reply: Reply, readings: Sequence[Reading]
    ) -> tuple[Reading, ...]:
        """The readings under which this is the answer to the question. Raises Difference when there are none.

        What a page says of itself must always agree, whatever it selects; so must each record that it shows.
        """
        request = Request("GET", f"/{question.entity.name}", caller, question.parameters())
        self.status(request, reply, 200)
        came = self._data(request, reply, list)
        ranks = {reading: self._ranked(question, caller, reading) for reading in readings}
        total = sum(map(len, ranks[readings[0]])) if self.exact else paging.total(reply)
        page = answers.page_of(question, total)
        account = paging.differences(page, reply, question)
        contents = self._contents(question, caller, came)
        unlike = {reading: _misplaced(page, groups, came) for reading, groups in ranks.items()}
        left = tuple(reading for reading, wrong in unlike.items() if not wrong)
        places = [] if left else unlike[readings[0]]
        if self.exact:
            self._report(request, [*places, *contents, *account], reply, must=True)
        self._report(request, account, reply, must=page.page <= max(1, page.pages))  # L3
        self._report(request, contents, reply, must=must_show(question))
        self._report(request, places, reply, must=must_select(question))
        return left or tuple(readings)

    def _report(self, request: Request, wrong: Sequence[str], reply: Reply, *, must: bool) -> None:
        if wrong and must:
            self.fail(request, wrong, reply)
        if wrong:
            self.should(request, wrong, reply)

    def record(self, request: Request, reply: Reply, expected: Record, entity: Entity, *, status: int = 200) -> Record:
        """The one record of an answer, which must be this. `expected` may lack fields: those are not compared."""
        self.status(request, reply, status)
        came: Record = self._data(request, reply, dict)
        wrong = list(self._record(entity, expected, came, "data"))
        if wrong:
            self.fail(request, wrong, reply)
        return came

    def status(self, request: Request, reply: Reply, *expected: int) -> None:
        """That the answer has one of these statuses, and what every answer has."""
        wrong = []
        if reply.status not in expected:
            wrong.append(f"the status must be {' or '.join(map(str, expected))}")
        elif reply.body is None:
            wrong.append("the body must be a JSON object")
        elif reply.body.get("success") is not (reply.status < 400):
            wrong.append(f"`success` must be {str(reply.status < 400).lower()}")
        if reply.status < 500:
            wrong += paging.limits(reply)
        if wrong:
            self.fail(request, wrong, reply)

    def refusal(
        self, request: Request, reply: Reply, statuses: Collection[int], code: str, names: Collection[str]
    ) -> None:
        """A refusal with such a status and, where it is decided, this code and these names in `details`."""
        self.status(request, reply, *statuses)
        body = reply.body or {}
        wrong = []
        if not isinstance(body.get("error"), str):
            wrong.append("`error` must be a text")
        if self.exact and body.get("code") != code:
            wrong.append(f"`code` must be {code}")
        details = body.get("details")
        lacking = [name for name in names if not (isinstance(details, dict) and isinstance(details.get(name), str))]
        if self.exact and lacking:
            wrong.append(f"`details` must name {', '.join(lacking)}")
        if wrong:
            self.fail(request, wrong, reply)

    def missing(self, request: Request, reply: Reply) -> None:
        """404 NOT_FOUND."""
        self.status(request, reply, 404)
        if (reply.body or {}).get("code") != "NOT_FOUND":
            self.fail(request, ["`code` must be NOT_FOUND"], reply)

    def created(self, request: Request, reply: Reply, draft: Record, entity: Entity, now: datetime) -> Record:
        """The new record of a CREATE, with the id and the times that the deployment gave it."""
        came = self.record(request, reply, draft, entity, status=201)
        wrong = list(_unknown_members(entity, came)) + self._identity(entity, came)
        for name in ("createdAt", "updatedAt"):
            text = came.get(name)
            read = moment(text) if isinstance(text, str) and MOMENT.fullmatch(text) else None
            if read is None:
                wrong.append(f"`{name}` must be an RFC 3339 date-time with an offset")
            elif abs(read - now) > self._tolerance:
                wrong.append(f"`{name}` must be about {now.isoformat()}")
        if not wrong and _instant(came["updatedAt"]) < _instant(came["createdAt"]):
            wrong.append("`updatedAt` must not be before `createdAt`")
        if wrong:
            self.fail(request, wrong, reply)
        return {one.name: came.get(one.name) for one in entity.fields}

    def changed(self, request: Request, reply: Reply, before: Record, entity: Entity, now: datetime) -> Record:
        """The record of a PATCH: what it names, and `updatedAt`, which moves on a real change (R8)."""
        assert isinstance(request.body, dict)
        changes: Record = request.body
        expected = {**before, **changes}
        del expected["updatedAt"]
        came = self.record(request, reply, expected, entity)
        wrong = list(_unknown_members(entity, came))
        text = came.get("updatedAt")
        if not (isinstance(text, str) and MOMENT.fullmatch(text)):
            self.fail(request, [*wrong, "`updatedAt` must be an RFC 3339 date-time with an offset"], reply)
        moved = _instant(text) - _instant(before["updatedAt"])
        real = any(not self._same(entity.field(name), before[name], value) for name, value in changes.items())
        if moved < timedelta(0):
            wrong.append(f"`updatedAt` must not go back from {before['updatedAt']}")
        elif self.exact and real and moved == timedelta(0):
            wrong.append(f"`updatedAt` must move on from {before['updatedAt']}")
        if self.exact and _instant(text) > now + self._tolerance:
            wrong.append(f"`updatedAt` must not be after {now.isoformat()}")
        if wrong:
            self.fail(request, wrong, reply)
        return {one.name: came.get(one.name) for one in entity.fields}

    def _data(self, request: Request, reply: Reply, kind: type) -> Any:
        data = (reply.body or {}).get("data")
        if not isinstance(data, kind):
            self.fail(request, [f"`data` must be {'an array' if kind is list else 'an object'}"], reply)
        return data

    @property
    def _tolerance(self) -> timedelta:
        return timedelta(milliseconds=1) if self.exact else timedelta(minutes=5)

    def _identity(self, entity: Entity, came: Record) -> list[str]:
        record_id = came.get("id")
        if not isinstance(record_id, str) or not record_id:
            return ["`id` must be a text"]
        wrong = []
        if self.exact and not record_id.startswith(f"{entity.id_prefix}_"):
            wrong.append(f"`id` must begin with {entity.id_prefix}_")
        if record_id in self.model.ids():
            wrong.append("`id` must be one that no other record has")
        return wrong

    def _ranked(self, question: Question, caller: Caller, reading: Reading) -> tuple[Group, ...]:
        visible = self.model.visible(question.entity, caller)
        return answers.ranked(answers.selected(visible, question, reading), question, reading)

    def _contents(self, question: Question, caller: Caller, came: Sequence[Any]) -> list[str]:
        """How the records that a page shows differ from the model's, whether or not they belong there."""
        wrong = []
        for index, one in enumerate(came):
            record = self.model.find(question.entity, one.get("id"), caller) if isinstance(one, dict) else None
            if record is not None:
                expected = answers.shown(
                    self.model, question.entity, record, caller, fields=question.fields, include=question.include
                )
                wrong += self._record(question.entity, expected, one, f"data[{index}]", whole=True)
        return wrong

    def shown(self, request: Request, reply: Reply, expected: Record, entity: Entity) -> None:
        """A READ's record: exactly these fields and relations."""
        self.status(request, reply, 200)
        came: Record = self._data(request, reply, dict)
        wrong = self._record(entity, expected, came, "data", whole=True)
        if wrong:
            self.fail(request, wrong, reply)

    def _record(self, entity: Entity, expected: Record, came: object, at: str, *, whole: bool = False) -> list[str]:
        """How a record differs from the expected one; `whole` allows no members besides."""
        if not isinstance(came, dict):
            return [f"{at} must be a record, and is {_json(came)}"]
        wrong = [f"{at} must not have `{name}`" for name in came if whole and name not in expected]
        for name, value in expected.items():
            relation = entity.relation(name)
            if name not in came:
                if self.exact or value is not None or name in entity.always:
                    wrong.append(f"{at} must have `{name}`, {_json(value)}")
            elif relation is not None:
                wrong += self._related(self.model.entity(relation.entity), value, came[name], f"{at}.{name}")
            elif not self._same(entity.field(name), value, came[name]):
                wrong.append(f"{at}.{name} must be {_json(value)}, and is {_json(came[name])}")
        return wrong

    def _related(self, entity: Entity, expected: Any, came: object, at: str) -> list[str]:
        """How embedded records differ: one, none, or several in any order."""
        if expected is None:
            return [] if came is None else [f"{at} must be null, and is {_json(came)}"]
        if isinstance(expected, dict):
            return self._embedded(entity, expected, came, at)
        if not isinstance(came, list):
            return [f"{at} must be an array, and is {_json(came)}"]
        ids = [one.get("id") if isinstance(one, dict) else None for one in came]
        wanted = {one["id"]: one for one in expected}
        if sorted(map(str, ids)) != sorted(wanted):
            return [f"{at} must hold {_id_list(list(wanted))} in any order, and holds {_id_list(ids)}"]
        return [
            problem
            for index, one in enumerate(came)
            for problem in self._embedded(entity, wanted[one["id"]], one, f"{at}[{index}]")
        ]

    def _embedded(self, entity: Entity, expected: Record, came: object, at: str) -> list[str]:
        """How an embedded record differs: it "may be partial" (L21), and elsewhere only what it shows is compared."""
        if not self.exact and isinstance(came, dict):
            expected = {name: value for name, value in expected.items() if name in came or name == "id"}
            came = {name: value for name, value in came.items() if name in expected}
        return self._record(entity, expected, came, at, whole=True)

    def _same(self, field: Field | None, expected: object, came: object) -> bool:
        """Whether two values are one: of the same type, moments whatever their spelling."""
        if expected is None or came is None:
            return expected is came
        if field is not None and field.type == "datetime":
            if not (isinstance(came, str) and MOMENT.fullmatch(came) and isinstance(expected, str)):
                return False
            mine, theirs = moment(expected), moment(came)
            if mine is None or theirs is None:
                return False
            return mine == theirs if self.exact else abs(mine - theirs) < timedelta(seconds=1)
        if isinstance(expected, bool) or isinstance(came, bool):
            return expected is came
        numbers = isinstance(expected, int | float) and isinstance(came, int | float)
        return expected == came and (numbers or type(expected) is type(came))


def _unknown_members(entity: Entity, came: Mapping[str, object]) -> list[str]:
    """Members of a record that are no fields of its entity."""
    known = {one.name for one in entity.fields}
    return [f"`{name}` must not be there" for name in came if name not in known]


def _misplaced(page: Page, groups: Sequence[Group], came: Sequence[Any]) -> list[str]:
    """How a page holds other records than those of its places, or too few of them in all."""
    everywhere = [group for group in groups for _ in group]
    places = everywhere[(page.page - 1) * page.limit : page.page * page.limit]
    ids = [one.get("id") if isinstance(one, dict) else None for one in came]
    wrong = []
    if len(ids) != len(places) or any(not _in(one, group) for one, group in zip(ids, places, strict=True)):
        wrong.append(f"`data` must hold the records {_place_list(places)}, and holds {_id_list(ids)}")
    elif len(set(ids)) < len(ids):
        wrong.append("`data` must hold each record once")
    if page.total != len(everywhere):
        wrong.append(f"pagination.total must be {len(everywhere)}, and is {page.total}")
    return wrong


def _in(record_id: object, group: Group) -> bool:
    return any(one["id"] == record_id for one in group)


def _place_list(places: Sequence[Group]) -> str:
    ids = [" or ".join(str(one["id"]) for one in group) for group in places]
    return f"[{', '.join(ids)}]"


def _id_list(ids: Sequence[object]) -> str:
    return f"[{', '.join(map(str, ids))}]"


def _instant(text: str) -> datetime:
    read = moment(text)
    assert read is not None
    return read


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else f"{text[:300]}..."


def _message(request: Request, wrong: Sequence[str], reply: Reply) -> str:
    shown = [*wrong[:8], *([f"and {len(wrong) - 8} more"] if len(wrong) > 8 else [])]
    expected = "".join(f"\n    {one}" for one in shown)
    return f"asked:    {request.text()}\nexpected:{expected}\ncame:     {reply.text()}"
