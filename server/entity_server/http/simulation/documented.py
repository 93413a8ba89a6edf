"""The documented answer of an operation and a status: the contract's example, with headers that go with it.

Pure: the moment is an argument. What an example cannot know is said as the contract says it of every answer: the counts
of a page are its body's, a window ends in the future, nothing remains to whom asks too often, and `Allow` names the
methods of the path.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from entity_contract import Contract, Header, Object, Operation
from entity_contract.references import mapping

from entity_server.domain.paging import Pagination, page_links
from entity_server.http.request_ids import HEADER
from entity_server.http.routes import BASE_PATH, allowed
from entity_server.http.services import Answer
from entity_server.http.simulation.examples import example_of, made

_HOUR = 3600


class Undocumented(Exception):  # noqa: N818 - named for what is wrong
    """The operation documents no such status; `documented` are those that it does, in the contract's order."""

    def __init__(self, operation: Operation, status: int) -> None:
        self.documented = tuple(response.status for response in operation.responses)
        known = ", ".join(map(str, self.documented))
        super().__init__(f"{operation.id} documents no {status}; it documents {known}")


def documented_answer(
    contract: Contract, operation: Operation, status: int, *, now: datetime, path: str | None = None
) -> Answer:
    """The answer as the contract documents it, but for X-Request-ID, which is each answer's own. Raises Undocumented.

    `path` is the one that was asked for, percent-encoded: links lead there.
    """
    response = operation.response(status)
    if response is None:
        raise Undocumented(operation, status)
    body = mapping(example_of(contract, response.pointer))
    headers: dict[str, str | None] = {one.name: _example(contract, one) for one in response.headers}
    known = {
        **headers,
        **_paging(path or BASE_PATH + operation.path, mapping(body.get("pagination"))),
        **_limits(response.status, headers.get("Retry-After"), now),
        "Allow": ", ".join(allowed(one.method for one in contract.operations if one.path == operation.path)),
        HEADER: None,
    }
    return Answer(status, body, {name: text for name in headers if (text := known[name]) is not None})


def _example(contract: Contract, header: Header) -> str:
    facts = contract.target(header.schema.removesuffix("/schema"))
    return str(facts["example"] if "example" in facts else made(contract, header.schema))


def _paging(path: str, page: Object) -> Mapping[str, str | None]:
    """The counts of a page as its body has them; links where there are other pages."""
    if not page:
        return {}
    counts = {"X-Total-Count": "total", "X-Page": "page", "X-Per-Page": "limit"}
    links = page_links(path, {}, cast("Pagination", page))
    return {**{header: str(page[member]) for header, member in counts.items()}, "Link": links}


def _limits(status: int, wait: str | None, now: datetime) -> Mapping[str, str]:
    ends = int(now.timestamp()) + (int(wait) if wait is not None and wait.isdecimal() else _HOUR)
    return {"X-RateLimit-Reset": str(ends), **({"X-RateLimit-Remaining": "0"} if status == 429 else {})}
