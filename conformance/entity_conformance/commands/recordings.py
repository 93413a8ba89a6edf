"""The files that `compare`, `rerun`, `verify` and `run --resume` read."""

from pathlib import Path

from entity_conformance.deployment.named_files import content
from entity_conformance.report.recorded import ForeignError

LARGEST = 256 * 1024 * 1024
_HINT = "name a file that can be read"


def text_of(path: Path) -> str:
    """What a file says. Raises ForeignError."""
    try:
        return content(path, most=LARGEST).decode("utf-8-sig")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ForeignError(f"cannot read {path}: {reason[0].lower()}{reason[1:]}", hint=_HINT) from error
    except UnicodeDecodeError:
        raise ForeignError(f"{path} is no text in UTF-8", hint=_HINT) from None
