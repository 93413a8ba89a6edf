"""The points that the rulings leave to a deployment, and how one deployment decides them.

On the reference server there is one reading, the decided one. Any other deployment starts with all of them, and each
answer strikes out the readings that it contradicts: what is left is what the deployment chose, and it must stick to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import product
from typing import Literal


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the rulings. The defaults are what is decided, and what the reference server does."""

    default_order: Literal["newest first", "any"] = "newest first"  # L7
    ties: Literal["by id", "any"] = "by id"  # L8
    enums: Literal["declared", "alphabetical"] = "declared"  # L11
    nulls: Literal["largest", "smallest", "last", "first"] = "largest"  # L12: last in ascending, first in descending
    text: Literal["code points", "any"] = "code points"  # L13
    null_differs: bool = True  # L17: a null is not equal to any value
    folds_ends: bool = True  # L16: $startsWith and $endsWith ignore case
    unset: Literal["null", "null or absent"] = "null"  # R11

    def chosen(self) -> dict[str, str]:
        """The reading by its points, for a report."""
        return {point.name: str(getattr(self, point.name)) for point in fields(self)}


DECIDED = Reading()
POINTS: Mapping[str, tuple[object, ...]] = {
    "default_order": ("newest first", "any"),
    "ties": ("by id", "any"),
    "enums": ("declared", "alphabetical"),
    "nulls": ("largest", "smallest", "last", "first"),
    "text": ("code points", "any"),
    "null_differs": (True, False),
    "folds_ends": (True, False),
}

EVERY: tuple[Reading, ...] = tuple(
    Reading(unset="null or absent", **dict(zip(POINTS, chosen, strict=True)))  # type: ignore[arg-type]
    for chosen in product(*POINTS.values())
)
"""Every reading that the rulings admit, the decided one first."""
