"""Rules as the control port is told of them, and as it tells of them.

What the schema of a body cannot judge: which operations, statuses and faults there are, and what goes together.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from entity_server.control.rules import Always, Counted, Next, Nth, Rule, Share, When
from entity_server.domain.problems import ValidationFailed
from entity_server.domain.sentences import Reason, Sentence
from entity_server.http.exchange import Delivery
from entity_server.http.fault import UnknownFault
from entity_server.http.operations import CompiledContract


@dataclass(frozen=True, slots=True)
class AskedRules:
    """Reads rules for one contract; `faults` are the ids of the catalogue."""

    compiled: CompiledContract
    faults: Callable[[], Sequence[str]]

    def read(self, body: Mapping[str, Any], *, rule_id: str) -> Rule:
        """The rule that a body describes. Raises ValidationFailed for what its schema cannot judge."""
        if not (body.keys() & {"fault", "status", "delayMs", "dribbleMs"} or body.get("cut")):
            raise ValidationFailed("A rule does something: it has a fault, a status, a delayMs, a dribbleMs or a cut")
        if len(timing := [name for name in ("nth", "times", "share") if name in body]) > 1:
            raise _refused(timing[1], f"Does not go together with {timing[0]}")
        if "seed" in body and "share" not in body:
            raise _refused("seed", "Goes together with share alone")
        if "fault" in body and "status" in body:
            raise _refused("fault", "Does not go together with status: the API is not asked then")
        self.judge_operation(body.get("operationId"))
        self._judge_status(body)
        if "fault" in body and body["fault"] not in (known := self.faults()):
            near = tuple(get_close_matches(body["fault"], known, n=3))
            raise _refused("fault", str(UnknownFault(body["fault"], near)))
        return Rule(
            id=rule_id,
            operation_id=body.get("operationId"),
            when=_when(body),
            fault=body.get("fault"),
            status=body.get("status"),
            headers=body.get("headers", {}),
            delivery=Delivery(body.get("delayMs", 0), body.get("dribbleMs"), body.get("cut", False)),
        )

    def judge_operation(self, name: str | None) -> None:
        """Raises ValidationFailed for an operationId that the contract does not have."""
        if name is not None and name not in self.compiled.operations:
            near = get_close_matches(name, self.compiled.operations, n=3)
            hint = f"did you mean {' or '.join(near)}?" if near else f"it has {', '.join(self.compiled.operations)}"
            raise _refused("operationId", f"The contract has no such operation; {hint}")

    def _judge_status(self, body: Mapping[str, Any]) -> None:
        name, status = body.get("operationId"), body.get("status")
        if status is None:
            if body.get("headers"):
                raise _refused("headers", "Goes together with status alone")
            return
        about = [self.compiled.operations[name]] if name is not None else list(self.compiled.operations.values())
        responses = [found for one in about if (found := one.operation.response(status))]
        if not responses:
            documented = sorted({response.status for one in about for response in one.operation.responses})
            known = ", ".join(map(str, documented))
            text = f"No operation documents it; documented are {known}"
            raise _refused("status", text if name is None else f"{name} documents no {status}; it documents {known}")
        headers = sorted({header.name for response in responses for header in response.headers})
        for header, value in body.get("headers", {}).items():
            if header not in headers:
                raise _refused(f"headers.{header}", f"Is not documented there; documented are {', '.join(headers)}")
            if not (value.isascii() and value.isprintable()):
                raise _refused(f"headers.{header}", "Must be printable ASCII characters")


def told(counted: Counted) -> Mapping[str, object]:
    """The rule as the control port's document describes it."""
    rule = counted.rule
    members: dict[str, object] = {"id": rule.id, "operationId": rule.operation_id}
    members |= {} if rule.fault is None else {"fault": rule.fault}
    members |= {} if rule.status is None else {"status": rule.status}
    members |= {"headers": dict(rule.headers)} if rule.headers else {}
    members |= {"delayMs": rule.delivery.delay_ms} if rule.delivery.delay_ms else {}
    members |= {} if rule.delivery.dribble_ms is None else {"dribbleMs": rule.delivery.dribble_ms}
    members |= {"cut": True} if rule.delivery.cut else {}
    match rule.when:
        case Nth(number=number):
            members["nth"] = number
        case Next(times=times):
            members["times"] = times
        case Share(share=share, seed=seed):
            members |= {"share": share, "seed": seed}
        case Always():
            pass
    return {**members, "seen": counted.seen, "acted": counted.acted}


def _when(body: Mapping[str, Any]) -> When:
    match body:
        case {"nth": number}:
            return Nth(number)
        case {"times": times}:
            return Next(times)
        case {"share": share}:
            return Share(share, body["seed"] if "seed" in body else secrets.randbits(32))
        case _:
            return Always()


def _refused(name: str, reason: str) -> ValidationFailed:
    return ValidationFailed(details={name: Reason.of(Sentence.OTHERWISE, reason)})
