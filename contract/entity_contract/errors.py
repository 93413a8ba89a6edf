"""The error catalogue (code to status), and the error that says the contract itself is unusable."""

from collections.abc import Mapping
from dataclasses import dataclass

from entity_contract.references import Object, at, mapping

ERROR_CODE = "#/components/schemas/ErrorCode"


class ContractError(Exception):
    """The contract cannot be used. `where` names the file, with the line where one is known; `hint` what to do."""

    def __init__(self, message: str, *, where: str, hint: str) -> None:
        super().__init__(f"{where}: {message} ({hint})")
        self.message = message
        self.where = where
        self.hint = hint


@dataclass(frozen=True, slots=True)
class ErrorCatalogue:
    """The reference's error codes and their statuses, in the contract's order."""

    codes: Mapping[str, int]

    def status(self, code: str) -> int:
        """The status that goes with a code. Raises KeyError for a code that the contract does not know."""
        return self.codes[code]

    def codes_for(self, status: int) -> tuple[str, ...]:
        """The codes that go with a status, in the contract's order; none is an empty tuple."""
        return tuple(code for code, known in self.codes.items() if known == status)


def error_catalogue(document: Object) -> ErrorCatalogue:
    """Read `x-statuses` of the ErrorCode schema."""
    statuses = mapping(mapping(at(document, ERROR_CODE)).get("x-statuses"))
    return ErrorCatalogue({code: status for code, status in statuses.items() if isinstance(status, int)})
