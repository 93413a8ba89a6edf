"""The query language of a list as one value (L1-L23), and of reading one record.

Charter: puts the parts together and holds no rule of its own. Parameters that the API does not know are ignored (L22).
"""

from dataclasses import dataclass

from entity_contract import Entity

from entity_server.domain.arguments import Arguments
from entity_server.domain.ordering import Ordering, parse_ordering
from entity_server.domain.paging import Page, PageBounds, parse_page
from entity_server.domain.projection import Projection, parse_projection
from entity_server.domain.selection import Selection, parse_selection


@dataclass(frozen=True, slots=True)
class Query:
    """What a list request asks for. No ordering means the default one: createdAt descending, then id."""

    page: Page
    selection: Selection
    ordering: Ordering | None
    projection: Projection


def parse_list(entity: Entity, arguments: Arguments, bounds: PageBounds) -> Query:
    """The query that the arguments of a list request spell.

    Raises ValidationFailed, InvalidFilter or InvalidSort for the first parameter that is wrong, and nothing else.
    """
    return Query(
        page=parse_page(arguments, bounds),
        selection=parse_selection(entity, arguments),
        ordering=parse_ordering(entity, arguments),
        projection=parse_projection(entity, arguments),
    )


def parse_read(entity: Entity, arguments: Arguments) -> Projection:
    """The projection that the arguments of a read request spell: "READ answers 400 to bad `fields`/`include`" (R18)."""
    return parse_projection(entity, arguments)
