"""Which entities a recording is about, and what fields they have. Pure.

Tasks are the reference's. Another entity is as its own OPTIONS in the recording tells it (O7); where that is not in it,
it is the contract's, as long as no record that was recorded shows that the deployment has one of its own.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from entity_contract import Contract, Entity, Field

from entity_conformance.deployment.discovery import described
from entity_conformance.deployment.exchange import Exchange
from entity_conformance.deployment.ownership import below
from entity_conformance.oracle.values import is_value


def entities_of(exchanges: Sequence[Exchange], base: str, contract: Contract) -> tuple[list[Entity], list[str]]:
    """The entities that can be judged, and a sentence on each that cannot."""
    found = {entity.name: entity for entity in contract.entities if entity.name == "tasks"}
    records: dict[str, list[Mapping[str, Any]]] = {}
    for one in exchanges:
        path = below(one.url, base) or ("",)
        match path:
            case (name,) if one.method == "OPTIONS" and one.status == 200 and not _is_preflight(one):
                is_known = described(name, _data(one), contract)
                if is_known is not None and is_known.has_schema:
                    found[name] = is_known.entity
            case (name, *_):
                records.setdefault(name, []).extend(_records(one))
    unknown = [entity for entity in contract.entities if entity.name in records and entity.name not in found]
    departures = {entity.name: _departure(entity, records[entity.name]) for entity in unknown}
    found |= {entity.name: entity for entity in unknown if departures[entity.name] is None}
    return list(found.values()), [
        f"{name} is not judged: without an OPTIONS in the file its fields are the contract's, and {why}"
        for name, why in departures.items()
        if why is not None
    ]


def _departure(entity: Entity, records: Sequence[Mapping[str, Any]]) -> str | None:
    """Why records cannot be those of the contract's entity; None where all of them can."""
    if not records:
        return "no record of it is there to tell"
    own = {*(field.name for field in entity.fields), *(relation.name for relation in entity.relations)}
    shown = dict.fromkeys(name for record in records for name in record)
    for name in shown:
        if name not in own and not name.startswith("_"):
            return f"its records have {name!r}, which the contract does not know"
    for name in entity.always:
        if name not in shown:
            return f"its records have no {name}"
    for field in entity.fields:
        if any(not _fits(field, record.get(field.name)) for record in records):
            return f"a {field.name} of its records is no {field.type} of the contract's"
    return None


def _fits(field: Field, value: object) -> bool:
    return value is None or (is_value(field, value) and (not field.values or value in field.values))


def _records(one: Exchange) -> Iterator[Mapping[str, Any]]:
    """The records that an answer shows whole."""
    chosen = {name for name, _ in parse_qsl(urlsplit(one.url).query, keep_blank_values=True)}
    if one.status not in {200, 201} or one.method not in {"GET", "POST"} or "fields" in chosen:
        return
    data = _data(one)
    yield from (record for record in (data if isinstance(data, list) else [data]) if isinstance(record, Mapping))


def _data(one: Exchange) -> object:
    """The `data` of an answer; None where there is none."""
    try:
        body = json.loads(one.response_body or "")
    except (ValueError, RecursionError):
        return None
    return body.get("data") if isinstance(body, dict) else None


def _is_preflight(exchange: Exchange) -> bool:
    return any(name.lower() == "access-control-request-method" for name, _ in exchange.request_headers)
