"""Verbs over response headers: numbers, links, rate limits, identifiers."""

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import parse_qsl, urljoin, urlsplit

from entity_conformance.deployment.problems import Violation
from entity_conformance.deployment.reply import Reply
from entity_conformance.suite.expect.values import shown

ROUTED = frozenset({404, 405})
"""Statuses by which a router refuses what leads to nobody, and handlers what is not there."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """The three rate limit headers of one answer; `reset` is seconds since the epoch."""

    limit: int
    remaining: int
    reset: int


def header(reply: Reply, name: str) -> str:
    """A header that is there and not empty."""
    value = reply.header(name).strip() if name in reply.headers else ""
    if not value:
        raise Violation(
            f"the header {name} is missing", expected=name, actual="no such header", exchange=reply.exchange
        )
    return value


def no_header(reply: Reply, name: str) -> None:
    """A header that is not there."""
    value = reply.headers.get(name)
    if value is not None:
        raise Violation(
            f"the header {name} is there", expected="no such header", actual=shown(value), exchange=reply.exchange
        )


def integer_header(reply: Reply, name: str) -> int:
    """A header that holds a non-negative integer of at most 18 digits, which any client can read, and nothing else."""
    value = header(reply, name)
    if re.fullmatch(r"[0-9]{1,18}", value) is None:
        raise Violation(
            f"the header {name} is no integer", expected="1 to 18 digits", actual=shown(value), exchange=reply.exchange
        )
    return int(value)


def rate_limit(reply: Reply) -> RateLimit:
    """The three rate limit headers, all there and all integers, with no more remaining than the limit."""
    found = RateLimit(
        limit=integer_header(reply, "X-RateLimit-Limit"),
        remaining=integer_header(reply, "X-RateLimit-Remaining"),
        reset=integer_header(reply, "X-RateLimit-Reset"),
    )
    if found.remaining > found.limit:
        expected = f"at most X-RateLimit-Limit ({found.limit})"
        raise Violation(
            "X-RateLimit-Remaining exceeds the limit",
            expected=expected,
            actual=str(found.remaining),
            exchange=reply.exchange,
        )
    return found


def no_rate_limit(reply: Reply) -> None:
    """None of the rate limit headers."""
    for name in ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"):
        no_header(reply, name)


def json_media_type(reply: Reply) -> None:
    """The answer says that it is JSON; parameters are allowed."""
    value = header(reply, "Content-Type")
    if value.partition(";")[0].strip().lower() != "application/json":
        raise Violation(
            "the answer is not JSON by its media type",
            expected="application/json",
            actual=shown(value),
            exchange=reply.exchange,
        )


def allowed_methods(reply: Reply) -> frozenset[str]:
    """The methods of the Allow header; none where it is empty, as a resource may say that takes none (RFC 9110)."""
    told = reply.header("Allow") if "Allow" in reply.headers else header(reply, "Allow")
    return frozenset(name.strip().upper() for name in told.split(",") if name.strip())


@dataclass(frozen=True, slots=True)
class Link:
    """A page link: its target, resolved against the URL that was asked (RFC 8288), and its query's parameters.

    `asked` are the parameters of the request, but for `page`, in any order.
    """

    url: str
    query: tuple[tuple[str, str], ...]
    asked: list[tuple[str, str]]
    is_elsewhere: bool

    @property
    def kept(self) -> list[tuple[str, str]]:
        """The parameters of the target, but for `page`, in any order."""
        return _besides_page(self.query)


def _besides_page(query: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted((name, as_sent(name, value)) for name, value in query if name != "page")


def as_sent(name: str, value: str) -> str:
    """A query parameter, a filter in one spelling of its JSON: a link may write the same filter in another one."""
    with suppress(ValueError, RecursionError):
        return json.dumps(json.loads(value)) if name == "filter" else value
    return value


def link(reply: Reply, rel: str) -> Link:
    """The page link with that relation. Where it leads shows who follows it."""
    target = reply.links.get(rel)
    if target is None:
        raise Violation(
            f"there is no link to {rel}",
            expected=f'rel="{rel}"',
            actual=shown(reply.headers.get("Link")),
            exchange=reply.exchange,
        )
    url = urljoin(reply.url, target)
    asked, led = urlsplit(reply.url), urlsplit(url)
    is_elsewhere = (asked.scheme, asked.netloc) != (led.scheme, led.netloc)
    sent = _besides_page(parse_qsl(asked.query, keep_blank_values=True))
    return Link(url, tuple(parse_qsl(led.query, keep_blank_values=True)), sent, is_elsewhere)


def no_link(reply: Reply, *rels: str) -> None:
    """The answer links to none of these relations."""
    links = reply.links
    for rel in rels:
        if rel in links:
            raise Violation(
                f"there is a link to {rel}",
                expected=f"no link to {rel}",
                actual=shown(links[rel]),
                exchange=reply.exchange,
            )
