"""READ of less than a whole record."""

from entity_contract import Entity

_LEFT_OUT = "createdAt"
"""The field that one READ does not ask for: no UPDATE may change it."""


def reduced_read(entity: Entity, *, with_children: bool = False) -> dict[str, str]:
    """The query of a READ of all fields but one, and of the parents; where there are none, of the children if asked."""
    names = [one.name for one in reversed(entity.fields) if one.name not in {_LEFT_OUT, "id"}]
    related = [one.name for one in entity.includable if one.type == "belongsTo"]
    related = related or [one.name for one in entity.includable if with_children]
    found = {"fields": ",".join(["id", *names])}
    return {**found, "include": ",".join(related)} if related else found
