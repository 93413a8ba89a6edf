"""The variables of a run on another deployment: those of `entity_tests.properties`, of a run that writes.

Charter: what the state machine asks of them beyond what they ask of themselves.
"""

from collections.abc import Mapping

from entity_conformance.deployment.settings import Misuse

from entity_tests.properties import settings
from entity_tests.properties.settings import PREFIX, LiveSettings


def from_environment(environment: Mapping[str, str]) -> LiveSettings | None:
    """The deployment that the variables name, with an API key; None when they name none. Raises Misuse."""
    given = settings.from_environment(environment)
    if given is None:
        return None
    if given.api_key is None:
        raise Misuse("no API key was given", hint=f"set {PREFIX}API_KEY to one with all scopes")
    if given.is_read_only:
        hint = f"set {PREFIX}ALLOW_WRITES=1 to let it create, change and delete records of its own"
        raise Misuse(f"the state machine writes, and {given.base} is not this machine", hint=hint)
    return given
