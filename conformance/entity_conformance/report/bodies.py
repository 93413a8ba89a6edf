"""What the bodies and queries of an exchange hold, whatever envelope the deployment has. Pure."""

import json
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, urlsplit

from entity_conformance.deployment.exchange import Exchange

_NAMED_AT_MOST = 6
_DETAILS = "details"


def parameter(exchange: Exchange, name: str) -> str | None:
    """The value of a query parameter, None where it was not sent."""
    return dict(parameters(exchange)).get(name)


def parameters(exchange: Exchange) -> list[tuple[str, str]]:
    """The query's parameters in their order."""
    return parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True)


def parsed(text: str | None) -> object:
    """JSON, None where it is none."""
    try:
        return json.loads(text or "")
    except (ValueError, RecursionError):
        return None


def json_object(exchange: Exchange) -> Mapping[str, object] | None:
    """The answer's body where that is a JSON object."""
    found = parsed(exchange.response_body)
    return found if isinstance(found, dict) else None


def records(exchange: Exchange) -> list[Mapping[str, object]]:
    """The records in an answer: of `data`, of a list within it (`data.items`), or of a body without an envelope."""
    body = parsed(exchange.response_body)
    data = body.get("data", body if "id" in body else None) if isinstance(body, dict) else body
    if isinstance(data, dict):
        lists = [value for value in data.values() if isinstance(value, list)]
        is_wrapping = len(lists) == 1 and "id" not in data and all(isinstance(one, dict) for one in lists[0])
        data = lists[0] if is_wrapping else [data]
    return [one for one in data if isinstance(one, dict)] if isinstance(data, list) else []


def id_of(record: Mapping[str, object]) -> object:
    """The id of a record, in whatever spelling it has it: `_id`, `Id`."""
    return next((value for name, value in record.items() if name.strip("_-").lower() == "id"), None)


def media_type(exchange: Exchange) -> str:
    """The media type of an answer without its parameters, empty where it tells none."""
    told = next((value for name, value in exchange.response_headers if name.lower() == "content-type"), "")
    return told.partition(";")[0].strip().lower()


def shape(body: Mapping[str, object]) -> str:
    """The members of a body in words: `{success, error: {code, message}}`."""
    return f"{{{', '.join(_named([*body], body))}}}"


def _named(names: Sequence[str], body: Mapping[str, object]) -> list[str]:
    told = []
    for name in names[:_NAMED_AT_MOST]:
        value = body[name]
        told.append(
            f"{name}: {{{', '.join([*value][:_NAMED_AT_MOST])}}}" if isinstance(value, dict) and value else name
        )
    return [*told, "…"] if len(names) > _NAMED_AT_MOST else told


def error_shape(body: Mapping[str, object]) -> str:
    """The shape of an error whether it has details or not: that hangs on what was refused."""
    error = body.get("error")
    told = (
        {**body, "error": {one: value for one, value in error.items() if one != _DETAILS}}
        if isinstance(error, dict)
        else body
    )
    return shape({name: value for name, value in told.items() if name != _DETAILS})


def is_error_envelope(body: Mapping[str, object]) -> bool:
    """Whether an error is told as the contract has it: success, a text for people and a code beside each other."""
    return body.get("success") is False and isinstance(body.get("error"), str) and isinstance(body.get("code"), str)
