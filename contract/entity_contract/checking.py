"""What a contract must be: OpenAPI 3.1 that keeps the rules of this project. Every problem, with its line.

Loaded only where a document has to be checked; it brings the validators along.
"""

from dataclasses import dataclass

from entity_contract.document import Document
from entity_contract.errors import ContractError
from entity_contract.lines import Lines
from entity_contract.references import Object
from entity_contract.rules import Problem, rule_problems
from entity_contract.rules.examples import examples_are_valid
from entity_contract.rules.openapi import openapi_problems


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem and the line of what has to be changed."""

    line: int
    problem: Problem


def problems(content: Object) -> tuple[Problem, ...]:
    """Every problem of a document; examples are judged by schemas, so that those must be right first."""
    found = [*openapi_problems(content)]
    found += [] if found else examples_are_valid(content)
    return tuple(dict.fromkeys((*found, *rule_problems(content))))


def findings(document: Document) -> tuple[Finding, ...]:
    """Every problem of a document that was read, in the order of its lines."""
    lines = Lines(document.text)
    found = (Finding(lines.of(problem.place), problem) for problem in problems(document.content))
    return tuple(sorted(found, key=lambda finding: finding.line))


def refuse_bad(document: Document) -> None:
    """Raises ContractError with the first problem of a contract, if any; those of OpenAPI itself come first."""
    if found := problems(document.content):
        where = f"{document.source}:{Lines(document.text).of(found[0].place)}"
        hint = f"`entity-contract check {document.source}` tells each problem"
        raise ContractError(_first_of(found), where=where, hint=hint)


def refuse_bad_tree(content: Object, *, source: str) -> None:
    """The same for a document that was made in memory, whose problems have places and no lines."""
    if found := problems(content):
        where, hint = f"{source}, {found[0].place}", "docs/contract.md has the rules"
        raise ContractError(_first_of(found), where=where, hint=hint)


def _first_of(found: tuple[Problem, ...]) -> str:
    return found[0].message + (f" (and {len(found) - 1} more)" if len(found) > 1 else "")


def refuse_invalid(document: Document) -> None:
    """Raises ContractError when a document is no valid OpenAPI 3.1, whatever the rules of this project say."""
    problem = next(openapi_problems(document.content), None)
    if problem is not None:
        where = f"{document.source}:{Lines(document.text).of(problem.place)}"
        raise ContractError(problem.message, where=where, hint="correct the document")
