"""Whole bodies. Foreign keys are given by the caller: `given` makes the parents."""

from collections.abc import Mapping

from entity_contract import Entity, Scalar

from entity_conformance.deployment.mark import mark
from entity_conformance.suite.sample.fields import mark_field, title_field, writable
from entity_conformance.suite.sample.scalars import LITERALS, VARIANTS, cut, own_word, value, word

Body = dict[str, Scalar]


def title(run: str, group: str, index: int, *, has_literals: bool = True) -> str:
    """The title of a sample: its own word, the group's word, and in the last variant characters that patterns use."""
    ending = LITERALS if has_literals and index % VARIANTS == VARIANTS - 1 else "plain"
    return f"{own_word(run, group, index)} {word(run, group)} {ending}"


def marked(run: str, group: str) -> str:
    """The text that all samples of a group share: the run's mark and an invented word."""
    return f"{mark(run)} {word(run, f'{group} mark')}"


def full(entity: Entity, run: str, *, group: str = "", index: int = 0, keys: Mapping[str, str] | None = None) -> Body:
    """A valid body that names every field that can be sampled; `index` varies it, `keys` are its foreign keys."""
    group = group or entity.name
    body: Body = {field.name: value(field, run, group=group, index=index) for field in writable(entity)}
    for field, text in ((title_field(entity), title(run, group, index)), (mark_field(entity), marked(run, group))):
        if field is not None:
            body[field.name] = cut(field, text)
    return body | dict(keys or {})


def tame(entity: Entity, run: str, *, group: str, index: int, keys: Mapping[str, str] | None = None) -> Body:
    """As `full`, with a title of letters and blanks alone: what takes any title takes this one."""
    body, field = full(entity, run, group=group, index=index, keys=keys), title_field(entity)
    words = title(run, group, index, has_literals=False)
    return body if field is None else body | {field.name: cut(field, words)}


def minimal(
    entity: Entity, run: str, *, group: str = "", index: int = 0, keys: Mapping[str, str] | None = None
) -> Body:
    """A valid body that names the required fields only."""
    required = {field.name for field in entity.fields if field.required}
    body = full(entity, run, group=group, index=index, keys=keys)
    return {name: given for name, given in body.items() if name in required}


def defaults(entity: Entity) -> Body:
    """What a record holds in the fields that have a default, when its body named none of them."""
    return {field.name: field.default for field in writable(entity) if field.default is not None}


def unset(entity: Entity, body: Mapping[str, object]) -> tuple[str, ...]:
    """The fields without a default that a body left out."""
    return tuple(
        field.name
        for field in entity.fields
        if not field.generated and field.default is None and field.name not in body
    )
