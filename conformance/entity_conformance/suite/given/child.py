"""A record and its parent, and how one names the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from entity_contract import Entity, Relation

from entity_conformance.deployment.api import Api, Record
from entity_conformance.deployment.problems import NotApplicable, OutOfProfile
from entity_conformance.suite.given.person import no_entity


@dataclass(frozen=True, slots=True)
class Child:
    """A record whose foreign key names a parent of its own, which no other record names."""

    record: Record
    relation: Relation
    parent: Record

    @property
    def foreign_key(self) -> str:
        """The field that names the parent."""
        return self.relation.foreign_key


def parent_entity(api: Api, of: Child) -> Entity:
    """The entity of the child's parent."""
    return api.entity(of.relation.entity) or no_entity(of.relation.entity)


def children_of(api: Api, entity: Entity, of: Child) -> str:
    """The relation by which READ of the child's parent shows its children, which are this entity's records.

    Raises OutOfProfile where there is none, or no READ.
    """
    parent = api.entity(of.relation.entity)
    for relation in parent.relations if parent is not None else ():
        if relation.type == "hasMany" and (relation.entity, relation.foreign_key) == (entity.name, of.foreign_key):
            if parent is not None and "read" not in parent.operations:
                raise OutOfProfile(f"{parent.name} cannot be read by themselves")
            return relation.name
    raise NotApplicable(f"{of.relation.entity} has no relation to its children by {of.foreign_key}")


def own_children(api: Api, entity: str, key: str, parent: Record, shown: Sequence[object]) -> Sequence[object]:
    """Included children without those that the run did not make and that name this parent: a deployment may make some.

    So it is with what is noted of a record's own history, as a comment on it.
    """
    return [
        one
        for one in shown
        if not isinstance(one, Mapping)
        or one.get(key, parent["id"]) != parent["id"]  # an included record may be partial (L21)
        or api.context.owned.is_own(entity, str(one.get("id")))
    ]
