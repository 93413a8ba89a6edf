"""Compares an answer with the model: what must hold, under which requirement, and what is different.

Pure. The right answer comes from the model, the request from the machine. It is long because it is one judge: each
judgement of an answer notes its differences in the same way, and rests on the ones before it.
"""

import json
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from entity_conformance.deployment.reply import is_id
from entity_conformance.oracle import answers, levels, paging
from entity_conformance.oracle.answers import Page
from entity_conformance.oracle.messages import Answer, Caller, Request
from entity_conformance.oracle.question import Question
from entity_conformance.oracle.reading import Reading
from entity_conformance.oracle.records import Model, Record
from entity_conformance.oracle.times import instant, printed_unit, stamp
from entity_conformance.oracle.values import date_time, is_value, mistyped, same
from entity_conformance.report.differences import abstracted
from entity_contract import Entity, Relation

from entity_tests.model import places, wording
from entity_tests.model.requirements import REQUIREMENTS

SHOWN = 8
"""Differences of one answer that are listed."""

OTHER_FIELDS = "data has other fields"

_VALUES = re.compile(r": must be |, and (?:is|holds) ")
_MORE = re.compile(r"and \d+ more")
_INDEX = re.compile(r"\[\d+\]")


class Difference(Exception):  # noqa: N818 - a finding about the deployment, not an error of the machine
    """An answer differs from the model's. `wrong` says how, one line each.

    `summary` is the first of them without values, `about` what it has in common with others of its cause. `parts` are
    those parts of a question without which it does not show, where it shows with some alone.
    """

    def __init__(
        self, requirement: str, request: Request, wrong: Sequence[str], answer: Answer, about: str = ""
    ) -> None:
        more = [f"and {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []
        self.requirement, self.request, self.answer = requirement, request, answer
        self.wrong = (*wrong[:SHOWN], *more)
        self.summary = _INDEX.sub("", _VALUES.split(wrong[0])[0])
        self.about = about or abstracted(self.summary)
        self.parts: frozenset[str] = frozenset()
        super().__init__(self.text())

    @property
    def entity(self) -> str:
        """The entity that was asked about."""
        return self.request.path.split("/")[1]

    @property
    def expected(self) -> str:
        """What had to come, beginning with what the summary is about."""
        return "; ".join(dict.fromkeys(wording.told(one)[0] for one in self._wrong))

    @property
    def actual(self) -> str:
        """What came in its place; the whole answer where that cannot be told in fewer words."""
        came = [wording.told(one)[1] for one in self._wrong]
        return self.answer.text() if None in came else "; ".join(dict.fromkeys(filter(None, came)))

    @property
    def _wrong(self) -> list[str]:
        """What is wrong, without what only sums it up, and without the number of what is left out."""
        is_sum = len(self.wrong) > 1 and self.wrong[0] == OTHER_FIELDS
        return [one for one in self.wrong[is_sum:] if not _MORE.fullmatch(one)]

    def text(self) -> str:
        """The request, what must hold, and the answer."""
        expected = "".join(f"\n    {one}" for one in self.wrong)
        return f"asked:    {self.request.text()}\nexpected:{expected}\nanswer:   {self.answer.text()}"


@dataclass(frozen=True, slots=True)
class Judge:
    """Compares answers with the model.

    `exact` demands what the rulings decide, and not only what they demand of every deployment; a difference is raised
    there. Elsewhere it is noted, and whoever asked takes over what the deployment shows. Only the `selected`
    requirements are judged. `judged` counts answers by requirement and entity, `held` has the last one that was right.
    `doubtful` are the entities of which a creation was not answered by a record: it may be there all the same.
    """

    model: Model
    exact: bool
    selected: frozenset[str] = frozenset(REQUIREMENTS)
    judged: Counter[tuple[str, str]] = field(default_factory=Counter)
    held: dict[tuple[str, str], str] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    doubtful: set[str] = field(default_factory=set)

    def require(
        self, requirement: str, request: Request, wrong: Sequence[str], answer: Answer, about: str = ""
    ) -> bool:
        """Count an answer, note what is wrong with it, and say whether nothing is. Raises Difference where exact."""
        place = (requirement, request.path.split("/")[1])
        self.judged[place] += 1
        if not wrong:
            self.held[place] = answer.exchange
        elif requirement in self.selected:
            self.differences.append(Difference(requirement, request, wrong, answer, about))
            if self.exact:
                raise self.differences[-1]
        return not wrong

    def status(self, requirement: str, request: Request, answer: Answer, *expected: int, about: str = "") -> bool:
        """The answer has one of these statuses, and what every answer has; whether there is more to be judged."""
        if answer.error is not None or _is_unavailable(answer):
            return False  # that none came is judged already, and a 503 by its envelope (E16.unavailable)
        if answer.status >= 500:
            return self.require("model.every-answer", request, ["the status must be below 500"], answer, about)
        if answer.status not in expected:
            wrong = [f"the status must be {' or '.join(map(str, expected))}"]
            self.require(requirement, request, wrong, answer, about)
            return answer.body is not None and answer.status // 100 == expected[0] // 100
        if answer.body is None:
            return self.require("model.every-answer", request, [f"the answer to {request.method} is not JSON"], answer)
        if answer.flaw is not None:
            wrong = [f"the body must be JSON that everybody reads alike: {answer.flaw}"]
            self.require("model.every-answer", request, wrong, answer)
        for problem in paging.every_answer(answer):
            self.require("model.every-answer", request, [problem], answer)
        return self.require("model.every-answer", request, _unsuccessful(answer), answer) or "data" in answer.body

    def listing(
        self, question: Question, caller: Caller, answer: Answer, readings: Sequence[Reading]
    ) -> tuple[Reading, ...]:
        """The readings under which this is the answer to the question. All of them where it differs under each.

        The records that a list selects, and each of them, are judged first; only where they are right `pagination`,
        headers and links, which must always agree.
        """
        request = Request("GET", f"/{question.entity.name}", caller, question.parameters())
        visible = self.model.visible(question.entity, caller)
        points = answers.points_of(question, visible)
        keys = {one: points(one) for one in readings}
        ranks = {
            key: answers.ranked(answers.selected(visible, question, one), question, one)
            for key, one in {key: one for one, key in keys.items()}.items()
        }
        total = sum(map(len, ranks[keys[readings[0]]]))
        is_past_end = (question.page or 1) > max(1, answers.page_of(question, total).pages)
        is_past_end &= question.is_alone or answer.status != 200  # others' records make more pages
        level = "must" if self.exact else levels.selection(question, visible)
        selects = "model.select" if level == "must" else "model.select-more"
        selects, pages = ("model.page-past-end",) * 2 if is_past_end else (selects, "model.page")
        if not self.status(selects, request, answer, 200):
            return tuple(readings)
        records = self._data(selects, request, answer, list)
        if not isinstance(records, list):
            return tuple(readings)
        stated = paging.total(answer)
        page = answers.page_of(question, total if self.exact or stated is None else stated)
        if self.exact:
            self._page(pages, request, answer, page, question)
        wrong_ones = _shown_otherwise(self._contents(question, caller, records))
        is_right = self.require(_projects(question), request, wrong_ones, answer)
        lacks_ids = any(isinstance(one, dict) and one.get("id") is None for one in records)
        if lacks_ids and question.repeated and not self.exact:
            return tuple(readings)  # it reads one of the repeated keys, which is a SHOULD, and ids were in another
        own = {one["id"] for one in visible}
        limit = question.limit or answers.DEFAULT_LIMIT
        whole = (question.page or 1) == 1 and (len(records) < limit if stated is None else stated <= limit)
        wrong = {
            key: places.misplaced(page, groups, records)
            if question.is_alone
            else places.misplaced_among_others(own, groups, records, is_whole=whole)
            for key, groups in ranks.items()
        }
        left = tuple(one for one in readings if not wrong[keys[one]])
        if level != "open":
            is_right &= self.require(selects, request, [] if left else wrong[keys[readings[0]]], answer)
        if is_right and level != "open" and not self.exact:
            self._page(pages, request, answer, page, question)
        return tuple(readings) if level == "open" or not left else left

    def _page(self, requirement: str, request: Request, answer: Answer, page: Page, question: Question) -> None:
        for wrong in paging.differences(page, answer, question):
            self.require(requirement, request, wrong, answer)

    def record(
        self, requirement: str, request: Request, answer: Answer, expected: Record, entity: Entity, *, status: int = 200
    ) -> Record | None:
        """The one record of an answer, which must be this; None without one. What `expected` lacks is not compared."""
        if not self.status(requirement, request, answer, status):
            return None
        record: Record | None = self._data(requirement, request, answer, dict)
        if record is not None:
            wrong = self._record(entity, expected, record, "data") + mistyped(entity, expected, record)
            self.require(requirement, request, wrong, answer)
        return record

    def shown(
        self, request: Request, answer: Answer, expected: Record, entity: Entity, question: Question | None = None
    ) -> Record | None:
        """The record of a READ: exactly these fields and relations; None without one."""
        requirement = "model.read" if question is None else _projects(question)
        if not self.status(requirement, request, answer, 200):
            return None
        record: Record | None = self._data(requirement, request, answer, dict)
        if record is not None:
            wrong = self._record(entity, expected, record, "data", open_keys=self._open_keys(question), whole=True)
            self.require(requirement, request, wrong if question is None else _shown_otherwise(wrong), answer)
        return record

    def refusal(  # noqa: PLR0917 - all that an answer to a mistake consists of
        self,
        requirement: str,
        request: Request,
        answer: Answer,
        statuses: Collection[int],
        code: str,
        names: Collection[str],
        ruling: str = "",
    ) -> None:
        """A refusal with such a status and, where that is decided, this code and these names in `details`."""
        if not self.status(requirement, request, answer, *statuses, about=ruling):
            return
        body = answer.body or {}
        wrong = [] if isinstance(body.get("error"), str) else ["error is no text"]
        if self.exact:
            details = body.get("details")
            stated = details if isinstance(details, dict) else {}
            lacking = [name for name in names if not isinstance(stated.get(name), str)]
            wrong += [] if body.get("code") == code else [f"`code` must be {code}"]
            wrong += [f"`details` must name {', '.join(lacking)}"] if lacking else []
        self.require(requirement, request, wrong, answer)

    def departures(self, entity: Entity, record: Record, answer: Answer) -> frozenset[str]:
        """The fields in which a READ departs from what is known to be kept; the id where it finds no record.

        Its last change does not count: others may touch a record.
        """
        if answer.status == 404:
            return frozenset({"id"})
        shown = answer.data if isinstance(answer.data, dict) else {}
        return frozenset(
            one.name
            for one in entity.fields
            if one.name in record and one.name in shown and one.name not in ("id", "updatedAt")
            if not same(one, record[one.name], shown[one.name], within=self._closeness)
        )

    def shows(self, entity: Entity, record: Record, answer: Answer, names: Collection[str]) -> bool:
        """Whether a list or a READ shows these fields of a record as they are known to be kept."""
        data = answer.data if isinstance(answer.data, list) else [answer.data]
        found = [one for one in data if isinstance(one, dict) and one.get("id") == record["id"]]
        return any(
            all(
                name in one and same(entity.field(name), record[name], one[name], within=self._closeness)
                for name in names
            )
            for one in found
        )

    def missing(self, request: Request, answer: Answer, *, is_odd: bool) -> None:
        """404 NOT_FOUND. `is_odd` says that the id has a form that no record's id has."""
        requirement = "model.missing-odd-id" if is_odd else "model.missing"
        code = (answer.body or {}).get("code")
        wrong = ["code is missing: must be NOT_FOUND"]
        if code is not None:
            wrong = [f"code is none of the allowed values: must be NOT_FOUND, and is {code}"]
        if answer.status != 404 and 0 < answer.status < 500:
            about = f"{request.method} of {'a stranger id' if is_odd else 'nothing'}"
            self.require(requirement, request, ["the status must be 404"], answer, about)
        elif self.status(requirement, request, answer, 404):
            self.require(requirement, request, [] if code == "NOT_FOUND" else wrong, answer)

    def created(self, request: Request, answer: Answer, draft: Record, entity: Entity, now: datetime) -> Record | None:
        """The new record of a CREATE, with the id and times that the deployment chose; None without a usable one."""
        record = self.record("model.create", request, answer, draft, entity, status=201)
        if record is None:
            return None
        wrong = self._unknown_members(entity, record)
        is_told = any(one.startswith("data.id: ") for one in mistyped(entity, draft, record))
        wrong += [] if is_told else self._identity(entity, record)
        for name in ("createdAt", "updatedAt"):
            read = date_time(record.get(name))
            if read is None:
                wrong.append(f"`{name}` must be an RFC 3339 date-time with an offset")
            elif abs(read - now) > self._tolerance:
                wrong.append(f"`{name}` must be about {now.isoformat()}")
        if not wrong and _goes_back(record):
            wrong.append("`updatedAt` must not be before `createdAt`")
        self.require("model.create", request, wrong, answer)
        return self.taken_over(entity, record, draft, now) if not self._identity(entity, record) else None

    def updated(self, request: Request, answer: Answer, before: Record, entity: Entity, now: datetime) -> Record | None:
        """The record of an UPDATE: what it names has changed, and `updatedAt`, which moves on a real change (R8).

        None without one.
        """
        assert isinstance(request.body, dict)
        changes: Record = request.body
        expected = {name: value for name, value in {**before, **changes}.items() if name != "updatedAt"}
        record = self.record("model.update", request, answer, expected, entity)
        if record is None:
            return None
        wrong = self._unknown_members(entity, record)
        updated = date_time(record.get("updatedAt"))
        if updated is None:
            wrong.append("`updatedAt` must be an RFC 3339 date-time with an offset")
        else:
            moved = updated - instant(before["updatedAt"])
            real = any(
                not same(entity.field(name), before[name], value, within=self._closeness)
                for name, value in changes.items()
            )
            if moved < timedelta(0):
                wrong.append(f"`updatedAt` must not go back from {before['updatedAt']}")
            elif self.exact and real and moved == timedelta(0):
                wrong.append(f"`updatedAt` must move on from {before['updatedAt']}")
            if self.exact and updated > now + self._tolerance:
                wrong.append(f"`updatedAt` must not be after {now.isoformat()}")
        self.require("model.update", request, wrong, answer)
        return self.taken_over(entity, record, {**before, **changes}, now)

    def taken_over(self, entity: Entity, shown: Record, expected: Record, now: datetime) -> Record:
        """A record as the model keeps it: what the deployment shows, and what was expected where that is no value.

        A member that is not shown says nothing of what is kept, as in an answer that shows changes alone. It has the
        times that every record has, whether or not OPTIONS describes them in words that are known.
        """
        stamps = {
            name: stamp(shown.get(name)) or expected.get(name) or now.isoformat() for name in ("createdAt", "updatedAt")
        }
        values = {
            one.name: shown[one.name]
            if one.name in shown and is_value(one, shown[one.name])
            else expected.get(one.name)
            for one in entity.fields
        }
        return {"id": shown.get("id", expected.get("id")), **values, **stamps}

    def _data(self, requirement: str, request: Request, answer: Answer, kind: type) -> Any:
        name, there = "an array" if kind is list else "an object", (answer.body or {}).keys()
        wrong = "data is missing" if "data" not in there else f"data is not {name}"
        is_right = isinstance(answer.data, kind)
        self.require(requirement, request, [] if is_right else [wrong], answer)
        return answer.data if is_right else None

    @property
    def _closeness(self) -> timedelta:
        """How far apart two spellings of one moment may be: another deployment may keep whole seconds."""
        return timedelta(0) if self.exact else timedelta(seconds=1) - timedelta.resolution

    @property
    def _tolerance(self) -> timedelta:
        return timedelta(milliseconds=1) if self.exact else timedelta(minutes=5)

    def _identity(self, entity: Entity, record: Record) -> list[str]:
        record_id = record.get("id")
        if not is_id(record_id):
            return ["data.id: it must be a text that is a segment of a path"]
        wrong = []
        if self.exact and not record_id.startswith(f"{entity.id_prefix}_"):
            wrong.append(f"`id` must begin with {entity.id_prefix}_")
        if record_id in self.model.ids(entity):
            wrong.append("`id` must be one that no other record has")
        return wrong

    def _unknown_members(self, entity: Entity, record: Record) -> list[str]:
        """Members that are no fields of the entity; other deployments may have some (E2)."""
        known = {one.name for one in entity.fields}
        return [f"`{name}` must not be there" for name in record if self.exact and name not in known]

    def _open_keys(self, question: Question | None) -> frozenset[str]:
        """Foreign keys that another deployment may show or leave out beside the relations that were asked for (L21)."""
        if self.exact or question is None:
            return frozenset()
        relations = (question.entity.relation(name) for name in question.include)
        return frozenset(one.foreign_key for one in relations if one is not None and one.type == "belongsTo")

    def _contents(self, question: Question, caller: Caller, records: Sequence[Any]) -> list[str]:
        """How the records of a page differ from the model's, whether or not they belong on it."""
        wrong = []
        fields, include, open_keys = question.fields, question.include, self._open_keys(question)
        for index, one in enumerate(records):
            known = self.model.find(question.entity, one.get("id"), caller) if isinstance(one, dict) else None
            if known is not None:
                expected = answers.shown(self.model, question.entity, known, caller, fields=fields, include=include)
                at = f"data[{index}]"
                wrong += self._record(question.entity, expected, one, at, open_keys=open_keys, whole=True)
        return wrong

    def _record(
        self,
        entity: Entity,
        expected: Record,
        record: object,
        at: str,
        *,
        open_keys: frozenset[str] = frozenset(),
        whole: bool = False,
    ) -> list[str]:
        """How a record differs from the expected one; `whole` allows no other fields."""
        if not isinstance(record, dict):
            return [f"{at} must be a record, and is {_json(record)}"]
        wrong = []
        for name in record if whole else ():
            known = self.exact or entity.field(name)  # other members are allowed (E2), relations that come unasked too
            if name not in expected and known and name not in open_keys:
                wrong.append(f"{at} must not have `{name}`")
        for name, value in expected.items():
            relation = entity.relation(name)
            if name not in record:
                may_lack = not self.exact and (value in (None, []) or name in open_keys) and name not in entity.always
                wrong += [] if may_lack else [f"{at}: '{name}' is a required property, and is {_json(value)}"]
            elif relation is not None:
                held = self._own_children(relation, expected, record[name])
                held = self._own_parent(entity, relation, value, held)
                wrong += self._related(self.model.entity(relation.entity), value, held, f"{at}.{name}")
            elif not same(entity.field(name), value, record[name], within=self._closeness):
                wrong.append(f"{at}.{name} differs: must be {_json(value)}, and is {_json(record[name])}")
        return wrong

    def _own_children(self, relation: Relation, parent: Record, shown: object) -> object:
        """What a relation holds, without children that the deployment made itself: they name this parent as well."""
        if self.exact or relation.type != "hasMany" or not isinstance(shown, list):
            return shown
        known = self.model.ids(self.model.entity(relation.entity))
        return [
            one
            for one in shown
            if not isinstance(one, dict)
            or one.get(relation.foreign_key, parent["id"]) != parent["id"]  # it may be partial (L21)
            or one.get("id") in known
        ]

    def _own_parent(self, entity: Entity, relation: Relation, expected: object, shown: object) -> object:
        """What a relation holds; None in the place of a parent of nobody's that the key names by default."""
        key, target = entity.field(relation.foreign_key), self.model.entity(relation.entity)
        has_default = relation.type == "belongsTo" and key is not None and key.default is not None
        if self.exact or not has_default or expected is not None or not isinstance(shown, dict):
            return shown
        return shown if shown.get("id") in self.model.ids(target) else None

    def _related(self, entity: Entity, expected: Any, shown: object, at: str) -> list[str]:
        """How embedded records differ: one, none, or several in any order."""
        if expected in (None, []) and not self.exact and not shown:
            return []  # how nobody is shown is a SHOULD (L21), which the runner judges
        if expected is None:
            return [] if shown is None else [f"{at} must be null, and is {_json(shown)}"]
        if isinstance(expected, dict):
            return self._embedded(entity, expected, shown, at)
        if not isinstance(shown, list):
            return [f"{at} must be an array, and is {_json(shown)}"]
        if entity.name in self.doubtful and not self.exact:
            shown = [one for one in shown if not isinstance(one, dict) or one.get("id") in self.model.ids(entity)]
        ids = [one.get("id") if isinstance(one, dict) else None for one in shown]
        wanted = {one["id"]: one for one in expected}
        if sorted(map(str, ids)) != sorted(wanted):
            return [f"{at} must hold {places.id_list(list(wanted))} in any order, and holds {places.id_list(ids)}"]
        return [
            problem
            for index, one in enumerate(shown)
            for problem in self._embedded(entity, wanted[str(one["id"])], one, f"{at}[{index}]")
        ]

    def _embedded(self, entity: Entity, expected: Record, shown: object, at: str) -> list[str]:
        """How an embedded record differs. Elsewhere it may be partial (L21): what it shows is compared."""
        if not self.exact and isinstance(shown, dict):
            expected = {name: value for name, value in expected.items() if name in shown or name == "id"}
            shown = {name: value for name, value in shown.items() if name in expected}
        return self._record(entity, expected, shown, at, whole=True)


def _goes_back(record: Record) -> bool:
    """Whether it was changed before it was created, in the unit in which both times are printed."""
    early = instant(record["createdAt"]) - instant(record["updatedAt"])
    return timedelta(0) < early >= max(printed_unit(record[name]) for name in ("createdAt", "updatedAt"))


def _projects(question: Question) -> str:
    return "model.project" if levels.must_show(question) else "model.project-more"


def _is_unavailable(answer: Answer) -> bool:
    body = answer.body or {}
    return answer.status == 503 and body.get("success") is False and isinstance(body.get("code"), str)


def _unsuccessful(answer: Answer) -> list[str]:
    """Whether `success` says otherwise than the status."""
    stated, is_success = answer.body or {}, answer.status < 400
    right = str(is_success).lower()
    wrong = f"success is missing: must be {right}"
    if "success" in stated:
        wrong = f"success is not {right}: must be {right}, and is {_json(stated['success'])}"
    return [] if stated.get("success") is is_success else [wrong]


def _shown_otherwise(wrong: list[str]) -> list[str]:
    """The same, with what a projection is about ahead of it: which fields there are."""
    return [OTHER_FIELDS, *wrong] if any(" must not have " in one for one in wrong) else wrong


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else f"{text[:300]}..."
