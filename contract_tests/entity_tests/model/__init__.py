"""A model of the records beside a deployment: every list, filter, sort, page and include, asked and compared.

    question  what is asked              records   what is there             drawing   what to ask, and to write
    reading   what may be understood     answers   what must come (pure)     mistakes  what must be refused
    deployment  whom to ask              judging   what came, against it     machine   Hypothesis' state machine

Charter: a third reading of the rulings (docs/decisions), beside the server's and the runner's, and shared with neither:
the model knows facts from `contract` and nothing of `entity_server.domain` or `conformance`.
"""
