"""Every request of the property tests, their own and schemathesis': each within its share, and told apart by operation.

What may be sent at all, and when, is the deployment's business (`entity_conformance.deployment`); how much of the
budget goes where, and what costs the deployment's owner money, is decided here. One thread uses a `Sender`.
"""

import json
from collections.abc import Mapping
from dataclasses import replace

from entity_conformance.deployment.api import Api, Credential
from entity_conformance.deployment.blocking import Blocking, Stopped
from entity_conformance.deployment.credentials import CredentialName
from entity_conformance.deployment.journal import KEYS
from entity_conformance.deployment.no_answer import NoAnswer
from entity_conformance.deployment.outgoing import Outgoing
from entity_conformance.deployment.ownership import Unsafe, below
from entity_conformance.deployment.problems import Blocked, Unshown
from entity_conformance.deployment.reply import Reply
from entity_conformance.report.text import count

from entity_tests.properties.share import Held, Share, Spent, Withheld

GENERATE = ("ai", "generate")
GENERATIONS = 2
LARGEST_GENERATION = 8
LARGEST_KEY_RING = 6
"""API keys that a run has at a time."""

SILENCES = 5
"""Requests without an answer, one after the other, after which no more are sent."""


class Sender:
    """The requests of one run.

    `halted` says why nothing more is sent, `lost` why the deployment went away, and `spent` why nothing more is sent
    with a credential. `taken` are the collections in which READ shows a record by an id that nobody has, each with the
    exchange that shows it: nothing is written there but to records of the run's own.
    """

    def __init__(self, blocking: Blocking) -> None:
        self.context = blocking.context
        self.share: Share | None = None
        self.operation = ""
        self.halted: str | None = None
        self.lost: str | None = None
        self.spent: dict[str, str] = {}
        self.generations = 0
        self.taken: dict[str, str] = {}
        self._blocking = blocking
        self._exchanges: list[str] = []

    @property
    def main(self) -> CredentialName:
        """The credential that most requests are sent with."""
        return self.context.wallet.main

    @property
    def budget(self) -> int:
        """Requests that the run may send in all."""
        return self.context.wire.bounds.max_requests or 0

    @property
    def left(self) -> int:
        """Requests that the budget leaves, beside what cleaning up takes."""
        return max(0, self.budget - self.context.wire.counted.total - self.context.wire.reserve(None))

    def sent_after(self, exchange: str) -> tuple[str, ...]:
        """The ids of the exchanges that came after one."""
        place = self._exchanges.index(exchange) if exchange in self._exchanges else len(self._exchanges)
        return tuple(self._exchanges[place + 1 :])

    @property
    def last(self) -> tuple[str, ...]:
        """The id of the last exchange; none before the first."""
        return tuple(self._exchanges[-1:])

    def ask(self, method: str, path: str, *, credential: Credential | None = None, json: object = ...) -> Reply:
        """The answer to a request of our own. Raises Spent and NoAnswer."""
        api = Api(self.context, self.operation)
        try:
            return self.send(api.outgoing(method, path, json=json, credential=credential or self.main), evidence=[])
        except (Held, Withheld) as held:
            raise Spent(str(held)) from None

    def send(self, request: Outgoing, *, evidence: list[str]) -> Reply:
        """The answer to any request. Raises Held and Withheld where no more may be sent, and NoAnswer."""
        segments = below(request.url, self.context.base)
        self._admit(request, segments)
        try:
            reply = self._sent(request, segments, evidence)
        except Unshown as unshown:
            self._note_taken(*segments)
            raise self._enough(unshown.reason) from None
        except Blocked as blocked:
            self._is_spent(request.credential, blocked.reason)
            raise self._enough(blocked.reason) from None
        except Stopped:
            self.stopped()
            raise
        except NoAnswer as problem:
            if self.context.wire.silent_in_a_row >= SILENCES:
                self.lost = self.halted = f"the deployment stopped answering: {problem.message}"
            raise
        finally:
            self._exchanges += evidence
        if (request.method, segments) == ("POST", GENERATE) and reply.status < 300:
            self.generations += 1
        return reply

    def stopped(self) -> None:
        """Nothing more is sent, because the run was interrupted or its time is used up; its verdict says which."""
        self.halted = self.halted or "the run was stopped"

    def _sent(self, request: Outgoing, segments: tuple[str, ...], evidence: list[str]) -> Reply:
        """The answer. What is there no longer (it went with its parent) is not written to: an id of nobody's is."""
        check = f"properties: {self.operation}"
        try:
            return self._blocking.send(request, check=check, evidence=evidence)
        except Unshown:
            collection, id_ = segments
            self.context.owned.gone(collection, id_)
            url = f"{self.context.base}/{collection}/{self.context.owned.missing_id}"
            return self._blocking.send(replace(request, url=url), check=check, evidence=evidence)

    def _note_taken(self, collection: str, _: str) -> None:
        """READ was asked about an id that the run made up, and answered with a record."""
        nobodys = (collection, self.context.owned.missing_id)
        shows = [
            one.exchange
            for one in self.context.replies
            if (one.method, one.status) == ("GET", 200) and below(one.url, self.context.base) == nobodys
        ]
        if shows:
            self.taken.setdefault(collection, shows[-1])

    def _admit(self, request: Outgoing, segments: tuple[str, ...]) -> None:
        if (request.method, segments) == ("POST", GENERATE):
            _guard_generation(request)
            if self.generations >= GENERATIONS:
                raise self._enough(f"text was generated {GENERATIONS} times")
        if (request.method, segments) == ("POST", (KEYS,)) and len(self.context.owned.own(KEYS)) >= LARGEST_KEY_RING:
            raise self._enough(f"{LARGEST_KEY_RING} API keys were made")
        if self.halted is None and self.left <= 0:
            self.halted = f"the budget of {count(self.budget, 'request')} is used up"
        if self.halted is not None:
            raise Held(self.halted)
        if request.credential in self.spent:
            raise self._enough(self.spent[request.credential])
        if self.share is not None and not self.share.take(self.operation):
            raise Held("its share of the budget is used up")

    def _is_spent(self, credential: str, reason: str) -> None:
        self.spent.setdefault(credential, reason)
        if credential == self.main and self.halted is None:
            self.halted = reason

    def _enough(self, reason: str) -> Held | Withheld:
        """What ends an operation: in sequences one step of them, elsewhere all that is left of it."""
        in_sequences = self.share is not None and self.share.operations is None
        return Withheld(reason) if in_sequences and self.halted is None else Held(reason)


def _guard_generation(request: Outgoing) -> None:
    try:
        body = json.loads(request.content or b"")
    except (ValueError, RecursionError):
        body = None
    tokens = body.get("maxTokens") if isinstance(body, Mapping) else None
    if tokens is None or (isinstance(tokens, int | float) and tokens > LARGEST_GENERATION):
        raise Unsafe(f"text of more than {LARGEST_GENERATION} tokens was to be generated")
