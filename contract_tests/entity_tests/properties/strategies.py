"""What a well-meaning client may send, drawn by Hypothesis from the contract's facts: bodies, filters, queries.

Everything drawn here is right as far as the contract's schemas can say, and mostly right beyond that; what is
refused nevertheless stands in `refusals`. Neither reading of the contract is asked.
"""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from math import ceil, floor
from struct import pack, unpack
from typing import assert_never

from entity_contract import Entity, Field, Operator
from hypothesis import strategies as st

Body = dict[str, object]

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
WORDS = st.lists(st.text("abcdefgh é%_*", min_size=1, max_size=6), max_size=3).map(" ".join)
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001 - the zone is put on below
    lambda moment: moment.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
)
DATES = st.dates(date(1900, 1, 1), date(2100, 1, 1)).map(date.isoformat)
EMAILS = st.from_regex(r"[a-z]{1,8}\.[a-z]{1,8}@[a-z]{2,8}\.(com|org|example)", fullmatch=True)

# Only these are in every entity, so that a filter on them is right for each of them.
EVERYWHERE = (Field("id", "string"), Field("createdAt", "datetime"), Field("updatedAt", "datetime"))


def values(field: Field) -> st.SearchStrategy[object]:  # noqa: PLR0911 - one for each type
    """A value of the field's type, within its bounds."""
    match field.type:
        case "string" | "text":
            return _texts(field)
        case "enum":
            return st.sampled_from(field.values)
        case "integer":
            least, most = _bounds(field, 2**31 - 1)
            return st.integers(ceil(least), floor(most))
        case "number":
            least, most = _bounds(field, 1e6)
            is_short = all(unpack("f", pack("f", one))[0] == one for one in (least, most))
            return st.floats(least, most, width=32 if is_short else 64)
        case "boolean":
            return st.booleans()
        case "date":
            return DATES
        case "datetime":
            return MOMENTS


def _bounds(field: Field, most: float) -> tuple[float, float]:
    """The least and the greatest value, from 0 to `most` where the deployment tells nothing else."""
    greatest = most if field.maximum is None else field.maximum
    least = min(0, greatest) if field.minimum is None else field.minimum
    return least, max(greatest, least)


def _texts(field: Field) -> st.SearchStrategy[object]:
    if field.format == "email":
        return EMAILS
    longest = min(field.max_length or 40, 40)
    texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=longest)
    return texts.map(lambda text: f"x{text}"[:longest]) if field.required or field.min_length else texts


def bodies(entity: Entity, *, creating: bool) -> st.SearchStrategy[Body]:
    """A CREATE body, or a PATCH of one field or more. Foreign keys are texts that name nobody yet."""
    fields = [field for field in entity.fields if not field.generated]
    drawn = {field.name: st.none() | values(field) if field.nullable else values(field) for field in fields}
    if creating:
        required = {field.name: drawn[field.name] for field in fields if field.required}
        optional = {name: strategy for name, strategy in drawn.items() if name not in required}
        return st.fixed_dictionaries(required, optional=optional)
    return st.fixed_dictionaries({}, optional=drawn).filter(bool)


def filters(operators: Sequence[Operator], fields: Sequence[Field] = EVERYWHERE) -> st.SearchStrategy[str]:
    """A filter on these fields, as text: none, one or two conditions."""
    conditions = [st.tuples(st.just(field.name), _conditions(operators, field)) for field in fields]
    return st.lists(st.one_of(conditions), max_size=2).map(lambda pairs: json.dumps(dict(pairs)))


def _conditions(operators: Sequence[Operator], field: Field) -> st.SearchStrategy[object]:
    drawn = {operator.name: _operand(operator, field) for operator in operators if field.type in operator.types}
    stated = st.fixed_dictionaries({}, optional=drawn).filter(bool)
    return values(field) | stated


def _operand(operator: Operator, field: Field) -> st.SearchStrategy[object]:
    match operator.operand:
        case "value":
            return values(field)
        case "list":
            return st.lists(values(field), min_size=1, max_size=3)
        case "text":
            return TEXT
        case "boolean":
            return st.booleans()
        case _:
            assert_never(operator.operand)
