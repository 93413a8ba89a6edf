"""How variants show: every answer: codes, envelopes, headers, limits, health, generation (E1-E17)."""

import itertools
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from entity_conformance.deployment.exchange import Exchange

from entity_tests.proofs.variants.claims import (
    Allowed,
    Record,
    answers,
    choice,
    freedom,
    header_values,
    lacking,
    records,
    should,
)

_OWN = {402: "TOP_UP", 405: "METHOD_NOT_SUPPORTED", 413: "TOO_LARGE", 422: "BAD_ENTITY", 503: "TRY_LATER"}


def _rises(remaining: Sequence[int]) -> bool:
    """Whether the same number remains twice in a row."""
    return sum(one == other for one, other in itertools.pairwise(remaining)) > 20


def _behind(run: Sequence[Exchange]) -> timedelta:
    """How far the latest creation is behind the runner's clock."""
    created = [one["createdAt"] for one in records([one for one in run if one.status == 201]) if "createdAt" in one]
    latest = max((datetime.fromisoformat(one) for one in created), default=datetime.now(UTC))
    return datetime.now(UTC) - latest


def _ahead(run: Sequence[Exchange]) -> timedelta:
    """How far the Date header was ahead of what was created, at most."""
    made = [(one, header_values([one], "Date")) for one in run if one.status == 201]
    return max(
        (
            parsedate_to_datetime(dates[0]) - datetime.fromisoformat(str(record["createdAt"]))
            for one, dates in made
            for record in records([one])
            if dates and "createdAt" in record
        ),
        default=timedelta(),
    )


def _generated(run: Sequence[Exchange]) -> list[Record]:
    return answers([one for one in run if "/ai/" in one.url], 200)


GENERATION = (
    "generate.returns-text",
    "generate.tokens-within-maximum",
    "generate.needs-authentication",
    "generate.prompt-is-required",
    "generate.prompt-is-text",
    "generate.temperature-range",
    "generate.max-tokens-range",
)


_UNSUPPORTED = choice(create__no_media_type="415")


CLAIMS: Mapping[str, Allowed] = {
    "codes-of-its-own": freedom(
        "E1.own-codes",
        takes="codes of its own",
        shows=lambda run: {_OWN[405], _OWN[422]} <= {str(one.get("code")) for one in answers(run)},
    ),
    "errors-hold-nulls": freedom(
        "E2.extra-members",
        takes="some",
        shows=lambda run: any("code" in one and one.get("data", "") is None for one in answers(run)),
    ),
    "envelopes-say-more": freedom(
        "E2.extra-members",
        takes="some",
        shows=lambda run: any("meta" in one and "links" in one for one in answers(run)),
    ),
    "records-say-more": freedom(
        "E2.extra-members", takes="some", shows=lambda run: any("_links" in one for one in records(run))
    ),
    "creations-say-more": freedom(
        "E2.extra-members", takes="some", shows=lambda run: any("warnings" in one for one in records(run))
    ),
    "pages-say-more": freedom(
        "E2.extra-members",
        takes="some",
        shows=lambda run: any("count" in one.get("pagination", {}) for one in answers(run)),
    ),
    "answers-in-another-language": freedom(
        "E12.text",
        takes="another language",
        shows=lambda run: any(one.get("error") == "Das geht so nicht: Größe?" for one in answers(run)),
    ),
    "limits-of-another-size": choice(limits__default_of_keys="another", limits__default_of_sessions="another"),
    "limits-refill": freedom(
        "E5.algorithm",
        takes="another",
        shows=lambda run: _rises([int(one) for one in header_values(run, "X-RateLimit-Remaining")]),
    ),
    "limits-refill-fast": freedom("E4.counts", shows=lambda run: "6000" in header_values(run, "X-RateLimit-Limit")),
    "unknown-paths-have-a-code": should("errors.unknown-path"),
    "large-bodies-fail-validation": choice(errors__body_too_large="400"),
    "limits-for-strangers": choice(limits__unauthenticated="present", limits__health="present"),
    "request-ids-of-another-form": freedom(
        "E7.form",
        takes="another form",
        shows=lambda run: any(one.startswith("edge-7/") for one in header_values(run, "X-Request-ID")),
    ),
    "health-says-more": freedom(
        "E8.healthy", shows=lambda run: any("checks" in one and "uptime" in one for one in answers(run))
    ),
    "clock-is-slow": freedom("E8.timestamp", shows=lambda run: _behind(run) > timedelta(minutes=50)),
    "clock-is-slow-and-untold": freedom(
        "E8.timestamp",
        shows=lambda run: _behind(run) > timedelta(minutes=1) and not header_values(run, "Date"),
    ),
    "dates-by-a-fast-gateway": freedom("E8.timestamp", shows=lambda run: timedelta(seconds=3) <= _ahead(run)),
    "answers-without-a-date": freedom("E8.timestamp", shows=lambda run: not header_values(run, "Date")),
    **{f"no-generation-by-{status}": lacking("E10.capability", *GENERATION, takes=status) for status in ("405", "501")},
    "no-generation": lacking("E10.capability", *GENERATION, takes="404"),
    "credits-are-spent": lacking("E10.credits", "generate.returns-text", "generate.tokens-within-maximum"),
    "the-generator-wakes-up": freedom(
        "E10.returns-text", shows=lambda run: any("/ai/" in one.url and one.status == 503 for one in run)
    ),
    "few-tokens-give-no-text": freedom(
        "E10.returns-text", shows=lambda run: any((one.get("data") or {}).get("text") == "" for one in _generated(run))
    ),
    "prompt-tokens-count": choice(generate__tokens_within_maximum="prompt-counts"),
    "other-versions-are-refused": choice(errors__other_version="refused"),
    "bodies-need-a-media-type": choice(create__no_media_type="422"),
    "bodies-without-a-media-type-are-bad": choice(create__no_media_type="400"),
    "bodies-without-a-media-type-are-unsupported": _UNSUPPORTED,
    "media-types-have-parameters": freedom(
        "E13.parameters",
        takes="some",
        shows=lambda run: any("charset" in one for one in header_values(run, "Content-Type")),
    ),
    "headers-beyond-the-contract": freedom(
        "E17.not-judged", takes="some of them", shows=lambda run: bool(header_values(run, "ETag"))
    ),
    "header-names-in-small-letters": freedom(
        "E4.remaining", shows=lambda run: all(name == name.lower() for one in run for name, _ in one.response_headers)
    ),
    "json-in-another-spelling": freedom(
        "E2.envelope", shows=lambda run: any(str(one.response_body).startswith("{\n  ") for one in run)
    ),
    "integers-have-decimals": freedom(
        "E18.spelling", takes="12.0", shows=lambda run: any('"total": 0.0' in str(one.response_body) for one in run)
    ),
}
