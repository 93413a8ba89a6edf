"""Checks of our own beside those of schemathesis: envelope, codes, limits, request ids, records read back.

    envelope                  success, data and pagination, or error and code; `totalPages` of `total`
    error_code_of_status      a code belongs to the status that it comes with
    rate_limit_headers        integers that fit together on every authenticated answer, and that count
    request_id                in every answer, and another one each time
    record_read_back          what a 2xx CREATE or PATCH wrote is what READ gives; what DELETE removed is not there

Each finds at least one fault of the reference server; what is a CHOICE is none of theirs. A check that has nothing to
say of an answer returns True, as schemathesis wants it: the answer was not judged.
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, unquote

import schemathesis
from entity_conformance.deployment.no_answer import NoAnswer
from entity_conformance.deployment.reply import Reply, is_id
from entity_contract import Contract, Entity, Field, Operation
from schemathesis import Response
from schemathesis.checks import CHECKS, CheckContext

from entity_tests.properties import envelope
from entity_tests.properties.adapter import KEY, SESSION
from entity_tests.properties.filters import moment
from entity_tests.properties.generation import AnyCase, json_object, member
from entity_tests.properties.levels import OWN_CODES, Breach
from entity_tests.properties.sender import Sender
from entity_tests.properties.share import Spent

ALIKE = 10
"""Requests in a row, after which Remaining has fallen (E4)."""

CLOCKS = 300
"""Seconds that the clock of a deployment without a Date header may be wrong."""

LONGEST_WINDOW = 366 * 24 * 3600
"""Seconds; no limit lasts longer, and a moment in milliseconds lies beyond it (E4.reset)."""

LARGEST = 1e300
"""Integers beyond it may be no float."""

READ_BACKS = 3
"""How often an operation's writes are read back in a phase, at least."""

WHOLE = re.compile(r"[0-9]{1,18}")
"""A number of a header; a longer one counts nothing that there is."""

_REFUSED = 400
_ROUTED = frozenset({404, 405})
"""Statuses by which a router may refuse before it asks who it is: then it knows of no limits."""

_LIMITS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


class OwnChecks:
    """The checks of one run, with what they remember."""

    def __init__(self, contract: Contract, sender: Sender) -> None:
        self._contract = contract
        self._sender = sender
        self._ids: dict[str, None] = {}
        self._same: dict[str, tuple[tuple[int, int, int], int]] = {}
        self._read_back: Counter[tuple[str, str]] = Counter()

    def install(self) -> None:
        """Register every check with schemathesis."""
        for check in self._all:
            schemathesis.check(check)

    def uninstall(self) -> None:
        """Leave schemathesis as it was."""
        for check in self._all:
            CHECKS.unregister(check.__name__)

    @property
    def _all(self) -> tuple[Any, ...]:
        return (
            self.envelope,
            self.error_code_of_status,
            self.rate_limit_headers,
            self.request_id,
            self.record_read_back,
        )

    def envelope(self, _: CheckContext, response: Response, case: AnyCase) -> bool | None:
        """Success with data, or an error with a code."""
        operation = self._operation(case)
        if _is_health(operation) or response.request.method in ("HEAD", "TRACE"):
            return True
        problem = envelope.problem(response.status_code, json_object(response.content), operation)
        if problem is not None:
            raise Breach(operation.id, "envelope", problem, ruling="E2.envelope")
        return None

    def error_code_of_status(self, _: CheckContext, response: Response, case: AnyCase) -> bool | None:
        """A code belongs to the status that it comes with."""
        code = member(response.content, "code")
        status = response.status_code
        if status < 400 or not isinstance(code, str):
            return True
        belongs, known = self._contract.errors.codes.get(code), self._contract.errors.codes_for(status)
        if belongs == status or (belongs is None and (status in OWN_CODES or not known)):
            return None
        message = (
            f'code "{code}" came with {status}, not {belongs}' if belongs else "code is none of the allowed values"
        )
        operation, expected = self._operation(case).id, f"one of {', '.join(known)}"
        raise Breach(
            operation, "error_code_of_status", message, ruling="E1.codes", expected=expected, actual=repr(code)
        )

    def rate_limit_headers(self, _: CheckContext, response: Response, case: AnyCase) -> bool | None:
        """Limit, Remaining and Reset are integers that fit together, and Remaining falls."""
        operation = self._operation(case)
        credential = _credential(response)
        if credential is None or not operation.credentials or response.status_code == 401:
            return True
        texts = [next(iter(response.headers.get(name.lower()) or ()), None) for name in _LIMITS]
        if response.status_code in _ROUTED and texts == [None] * len(_LIMITS):
            return True  # `limits.headers-on-refusals` looks whether a stranger was told the same
        problem, ruling = _unfit(texts, _now(response)), "E4.limit"
        if problem is None and response.status_code < _REFUSED:  # some count no refusals
            problem, ruling = self._stands_still(credential, texts), "E4.counts"
        if problem is not None:
            raise Breach(operation.id, "rate_limit_headers", problem, ruling=ruling)
        return None

    def _stands_still(self, credential: str, texts: list[str | None]) -> str | None:
        limit, remaining, reset = (int(text or 0) for text in texts)
        said, times = self._same.get(credential, ((0, 0, 0), 0))
        times = times + 1 if said == (limit, remaining, reset) else 1
        self._same[credential] = ((limit, remaining, reset), times)
        if times > ALIKE and remaining > 0:
            return f"X-RateLimit-Remaining is {remaining} on {times} answers in a row"
        return None

    def request_id(self, _: CheckContext, response: Response, case: AnyCase) -> bool | None:
        """An id in every answer, and another one each time."""
        said = next(iter(response.headers.get("x-request-id") or ()), "")
        problem = None if said else "X-Request-ID is missing"
        if said and said in self._ids and "X-Request-ID" not in response.request.headers:
            problem = "X-Request-ID is that of another answer"
        self._ids[said] = None
        if problem is not None:
            raise Breach(self._operation(case).id, "request_id", problem, ruling="E7.every-answer")
        return None

    def record_read_back(self, _: CheckContext, response: Response, case: AnyCase) -> bool | None:
        """READ gives what was written, and nothing of what was deleted."""
        operation = self._operation(case)
        entity = self._contract.entity(operation.entity or str(case.path_parameters.get("entity", "")))
        if (
            entity is None
            or operation.action not in ("create", "update", "delete")
            or not 200 <= response.status_code < 300
            or response.request.method != operation.method
        ):
            return True
        phase = str(case.meta.phase.name.value) if case.meta is not None else ""
        if self._read_back[operation.id, phase] >= max(READ_BACKS, self._sender.budget // 200):
            return True
        self._read_back[operation.id, phase] += 1
        data = member(response.content, "data")
        told = data.get("id") if isinstance(data, Mapping) else None
        id_ = case.path_parameters.get("id") or (told if is_id(told) else None)
        if id_ is None and not isinstance(told, str):
            return True  # the schema of a record says so
        if id_ is None:
            raise Breach(operation.id, "record_read_back", "data.id is no segment of a path", ruling="E2.envelope")
        try:
            read = self._sender.ask("GET", f"/{entity.name}/{quote(unquote(str(id_)), safe='')}")
        except (Spent, NoAnswer):
            return True
        problem = (
            _not_gone(read, self._contract.errors.codes)
            if operation.action == "delete"
            else _not_kept(entity, case.body, response, read)
        )
        if problem is not None:
            ruling = "R15.permanent" if operation.action == "delete" else "R10.character-for-character"
            raise Breach(operation.id, "record_read_back", problem, ruling=ruling, exchange=read.exchange)
        return None

    def _operation(self, case: AnyCase) -> Operation:
        return self._contract.operation(case.operation.definition.raw["operationId"])


def _is_health(operation: Operation) -> bool:
    return not operation.credentials


def _credential(response: Response) -> str | None:
    headers = response.request.headers
    if headers.get("Authorization") == f"Bearer {KEY}":
        return "key" if "/v1/keys" not in str(response.request.url) else "session"
    return "session" if SESSION in str(headers.get("Cookie", "")) else None


def _unfit(texts: list[str | None], now: float) -> str | None:
    missing = [name for name, text in zip(_LIMITS, texts, strict=True) if text is None]
    if missing:
        return f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
    for name, text in zip(_LIMITS, texts, strict=True):
        if not WHOLE.fullmatch(text or ""):
            return f"{name} is no whole number: {text}"
    limit, remaining, reset = (int(text or 0) for text in texts)
    if not 0 <= remaining <= limit or limit < 1:
        return f"{remaining} of {limit} requests remain"
    if reset > now + LONGEST_WINDOW:
        return "X-RateLimit-Reset is no moment in seconds since the epoch"
    return "X-RateLimit-Reset is past" if reset < now else None


def _now(response: Response) -> float:
    """The earliest moment at which an answer may have been given, in seconds since the epoch."""
    date = next(iter(response.headers.get("date") or ()), None)
    try:
        return parsedate_to_datetime(date or "").timestamp() - 5
    except (ValueError, OverflowError):
        return datetime.now(UTC).timestamp() - CLOCKS


def _not_gone(read: Reply, codes: Collection[str]) -> str | None:
    code = member(read.content, "code")
    if read.status == 404 and (
        code == "NOT_FOUND" or code not in [*codes]
    ):  # one that nobody knows is judged elsewhere
        return None
    return f"after its deletion READ answers {read.status} {code or 'with the record'}"


def _not_kept(entity: Entity, body: object, written: Response, read: Reply) -> str | None:
    if read.status != 200:
        return f"READ of what was just written answers {read.status}"
    record = member(read.content, "data")
    told = member(written.content, "data")
    if not isinstance(record, Mapping) or not isinstance(told, Mapping):
        return None  # what an answer lacks is judged where it is due
    sent = body if isinstance(body, Mapping) else {}
    for field in entity.fields:
        if field.name not in sent or field.generated:
            continue
        for source, where in ((told, "the answer"), (record, "READ")):
            if not _alike(field, sent[field.name], source.get(field.name)):
                given, got = repr(sent[field.name])[:60], repr(source.get(field.name))[:60]
                return f"{field.name} was sent as {given}, and {where} tells {got}"
    return None


def _alike(field: Field, sent: object, told: object) -> bool:
    """Whether a value came back as it was sent: texts by character, moments to the second, numbers as numbers."""
    if field.type == "datetime" and isinstance(sent, str) and isinstance(told, str):
        one, other = moment(sent), moment(told)
        return one is not None and other is not None and abs((one - other).total_seconds()) < 1
    if isinstance(sent, float) and isinstance(told, int | float) and not isinstance(told, bool):
        return sent == told or (abs(told) < LARGEST and math.isclose(sent, told, rel_tol=1e-9))
    return sent == told and isinstance(sent, bool) == isinstance(told, bool)
