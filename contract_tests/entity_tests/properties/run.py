"""One run, from the first request to the last: open, prepare, generate, clean up, judge.

Charter: order and what happens when it is broken off. Cleaning up comes last whatever happened, Ctrl-C included.
"""

import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import requests
from entity_contract import Contract

from entity_tests.properties.checks import OwnChecks
from entity_tests.properties.findings import Finding, Findings
from entity_tests.properties.gate import Gate, Kind
from entity_tests.properties.hooks import LiveHooks
from entity_tests.properties.ledger import Ledger, new_mark
from entity_tests.properties.opening import CannotTest, admitted
from entity_tests.properties.phases import Interrupted, Phases
from entity_tests.properties.scope import Scope, scope, understood
from entity_tests.properties.settings import LiveSettings
from entity_tests.properties.share import Spent
from entity_tests.properties.tidy import Leftover, tidied, unfinished
from entity_tests.properties.verdict import Found, Verdict, verdict
from entity_tests.properties.world import LiveWorld

PLUGINS = frozenset({"generateText"})
"""Operations that a deployment may lack."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that a summary tells. `unreached` pairs operations in scope with what became of them."""

    settings: LiveSettings
    scope: Scope = field(repr=False)
    findings: Findings = field(repr=False)
    unreached: tuple[tuple[str, str], ...]
    requests: int
    by_kind: Mapping[Kind, int]
    generations: int
    stops: tuple[str, ...]
    leftovers: tuple[Leftover, ...]
    seconds: float
    verdict: Verdict

    @property
    def failures(self) -> tuple[Finding, ...]:
        """The findings that fail the run."""
        must, should = self.findings.of("must"), self.findings.of("should")
        return (*must, *should) if self.settings.strict else must

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that do not."""
        return () if self.settings.strict else self.findings.of("should")


def run(settings: LiveSettings, contract: Contract, say: Callable[[str], None] = lambda _: None) -> Outcome:
    """Test a deployment and leave it as it was. Raises Misuse before anything is sent."""
    understood(contract, settings)
    began = time.monotonic()
    gate = Gate(settings, Ledger(new_mark()), say=say)
    findings = Findings()
    reach = Scope((), (), ())
    refused: str | None = None
    interrupted = False
    try:
        reach = scope(contract, settings, admitted(gate, contract))
        _generate(contract, gate, findings, reach)
    except CannotTest as error:
        refused = gate.redactor.text(error.reason)
    except (Spent, requests.RequestException) as error:
        gate.halted = gate.halted or gate.redactor.text(str(error))[:200]
    except (KeyboardInterrupt, Interrupted):
        interrupted = True
    except Exception as error:  # noqa: BLE001  # whatever breaks here, what was made is removed
        findings.errors.append(_defect(gate, error))
    leftovers, again = _tidied(gate, findings)
    reach = _without_absent(findings, reach)
    unreached = tuple(_unreached(findings, reach))
    strict = findings.of("should") if settings.strict else ()
    found = Found(
        failures=tuple(one.operation for one in (*findings.of("must"), *strict)),
        warnings=0 if settings.strict else len(findings.of("should")),
        unreached=tuple(operation for operation, _ in unreached),
        unbegun=tuple(findings.unbegun),
        accepted=sum(findings.successes(operation.id) for operation in reach.operations),
        halted=gate.halted,
        leftovers=len(leftovers),
        errors=tuple(findings.errors),
        refused=refused,
        interrupted=interrupted or again,
    )
    return Outcome(
        settings=settings,
        scope=reach,
        findings=findings,
        unreached=unreached,
        requests=gate.sent,
        by_kind=Counter(gate.by_kind),
        generations=gate.generations,
        stops=tuple(dict.fromkeys(reason for reason in (gate.halted, *gate.spent.values()) if reason)),
        leftovers=leftovers,
        seconds=time.monotonic() - began,
        verdict=verdict(found),
    )


def _generate(contract: Contract, gate: Gate, findings: Findings, reach: Scope) -> None:
    world = LiveWorld(contract, gate, reach.entities, gate.settings.seed)
    world.look()
    if not gate.settings.is_read_only:
        _settle(world, findings, gate)
    checks = OwnChecks(contract, gate)
    hooks = LiveHooks(contract, gate, world, findings, gate.settings.seed)
    checks.install()
    try:
        Phases(contract, gate, hooks, findings, reach).perform()
    finally:
        checks.uninstall()


def _settle(world: LiveWorld, findings: Findings, gate: Gate) -> None:
    """Records to work on. Raises CannotTest when the credentials may not make any."""
    for refusal in world.settle():
        message = gate.redactor.answer(str(refusal))
        if refusal.status == 403:
            hint = "give credentials with all scopes, or read only (without CONTRACT_TESTS_ALLOW_WRITES)"
            raise CannotTest(f"{refusal.operation}: {message}; {hint}")
        findings.add(Finding(refusal.operation, "plain_record_is_accepted", "must", "O4.agrees-with-create", message))


def _tidied(gate: Gate, findings: Findings) -> tuple[tuple[Leftover, ...], bool]:
    """What was left behind, and whether cleaning up was interrupted too."""
    try:
        return tidied(gate), False
    except KeyboardInterrupt:
        return unfinished(gate), True
    except Exception as error:  # noqa: BLE001  # whatever breaks here, what is left is told
        findings.errors.append(_defect(gate, error))
        return unfinished(gate), False


def _defect(gate: Gate, error: Exception) -> str:
    trace = "".join(traceback.format_exception(error))[-3000:]
    return gate.redactor.answer(f"{type(error).__name__}: {error}\n{trace}")


def _without_absent(findings: Findings, reach: Scope) -> Scope:
    """The scope without a plugin that nobody has there (E10); to ask beforehand would cost money."""
    absent = {
        operation.id: f"the deployment answers {max(answers)}"
        for operation in reach.operations
        if operation.id in PLUGINS
        and (answers := findings.answers.get(operation.id, Counter()))
        and {401} < answers.keys() | {401} <= {401, 402, 404}
    }
    operations = tuple(one for one in reach.operations if one.id not in absent)
    return replace(reach, operations=operations, out=(*reach.out, *absent.items()))


def _unreached(findings: Findings, reach: Scope) -> list[tuple[str, str]]:
    found = []
    for operation in reach.operations:
        answers = findings.answers.get(operation.id, Counter())
        if not findings.successes(operation.id):
            told = ", ".join(f"{status}: {answers[status]}" for status in sorted(answers))
            found.append((operation.id, f"never accepted ({told})" if told else "no request"))
    return found
