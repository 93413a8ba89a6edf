"""The order of a list (L7-L13).

Says which field and which way; how values of a field compare is the store's to do, as stated here: enums in
declared order, text by code point, nulls last in ascending order and first in descending, ties by ascending id.
"""

from entity_contract import Field

from entity_server.domain.per_request import per_request


@per_request(frozen=True, slots=True)
class Ordering:
    """The field to sort by, and the way."""

    field: Field
    descending: bool
