"""A record and its parent, and how one names the other."""

from dataclasses import dataclass

from entity_contract import Entity, Relation

from entity_conformance.deployment.api import Api, Record
from entity_conformance.deployment.problems import OutOfProfile
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
    """The relation by which the child's parent names its children, which are this entity's records."""
    parent = api.entity(of.relation.entity)
    for relation in parent.relations if parent is not None else ():
        if relation.type == "hasMany" and (relation.entity, relation.foreign_key) == (entity.name, of.foreign_key):
            return relation.name
    raise OutOfProfile(f"{of.relation.entity} has no relation to its children by {of.foreign_key}")
