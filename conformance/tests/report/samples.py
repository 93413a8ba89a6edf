"""One run with every outcome, small enough to be read, and the pieces to vary it."""

from dataclasses import replace
from datetime import date

from entity_conformance.deployment.exchange import Exchange
from entity_conformance.deployment.problems import Leftover, RequestCount
from entity_conformance.deployment.settings import Waiver
from entity_conformance.report.verdict import (
    Outcome,
    PlannedCheck,
    Profile,
    Result,
    Run,
    Verdict,
    Vocabulary,
    WaiverUse,
)
from entity_conformance.suite.ledger import Requirement

BASE = "http://127.0.0.1:5173/api/v1"


def requirement(id_: str, chapter: str, text: str, **others: object) -> Requirement:
    plain = Requirement(
        id=id_, chapter=chapter, level="must", text=text, source="LIST - Get All Records", pointer="#/components"
    )
    return replace(plain, **others)  # type: ignore[arg-type]


REQUIREMENTS = {
    each.id: each
    for each in (
        requirement("authentication.no-key", "authentication", "401 Unauthorized- Missing or invalid authentication"),
        requirement("list.limit-caps-page", "listing", "limit?: number // Default: 20, Max: 100"),
        requirement("list.limit-above-100", "listing", "Max: 100", level="choice", decision=("L2.above-100",)),
        requirement(
            "list.past-the-end", "listing", "page?: number // Default: 1", level="should", decision=("L3.empty-page",)
        ),
        requirement("create.returns-record", "creating", "201 Created- Success", source="CREATE - Create New Record"),
        requirement("update.keeps-the-rest", "updating", "partial update", source="UPDATE - Update Record"),
        requirement("delete.is-permanent", "deleting", "Permanently delete a record.", source="DELETE - Delete Record"),
        requirement("keys.listed", "keys", "List all API keys for the authenticated user", source="Get API Keys"),
    )
}


def exchange(id_: str = "x1", **others: object) -> Exchange:
    plain = Exchange(
        id=id_,
        check="list.limit-caps-page",
        credential="api_key",
        method="GET",
        url=f"{BASE}/tasks?limit=2",
        request_headers=(("Host", "127.0.0.1:5173"), ("Authorization", "Bearer $CONFORMANCE_API_KEY")),
        request_body=None,
        status=200,
        response_headers=(("Content-Type", "application/json"),),
        response_body='{"success":true,"data":[{"id":"tsk_1"},{"id":"tsk_2"},{"id":"tsk_3"}]}',
        seconds=0.012,
    )
    return replace(plain, **others)  # type: ignore[arg-type]


CREATE = exchange(
    "x2",
    check="create.returns-record",
    method="POST",
    url=f"{BASE}/tasks",
    request_headers=(("Authorization", "Bearer $CONFORMANCE_API_KEY"), ("Content-Type", "application/json")),
    request_body='{"title":"it\'s new"}',
    status=500,
    response_body='{"success":false,"error":"Internal server error","code":"INTERNAL_ERROR"}',
)
SILENCE = exchange("x3", status=None, response_headers=(), response_body=None, error="no answer within 10 s")


def result(requirement_id: str, outcome: Outcome, message: str = "It holds.", **others: object) -> Result:
    known = REQUIREMENTS[requirement_id]
    plain = Result(
        requirement=known.id,
        chapter=known.chapter,
        level=known.level,
        entity="tasks",
        outcome=outcome,
        message=message,
        seconds=0.25,
    )
    return replace(plain, **others)  # type: ignore[arg-type]


PASSED = result("authentication.no-key", Outcome.passed, "A request without credentials is refused.", entity=None)
FAILED = result(
    "list.limit-caps-page",
    Outcome.failed,
    "data holds more records than asked for",
    expected="2 records",
    actual="3 records",
    exchanges=("x2", "x1"),
)
OBSERVED = result("list.limit-above-100", Outcome.observed, "capped")
WARNED = result(
    "list.past-the-end",
    Outcome.warned,
    "a page past the end is refused",
    expected="200",
    actual="404",
    exchanges=("x1",),
)
BLOCKED = result("create.returns-record", Outcome.blocked, "no record could be made", exchanges=("x2",))
BROKEN = result("update.keeps-the-rest", Outcome.broken, "KeyError: 'title' in updating.py:41", exchanges=("x3",))
SKIPPED = result("keys.listed", Outcome.skipped, "needs --session", entity=None)

WAIVED = result(
    "list.limit-caps-page",
    Outcome.waived,
    "data holds more records than asked for",
    entity="orders",
    expected="2 records",
    actual="3 records",
    exchanges=("x1",),
)
NEW = result("keys.listed", Outcome.new, "not scored: the list is not there", entity=None)
EVERY_OUTCOME = (PASSED, FAILED, OBSERVED, WARNED, BLOCKED, BROKEN, SKIPPED)
KNOWN = WaiverUse(
    Waiver("list.limit-*", "fixed in 2.3", date(2025, 6, 30), "orders", "SHOP-7"),
    "holds",
    (("list.limit-caps-page", "orders"),),
)


def run(*results: Result, **others: object) -> Run:
    plain = Run(
        target=BASE,
        suite_version="0.1.0",
        contract_sha256="3f2a9c1b04d7" + "0" * 52,
        started_at="2025-01-15T10:30:00.000Z",
        seconds=12.34,
        seed=42,
        profile=Profile(name="api-key", credentials=("key",), capabilities=("users",), entities=("tasks",)),
        choices=(),
        plan=tuple(PlannedCheck(each.requirement, each.entity) for each in results),
        verdict=Verdict("conforms", 0, "conforms, profile api-key"),
        requests=RequestCount(total=183, key=150, session=20, none=13),
        results=results,
        exchanges=(exchange(), CREATE, SILENCE),
        vocabulary=Vocabulary(codes=("INTERNAL_ERROR",)),
    )
    return replace(plain, **others)  # type: ignore[arg-type]


def whole_run(**others: object) -> Run:
    """A run in which everything happened that a report tells about."""
    plain = run(
        *EVERY_OUTCOME,
        profile=Profile(
            name="api-key",
            credentials=("key",),
            capabilities=("users",),
            entities=("tasks",),
            out_of_scope=(("keys.listed", "needs --session"), ("delete.is-permanent", "--skip delete.*")),
            opt_in=("errors.rate-limited", "errors.credits-exhausted"),
            notes=("tasks.shape: fields of the type point are not sampled",),
        ),
        choices=(("list.limit-above-100", "capped"),),
        verdict=Verdict("does-not-conform", 1, "1 requirement failed: list.limit-caps-page"),
        leftovers=(Leftover("record", "tasks", "tsk_9", "DELETE answered 500"), Leftover("key", None, "key_1", "401")),
    )
    return replace(plain, **others)  # type: ignore[arg-type]
