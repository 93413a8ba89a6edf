"""The model: the records that a deployment must hold, as plain values, and their owners.

Pure. It receives what was written, and the ids and times that the deployment chose; everything else follows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from entity_contract import Entity, Operator, Relation

Record = dict[str, Any]
"""A record in wire form: JSON values by field."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Consequences of a deletion: ids, by entity, of children that are deleted too, and of those that lose a parent."""

    gone: Mapping[str, tuple[str, ...]]
    orphaned: Mapping[str, tuple[str, ...]]


@dataclass
class Model:
    """The records by entity and id, their owners, and the ids of deleted records. `operators` are those of a filter.

    `operators` are those of the filter. `directory` are the users, whom every caller reads and none writes (R19).
    """

    entities: tuple[Entity, ...]
    operators: tuple[Operator, ...]
    directory: tuple[Record, ...] = ()
    _records: dict[str, dict[str, Record]] = field(default_factory=dict)
    _owners: dict[tuple[str, str], str] = field(default_factory=dict)
    _deleted: dict[str, list[str]] = field(default_factory=dict)

    def entity(self, name: str) -> Entity:
        """The entity of that name."""
        return next(entity for entity in self.entities if entity.name == name)

    def visible(self, entity: Entity, owner: str) -> tuple[Record, ...]:
        """The records that this caller can see, oldest first: another user's are invisible (A7)."""
        if not entity.owned:
            return self.directory
        records = self._records.get(entity.name, {})
        return tuple(one for record_id, one in records.items() if self._owners[entity.name, record_id] == owner)

    def find(self, entity: Entity, record_id: object, owner: str) -> Record | None:
        """The caller's record of that id."""
        return next((one for one in self.visible(entity, owner) if one["id"] == record_id), None)

    def deleted(self, entity: Entity) -> tuple[str, ...]:
        """The ids of records that were deleted."""
        return tuple(self._deleted.get(entity.name, ()))

    def ids(self, entity: Entity) -> frozenset[str]:
        """Every id that the deployment has used so far for this entity: each may count its own."""
        return frozenset(record_id for name, record_id in self._owners if name == entity.name)

    def draft(self, entity: Entity, body: Mapping[str, object]) -> Record:
        """What a CREATE body makes, without what the deployment generates: defaults filled in, the rest null (R11)."""
        return {one.name: body.get(one.name, one.default) for one in entity.fields if not one.generated}

    def create(self, entity: Entity, owner: str, record: Record) -> None:
        """Keep a record as the deployment answered it."""
        self._records.setdefault(entity.name, {})[record["id"]] = record
        self._owners[entity.name, record["id"]] = owner

    def change(self, entity: Entity, record_id: str, changes: Mapping[str, object]) -> None:
        """Change what a PATCH names, and nothing else (R8)."""
        self._records[entity.name][record_id].update(changes)

    def forget(self, entity: Entity, record_id: str) -> None:
        """A record that a deployment has lost."""
        self._records[entity.name].pop(record_id, None)

    def loss(self, entity: Entity, record_id: str) -> Loss:
        """What a deletion does: "children go with it where their foreign key is required", others lose it (R17)."""
        gone: dict[str, tuple[str, ...]] = {}
        orphaned: dict[str, tuple[str, ...]] = {}
        for child, relation in self.children(entity):
            ids = self._referring(child, relation, record_id)
            key = child.field(relation.foreign_key)
            assert key is not None
            if not ids:
                continue
            if not key.required:
                orphaned[child.name] = ids
                continue
            gone[child.name] = ids
            for one in ids:
                deeper = self.loss(child, one)
                gone |= {name: (*gone.get(name, ()), *more) for name, more in deeper.gone.items()}
                orphaned |= {name: (*orphaned.get(name, ()), *more) for name, more in deeper.orphaned.items()}
        return Loss(gone, orphaned)

    def kin(self, entity: Entity, record_id: str, loss: Loss) -> tuple[tuple[str, str], ...]:
        """The records that lose a parent or a child by a deletion, each by entity and id; some may go along."""
        orphans = [(name, one) for name, ids in loss.orphaned.items() for one in ids]
        gone = [(entity.name, record_id), *((name, one) for name, ids in loss.gone.items() for one in ids)]
        parents = [parent for name, one in gone for parent in self.parents(self.entity(name), one)]
        return tuple(dict.fromkeys((*orphans, *parents)))

    def parents(self, entity: Entity, record_id: str) -> tuple[tuple[str, str], ...]:
        """The records that a record refers to, each by entity and id, without users."""
        record = self._records[entity.name][record_id]
        return tuple(
            (one.entity, str(record[one.foreign_key]))
            for one in entity.relations
            if one.type == "belongsTo" and record.get(one.foreign_key) is not None and self.entity(one.entity).owned
        )

    def delete(self, entity: Entity, record_id: str) -> Loss:
        """Remove a record with its consequences."""
        loss = self.loss(entity, record_id)
        for child, relation in self.children(entity):
            for one in self._referring(child, relation, record_id):
                key = child.field(relation.foreign_key)
                if key is not None and key.required:
                    self.delete(child, one)
                else:
                    self._records[child.name][one][relation.foreign_key] = None
        del self._records[entity.name][record_id]
        self._deleted.setdefault(entity.name, []).append(record_id)
        return loss

    def children(self, parent: Entity) -> tuple[tuple[Entity, Relation], ...]:
        """The entities whose records refer to this entity, and the relation."""
        return referring(self.entities, parent)

    def _referring(self, child: Entity, relation: Relation, parent_id: str) -> tuple[str, ...]:
        records = self._records.get(child.name, {})
        return tuple(record_id for record_id, one in records.items() if one[relation.foreign_key] == parent_id)


def referring(entities: Iterable[Entity], parent: Entity) -> tuple[tuple[Entity, Relation], ...]:
    """The entities whose records refer to a parent of this entity, and the relation."""
    return tuple(
        (entity, relation)
        for entity in entities
        for relation in entity.relations
        if relation.type == "belongsTo" and relation.entity == parent.name
    )


def foreign_keys(entity: Entity) -> frozenset[str]:
    """The fields that name a parent."""
    return frozenset(one.foreign_key for one in entity.relations if one.type == "belongsTo")
