"""Property tests of any live deployment: generated requests, within limits, leaving nothing behind.

    settings     what was asked for, from the environment
    gate         the only sender: counts, paces, bounds, holds the credentials, and sends nothing unsafe
    ledger       what the run made and may therefore change; what it saw
    opening      is this the API, are the credentials its own, which entities are there
    world        ids for generated requests
    hooks        schemathesis, told what a schema cannot say, and what a stranger's deployment must be spared
    levels       MUST, SHOULD or CHOICE: the table by which a failure of schemathesis is judged
    checks       checks of our own
    phases       examples, coverage, stateful sequences and fuzzing, each within its share of the budget
    tidy         removes what was made
    run          all of it in order
    verdict      the one word and the exit code that follow; pure
    summary      the words that people read; pure

`python -m contract_tests.live` and `pytest contract_tests/live` do the same; docs/property-tests.md is the manual.
"""
