"""A question to a list: its parts and its query parameters. Pure; the right answer is in `answers`."""

import json
from collections.abc import Collection
from dataclasses import dataclass, replace

from entity_contract import Entity

FILTER = frozenset({"filter"})
PAST_THE_END = frozenset({"page past the end"})
"""What is broken where a deployment does not look at any filter, or answers otherwise past the last page."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator on one field; `bare` spells an equality without its operator."""

    field: str
    operator: str
    operand: object
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What a client asks of a list. None is a parameter that is not sent; an empty tuple of `fields` is sent empty.

    `only` restricts the question to these ids, where other people's records are there too; where that is not honoured,
    `word` to the texts that hold it, `since` to what was created after that. `is_alone` says that it can show nothing
    but the machine's own records. `beside` are parameters that the API does not know. `repeated` sends comma lists as
    repeated keys.
    """

    entity: Entity
    conditions: tuple[Condition, ...] = ()
    search: str | None = None
    start: str | None = None
    end: str | None = None
    sort: str | None = None
    order: str | None = None
    fields: tuple[str, ...] | None = None
    include: tuple[str, ...] = ()
    page: int | None = None
    limit: int | None = None
    only: tuple[str, ...] | None = None
    word: str | None = None
    since: str | None = None
    is_alone: bool = True
    beside: tuple[tuple[str, str], ...] = ()
    repeated: bool = False

    @property
    def filter(self) -> dict[str, object]:
        """The JSON of the `filter` parameter."""
        stated: dict[str, object] = {}
        if self.only is not None:
            stated["id"] = {"$in": list(self.only)}
        for one in self.conditions:
            before = stated.get(one.field)
            if one.bare and before is None:
                stated[one.field] = one.operand
            else:
                operators = before if isinstance(before, dict) else {} if before is None else {"$eq": before}
                stated[one.field] = {**operators, one.operator: one.operand}
        return stated

    def parameters(self) -> list[tuple[str, str]]:
        """The query, in the order in which it is sent."""
        stated = self.filter
        single: list[tuple[str, object]] = [
            ("filter", json.dumps(stated, ensure_ascii=False) if stated else None),
            ("search", self.search if self.word is None else f"{self.word} {self.search or ''}".strip()),
            ("startDate", self.start or self.since),
            ("endDate", self.end),
            ("sort", self.sort),
            ("order", self.order),
        ]
        pairs = [(name, str(value)) for name, value in single if value is not None]
        for name, items in (("fields", self.fields), ("include", self.include or None)):
            if items is not None:
                pairs += [(name, item) for item in items] if self.repeated and items else [(name, ",".join(items))]
        pairs += [(name, str(value)) for name, value in (("page", self.page), ("limit", self.limit)) if value]
        return [*pairs, *self.beside]

    @property
    def parts(self) -> dict[str, "Question"]:
        """What the question consists of, by name, and the question without that."""
        parts: dict[str, Question] = {}
        for place, one in enumerate(self.conditions):
            rest = (*self.conditions[:place], *self.conditions[place + 1 :])
            kind = f"filter {one.operator} {self._type(one.field)}"
            parts[kind if kind not in parts else f"{kind} {one.field}"] = replace(self, conditions=rest)
        for name in self.include:
            others = tuple(other for other in self.include if other != name)
            parts[f"include {name}"] = replace(self, include=others)
        stated: dict[str, tuple[object, Question]] = {
            "order": (self.order, replace(self, order=None)),
            f"sort {self._type(self.sort or '')}": (self.sort, replace(self, sort=None, order=None)),
            "search": (self.search, replace(self, search=None)),
            "startDate": (self.start, replace(self, start=None)),
            "endDate": (self.end, replace(self, end=None)),
            "fields": (self.fields, replace(self, fields=None)),
            "repeated": (self.repeated and (self.fields or self.include), replace(self, repeated=False)),
            "beside": (self.beside, replace(self, beside=())),
            "page": (self.page, replace(self, page=None)),
            "limit": (self.limit, replace(self, limit=None)),
        }
        return parts | {name: without for name, (value, without) in stated.items() if value not in (None, (), False)}

    def without(self, broken: Collection[frozenset[str]]) -> "Question":
        """The question without what is broken: of each of these combinations of parts one is left out."""
        question = replace(self, conditions=()) if FILTER in broken else self
        for combination in filter(None, broken):
            parts = question.parts
            if combination <= parts.keys():
                question = parts[min(combination)]
        return question

    def _type(self, name: str) -> str:
        field = self.entity.field(name)
        return "" if field is None else field.type
