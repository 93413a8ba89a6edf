"""A defect of the suite in one line: what was raised, and where in one of our packages."""

import traceback
from pathlib import Path

_HERE = Path(__file__).parents[1]
_TESTS = "entity_tests"


def defect_of(error: BaseException) -> str:
    """Type, message and the last place in one of our packages where it was raised."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _place(frame.filename)]
    place = f" ({_place(frames[-1].filename)}:{frames[-1].lineno})" if frames else ""
    said = str(error).partition("\n")[0][:300]
    return f"{type(error).__name__}: {said}{place}" if said else f"{type(error).__name__}{place}"


def _place(filename: str) -> str | None:
    """A file of ours as it is told: `suite/runner.py`, `entity_tests/properties/phases.py`."""
    path = Path(filename)
    if path.is_relative_to(_HERE):
        return str(path.relative_to(_HERE))
    names = path.parts
    return "/".join(names[names.index(_TESTS) :]) if _TESTS in names else None
