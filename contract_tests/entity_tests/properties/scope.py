"""What a run can test: operations and entities, by the credentials given and by what the deployment has.

Charter: pure. What lies outside is named with its reason, never left out in silence.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from entity_conformance.deployment.settings import Misuse
from entity_contract import Contract, Entity, Operation

from entity_tests.properties.settings import LiveSettings

_READING = frozenset({"GET", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Scope:
    """`out` pairs each operationId that is not tested with the reason."""

    operations: tuple[Operation, ...]
    entities: tuple[Entity, ...]
    out: tuple[tuple[str, str], ...]


def understood(contract: Contract, settings: LiveSettings) -> None:
    """Raise Misuse for an operation that was asked for and does not exist."""
    known = [operation.id for operation in contract.operations]
    for glob in settings.only:
        if not any(fnmatchcase(name, glob) for name in known):
            near = difflib.get_close_matches(glob, known, n=1)
            hint = f"did you mean {near[0]}?" if near else "they are named as in openapi.yaml: listTasks, createTask"
            raise Misuse(f"CONTRACT_TESTS_ONLY: there is no operation {glob}", hint=hint)


def scope(contract: Contract, settings: LiveSettings, absent: Mapping[str, str]) -> Scope:
    """The scope of a run; `absent` tells of entities why they cannot be tested."""
    absent = _with_children(contract, absent)
    reasons = [(operation, _reason(operation, settings, absent)) for operation in contract.operations]
    return Scope(
        operations=tuple(operation for operation, reason in reasons if reason is None),
        entities=tuple(entity for entity in contract.entities if entity.name not in absent),
        out=tuple((operation.id, reason) for operation, reason in reasons if reason is not None),
    )


def _with_children(contract: Contract, absent: Mapping[str, str]) -> dict[str, str]:
    """What is absent, and what cannot be made without it."""
    found = dict(absent)
    for _ in contract.entities:
        for entity in contract.entities:
            required = {field.name for field in entity.fields if field.required}
            for relation in entity.relations:
                needed = relation.type == "belongsTo" and relation.foreign_key in required
                if needed and relation.entity in found:
                    found.setdefault(entity.name, f"it needs {relation.entity}, which cannot be tested")
    return found


def _reason(operation: Operation, settings: LiveSettings, absent: Mapping[str, str]) -> str | None:
    """Why an operation is not tested."""
    if settings.only and not any(fnmatchcase(operation.id, glob) for glob in settings.only):
        return "left out by CONTRACT_TESTS_ONLY"
    if operation.entity in absent:
        return absent[operation.entity or ""]
    if settings.is_read_only and operation.method not in _READING:
        return "the run only reads (CONTRACT_TESTS_ALLOW_WRITES is not given)"
    if operation.id == "generateText" and settings.skip_ai:
        return "no text is generated (CONTRACT_TESTS_SKIP_AI)"
    given = {name for name, secret in (("key", settings.api_key), ("session", settings.session)) if secret}
    if operation.credentials and not operation.credentials & given:
        wanted = " or ".join(sorted(operation.credentials))
        return f"no {wanted} was given"
    return None
