"""Finding and reading openapi.yaml: the package's only disk read.

The document is looked for where `--contract` says, else as package data, else in the repository root beside this
package; never in the working directory, so that the same command means the same contract everywhere.
"""

import codecs
import hashlib
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import yaml

from entity_contract.errors import ContractError
from entity_contract.references import Object, at, references, section, target

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

FILE_NAME = "openapi.yaml"
_HINT = "give an OpenAPI 3.1 document with --contract, or leave it out to use the one that is installed"

_FOUND_GOOD: set[str] = set()
"""The hashes of documents that were checked: checking takes four fifths of reading, and bytes do not get worse."""

_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _UniqueKeys(_Loader):  # type: ignore[valid-type, misc]  # the C loader where libyaml is there, chosen at run time
    """A safe loader that refuses a key that stands twice, where YAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:  # noqa: FBT001, FBT002  # PyYAML's signature
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} stands twice", key.start_mark
                )
            seen.add(key.value)
        return cast("dict[Hashable, object]", super().construct_mapping(node, deep=deep))


@dataclass(frozen=True, slots=True)
class Document:
    """The document as read: its tree with references unresolved, where it came from, its text, and its bytes' hash."""

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
    """Read and check the document. Raises ContractError when it is unreadable, not YAML or not OpenAPI 3.1."""
    file = find(path)
    try:
        text = file.read_bytes()
    except OSError as error:
        raise ContractError(f"cannot be read: {error.strerror}", where=str(file), hint=_HINT) from error
    try:
        content = yaml.load(text, Loader=_UniqueKeys)  # noqa: S506  # a subclass of the safe loader
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise ContractError(*_yaml_problem(error), where=_yaml_place(file, error), hint=_HINT) from error
    sha256 = hashlib.sha256(text).hexdigest()
    if sha256 not in _FOUND_GOOD:
        check(content, source=str(file), text=text)
        _FOUND_GOOD.add(sha256)
    return Document(cast("Object", content), source=str(file), sha256=sha256, text=_decoded(text))


def check(content: object, *, source: str, text: bytes | None = None) -> None:
    """Refuse what is no OpenAPI 3.1 document. `text` lets the error name the line. Raises ContractError."""
    if not isinstance(content, dict) or not str(content.get("openapi", "")).startswith("3.1"):
        what = f"openapi: {content.get('openapi')}" if isinstance(content, dict) else f"a {type(content).__name__}"
        raise ContractError(f"is no OpenAPI 3.1 document (found {what})", where=f"{source}:1", hint=_HINT)
    for place, reference in references(content):
        wrong = _wrong_reference(content, place, reference)
        if wrong:
            raise ContractError(wrong, where=f"{source}{line(text, place)}", hint="correct the $ref")
    from openapi_spec_validator import OpenAPIV31SpecValidator  # noqa: PLC0415  # slow, and only this needs it

    problem = next(iter(OpenAPIV31SpecValidator(content).iter_errors()), None)
    if problem is not None:
        place = "#/" + "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in problem.absolute_path)
        message = f"is not valid OpenAPI 3.1 at {place}: {_first_line(problem)}"
        raise ContractError(message, where=f"{source}{line(text, place)}", hint="correct the document")


def _wrong_reference(content: Object, place: str, reference: str) -> str | None:
    """Why a `$ref` cannot be followed, or must not; what validates and reads the document would stumble over it."""
    try:
        at(content, reference)
    except (KeyError, ValueError):
        return f"$ref leads nowhere: {reference}"
    try:
        target(content, place)
    except KeyError:
        return f"$ref goes in circles: {reference}"
    wanted = f"#/components/{section(place)}/"
    return None if reference.startswith(wanted) else f"$ref names no {wanted}...: {reference}"


def _decoded(text: bytes) -> str:
    """The text of what was parsed as YAML, which may be UTF-8 or, with a byte order mark, UTF-16."""
    marked = text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return text.decode("utf-16" if marked else "utf-8-sig")


def _first_line(problem: "ValidationError") -> str:
    line = str(problem.message).splitlines()[0]
    return line if len(line) <= 200 else f"{line[:200]}..."


def _yaml_problem(error: Exception) -> tuple[str]:
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be parsed"
    return (f"is not YAML: {problem}",)


def _yaml_place(file: Path, error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"{file}:{mark.line + 1}" if mark is not None else str(file)


def line(text: bytes | str | None, place: str) -> str:
    """`:LINE` of a pointer's place in the YAML text, empty where it cannot be told."""
    if text is None:
        return ""
    node: yaml.Node | None = yaml.compose(text, Loader=_Loader)
    number = 0
    for token in place.removeprefix("#").strip("/").split("/"):
        key = token.replace("~1", "/").replace("~0", "~")
        if isinstance(node, yaml.MappingNode):
            pair = next(((name, value) for name, value in node.value if name.value == key), None)
            if pair is None:
                break
            number, node = pair[0].start_mark.line, pair[1]
        elif isinstance(node, yaml.SequenceNode) and key.isdigit() and int(key) < len(node.value):
            node = node.value[int(key)]
            number = node.start_mark.line
    return f":{number + 1}"
