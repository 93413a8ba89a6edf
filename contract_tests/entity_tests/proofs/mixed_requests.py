"""Requests of every kind, drawn by chance, each with the status that is due: for a run that lasts.

One client at a time: it knows its own records and touches no others, so that what is due is certain. It keeps few, so
that the database stays as large as it is. Bodies are the contract's examples with other texts; nothing is sent here.
"""

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from entity_contract import Contract, Entity, Field, Operation
from entity_contract.references import target

KEPT = 60
"""Records of an entity that a client keeps."""

WORDS = ("Report", "étude", "straße", "Ⅷ", "naïve", "data", "ЖУРНАЛ", "50%_off", "日本語", "a'b\"c", "emoji 😀")
NOBODY = "sk_live_" + "0" * 40
_UNKNOWN = "nobody_has_this_1"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, the operation that it is one of (None where there is none), and the status that is due.

    `kind` is the entity of which a 201 makes a record, and a deletion removes `record`.
    """

    method: str
    path: str
    due: int
    operation: Operation | None
    key: str | None = None
    body: bytes = b""
    kind: str = ""
    record: str = ""


@dataclass(slots=True)
class Client:
    """What one client knows."""

    contract: Contract
    keys: Mapping[str, str] = field(repr=False)
    chance: random.Random
    own: dict[str, list[str]] = field(default_factory=dict)
    _operations: dict[tuple[str, str], Operation] = field(default_factory=dict)
    _entities: list[Entity] = field(default_factory=list)

    def __post_init__(self) -> None:
        for operation in self.contract.operations:
            if operation.entity and operation.action:
                self._operations[operation.entity, operation.action] = operation
        self._entities = [entity for entity in self.contract.entities if entity.owned]
        self.own = {entity.name: [] for entity in self._entities}

    def next(self) -> Asked:
        """The next request."""
        entity = self.chance.choice(self._entities)
        draw: Callable[[Entity], Asked] = self.chance.choices(
            (self._list, self._read, self._create, self._update, self._metadata, self._refused, self._directory),
            weights=(30, 25, 15, 12, 3, 12, 3),
        )[0]
        if draw == self._create and len(self.own[entity.name]) >= KEPT:
            draw = self._delete
        elif draw in (self._read, self._update) and not self.own[entity.name]:
            draw = self._create
        return draw(entity)

    def happened(self, asked: Asked, answer: Mapping[str, Any]) -> None:
        """What was asked has come to what was due."""
        if asked.due == 201:
            self.own[asked.kind].append(answer["data"]["id"])
        elif asked.method == "DELETE" and asked.due == 200:
            self.own[asked.kind].remove(asked.record)

    def _of(self, entity: Entity, action: str) -> Operation:
        return self._operations[entity.name, action]

    def _asked(self, entity: Entity, action: str, due: int, path: str, **more: Any) -> Asked:
        operation = self._of(entity, action)
        return Asked(operation.method, f"/{entity.name}{path}", due, operation, self.keys["apiKey"], **more)

    def _list(self, entity: Entity) -> Asked:
        chance, query = self.chance, dict[str, str]()
        if chance.random() < 0.7:
            query |= {"page": str(chance.randint(1, 4)), "limit": str(chance.choice((1, 5, 20, 20, 20, 100)))}
        if chance.random() < 0.5:
            query |= {"sort": chance.choice(entity.sortable), "order": chance.choice(("asc", "desc"))}
        if chance.random() < 0.2:
            query["search"] = chance.choice(WORDS)
        if chance.random() < 0.3:
            query["filter"] = json.dumps(self._filter(entity), ensure_ascii=False)
        if chance.random() < 0.2:
            query["fields"] = ",".join(chance.sample([one.name for one in entity.fields], k=2))
        if entity.relations and chance.random() < 0.1:
            query["include"] = chance.choice(entity.relations).name
        return self._asked(entity, "list", 200, f"?{urlencode(query)}" if query else "")

    def _filter(self, entity: Entity) -> dict[str, object]:
        one = self.chance.choice([one for one in entity.fields if one.type in {"string", "text", "enum", "datetime"}])
        match one.type:
            case "enum":
                return {one.name: self.chance.choice((one.values[0], {"$in": list(one.values[:2])}))}
            case "datetime":
                return {one.name: {self.chance.choice(("$gte", "$lt")): "2026-01-01T00:00:00Z"}}
            case _:
                operator = self.chance.choice(("$contains", "$startsWith", "$endsWith", "$ne"))
                return {one.name: {operator: self.chance.choice(WORDS)}}

    def _read(self, entity: Entity) -> Asked:
        include = f"?include={self.chance.choice(entity.relations).name}" if self._sometimes(entity.relations) else ""
        return self._asked(entity, "read", 200, f"/{self.chance.choice(self.own[entity.name])}{include}")

    def _create(self, entity: Entity) -> Asked:
        return self._asked(entity, "create", 201, "", body=self._body(entity, "create"), kind=entity.name)

    def _update(self, entity: Entity) -> Asked:
        id_ = self.chance.choice(self.own[entity.name])
        return self._asked(entity, "update", 200, f"/{id_}", body=self._body(entity, "update"))

    def _delete(self, entity: Entity) -> Asked:
        id_ = self.chance.choice(self.own[entity.name])
        return self._asked(entity, "delete", 200, f"/{id_}", kind=entity.name, record=id_)

    def _metadata(self, entity: Entity) -> Asked:
        return self._asked(entity, "metadata", 200, "")

    def _directory(self, _: Entity) -> Asked:
        """What everybody sees: the users, or the health."""
        if self.chance.random() < 0.5:
            health = next(one for one in self.contract.operations if not one.credentials)
            return Asked("GET", health.path.replace("/v1", "", 1), 200, health)
        shared = next(one for one in self.contract.entities if not one.owned)
        return self._asked(shared, "list", 200, "?limit=5")

    def _refused(self, entity: Entity) -> Asked:
        """One of the ways to be refused."""
        listing, name = self._of(entity, "list"), entity.name
        key = self.keys["apiKey"]
        return self.chance.choice(
            (
                Asked("GET", f"/{name}/{_UNKNOWN}", 404, self._of(entity, "read"), key),
                Asked("DELETE", f"/{name}/{_UNKNOWN}", 404, self._of(entity, "delete"), key),
                Asked("GET", f"/{name}?limit=0", 400, listing, key),
                Asked("GET", f"/{name}?sort={_UNKNOWN}", 400, listing, key),
                Asked("GET", f"/{name}?filter=%7B", 400, listing, key),
                Asked("GET", f"/{name}", 401, listing),
                Asked("GET", f"/{name}", 401, listing, NOBODY),
                Asked("POST", f"/{name}", 403, self._of(entity, "create"), self.keys["readKey"], b"{}"),
                Asked("POST", f"/{name}", 400, self._of(entity, "create"), key, b"{"),
                Asked("PUT", f"/{name}", 405, None, key),
                Asked("GET", f"/{_UNKNOWN}", 404, None, key),
            )
        )

    def _body(self, entity: Entity, action: str) -> bytes:
        """The example with another text in it."""
        where = target(self.contract.document, f"{self._of(entity, action).pointer}/requestBody")[0]
        example: Any = self.contract.target(f"{where}/content/application~1json")
        body = dict(example["example"])
        for one in entity.fields:
            if one.name in entity.searchable and one.name in body and _free(one):
                body[one.name] = f"{self.chance.choice(WORDS)} {self.chance.randrange(1000)}"
        return json.dumps(body, ensure_ascii=self.chance.random() < 0.5).encode()

    def _sometimes(self, there: object) -> bool:
        return bool(there) and self.chance.random() < 0.2


def _free(one: Field) -> bool:
    """Whether the text may be any."""
    return one.type in {"string", "text"} and one.pattern in {None, r"\S"} and one.format is None
