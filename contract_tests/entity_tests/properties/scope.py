"""What a run can test: operations and entities, by the credentials given, the options, and what the deployment has.

Pure. What lies outside is named with its reason, never left out in silence.
"""

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from entity_conformance.deployment.credentials import not_given
from entity_conformance.deployment.discovery import departure
from entity_conformance.deployment.settings import Misuse, Settings
from entity_conformance.report.verdict import LEFT_OUT, SKIPPED
from entity_conformance.suite import sample
from entity_conformance.suite.ledger import Ledger
from entity_conformance.suite.plan import named
from entity_contract import Contract, Entity, Operation

READING = frozenset({"GET", "OPTIONS"})
GENERATING = "generateText"


@dataclass(frozen=True, slots=True)
class Selection:
    """What `--only` and `--skip` leave, by operationId and by requirement; `skipped` is what the latter takes out."""

    operations: frozenset[str]
    requirements: frozenset[str]
    skipped: frozenset[str] = frozenset()

    def why(self, name: str) -> str:
        """Which of the two options leaves an operation or a requirement out."""
        return SKIPPED if name in self.skipped else LEFT_OUT


@dataclass(frozen=True, slots=True)
class Scope:
    """`out` pairs each operationId that is not tested with the reason."""

    operations: tuple[Operation, ...]
    entities: tuple[Entity, ...]
    out: tuple[tuple[str, str], ...]


def selection(contract: Contract, ledger: Ledger, settings: Settings) -> Selection:
    """What both options leave; `--only` may be about operations or requirements alone. Raises Misuse."""
    operations = [operation.id for operation in contract.operations]
    only, skip = (
        frozenset[str]().union(*(named(ledger, pattern, option, operations=operations) for pattern in patterns))
        for option, patterns in (("--only", settings.only), ("--skip", settings.skip))
    )
    for name in settings.entities:
        if contract.entity(name) is None:
            raise _not_of_the_contract(name, contract)
    of_operations, of_requirements = (
        names & only or names for names in (frozenset(operations), frozenset(ledger.requirements))
    )
    return Selection(of_operations - skip, of_requirements - skip, skip & (of_operations | of_requirements))


def _not_of_the_contract(name: str, contract: Contract) -> Misuse:
    names = [entity.name for entity in contract.entities]
    near = difflib.get_close_matches(name, names, n=1)
    return Misuse(
        f"--entity {name}: properties test the contract's entities alone ({', '.join(names)})",
        hint=f"did you mean {near[0]}?" if near else "the commands run and model test a deployment's own",
    )


def absent(contract: Contract, found: Collection[Entity], settings: Settings) -> dict[str, str]:
    """Why entities of the contract cannot be tested on a deployment that has the entities `found`, by name."""
    known = {entity.name: entity for entity in found}
    reasons: dict[str, str] = {}
    for entity in contract.entities:
        if settings.entities and entity.name not in settings.entities:
            reasons[entity.name] = "left out by --entity"
        elif entity.name not in known:
            reasons[entity.name] = "the deployment does not have it"
        elif (reason := departure(known[entity.name], entity)) is not None:
            reasons[entity.name] = reason
    return _with_children(contract, reasons)


def _with_children(contract: Contract, reasons: Mapping[str, str]) -> dict[str, str]:
    """What cannot be tested, and what cannot be made without it."""
    out = dict(reasons)
    for _ in contract.entities:
        for entity in contract.entities:
            required = {field.name for field in entity.fields if field.required}
            for relation in entity.relations:
                needed = relation.type == "belongsTo" and relation.foreign_key in required
                if needed and relation.entity in out:
                    out.setdefault(entity.name, f"it needs {relation.entity}, which cannot be tested")
    return out


def scope(
    contract: Contract,
    settings: Settings,
    *,
    selected: Selection,
    credentials: Collection[str],
    without: Mapping[str, str],
    found: Collection[Entity],
    is_read_only: bool = False,
) -> Scope:
    """The scope of a run with these `credentials`; `without` tells of entities why they cannot be tested.

    `found` are the entities as the deployment describes them.
    """
    known = {entity.name: entity for entity in found if entity.name not in without}
    no_key = f"{not_given('api_key')}, and no session" if is_read_only else None
    reads = settings.why_read_only or no_key
    reasons = [
        (operation, _reason(operation, settings, selected, credentials, without, reads) or _lacking(operation, known))
        for operation in contract.operations
    ]
    return Scope(
        operations=tuple(operation for operation, reason in reasons if reason is None),
        entities=tuple(known[entity.name] for entity in contract.entities if entity.name in known),
        out=tuple((operation.id, reason) for operation, reason in reasons if reason is not None),
    )


def _lacking(operation: Operation, known: Mapping[str, Entity]) -> str | None:
    """Why the deployment's own entity has no such operation: OPTIONS names no such method, or no sample is taken."""
    entity = known.get(operation.entity or "")
    if entity is None or operation.action is None or operation.action == "metadata":
        return None
    if operation.action not in entity.operations:
        return f"its own OPTIONS names no method to {operation.action} {entity.name}"
    unfit = sample.unfit(entity) if operation.action in ("create", "update", "delete") else ()
    return f"no sample of {', '.join(unfit)} is taken" if unfit else None


def _reason(  # noqa: PLR0917  # all that can keep an operation from being tested
    operation: Operation,
    settings: Settings,
    selected: Selection,
    credentials: Collection[str],
    without: Mapping[str, str],
    reads: str | None,
) -> str | None:
    """Why an operation is not tested."""
    if operation.id not in selected.operations:
        return selected.why(operation.id)
    if operation.entity in without:
        return without[operation.entity or ""]
    if reads is not None and operation.method not in READING:
        return reads
    if operation.id == GENERATING and settings.skip_ai:
        return "--skip-ai was given"
    has = {"key": "api_key" in credentials, "session": "session" in credentials}
    if operation.credentials and not any(has[kind] for kind in operation.credentials):
        return not_given("api_key" if "key" in operation.credentials else "session")
    return None
