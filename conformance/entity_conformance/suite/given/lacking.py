"""What an entity does not have, so that a requirement is not about it."""

from entity_contract import Entity

from entity_conformance.deployment.problems import NotApplicable, OutOfProfile
from entity_conformance.suite import sample


def lacking(entity: Entity, what: str) -> OutOfProfile:
    """To be raised where an entity has no such thing: `comments has no required text`.

    It is not applicable, unless fields are filled by known samples alone, or by none: a user's own may change that.
    """
    is_spared = any(field.samples or field.pattern == sample.NEVER for field in entity.fields)
    return (OutOfProfile if is_spared else NotApplicable)(f"{entity.name} has {what}")
