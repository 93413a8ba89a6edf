"""The query language of an entity, compiled: how each parameter of LIST and READ is read (L1-L23).

The names of the parameters are the API's own; their schemas, and the operators of a filter, are the contract's.
"""

from collections.abc import Mapping

from entity_contract import Contract, Entity, Field

from entity_server.domain.filtering import Condition, Operators, UnknownOperator, conditions, served
from entity_server.domain.ordering import Ordering
from entity_server.domain.paging import Page
from entity_server.domain.projection import Projection
from entity_server.domain.query import Query
from entity_server.domain.selection import Selection, first_moment, last_moment, searched
from entity_server.domain.sentences import Reason, Sentence
from entity_server.http.operations.decoding import json_object
from entity_server.http.operations.queries import Read, Values
from entity_server.http.operations.unserved import UnservedContract


def operators(contract: Contract) -> Operators:
    """The operators that a filter may name. Raises UnservedContract for one that this server does not know."""
    try:
        return served(contract.operators)
    except UnknownOperator as error:
        raise UnservedContract(f"x-operators of the parameter filter: {error}") from None


def reading(entity: Entity, name: str, read: Read, known: Operators) -> Read:  # noqa: PLR0911 - one for each name
    """How this entity reads the parameter of that name, of which `read` makes a value of its format.

    Raises UnservedContract when the contract sorts by what is no field of the entity.
    """
    match name:
        case "filter":
            return lambda text: _conditions(entity, text, known)
        case "search":
            return searched
        case "sort":
            return _sortable(entity).__getitem__
        case "fields":
            return tuple
        case "include":
            relations = {relation.name: relation for relation in entity.relations}
            return lambda names: tuple(relations[name] for name in names)
        case "startDate":
            return lambda text: first_moment(read(text))  # type: ignore[arg-type]  # a date, by the format
        case "endDate":
            return lambda text: last_moment(read(text))  # type: ignore[arg-type]  # as above
        case _:
            return read


def reversed_range(values: Values) -> Mapping[str, Reason]:
    """A range of dates that ends before it starts (L19)."""
    if "startDate" in values and "endDate" in values and values["startDate"] > values["endDate"]:
        return {"startDate": Sentence.REVERSED()}
    return {}


def list_query(values: Values) -> Query:
    """What the typed arguments of a list request ask for. Without `sort`, `order` is ignored (L10)."""
    return Query(
        page=Page(values["page"], values["limit"]),
        selection=Selection(
            conditions=values.get("filter", ()),
            words=values.get("search", ()),
            created_from=values.get("startDate"),
            created_until=values.get("endDate"),
        ),
        ordering=Ordering(values["sort"], descending=values.get("order") == "desc") if "sort" in values else None,
        projection=projection(values),
    )


def projection(values: Values) -> Projection:
    """Which parts of a record the typed arguments of a list or read request ask for."""
    return Projection(fields=values.get("fields"), relations=values.get("include", ()))


def _conditions(entity: Entity, text: str, known: Operators) -> tuple[Condition, ...]:
    return conditions(entity, json_object(text), known)


def _sortable(entity: Entity) -> Mapping[str, Field]:
    fields = {name: entity.field(name) for name in entity.sortable}
    if not fields or None in fields.values():
        wrong = ", ".join(name for name, field in fields.items() if field is None) or "nothing"
        raise UnservedContract(
            f"the parameter sort of {entity.name} lists {wrong}; it must list fields of {entity.name}"
        )
    return {name: field for name, field in fields.items() if field is not None}
