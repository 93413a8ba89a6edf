"""`python -m entity_conformance`, and the command `conformance`.

An exit code is a verdict, so that nothing may end this process by a code of Python's own: not an interrupt while the
suite is still being imported, not a defect outside of every check.
"""

import gc
import sys
from typing import NoReturn

from entity_conformance.commands import signals

DEFECT = 70

_ALLOCATED = 100_000
"""Objects after which Python looks for cycles: of what an import or a run makes, nearly everything stays.

`driver` takes that back for whoever asks otherwise.
"""


def main() -> NoReturn:
    """Run the command line."""
    gc.set_threshold(_ALLOCATED, 10, 10)
    signals.leaving()  # before anything else is imported: until then an interrupt is Python's
    from entity_conformance.commands import streams  # noqa: PLC0415

    streams.stand()
    try:
        from entity_conformance.commands.cli import command_line  # noqa: PLC0415

        code = command_line()
    except Exception as error:  # noqa: BLE001  # the last place where a defect of ours can get its exit code
        print(f"conformance: inconclusive, a defect of the suite: {_named(error)} (exit {DEFECT})", file=sys.stderr)  # noqa: T201
        code = DEFECT
    streams.leave()
    signals.ending()
    gc.freeze()  # or Python would look through all that a run left for cycles once more, for as long as for 30 requests
    sys.exit(code)


def _named(error: Exception) -> str:
    """Type and place. Not what it says, which may quote a secret that nobody here knows to be one."""
    import traceback  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}"


if __name__ == "__main__":
    main()
