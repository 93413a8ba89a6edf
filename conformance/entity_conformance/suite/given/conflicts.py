"""What 409 tells: a rule that OPTIONS does not tell keeps a record from being made or changed (O4.untold-rules).

Of its own entity the reference tells every rule.
"""

import re
from urllib.parse import urlsplit

from entity_conformance.deployment.api import Api
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.deployment.reply import Reply
from entity_conformance.suite import sample

CONFLICT = 409
BY_A_RULE = {400, 422}


def no_change_taken(name: str) -> OutOfProfile | Blocked:
    """What is raised where a record takes no change. Of the reference's own entity it is judged elsewhere."""
    message = f"{name}: no change is taken by the record that this run made (409)"
    return Blocked(message) if name == sample.REFERENCES_OWN else OutOfProfile(message)


def demand_no_state(reply: Reply) -> None:
    """Raises OutOfProfile where an act on a record is refused for what the record is; a CREATE as `demand_no_rule`.

    Raises Blocked where the reference says that such a record can be changed.
    """
    demand_no_rule(reply)
    if reply.status == CONFLICT and reply.method == "PATCH":
        raise no_change_taken(urlsplit(reply.url).path.split("/")[-2])


def demand_no_rule(reply: Reply) -> None:
    """Raises OutOfProfile where a CREATE is refused for what is there already."""
    if reply.status == CONFLICT and _may_be_ruled(reply):
        raise OutOfProfile(f"{_created(reply)}: no more records are taken beside those that are there (409)")


def demand_no_rule_of_fields(api: Api, reply: Reply) -> None:
    """Raises OutOfProfile where a CREATE is refused by the name of a field, though others of its entity were taken."""
    if reply.status in BY_A_RULE and is_by_a_rule(reply):
        replies = [one.reply for one in api.context.asked if one.request.method == "POST" and one.reply is not None]
        if any(other.is_granted and other.url == reply.url for other in replies):
            told = ", ".join(sorted(named(reply)))
            raise OutOfProfile(f"{_created(reply)}: a record is refused by a rule about {told} that is not told")


def is_by_a_rule(reply: Reply) -> bool:
    """Whether a CREATE is refused for what is there already, or by the name of a field."""
    return _may_be_ruled(reply) and (reply.status == CONFLICT or (reply.status in BY_A_RULE and bool(named(reply))))


def named(reply: Reply) -> set[str]:
    """The fields that a refusal names."""
    try:
        return {re.split(r"[.\[]", field, maxsplit=1)[0] for field in reply.details}
    except Violation:
        return set()


def _may_be_ruled(reply: Reply) -> bool:
    return reply.method == "POST" and _created(reply) not in {sample.REFERENCES_OWN, "keys"}


def _created(reply: Reply) -> str:
    return urlsplit(reply.url).path.rpartition("/")[2]
