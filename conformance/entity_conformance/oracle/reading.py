"""The points that the rulings leave to a deployment, and how one deployment decides them.

The reference server has one reading, the decided one. Any other deployment starts with all of them. Each answer removes
the readings that it contradicts. What is left is what the deployment chose, and it must keep to it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the rulings. The defaults are what is decided, and what the reference server does."""

    default_order: Literal["newest first", "any"] = "newest first"
    ties: Literal["by id", "any"] = "by id"
    enums: Literal["declared", "alphabetical"] = "declared"
    nulls: Literal["largest", "smallest", "last", "first"] = "largest"  # last in ascending, first in descending order
    text: Literal["code points", "any"] = "code points"
    ne_null: Literal["match", "no-match"] = "match"  # a null is not equal to any value
    nin_null: Literal["match", "no-match"] = "match"
    starts: Literal["case-insensitive", "case-sensitive"] = "case-insensitive"
    ends: Literal["case-insensitive", "case-sensitive"] = "case-insensitive"


DECIDED = Reading()
CLAUSES: Mapping[str, str] = {
    "default_order": "L7.default-order",
    "ties": "L8.ties",
    "enums": "L11.enums",
    "nulls": "L12.nulls",
    "text": "L13.collation",
    "ne_null": "L17.null-differs",
    "nin_null": "L17.null-differs",
    "starts": "L16.case-of-ends",
    "ends": "L16.case-of-ends",
}
"""The clause of the rulings that leaves each point open."""

POINTS: Mapping[str, tuple[object, ...]] = {
    "default_order": ("newest first", "any"),
    "ties": ("by id", "any"),
    "enums": ("declared", "alphabetical"),
    "nulls": ("largest", "smallest", "last", "first"),
    "text": ("code points", "any"),
    "ne_null": ("match", "no-match"),
    "nin_null": ("match", "no-match"),
    "starts": ("case-insensitive", "case-sensitive"),
    "ends": ("case-insensitive", "case-sensitive"),
}

EVERY: tuple[Reading, ...] = tuple(
    Reading(**dict(zip(POINTS, chosen, strict=True)))  # type: ignore[arg-type]
    for chosen in product(*POINTS.values())
)
"""Every reading that the rulings admit, the decided one first."""


def chosen(readings: Sequence[Reading]) -> dict[str, str]:
    """What a deployment chose, by point: the value that all readings that are left have in common."""
    seen = {point: {getattr(reading, point) for reading in readings} for point in POINTS}
    return {point: str(next(iter(values))) for point, values in seen.items() if len(values) == 1}
