"""Performs a plan: every step once, several at a time, each ending in one result whatever happens in it.

The runner receives checks and never imports them. An exception that is none of the three that a check may end with is
our defect: `broken`, told by its type, message and place, never blamed on the deployment.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from entity_conformance.deployment.api import Api, NoAnswer, RunContext
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Unjudged, Violation
from entity_conformance.deployment.reply import reading
from entity_conformance.report.verdict import Outcome, Result, outcome_of_violation
from entity_conformance.suite.absent import of_absent_operations, without_absent_operations
from entity_conformance.suite.course import Found, Watcher
from entity_conformance.suite.defects import defect_of
from entity_conformance.suite.ledger import Ledger
from entity_conformance.suite.order import Order
from entity_conformance.suite.plan import Plan, Step
from entity_conformance.suite.watch import history_of, judgements
from entity_conformance.suite.watch.merging import merged

_ENDED_AS = {Outcome.failed: "failed", Outcome.broken: "broke"}
_ABOUT = "it is about what"
_MARGIN = 1.0
"""Seconds past the expiry of a key, since a `Date` header tells whole seconds."""


class Runner:
    """One performance of one plan."""

    def __init__(  # noqa: PLR0913  # what a performance consists of
        self,
        plan: Plan,
        ledger: Ledger,
        context: RunContext,
        watcher: Watcher,
        *,
        concurrency: int = 1,
        strict: bool = False,
        look_again: Callable[[RunContext], Awaitable[None]] | None = None,
    ) -> None:
        self._plan = plan
        self._ledger = ledger
        self._context = context
        self._watcher = watcher
        self._concurrency = max(concurrency, 1)
        self._strict = strict
        self._look_again = look_again
        self._results: dict[int, Result] = {}
        self._choices: dict[tuple[str, str], None] = {}
        self._lost: str | None = None

    async def perform(self, stop: asyncio.Event) -> Found:
        """Perform the steps until all have ended or `stop` is set; what has not ended by then is blocked."""
        self._watcher.planned(len(self._plan.steps))
        stopped = asyncio.ensure_future(stop.wait())
        everything = asyncio.ensure_future(self._perform_all())
        try:
            awaited: set[asyncio.Future[Any]] = {everything, stopped}
            await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
            was_interrupted = not everything.done()
            if self._look_again is not None and not was_interrupted and self._lost is None:
                await self._look_again(self._context)
        finally:
            stopped.cancel()
            everything.cancel()
            await asyncio.gather(everything, return_exceptions=True)
            await self._context.shared.close()
        for place, step in enumerate(self._plan.steps):
            if place not in self._results:
                self._results[place] = self._result(step, Outcome.blocked, "the run ended before that")
        if not was_interrupted:
            everything.result()
        ended = [self._results[place] for place in range(len(self._plan.steps))]
        return Found(
            results=without_absent_operations(self._with_watched(ended), self._context.replies, self._context.base),
            choices=tuple(self._choices),
            lost=self._lost,
        )

    def _with_watched(self, ended: Sequence[Result]) -> tuple[Result, ...]:
        """The results, with what the answers say to whoever did not ask for them."""
        checks = {step.check.requirement: step.check for step in self._plan.steps}
        last = of_absent_operations(self._context.replies, self._context.base)
        judged = judgements(history_of(self._context), checks)
        found = merged(ended, checks, judged, strict=self._strict, last=last)
        return tuple(
            one if one is before else self._told(one, one.exchanges, one.seconds)
            for one, before in zip(found, ended, strict=True)
        )

    async def _perform_all(self) -> None:
        """Start what stands on nothing that is still to end, the longest chain first, as often as a place is free."""
        order = Order(self._plan)

        async def perform(place: int) -> None:
            try:
                await self._work(place)
            finally:
                places.release()
            order.ended(place)

        try:
            async with self._context.shared.places.opened(self._concurrency) as places, asyncio.TaskGroup() as group:
                while order.is_under_way:
                    await order.something_to_start()
                    await places.acquire()
                    group.create_task(perform(order.next()))
        except ExceptionGroup as problems:
            raise problems.exceptions[0] from None

    async def _work(self, place: int) -> None:
        step = self._plan.steps[place]
        reason = self._why_not(step)
        if reason is not None:
            result = self._result(step, *reason)
        else:
            self._watcher.started(step.check.requirement, step.entity.name if step.entity else None)
            result = await self._perform(step)
        self._results[place] = result
        self._watcher.finished(result)

    def _why_not(self, step: Step) -> tuple[Outcome, str] | None:
        if self._lost is not None:
            return Outcome.blocked, self._lost
        if step.blocked is not None:
            return Outcome.blocked, step.blocked
        for place in step.after:
            ended, name = self._results[place], self._plan.steps[place].name
            if (ended.outcome is Outcome.blocked and ended.hinders) or ended.message.startswith(_ABOUT):
                return ended.outcome, ended.message  # the first of a chain says why
            if ended.outcome in _ENDED_AS and ended.hinders:
                return Outcome.blocked, f"it stands on {name}, which {_ENDED_AS[ended.outcome]}"
            if ended.outcome is Outcome.warned:
                return Outcome.skipped, f"{_ABOUT} {name} judges, a SHOULD that does not hold here"
        return None

    async def _perform(self, step: Step) -> Result:
        api = Api(self._context, step.name)
        clock = asyncio.get_running_loop().time
        began = clock()
        if "expired_key" in step.check.needs:
            await self._let_key_expire()
        with reading() as unread:
            result = await self._judged(step, api)
        if result.outcome is Outcome.passed and unread:
            result = replace(result, message=" ".join([result.message, *unread]))
        return self._told(result, tuple(api.exchanges), clock() - began)

    async def _judged(self, step: Step, api: Api) -> Result:
        body = partial(step.check.body, api, *([] if step.entity is None else [step.entity]))
        try:
            choice = await api.answered(body)
        except NoAnswer as problem:
            lost = await self._is_lost(api)
            why = lost or self._says_nothing(problem, api)
            return self._ended_badly(step, problem if why is None else Blocked(why))
        except Exception as problem:  # noqa: BLE001  # whatever a check raises besides its three is our defect, told as one
            return self._ended_badly(step, problem)
        return self._held(step, choice)

    def _ended_badly(self, step: Step, problem: Exception) -> Result:
        match problem:
            case Violation(exchange=str(exchange)) if self._was_unavailable(exchange, step):
                return self._result(step, Outcome.blocked, "the deployment answered 503")
            case Violation():
                level = self._ledger.requirements[step.check.requirement].level
                outcome = outcome_of_violation(level, strict=self._strict)
                found = self._result(step, outcome, problem.told, problem.expected, problem.actual)
                found = replace(found, hinders=problem.hinders)
                return found if problem.exchange is None else replace(found, exchanges=(problem.exchange,))
            case Blocked():
                found = self._result(step, Outcome.blocked, problem.reason)
                return replace(found, hinders=not isinstance(problem, Unjudged))
            case OutOfProfile():
                return self._result(step, Outcome.skipped, problem.reason)
            case _:
                return self._result(step, Outcome.broken, defect_of(problem))

    def _says_nothing(self, problem: NoAnswer, api: Api) -> str | None:
        """Why a missing answer says nothing of a requirement: slow, missing once, or missing to every such request."""
        if problem.failure == "timeout":
            return f"{problem.message} (raise --timeout)"
        missing = [
            one for one in self._context.wire.log.exchanges() if one.error is not None and one.id in api.exchanges
        ]
        answered = {reply.method for reply in self._context.replies if reply.status != 503}
        return None if len(missing) > 1 and missing[-1].method in answered else problem.message

    def _was_unavailable(self, exchange: str, step: Step) -> bool:
        """Whether the exchange is a 503, unless it came to somebody else and is this check's subject."""
        if not any(reply.exchange == exchange and reply.status == 503 for reply in self._context.replies):
            return False
        asked_by = {one.id: one.check for one in self._context.wire.log.exchanges()}
        return not step.check.last or asked_by.get(exchange) == step.name

    def _held(self, step: Step, choice: str | None) -> Result:
        requirement = self._ledger.requirements[step.check.requirement]
        if choice is None:
            return self._result(step, Outcome.passed, step.check.sentence)
        if requirement.choices and choice not in requirement.choices:
            known = ", ".join(requirement.choices)
            return self._result(step, Outcome.broken, f"the check observed {choice!r}, the ledger knows {known}")
        self._choices[requirement.id, choice] = None
        return self._result(step, Outcome.observed, choice)

    def _result(
        self, step: Step, outcome: Outcome, message: str, expected: str | None = None, actual: str | None = None
    ) -> Result:
        return Result(
            requirement=step.check.requirement,
            chapter=step.check.chapter,
            level=self._ledger.requirements[step.check.requirement].level,
            entity=step.entity.name if step.entity else None,
            outcome=outcome,
            message=message,
            expected=expected,
            actual=actual,
        )

    def _told(self, result: Result, exchanges: tuple[str, ...], seconds: float) -> Result:
        """The result with its evidence, and without secrets: an expectation may quote a key that was just made.

        The evidence is in the order sent, but for the exchange that was judged: that is last.
        """
        told = self._context.wire.log.redactor.answer
        return replace(
            result,
            message=told(result.message),
            expected=None if result.expected is None else told(result.expected),
            actual=None if result.actual is None else told(result.actual),
            exchanges=tuple(reversed(dict.fromkeys((*result.exchanges, *reversed(exchanges))))),
            seconds=round(seconds, 4),
        )

    async def _is_lost(self, api: Api) -> str | None:
        """After a request without an answer: why the whole deployment is gone, None when it still answers."""
        if self._lost is None:
            try:
                await Api(self._context, f"{api.check}: does it still answer?").health()
            except NoAnswer as again:
                self._lost = f"the deployment stopped answering: {again.message}"
            except (Blocked, OutOfProfile):
                return None
        return self._lost

    async def _let_key_expire(self) -> None:
        if self._context.expires_at is not None:
            wait = (self._context.expires_at - self._context.wire.now()).total_seconds() + _MARGIN
            if wait > 0:
                async with self._context.shared.places.given_up():
                    await self._context.wire.sleep(wait)
