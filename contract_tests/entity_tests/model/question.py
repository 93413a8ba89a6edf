"""A question to a list: its parts and its query parameters. Pure; the right answer is in `answers`."""

import json
from dataclasses import dataclass

from entity_contract import Entity


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

    `only` restricts the question to these ids, where other people's records are there too. `beside` are parameters that
    the API does not know. `repeated` sends comma lists as repeated keys.
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
            ("search", self.search),
            ("startDate", self.start),
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
