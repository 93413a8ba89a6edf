"""Recorded exchanges in, a run in: the same results, verdict and reports, though nothing was asked."""

from collections.abc import Collection, Sequence

from entity_contract import Contract

from entity_conformance.deployment.exchange import Exchange
from entity_conformance.deployment.problems import RequestCount
from entity_conformance.report.verdict import Circumstances, Outcome, Profile, Result, Run, combine
from entity_conformance.suite import frozen
from entity_conformance.suite import ledger as ledgers
from entity_conformance.suite.course import left_out, vocabulary
from entity_conformance.suite.ledger import Requirement
from entity_conformance.suite.plan import unselected
from entity_conformance.suite.recordings import secrets
from entity_conformance.suite.recordings.recording import Recording, history_of
from entity_conformance.suite.version import suite_version
from entity_conformance.suite.watch import judgements, passive_checks
from entity_conformance.suite.watch.merging import merged

ASKS = "it needs a question of ours: `conformance run` asks"
UNTOLD = {
    "errors.whole-answers": "a recording does not tell how many bytes came",
    "auth.credentials-are-not-told": "a recording holds no credentials to look for",
}
OF_OWN = dict.fromkeys(
    ("create.stored-once", "create.refused-creates-nothing"), "others may have written what the recording does not hold"
)
NO_REQUEST = "judged from recorded exchanges: no request was sent"


def judged(
    recording: Recording,
    contract: Contract,
    *,
    strict: bool = False,
    only: Collection[str] = (),
    skip: Collection[str] = (),
) -> Run:
    """The run that the recording would have been. Raises Misuse for `only` and `skip` that name nothing."""
    ledger = ledgers.load()
    unwanted = dict(unselected(ledger, only=only, skip=skip))
    history, unseen = history_of(recording, contract)
    unknown = UNTOLD | (OF_OWN if recording.is_shared else {}) | unwanted
    checks = {name: one for name, one in passive_checks().items() if name not in unknown}
    outside = [(name, unknown.get(name, ASKS)) for name in ledger.requirements if name not in checks]
    ordered = [name for name in ledger.requirements if name in checks]
    plain = [_held(checks[name].sentence, ledger.requirements[name]) for name in ordered]
    results = merged(plain, checks, judgements(history, checks), strict=strict)
    profile = Profile(
        name="recorded",
        credentials=_credentials(recording.exchanges),
        capabilities=(),
        entities=tuple(entity.name for entity in history.entities),
        out_of_scope=tuple(outside),
        notes=(*recording.unseen, *unseen),
    )
    caveats = (NO_REQUEST,)
    results = (*results, *left_out(profile, ledger.requirements))
    seconds = max((one.at + one.seconds for one in recording.exchanges), default=0.0)
    run = Run(
        target=recording.base,
        suite_version=suite_version(),
        contract_sha256=contract.sha256,
        started_at=recording.began.strftime("%Y-%m-%dT%H:%M:%SZ"),
        seconds=round(seconds, 3),
        seed=0,
        profile=profile,
        choices=(),
        plan=(),
        verdict=combine(results, profile, Circumstances(strict=strict, caveats=caveats)),
        requests=RequestCount(0, 0, 0, 0),
        results=results,
        exchanges=_told(recording),
        vocabulary=vocabulary(contract),
        caveats=caveats,
        requirement_set=frozen.told(None),
    )
    return recording.redactor.whole(run)


def _told(recording: Recording) -> tuple[Exchange, ...]:
    """The exchanges for a report. Those of a run are redacted, and tell by which variable each credential is given."""
    if not recording.is_shared:
        return recording.exchanges
    return tuple(secrets.told(one, recording.redactor) for one in recording.exchanges)


def _held(sentence: str, requirement: Requirement) -> Result:
    return Result(
        requirement=requirement.id,
        chapter=requirement.chapter,
        level=requirement.level,
        entity=None,
        outcome=Outcome.passed,
        message=sentence,
    )


def _credentials(exchanges: Sequence[Exchange]) -> tuple[str, ...]:
    """The kinds of credentials that were sent, or that they were stripped."""
    names = dict.fromkeys(part for one in exchanges for part in one.credential.split("+"))
    return tuple(name for name in names if name != "none")
