"""Finding and reading openapi.yaml: the package's only disk read.

The document is looked for where `--contract` says, else as package data, else in the repository root beside this
package; never in the working directory, so that the same command means the same contract everywhere.
"""

import codecs
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import yaml

from entity_contract.checked import SHA256
from entity_contract.errors import ContractError
from entity_contract.parsing import FAST_LOADER, parsed
from entity_contract.references import Json, Object

FILE_NAME = "openapi.yaml"
MOST_VALUES = 1_000_000
"""How many values a document may have, those of an alias counted wherever it stands; openapi.yaml has 17,000."""

_HINT = "give an OpenAPI 3.1 document with --contract, or leave it out to use the one that is installed"


@dataclass(frozen=True, slots=True)
class Document:
    """A document as read: its tree with references unresolved, where it came from, its text, and its bytes' hash."""

    content: Object
    source: str
    sha256: str
    text: str


def find(path: Path | None = None) -> Path:
    """The contract's file. Raises ContractError when there is none."""
    if path is not None:
        return path
    here = Path(__file__).resolve().parent
    for candidate in (here / FILE_NAME, here.parents[1] / FILE_NAME):
        if candidate.is_file():
            return candidate
    raise ContractError("no contract is installed", where=FILE_NAME, hint="give one with --contract FILE")


def read(path: Path | None = None) -> Document:
    """Read the document. Raises ContractError when it is unreadable, not YAML or not OpenAPI 3.1 by its own words."""
    file = find(path)
    return document(content_of(file), source=str(file))


def content_of(file: Path) -> bytes:
    """The bytes of a file. Raises ContractError when it is unreadable."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise ContractError(f"cannot be read: {error.strerror}", where=str(file), hint=_HINT) from error


def document(text: bytes, *, source: str) -> Document:
    """The document in these bytes. Raises ContractError when they are not YAML, or no OpenAPI 3.1."""
    sha256 = hashlib.sha256(text).hexdigest()
    try:
        content = yaml.load(text, Loader=FAST_LOADER) if sha256 == SHA256 else parsed(text)  # noqa: S506 - safe loaders
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be parsed"
        mark = getattr(error, "problem_mark", None)
        where = source if mark is None else f"{source}:{mark.line + 1}"
        raise ContractError(f"is not YAML: {problem}", where=where, hint=_HINT) from error
    if not isinstance(content, dict) or not str(content.get("openapi", "")).startswith("3.1"):
        raise ContractError(f"is no OpenAPI 3.1 document (found {_kind(content)})", where=f"{source}:1", hint=_HINT)
    if sha256 != SHA256 and not _is_bounded(content):
        raise ContractError("its aliases make it endless", where=source, hint="write out what they stand for")
    return Document(cast("Object", content), source=source, sha256=sha256, text=_decoded(text))


def _kind(content: object) -> str:
    match content:
        case dict():
            return f"openapi: {content.get('openapi')}"
        case None:
            return "nothing"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "a single value"


def _is_bounded(content: Json) -> bool:
    """Whether no alias stands within itself, and all of them together stay within bounds."""
    sizes: dict[int, int] = {}
    open_: set[int] = set()

    def size(node: Json) -> int:
        if isinstance(node, str) or not isinstance(node, Mapping | Sequence):
            return 1
        if id(node) in open_:
            return MOST_VALUES + 1
        if id(node) not in sizes:
            open_.add(id(node))
            sizes[id(node)] = 1 + sum(map(size, node.values() if isinstance(node, Mapping) else node))
            open_.discard(id(node))
        return sizes[id(node)]

    try:
        return size(content) <= MOST_VALUES
    except RecursionError:
        return False


def _decoded(text: bytes) -> str:
    """The text of what was parsed as YAML, which may be UTF-8 or, with a byte order mark, UTF-16."""
    marked = text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return text.decode("utf-16" if marked else "utf-8-sig")
