"""What a deployment does in its own way: other codes, names and statuses, parameters without effect, other limits.

Pure: a run and its causes in, notes out, each a word for what it is about and what was seen. Notes accuse nobody: what
is wrong is told by the causes. They are what somebody needs to know who writes a client for this deployment.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from difflib import get_close_matches

from entity_conformance.deployment.exchange import Exchange
from entity_conformance.report.bodies import error_shape, is_error_envelope, json_object, media_type
from entity_conformance.report.causes import Cause
from entity_conformance.report.differences import IN_PLACE, Seen, operation, stand_in
from entity_conformance.report.titles import where
from entity_conformance.report.unread import has_no_effect
from entity_conformance.report.verdict import Run

_WRITING = frozenset({"POST", "PATCH", "DELETE"})
_READING = frozenset({"GET"})
_LET_IN = frozenset({"401", "403"})
_REFUSED, _JSON = 400, "application/json"
_LIMIT = "x-ratelimit-limit"
_EVERYBODYS = ("content-", "date", "server", "connection", "cache-", "access-control-", "transfer-")
"""How headers begin that stand for none of the contract's."""
_ERRORS_AT_MOST, _NO_BODY = 3, "no body"
_IN_PLACE = re.compile(r"^(?P<own>\S.*) in place of (?P<ours>[\w.]+)")
"""How an envelope is told that is another than the contract's: `info in place of pagination`."""

Note = tuple[str, str]


def dialect(run: Run, causes: Sequence[Cause]) -> tuple[Note, ...]:
    """What the deployment does in its own way."""
    wrong = [one for cause in causes for one in cause.seen]
    notes = (
        ("codes", _codes(run, wrong)),
        ("names", _in_place_of([*_members(wrong), *_headers(wrong, run.vocabulary.headers)])),
        ("errors", _errors(run)),
        ("status", "; ".join(filter(None, (_in_place_of(_statuses(run, wrong)), _undocumented(run))))),
        ("query", _without_effect(run, causes)),
        ("limits", _limits(run)),
    )
    return tuple((label, said) for label, said in notes if said)


def _in_place_of(pairs: Sequence[tuple[str, str]]) -> str:
    """`missing in place of NOT_FOUND and ENTITY_NOT_FOUND, bad_sort of INVALID_SORT`."""
    known: dict[str, dict[str, None]] = defaultdict(dict)
    for own, ours in pairs:
        known[own][ours] = None
    said = [f"{own} in place of {' and '.join(ours)}" for own, ours in known.items()]
    return ", ".join(said)


def _codes(run: Run, wrong: Sequence[Seen]) -> str:
    """Codes that the reference does not have, whichever answer they were seen in: `missing in place of NOT_FOUND`."""
    stands_for: dict[str, dict[str, None]] = defaultdict(dict)
    for exchange in (one for one in run.exchanges if (one.status or 0) >= 400):
        code = (json_object(exchange) or {}).get("code")
        if isinstance(code, str) and code not in run.vocabulary.codes:
            stands_for[code][f"with {exchange.status}"] = None
    for what in (one.difference for one in wrong if one.difference.kind == "code"):
        if what.wanted and "," not in what.wanted:
            known = stands_for.setdefault(what.came, {})
            for said in [said for said in known if said.startswith("with ")]:
                del known[said]
            known[f"in place of {what.wanted}"] = None
    return ", ".join(f"{code} {' and '.join(said)}" for code, said in stands_for.items())


def _statuses(run: Run, wrong: Sequence[Seen]) -> list[tuple[str, str]]:
    """Another status of the same kind: 403 for 401, 204 for 200; 200 in place of a refusal's that says so in its body.

    Which status a refusal stands for is not known where something else than a refusal was due.
    """
    told = []
    for one in wrong:
        what = one.difference
        if what.kind not in {"status", "body"} or not what.wanted.isdigit() or what.wanted == what.came:
            continue
        if what.wanted in _LET_IN and one.exchange is not None and where(run, one.exchange).startswith("an unknown"):
            continue  # whether who asks or what is asked for is looked at first
        is_refused = what.came[:1] == "2" and one.exchange and (json_object(one.exchange) or {}).get("success") is False
        if is_refused and what.wanted[0] == "4":
            told.append((f"{what.came} with success: false", what.wanted))
        elif not is_refused and what.wanted[0] == what.came[:1]:
            told.append((what.came, what.wanted))
    return told


def _errors(run: Run) -> str:
    """Envelopes of errors that are not the contract's, each with an answer: `{message} (404: GET an unknown path)`."""
    told: dict[str, dict[int, str]] = defaultdict(dict)
    for exchange in run.exchanges:
        if (exchange.status or 0) < _REFUSED:
            continue
        body = json_object(exchange)
        if not exchange.response_body and exchange.method != "HEAD" and exchange.error is None:
            told[_NO_BODY].setdefault(exchange.status or 0, where(run, exchange))
        elif body is None and media_type(exchange) not in {"", _JSON}:
            told[media_type(exchange)].setdefault(exchange.status or 0, where(run, exchange))
        elif body is not None and body.get("success") is not True and not is_error_envelope({**body, "success": False}):
            told[error_shape(body)].setdefault(exchange.status or 0, where(run, exchange))
    named = [
        f"{form} ({', '.join(f'{status}: {asked}' for status, asked in [*seen.items()][:_ERRORS_AT_MOST])})"
        for form, seen in sorted(told.items(), key=lambda one: one[0] != _NO_BODY)[:_ERRORS_AT_MOST]
    ]
    return ", ".join([*named, *([f"and {len(told) - _ERRORS_AT_MOST} more"] if len(told) > _ERRORS_AT_MOST else [])])


def _undocumented(run: Run) -> str:
    """Statuses that neither the contract nor a ruling knows, each with a request: `418 (GET /tasks)`."""
    known, asked = set(run.vocabulary.statuses), dict[int, str]()
    for exchange in run.exchanges if known else ():
        if exchange.status is not None and exchange.status not in known and not _is_preflight(exchange):
            asked.setdefault(exchange.status, f"{exchange.method} {operation(exchange, run.target, run.keys_url).path}")
    told = ", ".join(f"{status} ({request})" for status, request in sorted(asked.items()))
    return f"documented nowhere: {told}" if told else ""


def _is_preflight(exchange: Exchange) -> bool:
    """Whether a browser would ask so before a request: that is no operation of the API (O6)."""
    return any(name.lower() == "access-control-request-method" for name, _ in exchange.request_headers)


def _members(wrong: Sequence[Seen]) -> list[tuple[str, str]]:
    """`info` in place of `pagination`."""
    missing = [(one, one.difference.said.removesuffix(" is missing")) for one in wrong if _is_missing(one, "content")]
    found = [(stand_in(one.exchange, name), name) for one, name in missing if one.exchange is not None]
    told = [
        said for one in wrong for said in (one.result.actual or "").split("; ") if _IN_PLACE.search(one.result.said)
    ]
    said = [(match["own"], match["ours"]) for match in map(_IN_PLACE.search, told) if match]
    for what in (one.difference for one in wrong if one.difference.members and IN_PLACE in one.difference.said):
        own, _, ours = what.said.partition(IN_PLACE)
        said += zip(own.split(", "), what.members, strict=False) if ours == ", ".join(what.members) else []
    return [*said, *((own, name) for own, name in found if own is not None)]


def _headers(wrong: Sequence[Seen], ours: Sequence[str]) -> list[tuple[str, str]]:
    """`X-Correlation-ID` in place of `X-Request-ID`: a header that is not ours and shares a word with it."""
    known = {name.lower() for name in ours}
    found = []
    for one in wrong:
        if _is_missing(one, "header") and one.exchange is not None and " X-" in one.difference.said:
            name = one.difference.said.removeprefix("the header ").removesuffix(" is missing")
            others = [sent for sent, _ in one.exchange.response_headers if _may_be_own(sent.lower(), known)]
            alike = {other.lower(): other for other in others if _words(other) & _words(name)}
            found += [(alike[match], name) for match in get_close_matches(name.lower(), alike, n=1, cutoff=0.3)]
    return found


def _may_be_own(header: str, known: Collection[str]) -> bool:
    return header not in known and not header.startswith(_EVERYBODYS)


def _words(header: str) -> set[str]:
    return set(header.lower().split("-")) - {"x"}


def _is_missing(one: Seen, kind: str) -> bool:
    return one.difference.kind == kind and one.difference.said.endswith(" is missing")


def _without_effect(run: Run, causes: Sequence[Cause]) -> str:
    """Parameters that something hangs on, though answers are the same whatever is said."""
    suspects = dict.fromkeys(
        cause.hangs_on for cause in causes if any(one.difference.kind == "records" for one in cause.seen)
    )
    names = dict.fromkeys(
        [
            *(name for name in suspects if name is not None and has_no_effect(run.exchanges, run.target, name)),
            *(name for cause in causes for name in cause.unread),
        ]
    )
    if not names:
        return ""
    return f"{' and '.join(names)} {'has' if len(names) == 1 else 'have'} no effect"


def _limits(run: Run) -> str:
    """Another limit for writes than for reads, by what the headers mostly say to the API key."""
    seen: dict[frozenset[str], Counter[str]] = {_READING: Counter(), _WRITING: Counter()}
    for exchange in run.exchanges:
        told = [value for name, value in exchange.response_headers if name.lower() == _LIMIT]
        for methods, values in seen.items():
            if exchange.credential == "api_key" and exchange.method in methods:
                values.update(told)
    most = [next((value for value, _ in values.most_common(1)), "") for values in seen.values()]
    return f"{most[0]} for reads, {most[1]} for writes" if all(most) and most[0] != most[1] else ""
