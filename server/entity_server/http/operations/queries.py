"""The query parameters of one operation, compiled: arguments in, typed values or one problem out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema_rs import Validator

from entity_server.domain.arguments import Arguments, comma_list
from entity_server.domain.problems import InvalidFilter, InvalidSort, Problem, ValidationFailed
from entity_server.domain.sentences import Reason, Refused, Sentence
from entity_server.http.operations.decoding import Declared, parameter
from entity_server.http.operations.wording import reasons

Values = dict[str, Any]
"""Typed values by the name of their parameter; those that have a default are always there."""

Read = Callable[[Any], object]
"""From a JSON value that its schema accepts to a typed value. Raises Refused."""

Together = Callable[[Values], Mapping[str, Reason]]
"""What is wrong with typed values that are right one by one."""


@dataclass(frozen=True, slots=True)
class QueryParameter:
    """One parameter: how it is decoded, how it is read, and the error code that its refusal has."""

    declared: Declared
    code: str
    read: Read


@dataclass(frozen=True, slots=True)
class CompiledQuery:
    """All query parameters of an operation. `validator` judges their decoded values together.

    `may_be_empty` is what it says of none.
    """

    parameters: tuple[QueryParameter, ...]
    by_name: Mapping[str, QueryParameter]
    defaults: Mapping[str, object]
    validator: Validator
    together: Together
    may_be_empty: bool

    def read(self, arguments: Arguments) -> Values:
        """The typed values of these arguments; what no parameter is named after is ignored (L22).

        Raises a ValidationFailed that names every bad parameter.
        """
        if not arguments and self.may_be_empty:
            return dict(self.defaults)
        decoded: Values = {}
        refused: dict[str, Reason] = {}
        for name, given in arguments.items():
            one = self.by_name.get(name)
            if one is None or (one.declared.array and not comma_list(given)):
                continue
            if len(given) > 1 and not one.declared.array:
                refused[name] = Sentence.ONCE()
            decoded[name] = parameter(one.declared, given)
        if not self.validator.is_valid(decoded):
            refused = reasons(self.validator.iter_errors(decoded)) | refused
        values: Values = dict(self.defaults)
        for name, value in decoded.items():
            if name not in refused:
                try:
                    values[name] = self.by_name[name].read(value)
                except Refused as refusal:
                    refused[name] = refusal.reason
        refused = {**self.together(values), **refused}
        if refused:
            raise self._problem(refused)
        return values

    def _problem(self, refused: Mapping[str, Reason]) -> Problem:
        """The problem with the code that all these parameters share, or with the general one."""
        codes = {one.code for one in self.parameters if one.declared.name in refused}
        match sorted(codes), refused:
            case ["INVALID_FILTER"], {"filter": reason}:
                return InvalidFilter(reason)
            case ["INVALID_SORT"], _:
                return InvalidSort(details=refused)
            case _:
                return ValidationFailed(details=refused)


def as_it_is(value: object) -> object:
    """Read a value that its schema alone decides about."""
    return value


def nothing_together(_: Values) -> Mapping[str, Reason]:
    """For parameters that have nothing to do with one another."""
    return {}
