"""What a fault is: one clause of the contract, broken on purpose.

Four places to go wrong in, all outside of the code that is right:

    on_request   a request, before anybody looks at it: the only one that sees its headers
    on_answer    the answer, behind the response validator
    around       a handler: before it, after it, or instead of it
    in_services  what the handlers work with: a store that forgets, a decision that is wrong

A fault is a function under a decorator that names the clause; its docstring is the summary that people read.
"""

import ast
from collections.abc import Callable, Collection
from dataclasses import replace
from inspect import getdoc, getsource
from textwrap import dedent

from entity_contract import Action

from entity_server.http.exchange import Incoming
from entity_server.http.fault import Acts, Compose, Fault
from entity_server.http.services import Answer, Around, Call, Handler


class Chapter:
    """The faults of one file."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Every fault that was declared here, in order."""
        return tuple(self._faults)

    def add(self, fault: Fault) -> None:
        """A fault that acts in several places."""
        self._faults.append(fault)

    def on_request(self, fault_id: str, *, breaks: str, ruling: str | None = None) -> Callable[[Incoming], Incoming]:
        """A fault that refuses some requests by what their headers say."""

        def declare(refuse: Incoming) -> Incoming:
            self._faults.append(Fault(fault_id, breaks, summary(refuse), ruling, Acts(incoming=refuse)))
            return refuse

        return declare

    def on_answer(
        self,
        fault_id: str,
        *,
        breaks: str,
        ruling: str | None = None,
        to: Collection[Action | str],
        statuses: Collection[int] = (200, 201),
    ) -> Callable[[Callable[[Answer], Answer]], Callable[[Answer], Answer]]:
        """A fault in the answers to some operations, named by their action or operationId, with some statuses."""

        def declare(change: Callable[[Answer], Answer]) -> Callable[[Answer], Answer]:
            def outgoing(call: Call | None, answer: Answer) -> Answer:
                return change(answer) if _concerns(call, to) and answer.status in statuses else answer

            self._faults.append(Fault(fault_id, breaks, summary(change), ruling, Acts(outgoing=outgoing)))
            return change

        return declare

    def around(
        self,
        fault_id: str,
        *,
        breaks: str,
        ruling: str | None = None,
        to: Collection[Action | str],
    ) -> Callable[[Around], Around]:
        """A fault in place of the handlers of some operations, named by their action or operationId."""

        def declare(stand_in: Around) -> Around:
            async def around(call: Call, handler: Handler) -> Answer:
                return await (stand_in(call, handler) if _concerns(call, to) else handler(call))

            self._faults.append(Fault(fault_id, breaks, summary(stand_in), ruling, Acts(around=around)))
            return stand_in

        return declare

    def in_services(self, fault_id: str, *, breaks: str, ruling: str | None = None) -> Callable[[Compose], Compose]:
        """A fault in what the handlers work with."""

        def declare(compose: Compose) -> Compose:
            self._faults.append(Fault(fault_id, breaks, summary(compose), ruling, Acts(services=compose)))
            return compose

        return declare

    def anew(
        self, fault_id: str, *, breaks: str, ruling: str | None = None
    ) -> Callable[[Callable[[], Acts]], Callable[[], Acts]]:
        """A fault that remembers something: the function is called for each server, and tells what it does."""

        def declare(begin: Callable[[], Acts]) -> Callable[[], Acts]:
            self._faults.append(Fault(fault_id, breaks, summary(begin), ruling, begin=begin))
            return begin

        return declare


def with_body(answer: Answer, **members: object) -> Answer:
    """The answer with other members in its body."""
    return replace(answer, body={**(answer.body or {}), **members})


def with_headers(answer: Answer, **headers: str | None) -> Answer:
    """The answer with other headers, `X_Page` for X-Page; None leaves one out."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    kept = {name: value for name, value in answer.headers.items() if name not in given}
    return replace(answer, headers=kept | {name: value for name, value in given.items() if value is not None})


def _concerns(call: Call | None, to: Collection[Action | str]) -> bool:
    return call is not None and (call.operation.id in to or call.operation.action in to)


def summary(function: Callable[..., object]) -> str:
    """The first line of a function's docstring, which people read of a fault.

    Python drops docstrings when it is told to (`-OO`); the source has them still.
    """
    written = getdoc(function)
    if written is None:
        (declared,) = ast.parse(dedent(getsource(function))).body
        assert isinstance(declared, ast.FunctionDef | ast.AsyncFunctionDef)
        written = ast.get_docstring(declared)
    assert written, f"{function.__name__} needs a docstring: it is what people read of a fault"
    return written.splitlines()[0]
