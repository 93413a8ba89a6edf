"""Statuses of answers: a success has the one that its operation documents, 401 says how to come, 405 what there is."""

import re
from collections.abc import Iterator, Mapping, Sequence

from entity_contract import Action, Contract

from entity_conformance.deployment.credentials import BY_NAME
from entity_conformance.deployment.problems import Violation
from entity_conformance.oracle.history import History, Seen
from entity_conformance.suite import expect
from entity_conformance.suite.watch.judgement import Judgement, Watch, over

_GRANTS: Mapping[Action, str] = {
    "list": "list.returns-envelope",
    "create": "create.returns-record",
    "read": "read.returns-record",
    "update": "update.returns-record",
    "delete": "delete.confirms",
    "metadata": "metadata.describes-entity",
}
"""The requirement of each operation that says what its success is."""

_ACTIONS: Mapping[tuple[str, int], Action] = {
    ("GET", 1): "list",
    ("POST", 1): "create",
    ("GET", 2): "read",
    ("PATCH", 2): "update",
    ("DELETE", 2): "delete",
    ("OPTIONS", 1): "metadata",
}
"""By method and by the segments of the path."""

_WRITES: frozenset[Action] = frozenset({"create", "update", "delete"})
_ADMITTED = frozenset(BY_NAME) - {"expired_key"}
_NO_METHOD = 405
_PLAIN = re.compile(r"[\w-]+")


WITH_DATA = tuple(requirement for action, requirement in _GRANTS.items() if action != "delete")
"""Those of operations that answer with records, or with their description."""


def granted_by(seen: Seen) -> str | None:
    """The requirement that says what the success of an operation on an entity is; None of another request."""
    action = _ACTIONS.get((seen.method, len(seen.path)))
    return None if action is None else _GRANTS[action]


def _grants(history: History) -> Iterator[Judgement]:
    documented = {action: _documented(history.contract, action) for action in _GRANTS}
    for seen in history.seen:
        action, entity = _ACTIONS.get((seen.method, len(seen.path))), history.entity(seen)
        is_plain = all(_PLAIN.fullmatch(part) for part in seen.path)
        is_granted = seen.is_success or (seen.status < 400 and seen.credential in _ADMITTED)  # who is not is sent away
        if action is None or entity is None or (action in _WRITES and action not in entity.operations):
            continue  # that an operation is granted which is left out is told by itself (R19.never-granted)
        if seen.is_below_v1 and is_granted and is_plain:
            wanted = documented[action]
            problem = None if seen.status in wanted else _undocumented(seen, wanted)
            is_read = action == "create" and seen.record is not None  # what it holds is read as it is meant
            yield Judgement(
                _GRANTS[action], entity.name, seen.exchange, problem, "envelope" if problem and is_read else "form"
            )


def _documented(contract: Contract, action: Action) -> frozenset[int]:
    """The statuses of success that any entity's operation of that kind has."""
    operations = (one for one in contract.operations if one.action == action)
    return frozenset(response.status for one in operations for response in one.responses if response.status < 400)


def _undocumented(seen: Seen, wanted: frozenset[int]) -> Violation:
    told = " or ".join(str(status) for status in sorted(wanted))
    return Violation(f"the answer is not {told}", expected=told, actual=seen.reply.came, exchange=seen.exchange)


@over("auth.challenge")
def challenge(history: History) -> Iterator[tuple[Seen, Violation | None]]:
    """Every 401 of an entity asks in WWW-Authenticate for a bearer token."""
    for seen in history.seen:
        if seen.is_below_v1 and seen.status == 401 and history.entity(seen) is not None:
            problem = None
            try:
                told = expect.header(seen.reply, "WWW-Authenticate").lower()
                expect.contains(told, "bearer", at="WWW-Authenticate")
            except Violation as violation:
                problem = violation
            yield seen, problem


@over("errors.unknown-method")
def allow(history: History) -> Iterator[tuple[Seen, Violation | None]]:
    """Allow names no method that the path refuses by 405."""
    refused = [seen for seen in history.seen if seen.is_below_v1 and seen.status == _NO_METHOD and not _overrides(seen)]
    methods: dict[tuple[str, ...], set[str]] = {}
    for seen in refused:
        methods.setdefault(seen.path, set()).add(seen.method)
    for seen in refused:
        if "Allow" in seen.reply.headers:
            wrong = sorted(methods[seen.path] & expect.allowed_methods(seen.reply))
            yield seen, _still_allowed(seen, wrong) if wrong else None


def _overrides(seen: Seen) -> bool:
    """Whether a request says another method than it is sent by: nobody knows which of them was refused."""
    return any("method" in name for name in (*seen.sent_headers, *(name for name, _ in seen.query)))


def _still_allowed(seen: Seen, wrong: Sequence[str]) -> Violation:
    return Violation(
        "Allow names a method that this path refuses by 405",
        expected=f"no {' and no '.join(wrong)}",
        actual=seen.reply.headers["Allow"],
        exchange=seen.exchange,
    )


_KNOWN: Mapping[str, str] = dict.fromkeys(
    ("api_key", "other_api_key", "read_key", "write_key", "delete_key"), "auth.key-as-bearer"
) | {"session": "auth.session-cookie"}
"""The requirement that says that a credential is known, by its name."""

_MAY = {"read_key": ("GET", "OPTIONS"), "write_key": ("POST", "PATCH"), "delete_key": ("DELETE",)}
"""What a key with one scope may do: which status refuses the rest is another requirement's."""


def _known(history: History) -> Iterator[Judgement]:
    """A credential that was taken once is taken by every operation of an entity."""
    taken = {seen.credential for seen in history.seen if seen.is_below_v1 and seen.is_success}
    for seen in history.seen:
        is_alone = "authorization" not in seen.sent_headers or "cookie" not in seen.sent_headers
        if seen.credential in taken & _KNOWN.keys() and is_alone and history.entity(seen) is not None:
            is_allowed = seen.method in _MAY.get(seen.credential, (seen.method,))
            problem = _forgotten(seen) if seen.status == 401 and is_allowed else None
            yield Judgement(_KNOWN[seen.credential], None, seen.exchange, problem, "form")


def _forgotten(seen: Seen) -> Violation:
    return Violation(
        f"the {BY_NAME[seen.credential].noun} is not known, though it was before or is later",
        expected="not 401",
        actual=seen.reply.came,
        exchange=seen.exchange,
    )


WATCHES: tuple[Watch, ...] = (
    Watch(_grants, dict.fromkeys(_GRANTS.values(), "")),
    Watch(_known, dict.fromkeys(_KNOWN.values(), "")),
    challenge,
    allow,
)
