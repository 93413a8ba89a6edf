"""Whether a query parameter is read at all, by the answers to requests that differ in it alone. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from urllib.parse import urlsplit

from entity_conformance.deployment.exchange import Exchange
from entity_conformance.report.bodies import id_of, json_object, parameter, parameters, parsed, records
from entity_conformance.report.differences import operation

_ABSENT = object()
_MOST = 0.75
"""Which part of the answers is alike where a parameter has no effect: others write meanwhile, so that some differ."""
_FEW = 3
"""So many records on each of two pages that nobody else's writes can have replaced them all meanwhile."""
_PROOFS = 2
_NUMBER = re.compile(r"[0-9]{1,9}")
_OK = 200

Held = tuple[tuple[object, tuple[str, ...]], ...]
"""The ids of the records in an answer, in order, each with the names of its members."""


def has_no_effect(exchanges: Sequence[Exchange], base: str, name: str) -> bool:
    """Whether most answers to requests that differ in this parameter alone are alike, and none tells otherwise.

    Each is compared with the one before: what was written meanwhile shows once.
    """
    compared = [[*told.values()] for told in _told(exchanges, base, name) if len(told) > 1]
    pairs = [pair for held in compared for pair in pairwise(held)]
    alike = [one == other for one, other in pairs]
    is_read = any(_tells(one, other) for one, other in pairs)
    return bool(alike) and sum(alike) >= _MOST * len(alike) and not is_read


def selects_nothing(exchanges: Sequence[Exchange], base: str, name: str) -> bool:
    """Whether answers hold what the parameter leaves out: records beside a filter, page 1 in place of another."""
    if name == "filter":
        asked = [one for one in exchanges if _is_list(one, base) and parameter(one, name) is not None]
        proofs = [one for one in asked if _has_others(one)]
        return len(proofs) >= _PROOFS and not any(_has_selected(one) for one in asked)
    if name == "limit":
        return _is_uncapped([one for one in exchanges if _is_list(one, base)])
    if name != "page":
        return False
    numbered = [[*told.items()] for told in _told(exchanges, base, name) if len(told) > 1]
    later = [[held for page, held in told if str(page).isdecimal() and int(str(page)) > 1] for told in numbered]
    first = [[held for page, held in told if page in {"1", _ABSENT}] for told in numbered]
    pairs = [(one, other) for ones, others in zip(first, later, strict=True) for one in ones for other in others]
    return bool(pairs) and all(one == other for one, other in pairs)


def _is_uncapped(lists: Sequence[Exchange]) -> bool:
    """Whether several pages hold more than their limit, and none ends there though there are more records."""
    asked = [
        (int(limit), len(records(one)), _total(one))
        for one in lists
        if (limit := parameter(one, "limit")) is not None and _NUMBER.fullmatch(limit)
    ]
    proofs = [length for limit, length, _ in asked if length > limit > 0]
    longest = max((len(records(one)) for one in lists), default=0)
    is_cut = any(length == limit < longest and (total is None or total > limit) for limit, length, total in asked)
    return len(proofs) >= _PROOFS and not is_cut


def _total(exchange: Exchange) -> int | None:
    """How many records there are, as a list's header or pagination tells."""
    body = json_object(exchange) or {}
    paging = body.get("pagination")
    told = paging.get("total") if isinstance(paging, dict) else None
    header = next((value for name, value in exchange.response_headers if name.lower() == "x-total-count"), "")
    if isinstance(told, int):
        return told
    return int(header) if _NUMBER.fullmatch(header) else None


def _told(exchanges: Sequence[Exchange], base: str, name: str) -> Iterator[Mapping[object, Held]]:
    """What lists and records show by the value of a parameter, of each request that is the same but for it."""
    answers: dict[tuple[object, ...], dict[object, Held]] = defaultdict(dict)
    for exchange in exchanges:
        if exchange.method != "GET" or exchange.status != _OK or operation(exchange, base).path == "/health":
            continue
        query = parameters(exchange)
        others = tuple(sorted(pair for pair in query if pair[0] != name))
        value = dict(query).get(name, _ABSENT)
        answers[urlsplit(exchange.url).path, exchange.credential, others].setdefault(value, _held(exchange))
    yield from ({value: held for value, held in told.items() if any(told.values())} for told in answers.values())


def _held(exchange: Exchange) -> Held:
    return tuple((id_of(record), tuple(sorted(record))) for record in records(exchange))


def _tells(one: Held, other: Held) -> bool:
    """Whether two answers differ as no writes of others make them: in order, in members, or in most of the records."""
    first, second = ([id_ for id_, _ in held] for held in (one, other))
    if not first or not second or sorted(map(str, first)) == sorted(map(str, second)):
        return one != other
    names = dict(other)
    if any(names[id_] != told for id_, told in one if id_ in names):
        return True
    fewer, more = sorted((len(first), len(second)))
    return 2 * fewer <= more or (fewer >= _FEW and not set(map(str, first)) & set(map(str, second)))


def _is_list(exchange: Exchange, base: str) -> bool:
    return (exchange.method, exchange.status, operation(exchange, base).path) == ("GET", _OK, "/{entity}")


def _has_selected(exchange: Exchange) -> bool:
    """Whether a list holds what its filter names and nothing else: several records, or none on its first page."""
    held = records(exchange)
    fits = [fit for record in held for fit in _fits(exchange, record)]
    is_empty = not held and parameter(exchange, "page") is None
    return is_empty or (len(held) >= _PROOFS and bool(fits) and all(fits))


def _has_others(exchange: Exchange) -> bool:
    """Whether a list holds a record whose member is another than its filter names."""
    return any(not fit for record in records(exchange) for fit in _fits(exchange, record))


def _fits(exchange: Exchange, record: Mapping[str, object]) -> Iterator[bool]:
    """Whether each member is one of those that the filter names, as far as it names texts."""
    asked = parsed(parameter(exchange, "filter"))
    for name, condition in asked.items() if isinstance(asked, dict) else ():
        named = condition.get("$in") if isinstance(condition, dict) and len(condition) == 1 else [condition]
        if name in record and isinstance(named, list) and all(isinstance(one, str) for one in named):
            yield record[name] in named
