"""Whether a query parameter is read at all, by the answers to requests that differ in it alone. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit

from entity_conformance.deployment.exchange import Exchange
from entity_conformance.report.differences import json_object, operation

_ABSENT = object()
_MOST = 0.75
"""Which part of the answers is alike where a parameter has no effect: others write meanwhile, so that some differ."""


def answers_alike(exchanges: Sequence[Exchange], base: str, name: str) -> bool:
    """Whether most answers to requests that differ in this parameter alone hold the same records and members."""
    answers: dict[tuple[object, ...], dict[object, object]] = defaultdict(dict)
    for exchange in exchanges:
        asked = operation(exchange, base)
        held = _held(exchange)
        if exchange.method == "GET" and exchange.status == 200 and held is not None and asked.path != "/health":
            query = parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True)
            others = tuple(sorted(pair for pair in query if pair[0] != name))
            value = dict(query).get(name, _ABSENT)
            answers[urlsplit(exchange.url).path, exchange.credential, others].setdefault(value, held)
    compared = [[*told.values()] for told in answers.values() if len(told) > 1]
    alike = [one == first for first, *rest in compared for one in rest]
    return bool(alike) and sum(alike) >= _MOST * len(alike)


def _held(exchange: Exchange) -> object:
    """The ids of the records in an answer, in order, and the names of their members; None where there is none."""
    data = (json_object(exchange) or {}).get("data")
    records = data if isinstance(data, list) else [data]
    told = [(record.get("id"), tuple(sorted(record))) for record in records if isinstance(record, dict)]
    return told or None
