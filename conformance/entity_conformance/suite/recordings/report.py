"""A JSON report as recorded exchanges. Pure.

One of an older suite does not tell when each was sent: all of them may have been under way at once.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from entity_contract import Contract

from entity_conformance.deployment.credentials import CREDENTIALS
from entity_conformance.deployment.exchange import Exchange
from entity_conformance.deployment.settings import base_url
from entity_conformance.report.files import ReportError
from entity_conformance.report.recorded import commands
from entity_conformance.suite.ledger import PRODUCTS
from entity_conformance.suite.recordings.recording import (
    CLIENTS_KEY,
    CLIENTS_SESSION,
    STRIPPED,
    Recording,
    body,
    seconds,
)

_NAMES = {row.reported: row.name for row in CREDENTIALS}
_OF_CLIENTS = {CLIENTS_KEY, CLIENTS_SESSION, STRIPPED}
_MARK = re.compile(r"conformance-([a-z]{9})\b")


def recording(document: Mapping[str, Any], *, name: str) -> Recording:
    """The exchanges of a report. Raises ReportError where one lacks what every exchange has.

    Those of a report on an archive are real clients' still: others may have written meanwhile.
    """
    try:
        exchanges = tuple(_exchange(id_, one) for id_, one in document["exchanges"].items())
        began = datetime.fromisoformat(document["startedAt"])
        base = base_url(str(document["target"]))
    except (KeyError, TypeError, AttributeError, ValueError, ArithmeticError):
        raise ReportError(
            f"{name} has an exchange that cannot be read",
            hint="name a report that this suite wrote",
        ) from None
    marks = Counter(found for one in exchanges for found in _MARK.findall(one.request_body or ""))
    run = next((mark for mark, _ in marks.most_common(1)), "")
    is_shared = any(part in _OF_CLIENTS for one in exchanges for part in one.credential.split("+"))
    return Recording(base, began, exchanges, is_shared=is_shared, run=run)


def departures(document: Mapping[str, Any], contract: Contract) -> Iterator[str]:
    """Sentences on what a report, of which `recording` was made, was judged by and this contract's watching is not."""
    try:
        was = str(document["suite"]["contractSha256"])
        asked = [name for name in commands(document) if name in PRODUCTS]
    except (KeyError, TypeError, AttributeError):
        return
    if was != contract.sha256:
        yield f"the report is about another contract: {was[:12]}, and is judged by {contract.sha256[:12]}"
    for name in asked:
        yield f"the report is of `conformance {name}`, whose own requirements need its questions, and are not judged"


def _exchange(id_: str, told: Mapping[str, Any]) -> Exchange:
    request, response = told["request"], told["response"]
    return Exchange(
        id=id_,
        check=str(told["check"]),
        credential="+".join(_NAMES.get(part, part) for part in str(told["credential"]).split("+")),
        method=str(request["method"]),
        url=urlsplit(str(request["url"])).geturl(),
        request_headers=_headers(request["headers"]),
        request_body=body(request["body"]),
        status=None if response is None else int(response["status"]),
        response_headers=() if response is None else _headers(response["headers"]),
        response_body=None if response is None else body(response["body"]),
        seconds=seconds(told["seconds"]),
        error=body(told["error"]),
        at=seconds(told.get("at", 0.0)),
    )


def _headers(pairs: Any) -> tuple[tuple[str, str], ...]:  # noqa: ANN401  # as parsed
    return tuple((str(one["name"]), str(one["value"])) for one in pairs)
