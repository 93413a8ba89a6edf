"""The fields that a check may speak of, and other values for them."""

from collections.abc import Container, Mapping

from entity_contract import Entity

from entity_conformance.deployment.api import Api, Credential, Record, Reply
from entity_conformance.deployment.problems import Blocked, OutOfProfile
from entity_conformance.suite import sample
from entity_conformance.suite.given.conflicts import BY_A_RULE, named
from entity_conformance.suite.given.lacking import lacking
from entity_conformance.suite.given.partial import demanded

TIMES = ("createdAt", "updatedAt")
_ATTEMPTS = 3


def undescribed(api: Api, entity: Entity, known: Record, described: Mapping[str, object]) -> Mapping[str, object]:
    """The members of a record that are not described, each with a value that a body may try to set.

    It is valid where the contract declares a field of that name, so that only its not being a field can refuse it.
    """
    declared = api.contract.entity(entity.name)
    values: dict[str, object] = {}
    for name in known:
        if name not in described:
            field = None if declared is None else declared.field(name)
            value = None if field is None else sample.value(field, api.run, group="undescribed", index=0)
            values[name] = sample.mark(api.run) if value is None else value
    return values


async def changed(api: Api, entity: Entity, known: Record, credential: Credential) -> Reply:
    """An UPDATE of one field of a record by whoever asks: of another one where a rule refuses that by its name.

    What a record holds may be fixed once it is made, which OPTIONS does not tell (O4.untold-rules); not so of the
    reference's own entity. Raises OutOfProfile where all that were tried are.
    """
    fixed: set[str] = set()
    for _ in range(_ATTEMPTS):
        body = different(api, entity, known, but=fixed)
        reply = await api.update(entity, known["id"], body, credential=credential)
        if beside := demanded(entity, known, body, reply):
            again = await api.update(entity, known["id"], beside | body, credential=credential)
            reply = again if again.is_granted else reply
        if entity.name == sample.REFERENCES_OWN or not (reply.status in BY_A_RULE and body.keys() & named(reply)):
            return reply
        fixed |= body.keys()
    raise OutOfProfile(f"{entity.name}: no change of {', '.join(sorted(fixed))} is taken")


def different(api: Api, entity: Entity, known: Record, *, but: Container[str] = ()) -> dict[str, object]:
    """A body that changes one field of a record to another valid value, `but` none of these."""
    fields = [field for field in sample.changeable(entity) if field.name not in but]
    for field in fields:
        other = sample.other_value(field, api.run, known.get(field.name))
        if other is not None:
            return {field.name: other}
    if any(field.samples for field in fields):
        raise OutOfProfile(f"{entity.name} has no field with a second sample to change to (--sample gives more)")
    if not fields:
        raise lacking(entity, "no field that an update could change")
    raise Blocked(f"no field of {entity.name} takes another value")


def title(entity: Entity) -> str:
    """The text field that tells the samples of an entity apart. Raises OutOfProfile where it has none."""
    field = sample.title_field(entity)
    if field is None:
        given = [one.name for one in entity.fields if one.samples]
        why = f": {', '.join(given)} takes only samples that are given (--sample) or were seen" if given else ""
        raise lacking(entity, f"no free text{why}")
    return field.name


def shown_field(entity: Entity) -> str:
    """The title, or another field that every record shows, beside its id. Raises OutOfProfile where there is none."""
    field = sample.title_field(entity)
    names = [field.name] if field is not None else [name for name in entity.always if name not in {"id", *TIMES}]
    if not names:
        raise lacking(entity, "no field that every record shows")
    return names[0]


def required_text(entity: Entity) -> str:
    """A text field that a record cannot be without. Raises OutOfProfile where there is none."""
    field = sample.required_text(entity)
    if field is None:
        raise lacking(entity, "no required text")
    return field.name
