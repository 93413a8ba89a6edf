"""Answers that any request of the run was given, by what they say of the server."""

from collections.abc import Sequence

from entity_conformance.deployment.api import Api, Reply, SetAside

_UNDER_WAY = 32
"""Requests that may be under way at once, each of which an answer may not know of."""


def failures_seen(api: Api) -> Sequence[Reply]:
    """Every answer by which the server, or what stands in front of it, failed; a 503 says that it is not there."""
    return _shown(api, [reply for reply in api.seen if reply.status in {500, 502, 504}])


def unavailable_seen(api: Api) -> Sequence[Reply]:
    """Every 503, those included after which the request was sent once more."""
    aside = [one.reply for one in api.set_aside if one.reply.status == 503]
    return _shown(api, [*aside, *(reply for reply in api.seen if reply.status == 503)])


def early_refusals(api: Api) -> Sequence[Reply]:
    """Every 429 that came while requests were left, as it says itself, or as an answer before it said."""
    return _shown(api, [one.reply for one in api.set_aside if one.reply.status == 429 and _are_left(one)])


def _are_left(aside: SetAside) -> bool:
    told = aside.reply.headers.get("X-RateLimit-Remaining")
    return (aside.left or 0) >= _UNDER_WAY if told is None else told != "0"


def _shown(api: Api, replies: Sequence[Reply]) -> Sequence[Reply]:
    """The replies, which others asked for, as evidence of the check that judges them."""
    api.exchanges.extend(reply.exchange for reply in replies)
    return replies
