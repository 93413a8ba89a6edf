"""A run whose deployment says what some format takes for its own, in every place where a report quotes it."""

from dataclasses import replace

from entity_conformance.deployment.problems import Leftover
from entity_conformance.report.verdict import Outcome, Run, Verdict

from conformance.tests.report.samples import BLOCKED, BROKEN, EVERY_OUTCOME, FAILED, exchange, run

VICES = (
    '</script><script>alert(1)</script><img src=x onerror="alert(2)"> ]]> & \' | `` ``` [a](http://evil) ![b](http://evil)'
    " @all ::error::x ##vso[task.complete] \n# heading\n\x1b[2J \u202e \ufffe \ud800"
)


def vicious() -> Run:
    said = exchange(
        url=f"http://127.0.0.1:5173/api/v1/tasks?search={VICES}",
        response_headers=(("X-Request-ID", VICES), (VICES, "1")),
        response_body=VICES,
    )
    plain = replace(FAILED, message=VICES, entity=VICES, exchanges=("x1",))
    bad = replace(plain, expected=VICES, actual=VICES)
    results = (
        bad,
        replace(plain, requirement=BROKEN.requirement, outcome=Outcome.broken, expected=None, actual=None),
        replace(plain, requirement=BLOCKED.requirement, outcome=Outcome.blocked, expected=None, actual=None),
    )
    return run(
        *results,
        exchanges=(said,),
        verdict=Verdict("does-not-conform", 1, f"does not conform: {VICES}"),
        profile=replace(run().profile, name=VICES, entities=(VICES,), notes=(VICES,), out_of_scope=(("a.b", VICES),)),
        choices=(("list.limit-above-100", VICES),),
        target=f"http://h/{VICES}",
        caveats=(VICES,),
        leftovers=(Leftover("record", VICES, VICES, VICES),),
    )


def runs() -> tuple[Run, ...]:
    """Runs of every kind."""
    return (vicious(), run(), run(exchanges=()), *(run(one) for one in EVERY_OUTCOME))
