"""What generated requests may name on a live deployment: records of the run's own, and those of others to read.

Charter: the rules of what may be touched are the gate's; here is only chosen among what may.
"""

from collections.abc import Mapping
from random import Random

import requests
from entity_contract import Contract, Entity, Field

from entity_tests.properties.gate import Gate
from entity_tests.properties.ledger import KEYS, Ledger
from entity_tests.properties.share import Spent
from entity_tests.properties.strategies import plain

PAGE = 100


class CannotMake(Exception):  # noqa: N818  # the deployment's answer, not an error of the run
    """A plain record was refused. `operation` is the operationId, `status` the answer's."""

    def __init__(self, operation: str, status: int, message: str) -> None:
        super().__init__(message)
        self.operation = operation
        self.status = status


class LiveWorld:
    """The ids of one run. `entities` are those that the deployment has."""

    def __init__(self, contract: Contract, gate: Gate, entities: tuple[Entity, ...], seed: int) -> None:
        self.keys_in_use: frozenset[str] = frozenset()
        self._contract = contract
        self._gate = gate
        self._entities = entities
        self._random = Random(seed)
        self._count = 0

    @property
    def ledger(self) -> Ledger:
        """What is known so far."""
        return self._gate.ledger

    @property
    def living(self) -> Mapping[str, frozenset[str]]:
        """Every id that was seen and is still there, by entity."""
        return {entity.name: self.ledger.known(entity.name) for entity in self._contract.entities}

    def look(self) -> None:
        """Learn the newest ids of every entity."""
        for entity in self._entities:
            if "list" in entity.operations:
                self._gate.ask("GET", f"/{entity.name}?limit={PAGE}")

    def settle(self) -> tuple[CannotMake, ...]:
        """Make a record of each entity; what is returned is what was refused. Raises Spent or RequestException."""
        refusals: list[CannotMake] = []
        for entity in self._entities:
            if "create" in entity.operations and not self.ledger.own(entity.name):
                try:
                    self._make(entity)
                except CannotMake as refusal:
                    refusals.append(refusal)
        return tuple(refusals)

    def one_of(self, entity: Entity) -> str | None:
        """A record's id; one of the run's own where there are any."""
        ids = self.ledger.own(entity.name) or tuple(sorted(self.ledger.known(entity.name)))
        return self._random.choice(ids) if ids else None

    def own(self, collection: str) -> str:
        """The id of something that may be changed, or one that is nobody's."""
        ids = self.ledger.own(collection)
        return self._random.choice(ids) if ids else self.ledger.missing_id

    def another(self, entity: Entity) -> str:
        """The id of a record made for the occasion; another one of the run's own when none can be made now."""
        try:
            return self._make(entity)
        except (Spent, CannotMake, requests.RequestException):
            return self.own(entity.name)

    def another_key(self) -> str:
        """The id of an API key of the run's own, made for the occasion when there is none."""
        if self.ledger.own(KEYS):
            return self.own(KEYS)
        body = {"name": f"{self.ledger.mark} to be revoked", "scopes": ["read"]}
        try:
            answer = self._gate.ask("POST", f"/{KEYS}", kind="session", body=body)
            return str(answer.json()["data"]["id"])
        except (Spent, requests.RequestException, ValueError, LookupError, TypeError):
            return self.own(KEYS)

    def seen(self, **_: object) -> None:
        """The gate has told the ledger already."""

    def plain(self, entity: Entity) -> dict[str, object]:
        """A body that makes a plain record. Raises CannotMake, Spent or RequestException where it takes a parent."""
        body = {one.name: self._value(entity, one) for one in entity.fields if one.required}
        return marked(entity, body, self.ledger.mark)

    def some_entity(self) -> Entity:
        """One of the entities that are there."""
        return self._random.choice(self._entities)

    def _make(self, entity: Entity) -> str:
        answer = self._gate.ask("POST", f"/{entity.name}", body=self.plain(entity))
        ids = self.ledger.own(entity.name)
        if not answer.ok or not ids:
            told = self._gate.redactor.answer(answer.text[:200])
            raise CannotMake(
                self._creating(entity),
                answer.status_code,
                f"a plain record was answered with {answer.status_code} {told}",
            )
        return ids[-1]

    def _creating(self, entity: Entity) -> str:
        wanted = (entity.name, "create")
        return next(one.id for one in self._contract.operations if (one.entity, one.action) == wanted)

    def _value(self, entity: Entity, field: Field) -> object:
        parent = next((one for one in entity.relations if one.foreign_key == field.name), None)
        if parent is not None and parent.type == "belongsTo":
            target = self._contract.entity(parent.entity)
            assert target is not None
            return self.one_of(target) if self.ledger.own(target.name) or not target.owned else self._make(target)
        self._count += 1
        return plain(field, f"{self.ledger.mark}-{self._count}")


def mark_field(entity: Entity) -> Field | None:
    """The field that carries the run's mark: a free text, and rather one that nobody searches, sorts or relates by."""
    keys = {one.foreign_key for one in entity.relations if one.type == "belongsTo"}
    texts = [
        one
        for one in entity.fields
        if one.type in ("string", "text") and not one.generated and one.format is None and one.name not in keys
    ]
    return max(texts, key=lambda one: (one.type == "text", one.max_length is None, not one.required), default=None)


def marked(entity: Entity, body: Mapping[str, object], mark: str) -> dict[str, object]:
    """A body with the mark at the head of its free text, in place of as many characters."""
    field = mark_field(entity)
    if field is None or (field.max_length is not None and field.max_length < len(mark)):
        return dict(body)
    text = body.get(field.name)
    rest = text[len(mark) :] if isinstance(text, str) else ""
    return {**body, field.name: mark + rest}
