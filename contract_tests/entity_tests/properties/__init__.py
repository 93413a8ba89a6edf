"""Property tests of any deployment: generated requests, judged by the contract.

    command      `conformance properties`: from the URL to the verdict
    scope        operations and entities that can be tested, and why the others cannot
    phases       examples, coverage, stateful sequences and fuzzing, each within its share of the budget
    share        what may still be sent, and how it is told that no more may be
    sender       every request of a run, within its share
    adapter      schemathesis' requests, sent by the run
    records      ids for generated requests
    hooks        schemathesis, told what a schema cannot say, and what is not done to a deployment of other people
    checks       checks of our own
    judged       what is judged, and the rows of a table
    levels       MUST, SHOULD or CHOICE: the table by which a failure is judged
    refusals     what the contract's words refuse and its schemas admit
    wrongs       what is wrong with a request, by the contract's schemas
    findings     what was found
    outcome      results of it, for verdict and reports
    suite        the same run as tests: `pytest --pyargs entity_tests.properties.suite`

The deployment itself (HTTP, credentials, limits, journal, what may be changed, clean-up) is `entity_conformance`'s.
docs/property-tests.md is the manual.
"""
