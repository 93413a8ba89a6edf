"""What the operations of the control port do, by operationId.

A handler is given what was asked, judged by the document already, and answers with `data`, or with what the envelope
holds beside it.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

from entity_contract import Contract

from entity_server.client_report import Judge
from entity_server.control.asked_rules import AskedRules, told
from entity_server.control.clock import EARLIEST, LATEST, OutOfRange
from entity_server.control.owners import Owners
from entity_server.control.recording import shown
from entity_server.control.reporting import report
from entity_server.control.seeding import Seeding
from entity_server.control.state import MOST_SNAPSHOTS, Labelled, State, TooManySnapshots
from entity_server.domain.keys import KeyRequest, present
from entity_server.domain.problems import NotFound, ValidationFailed
from entity_server.domain.sentences import Reason, Sentence
from entity_server.domain.times import read_instant, wire_time
from entity_server.http.authentication import COOKIES
from entity_server.http.issuing import issue_key, issue_session
from entity_server.http.operations import CompiledContract

MOST_RULES = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to the control port: the values of its path and its query, and the members of its body."""

    values: Mapping[str, str]
    query: Mapping[str, Any]
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answered:
    """What the envelope of an answer holds beside `success`."""

    members: Mapping[str, object]
    status: int = 200


Handler = Callable[[Asked], Awaitable[Answered]]


@dataclass(slots=True)
class Operations:
    """The handlers of the control port, over the state of one server.

    `client_judge` makes a judge of clients who has seen nothing yet.
    """

    contract: Contract
    compiled: CompiledContract
    state: State
    owners: Owners
    asked_rules: AskedRules
    client_judge: Callable[[], Judge]
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def handlers(self) -> Mapping[str, Handler]:
        """The handler of every operation that answers with JSON."""
        return {
            "reset": self._reset,
            "seed": self._seed,
            "dump": self._dump,
            "listSnapshots": self._list_snapshots,
            "createSnapshot": self._create_snapshot,
            "deleteSnapshot": self._delete_snapshot,
            "restoreSnapshot": self._restore_snapshot,
            "createKey": self._create_key,
            "createSession": self._create_session,
            "setCredits": self._set_credits,
            "readClock": self._read_clock,
            "setClock": self._set_clock,
            "moveClock": self._move_clock,
            "resetClock": self._reset_clock,
            "listRules": self._list_rules,
            "createRule": self._create_rule,
            "readRule": self._read_rule,
            "deleteRule": self._delete_rule,
            "deleteRules": self._delete_rules,
            "listRequests": self._list_requests,
            "deleteRequests": self._delete_requests,
            "readClientReport": self._read_client_report,
        }

    async def _reset(self, _: Asked) -> Answered:
        await self.state.reset()
        return _now(self.state)

    async def _seed(self, asked: Asked) -> Answered:
        store = self.state.store
        async with self.state.traffic.held():
            before = await store.snapshot()
            try:
                owner = await self.owners.id_of(asked.body.get("owner"))
                seeding = Seeding(self.contract, self.compiled, store, self.owners, owner, self.state.clock())
                records = await seeding.add(asked.body["records"])
            except BaseException:
                await store.restore(before)
                raise
        if asked.body["baseline"]:
            await self.state.settle()
        return _data({"owner": owner, "records": records}, status=201)

    async def _dump(self, _: Asked) -> Answered:
        contents = await self.state.store.contents()
        now = self.state.clock().timestamp()
        return _data(
            {
                "records": {
                    name: [{"owner": owner, "record": record} for owner, record in records]
                    for name, records in contents.records.items()
                },
                "keys": [{"owner": key.user_id, **present(key)} for key in contents.keys],
                "sessions": [
                    {"owner": one.user_id, "expiresAt": one.expires_at and wire_time(one.expires_at)}
                    for one in contents.sessions
                ],
                "credits": [{"owner": owner, "balance": balance} for owner, balance in contents.credits.items()],
                "limits": [
                    {"caller": caller, "used": min(used, limiter.limit.limit), "limit": limiter.limit.limit,
                     "reset": wire_time(EARLIEST + timedelta(seconds=ends))}
                    for limiter in self.state.limiters.values()
                    for caller, (ends, used) in limiter.windows.items()
                    if ends > now
                ],
                "clock": _clock(self.state),
            }
        )  # fmt: skip

    async def _list_snapshots(self, _: Asked) -> Answered:
        return _data([_label(one) for one in self.state.snapshots.values()])

    async def _create_snapshot(self, _: Asked) -> Answered:
        try:
            return _data(_label(await self.state.remember()), status=201)
        except TooManySnapshots:
            text = f"There are {MOST_SNAPSHOTS} snapshots, and no more can be kept; delete one first"
            raise ValidationFailed(text) from None

    async def _delete_snapshot(self, asked: Asked) -> Answered:
        del self.state.snapshots[self._snapshot(asked).id]
        return Answered({})

    async def _restore_snapshot(self, asked: Asked) -> Answered:
        await self.state.restore(self._snapshot(asked))
        return _now(self.state)

    def _snapshot(self, asked: Asked) -> Labelled:
        label = self.state.snapshots.get(asked.values["snapshotId"])
        if label is None:
            raise NotFound("There is no snapshot of that id; GET /control/v1/snapshots lists them")
        return label

    async def _create_key(self, asked: Asked) -> Answered:
        owner = await self.owners.id_of(asked.body.get("owner"))
        request = KeyRequest(asked.body["name"], tuple(asked.body["scopes"]), _moment(asked.body["expiresAt"]))
        key, secret = await issue_key(self.state.store.keys, owner, request, now=self.state.clock())
        return _data({"owner": owner, **present(key, secret)}, status=201)

    async def _create_session(self, asked: Asked) -> Answered:
        owner = await self.owners.id_of(asked.body.get("owner"))
        expires_at = _moment(asked.body["expiresAt"])
        token = await issue_session(self.state.store.sessions, owner, expires_at=expires_at)
        cookie = f"{COOKIES[0]}={token}"
        told = expires_at and wire_time(expires_at)
        return _data({"owner": owner, "token": token, "cookie": cookie, "expiresAt": told}, status=201)

    async def _set_credits(self, asked: Asked) -> Answered:
        owner = await self.owners.id_of(asked.body.get("owner"))
        accounts = self.state.store.credits
        async with self.state.traffic.held():
            await accounts.grant(owner, asked.body["balance"] - await accounts.balance(owner))
        return _data({"owner": owner, "balance": asked.body["balance"]})

    async def _read_clock(self, _: Asked) -> Answered:
        return _data(_clock(self.state))

    async def _set_clock(self, asked: Asked) -> Answered:
        moment = _moment(asked.body["now"])
        assert moment is not None
        try:
            self.state.clock.set(moment, frozen=asked.body["frozen"])
        except OutOfRange:
            raise _out_of_range("now") from None
        return _data(_clock(self.state))

    async def _move_clock(self, asked: Asked) -> Answered:
        try:
            self.state.clock.move(timedelta(**asked.body))
        except (OutOfRange, OverflowError):
            raise _out_of_range("body") from None
        return _data(_clock(self.state))

    async def _reset_clock(self, _: Asked) -> Answered:
        self.state.clock.run()
        return _data(_clock(self.state))

    async def _list_rules(self, _: Asked) -> Answered:
        return _data([told(one) for one in self.state.rules.all()])

    async def _create_rule(self, asked: Asked) -> Answered:
        if len(self.state.rules) >= MOST_RULES:
            raise ValidationFailed(f"There are {MOST_RULES} rules, and no more can be kept; delete some first")
        rule = self.asked_rules.read(asked.body, rule_id=f"rule_{next(self._numbers)}")
        return _data(told(self.state.rules.add(rule)), status=201)

    async def _read_rule(self, asked: Asked) -> Answered:
        counted = self.state.rules.find(asked.values["ruleId"])
        if counted is None:
            raise _no_rule()
        return _data(told(counted))

    async def _delete_rule(self, asked: Asked) -> Answered:
        if not self.state.rules.remove(asked.values["ruleId"]):
            raise _no_rule()
        return Answered({})

    async def _delete_rules(self, _: Asked) -> Answered:
        self.state.rules.clear()
        return Answered({})

    async def _list_requests(self, asked: Asked) -> Answered:
        requests = self.state.requests
        self.asked_rules.judge_operation(asked.query.get("operationId"))
        names = {"since": "since", "operationId": "operation_id", "limit": "limit"}
        found = requests.last(**{names[name]: value for name, value in asked.query.items()})
        return Answered({"data": [shown(one) for one in found], "forgotten": requests.forgotten})

    async def _delete_requests(self, _: Asked) -> Answered:
        self.state.requests.clear()
        return Answered({})

    async def _read_client_report(self, _: Asked) -> Answered:
        return _data(report(self.client_judge(), self.state.requests.last()).json())


def _data(data: object, *, status: int = 200) -> Answered:
    return Answered({"data": data}, status)


def _now(state: State) -> Answered:
    return _data({"now": wire_time(state.clock())})


def _label(label: Labelled) -> Mapping[str, object]:
    return {"id": label.id, "createdAt": wire_time(label.created_at)}


def _clock(state: State) -> Mapping[str, object]:
    clock = state.clock
    return {
        "now": wire_time(clock()),
        "offsetSeconds": round(clock.ahead.total_seconds(), 3),
        "frozen": clock.setting.frozen is not None,
    }


def _moment(text: str | None) -> Any:  # noqa: ANN401 - a moment, or None where there is no text
    return None if text is None else read_instant(text)


def _out_of_range(name: str) -> ValidationFailed:
    return _refused(name, f"Must leave the clock between {wire_time(EARLIEST)} and {wire_time(LATEST)}")


def _no_rule() -> NotFound:
    return NotFound("There is no rule of that id; GET /control/v1/rules lists them")


def _refused(name: str, reason: str) -> ValidationFailed:
    return ValidationFailed(details={name: Reason.of(Sentence.OTHERWISE, reason)})
