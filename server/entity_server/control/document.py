"""The control port's own document, compiled: it routes requests, judges them, and words what is wrong.

What the document states (a bound, a default, a member's name) stands there alone.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from entity_contract import Object
from entity_contract.document import document
from entity_contract.operations import METHODS
from entity_contract.references import mapping, pointer, sequence, target
from jsonschema_rs import ValidationError, ValidationErrorKind, Validator

from entity_server.domain.problems import MethodNotAllowed, NotFound, ValidationFailed
from entity_server.domain.sentences import Reason, Refused, Sentence
from entity_server.domain.text import encodable
from entity_server.http.operations.decoding import Declared, arguments, json_object, parameter
from entity_server.http.operations.schemas import Schemas
from entity_server.http.operations.wording import reason_of

ROOT = "/control/v1"
_MEDIA = "content/application~1json/schema"
_NO_SUCH_MEMBER = "There is no such member"


@dataclass(frozen=True, slots=True)
class ControlOperation:
    """One operation: what judges its body and its query, and what they are where nothing is said."""

    id: str
    method: str
    segments: tuple[str, ...]
    body: Validator | None
    body_defaults: Mapping[str, object]
    body_required: bool
    parameters: tuple[Declared, ...]
    query: Validator

    def read_query(self, query: str) -> dict[str, Any]:
        """The values of the query. Raises ValidationFailed."""
        given = arguments(query)
        known = {one.name: one for one in self.parameters}
        refused: dict[str, Reason] = {name: Sentence.ONCE() for name, values in given.items() if len(values) > 1}
        for name in given:
            if name not in known:
                text = f"{self.id} has no such parameter; it has {', '.join(known) or 'none'}"
                refused[name] = Reason.of(Sentence.OTHERWISE, text)
        values = {name: parameter(one, given[name]) for name, one in known.items() if name in given}
        _raise(refused | _reasons(self.query.iter_errors(values)))
        return values

    def read_body(self, raw: bytes) -> dict[str, Any]:
        """The members of the body, defaults filled in. Its Content-Type does not matter. Raises ValidationFailed."""
        if self.body is None:
            return {}
        if not raw.strip():
            if self.body_required:
                _raise({"body": Reason.of(Sentence.REQUIRED, "Is required: a JSON object")})
            return dict(self.body_defaults)
        try:
            members = json_object(raw.decode())
        except UnicodeDecodeError:
            _raise({"body": Sentence.MALFORMED()})
        except Refused as refusal:
            _raise({"body": refusal.reason})
        if not _is_unicode(members):
            _raise({"body": Sentence.UNICODE()})
        _raise(_reasons(self.body.iter_errors(members)))
        return {**self.body_defaults, **members}


class ControlDocument:
    """All operations of the document; `text` is the document itself."""

    def __init__(self, text: bytes, source: str) -> None:
        self.text = text
        self._content = document(text, source=source).content
        self._schemas = Schemas(self._content)
        self.operations = tuple(self._operations())

    def find(self, method: str, path: str) -> tuple[ControlOperation, Mapping[str, str]]:
        """The operation at a path below the root, and the values of the path. Raises NotFound, MethodNotAllowed."""
        segments = tuple(map(unquote, path.removeprefix(ROOT).split("/")[1:]))
        there = [one for one in self.operations if _fits(one.segments, segments)] if path.startswith(ROOT + "/") else []
        if not there:
            raise NotFound(f"The control port has no such path; GET {ROOT}/openapi.yaml tells which it has")
        # a literal path wins over one with a variable
        closest = min(sum(segment.startswith("{") for segment in one.segments) for one in there)
        there = [one for one in there if sum(segment.startswith("{") for segment in one.segments) == closest]
        for one in there:
            if one.method == method:
                return one, _values(one.segments, segments)
        raise MethodNotAllowed([one.method for one in there])

    def _operations(self) -> Iterator[ControlOperation]:
        for path, item in mapping(self._content.get("paths")).items():
            for method in mapping(item):
                if method in METHODS:
                    yield self._operation(path, method)

    def _operation(self, path: str, method: str) -> ControlOperation:
        place = pointer("paths", path, method)
        _, facts = target(self._content, place)
        body = mapping(facts.get("requestBody"))
        schema, stated = target(self._content, f"{place}/requestBody/{_MEDIA}") if body else ("", {})
        query = dict(self._query(place, facts))
        return ControlOperation(
            id=str(facts["operationId"]),
            method=method.upper(),
            segments=tuple(path.split("/")[1:]),
            body=self._schemas.body(schema) if body else None,
            body_defaults=dict(_defaults(stated)),
            body_required=bool(body.get("required", False)),
            parameters=tuple(Declared(name, self._schemas.type_at(schema)) for name, schema in query.items()),
            query=self._schemas.query(query, required=()),
        )

    def _query(self, place: str, facts: Object) -> Iterator[tuple[str, str]]:
        for number in range(len(sequence(facts.get("parameters")))):
            where, stated = target(self._content, f"{place}/parameters/{number}")
            if stated["in"] == "query":
                yield str(stated["name"]), f"{where}/schema"


@cache
def control_document() -> ControlDocument:
    """The document that stands beside this module."""
    file = Path(__file__).with_name("openapi.yaml")
    return ControlDocument(file.read_bytes(), source=str(file))


def _defaults(schema: Object) -> Iterator[tuple[str, object]]:
    for name, stated in mapping(schema.get("properties")).items():
        if "default" in mapping(stated):
            yield name, mapping(stated)["default"]


def _fits(template: tuple[str, ...], segments: tuple[str, ...]) -> bool:
    return len(template) == len(segments) and all(
        (part.startswith("{") and bool(segment)) or part == segment
        for part, segment in zip(template, segments, strict=True)
    )


def _values(template: tuple[str, ...], segments: tuple[str, ...]) -> Mapping[str, str]:
    return {part[1:-1]: segment for part, segment in zip(template, segments, strict=True) if part.startswith("{")}


def _reasons(errors: Iterable[ValidationError]) -> dict[str, Reason]:
    """One reason for each bad place, which is named from the body on: `records.tasks.2`."""
    found: dict[str, Reason] = {}
    for error in _closest(errors):
        place = [str(part) for part in error.instance_path]
        match error.kind:
            case ValidationErrorKind.Required(property=name):
                found.setdefault(".".join((*place, name)), Reason.of(Sentence.REQUIRED, "Is required"))
            case ValidationErrorKind.AdditionalProperties(unexpected=names):
                for name in names:
                    found.setdefault(".".join((*place, name)), Reason.of(Sentence.NOT_WRITABLE, _NO_SUCH_MEMBER))
            case _:
                found.setdefault(".".join(place) or "body", reason_of(error))
    return found


def _closest(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """The errors; in the place of "none of these fits" those of the alternative that is of the right type."""
    for error in errors:
        match error.kind:
            case ValidationErrorKind.AnyOf(context=branches):
                near = [branch for branch in branches if not _is_of_another_type(branch, error)]
                yield from _closest(near[0]) if near else (error,)
            case _:
                yield error


def _is_of_another_type(branch: list[ValidationError], error: ValidationError) -> bool:
    depth = len(error.instance_path)
    return any(isinstance(one.kind, ValidationErrorKind.Type) and len(one.instance_path) == depth for one in branch)


def _raise(refused: Mapping[str, Reason]) -> None:
    if refused:
        raise ValidationFailed(details=refused)


def _is_unicode(value: object) -> bool:
    match value:
        case str():
            return encodable(value)
        case list():
            return all(map(_is_unicode, value))
        case dict():
            return all(map(_is_unicode, value.values()))
        case _:
            return True
