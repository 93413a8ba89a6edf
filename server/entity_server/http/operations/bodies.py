"""The body of one operation, compiled: a JSON object in, typed values or one problem out."""

from collections.abc import Mapping
from dataclasses import dataclass

from entity_contract import Contract, Entity, Field
from entity_contract.entities import field_type, resolved
from entity_contract.references import mapping, strings
from jsonschema_rs import Validator

from entity_server.domain.problems import ValidationFailed
from entity_server.domain.sentences import Reason, Refused, Sentence, label
from entity_server.domain.text import encodable
from entity_server.domain.values import typed
from entity_server.http.operations.schemas import Schemas
from entity_server.http.operations.wording import NOT_BLANK, reasons


@dataclass(frozen=True, slots=True)
class CompiledBody:
    """The members of a body that are fields, by name, and the validator that judges all members together.

    `open` says that members which are no fields stay as they are.
    """

    fields: Mapping[str, Field]
    validator: Validator
    open: bool

    def read(self, members: Mapping[str, object]) -> dict[str, object]:
        """The members as typed values. Raises a ValidationFailed that names every bad one."""
        refused: dict[str, Reason] = {}
        judged = members
        garbled = [
            name
            for name, value in members.items()
            if not (isinstance(value, str) and value.isascii()) and not _encodable(value)
        ]
        if garbled:
            judged = {**members, **dict.fromkeys(garbled, "")}  # no validator can look at such a text
        if not self.validator.is_valid(judged):
            refused = reasons(self.validator.iter_errors(judged))
        if garbled:
            refused |= dict.fromkeys(garbled, Sentence.UNICODE())
        values: dict[str, object] = {}
        for name, value in members.items():
            if name not in refused:
                try:
                    values[name] = self._value(name, value)
                except Refused as refusal:
                    refused[name] = refusal.reason
        if refused:
            raise ValidationFailed(details=refused)
        return values

    def _value(self, name: str, value: object) -> object:
        field = self.fields.get(name)
        if field is None:
            if self.open:
                return value
            raise Refused(Sentence.NOT_WRITABLE(label=label(name)))
        if value is None:
            return None
        result = typed(field, value)
        if (field.required or field.pattern == NOT_BLANK) and isinstance(result, str) and not result.strip():
            raise Refused(Sentence.BLANK())  # R12: blank by Unicode, where a schema's `\S` goes by ECMAScript
        return result


def entity_body(schemas: Schemas, entity: Entity, pointer: str) -> CompiledBody:
    """The body of CREATE or UPDATE."""
    fields = {field.name: field for field in entity.fields if not field.generated}
    return CompiledBody(fields, schemas.entity_body(pointer), open=False)


def other_body(contract: Contract, schemas: Schemas, pointer: str) -> CompiledBody:
    """The body of an operation that belongs to no entity."""
    fields: dict[str, Field] = {}
    for name, stated in mapping(contract.target(pointer).get("properties")).items():
        schema = resolved(contract.document, mapping(stated))
        try:
            type_, values, pattern = field_type(schema), strings(schema.get("enum")), _text(schema.get("pattern"))
        except ValueError:
            continue  # an array or an object: its schema alone decides about it
        fields[name] = Field(name, type_, values=values, pattern=pattern)
    return CompiledBody(fields, schemas.body(pointer), open=True)


def _encodable(value: object) -> bool:
    """Whether every text in a JSON value is valid Unicode; the names in it are."""
    match value:
        case str():
            return encodable(value)
        case list():
            return all(map(_encodable, value))
        case dict():
            return all(map(_encodable, value.values()))
        case _:
            return True


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
