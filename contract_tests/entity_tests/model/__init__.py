"""`conformance model`: a model of the records beside a deployment. Every answer is compared with the model's.

    records    what is there            question   what is asked             drawing    valid bodies and questions
    reading    what the rulings leave   answers    the right answer          mistakes   what must be refused
    judging    an answer, compared      values     types and sameness        paging     numbers and links of a page
    wording    expected and actual
    machine    Hypothesis' sequences    live       a deployment              command    one run, and its results

A third reading of the rulings, beside the server's and the runner's, which shares code with neither. Everything is pure
but `live`, `command`, and `operations`, which sends. `operations.Deployment` is all that the machine needs to know of a
deployment.
"""
