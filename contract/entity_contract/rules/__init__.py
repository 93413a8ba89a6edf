"""The rules of this project for a contract, beyond OpenAPI: a document in, every problem out.

A document that keeps them can be served by the reference server and be the measure of the runner. They look at the
document as it is written, and take whatever stands there: one that is no valid OpenAPI gives problems, never an error.
Rules about the style of openapi.yaml itself are no part of this.
"""

from collections.abc import Callable, Iterator

from entity_contract.references import Object
from entity_contract.rules import answers, bodies, entities, errors, fields, filters, keys, links, operations, queries
from entity_contract.rules.problem import Problem

__all__ = ["RULES", "Problem", "rule_problems"]

Rule = Callable[[Object], Iterator[Problem]]

RULES: tuple[Rule, ...] = (
    *keys.RULES,
    *errors.RULES,
    *filters.RULES,
    *operations.RULES,
    *answers.RULES,
    *links.RULES,
    *entities.RULES,
    *queries.RULES,
    *bodies.RULES,
    *fields.RULES,
)


def rule_problems(document: Object) -> tuple[Problem, ...]:
    """Every broken rule, each problem once."""
    return tuple(dict.fromkeys(problem for rule in RULES for problem in rule(document)))
