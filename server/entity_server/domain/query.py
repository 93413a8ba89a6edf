"""What a list request asks for, as one value (L1-L23).

Puts the parts together and holds no rule of its own.
"""

from entity_server.domain.ordering import Ordering
from entity_server.domain.paging import Page
from entity_server.domain.per_request import per_request
from entity_server.domain.projection import Projection
from entity_server.domain.selection import Selection


@per_request(frozen=True, slots=True)
class Query:
    """What a list request asks for. No ordering means the default one: createdAt descending, then id."""

    page: Page
    selection: Selection
    ordering: Ordering | None
    projection: Projection
