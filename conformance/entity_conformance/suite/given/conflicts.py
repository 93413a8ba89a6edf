"""What 409 tells: a rule that OPTIONS does not tell keeps a record from being made or changed (O4.untold-rules).

Of its own entity the reference tells every rule.
"""

from urllib.parse import urlsplit

from entity_conformance.deployment.problems import OutOfProfile
from entity_conformance.deployment.reply import Reply
from entity_conformance.suite import sample

CONFLICT = 409
IN_ITS_STATE = "{}: no change is taken by the record that this run made (409)"


def demand_no_state(reply: Reply) -> None:
    """Raises OutOfProfile where an act on a record is refused for what the record is; a CREATE as `demand_no_rule`."""
    demand_no_rule(reply)
    name = urlsplit(reply.url).path.split("/")[-2]
    if reply.status == CONFLICT and reply.method == "PATCH" and name != sample.REFERENCES_OWN:
        raise OutOfProfile(IN_ITS_STATE.format(name))


def demand_no_rule(reply: Reply) -> None:
    """Raises OutOfProfile where a CREATE is refused for what is there already."""
    name = urlsplit(reply.url).path.rpartition("/")[2]
    if (reply.method, reply.status) == ("POST", CONFLICT) and name not in {sample.REFERENCES_OWN, "keys"}:
        raise OutOfProfile(f"{name}: no more records are taken beside those that are there (409)")
