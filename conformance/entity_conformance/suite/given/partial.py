"""UPDATE where a deployment takes no partial one: what is refused for required fields is sent again beside them.

That it demands them is one mistake (R8): whoever stands on a change that was made asks for it so, and is not hindered.
"""

from collections.abc import Mapping

from entity_contract import Entity

from entity_conformance.deployment.api import Record, Reply
from entity_conformance.suite import expect, sample
from entity_conformance.suite.given.conflicts import BY_A_RULE


def demanded(entity: Entity, known: Record, body: Mapping[str, object], reply: Reply) -> dict[str, object]:
    """What a record holds of required fields that a body does not name, where its refusal may be for lacking these.

    Nothing where the refusal names other fields alone.
    """
    held = {name: known[name] for name in sample.required(entity) if known.get(name) is not None}
    left = {name: value for name, value in held.items() if name not in body}
    named = expect.named(reply)
    return left if reply.status in BY_A_RULE and (not named or named & left.keys()) else {}
