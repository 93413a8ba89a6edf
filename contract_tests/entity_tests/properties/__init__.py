"""Property tests of any live deployment: generated requests, within limits, leaving nothing behind.

    settings     what was asked for, from the environment
    gate         the only sender: counts, paces, bounds, holds the credentials, and sends nothing unsafe
    share        what may still be sent, and how it is told that no more may be
    line         one exchange, bounded in time and size
    ledger       what the run made and may therefore change; what it saw
    opening      is this the API, are the credentials its own, which entities are there
    world        ids for generated requests
    scope        operations and entities that can be tested, and why the others cannot
    hooks        schemathesis, told what a schema cannot say, and what a stranger's deployment must be spared
    levels       MUST, SHOULD or CHOICE: the table by which a failure of schemathesis is judged
    wrongs       what is wrong with a request, by the contract's schemas
    checks       checks of our own
    findings     what was found
    phases       examples, coverage, stateful sequences and fuzzing, each within its share of the budget
    tidy         removes what was made
    run          all of it in order
    verdict      the one word and the exit code that follow; pure
    summary      the words that people read; pure

`python -m entity_tests.properties` and `pytest contract_tests/live` do the same; docs/property-tests.md is the manual.
"""
