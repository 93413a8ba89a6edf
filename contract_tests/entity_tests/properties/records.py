"""What generated requests may name on a live deployment: records of the run's own, and those of others to read.

The rule of what may be changed is the deployment's (`ownership`); here is only chosen among what may.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import cast

from entity_conformance.deployment.journal import KEYS
from entity_conformance.deployment.mark import mark
from entity_conformance.deployment.no_answer import NoAnswer
from entity_conformance.deployment.ownership import Ownership
from entity_conformance.deployment.problems import Violation
from entity_conformance.deployment.reply import Reply
from entity_conformance.suite import sample
from entity_contract import Action, Contract, Entity, Relation

from entity_tests.properties.sender import Sender
from entity_tests.properties.share import Spent

PAGE = 100
_BY_A_RULE = frozenset({400, 409, 422})


class CannotMake(Exception):  # noqa: N818  # the deployment's answer, not an error of the run
    """A plain record of `entity` was refused, by `reply`."""

    def __init__(self, entity: Entity, reply: Reply) -> None:
        super().__init__(f"a plain record was answered with {reply.status} {reply.text[:200]}")
        self.entity = entity
        self.reply = reply


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A request of our own that nobody answered, whole and in time."""

    entity: Entity
    action: Action
    problem: NoAnswer


class LiveRecords:
    """The ids of one run. `entities` are those that the deployment has."""

    def __init__(self, contract: Contract, sender: Sender, entities: tuple[Entity, ...], seed: int) -> None:
        self.mark = mark(sender.context.run)
        self._contract = contract
        self._sender = sender
        self._entities = entities
        self._random = Random(seed)
        self._count = 0

    @property
    def owned(self) -> Ownership:
        """What is known so far."""
        return self._sender.context.owned

    @property
    def living(self) -> Mapping[str, frozenset[str]]:
        """Every id that was seen and is still there, by entity."""
        return {entity.name: self.owned.known(entity.name) for entity in self._contract.entities}

    def look(self) -> tuple[Unanswered, ...]:
        """Learn the newest ids of every entity; what is returned is what was not answered. Raises Spent."""
        silent: list[Unanswered] = []
        for entity in self._entities:
            if "list" in entity.operations:
                try:
                    self._sender.ask("GET", f"/{entity.name}?limit={PAGE}")
                except NoAnswer as problem:
                    silent.append(Unanswered(entity, "list", problem))
        return tuple(silent)

    def make_one_of_each(self) -> tuple[CannotMake | Unanswered, ...]:
        """Make a record of each entity; what is returned is what was refused or not answered. Raises Spent."""
        problems: list[CannotMake | Unanswered] = []
        for entity in self._entities:
            if self._can_make(entity) and not self.owned.own(entity.name):
                try:
                    self._make(entity)
                except CannotMake as refusal:
                    problems.append(refusal)
                except NoAnswer as problem:
                    problems.append(Unanswered(entity, "create", problem))
        return tuple(problems)

    @property
    def missing_id(self) -> str:
        """An id that no record has."""
        return self.owned.missing_id

    def one_of(self, entity: Entity) -> str | None:
        """A record's id; one of the run's own where there are any."""
        ids = self.owned.own(entity.name) or tuple(sorted(self.owned.known(entity.name)))
        return self._random.choice(ids) if ids else None

    def own(self, collection: str) -> str:
        """The id of something that may be changed, or one that is nobody's."""
        ids = self.owned.own(collection)
        return self._random.choice(ids) if ids else self.owned.missing_id

    def another(self, entity: Entity) -> str:
        """The id of a record made for the occasion; another one of the run's own when none can be made now."""
        try:
            return self._make(entity)
        except (Spent, CannotMake, NoAnswer):
            return self.own(entity.name)

    def another_key(self) -> str:
        """The id of an API key of the run's own, made for the occasion when there is none."""
        if self.owned.own(KEYS):
            return self.own(KEYS)
        body = {"name": f"{self.mark} to be revoked", "scopes": ["read"]}
        try:
            return self._sender.ask("POST", f"/{KEYS}", credential="session", json=body).id
        except (Spent, NoAnswer, Violation):
            return self.own(KEYS)

    def plain(self, entity: Entity, *, with_new_parents: bool = False) -> dict[str, object]:
        """A body that makes a plain record. Raises CannotMake, Spent or NoAnswer where it takes a parent."""
        entity = self._told(entity)
        needed = {one.name for one in entity.fields if one.required}
        parents = [one for one in entity.relations if one.type == "belongsTo" and one.foreign_key in needed]
        keys = {one.foreign_key: self._parent(one, is_new=with_new_parents) for one in parents}
        self._count += 1
        body = sample.minimal(entity, self._sender.context.run, index=self._count, keys=keys)
        return marked(entity, body, self.mark)

    def change(self, entity: Entity) -> dict[str, object]:
        """A body that changes a record plainly."""
        entity = self._told(entity)
        self._count += 1
        body = sample.full(entity, self._sender.context.run, index=self._count)
        return dict([*body.items()][:1])

    def some_entity(self, action: Action | None = None) -> Entity:
        """One of the entities that are there, and that has the operation where any of them has."""
        able = [entity for entity in self._entities if action is None or action in entity.operations]
        return self._random.choice(able or self._entities)

    def _make(self, entity: Entity) -> str:
        reply = self._sender.ask("POST", f"/{entity.name}", json=self.plain(entity))
        if reply.status in _BY_A_RULE and self._is_for_its_parents(entity, reply):
            reply = self._sender.ask("POST", f"/{entity.name}", json=self.plain(entity, with_new_parents=True))
        ids = self.owned.own(entity.name)
        if reply.status >= 300 or not ids:
            raise CannotMake(entity, reply)
        return ids[-1]

    def _can_make(self, entity: Entity) -> bool:
        """Whether the entity has a CREATE and a sample of each field and parent that this needs."""
        if "create" not in entity.operations or sample.unfit(entity):
            return False
        needed = {one.name for one in entity.fields if one.required}
        parents = [one.entity for one in entity.relations if one.type == "belongsTo" and one.foreign_key in needed]
        known = [self._told(cast("Entity", self._contract.entity(name))) for name in parents]
        return all(self.owned.known(parent.name) or self._can_make(parent) for parent in known)

    def _told(self, entity: Entity) -> Entity:
        """The entity as the deployment describes it, with samples that it takes."""
        return next((one for one in self._entities if one.name == entity.name), entity)

    def _is_for_its_parents(self, entity: Entity, reply: Reply) -> bool:
        """Whether a refusal names parents alone: a rule that is not told may keep one from having children."""
        try:
            named = set(reply.details)
        except Violation:
            return False
        keys = {one.foreign_key for one in self._told(entity).relations if one.type == "belongsTo"}
        return bool(named) and named <= keys

    def _parent(self, relation: Relation, *, is_new: bool = False) -> str:
        target = self._told(cast("Entity", self._contract.entity(relation.entity)))
        if is_new and self._can_make(target):
            return self._make(target)
        is_there = self.owned.own(target.name) or not self._can_make(target)
        return (self.one_of(target) if is_there else None) or self._make(target)


def marked(entity: Entity, body: Mapping[str, object], mark: str) -> dict[str, object]:
    """A body with the mark at the head of its free text, in place of as many characters."""
    field = sample.mark_field(entity) or sample.title_field(entity)
    if field is None or (field.max_length is not None and field.max_length < len(mark)):
        return dict(body)
    text = body.get(field.name)
    rest = text[len(mark) :] if isinstance(text, str) else ""
    return {**body, field.name: mark + rest}
