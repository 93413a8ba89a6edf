"""No server at all: the contract's examples as answers, and a respx router that gives them.

    router = example_router("https://api.example.org/api/v1")
    router["listTasks"].mock(return_value=example_response("listTasks", 429))
    with router:
        ...

For tests of what a client does with an answer; what a server would do with a request is not judged. Needs respx.
"""

import difflib
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
import respx
from entity_contract import Contract, Operation, load

from entity_server.http.simulation import documented_answer

_REQUEST_ID = "X-Request-ID"


def example_router(base_url: str, *, contract: Path | None = None) -> respx.MockRouter:
    """A router with a route for each operation, by its operationId; each gives the contract's example of success.

    `base_url` is the client's, and ends in `/v1`. Raises ContractError for a contract that cannot be used.
    """
    if not base_url.rstrip("/").endswith("/v1"):
        raise ValueError(
            f"{base_url} does not end in /v1; give the base URL that the client has, such as https://HOST/api/v1"
        )
    facts = load(contract)
    root = base_url.rstrip("/").removesuffix("/v1")
    router = respx.MockRouter(assert_all_called=False)
    for operation in sorted(facts.operations, key=_generality):
        route = router.route(method=operation.method, url__regex=_url(root, operation, facts), name=operation.id)
        route.mock(side_effect=_answering(facts, operation))
    return router


def example_response(operation: str, status: int | None = None, *, contract: Path | None = None) -> httpx.Response:
    """The documented answer of an operation: the contract's example, with its headers; without a status, a success.

    Raises ValueError for an operation or a status that the contract does not have.
    """
    facts = load(contract)
    known = {one.id: one for one in facts.operations}
    if operation not in known:
        near = " or ".join(difflib.get_close_matches(operation, known, n=2))
        raise ValueError(f"the contract has no operation {operation!r}" + (f"; did you mean {near}?" if near else ""))
    return _response(facts, known[operation], status)


def _generality(operation: Operation) -> list[bool]:
    """A segment that is written out wins over one that is not."""
    return [segment.startswith("{") for segment in operation.path.split("/")]


def _url(root: str, operation: Operation, contract: Contract) -> str:
    """A pattern of the URLs of an operation. What another path has written out is no entity's name (E9)."""
    segments = operation.path.split("/")
    patterns = (
        f"(?!(?:{'|'.join(_literals(contract, index))})(?:[/?]|$))[^/?]+" if segment == "{entity}"
        else "[^/?]+" if segment.startswith("{")
        else re.escape(segment)
        for index, segment in enumerate(segments)
    )  # fmt: skip
    return f"^{re.escape(root)}{'/'.join(patterns)}(?:\\?.*)?$"


def _literals(contract: Contract, index: int) -> list[str]:
    segments = {path[index] for one in contract.operations if len(path := one.path.split("/")) > index}
    return sorted(re.escape(segment) for segment in segments if not segment.startswith("{"))


def _answering(contract: Contract, operation: Operation) -> Callable[[httpx.Request], httpx.Response]:
    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode().partition("?")[0]
        return _response(contract, operation, None, path=path, request_id=request.headers.get(_REQUEST_ID))

    return answer


def _response(
    contract: Contract,
    operation: Operation,
    status: int | None,
    *,
    path: str | None = None,
    request_id: str | None = None,
) -> httpx.Response:
    success = next(response.status for response in operation.responses if response.status < 300)
    answer = documented_answer(contract, operation, status or success, now=datetime.now(UTC), path=path)
    headers = {**answer.headers, _REQUEST_ID: request_id or str(uuid4())}
    return httpx.Response(answer.status, json=answer.body, headers=headers)
