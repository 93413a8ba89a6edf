"""What `entity-contract check` and `changes` print. They return the exit status.

They raise ContractError where a file cannot be read.
"""

from pathlib import Path

from entity_contract.changes.comparison import changes
from entity_contract.changes.revisions import document_of
from entity_contract.checking import findings, refuse_invalid
from entity_contract.document import document
from entity_contract.errors import ContractError
from entity_contract.stdout import tell


def checked(file: Path) -> int:
    """Print every problem of a document, a line each; 1 when there are some."""
    try:
        text = file.read_bytes()
    except OSError as error:
        raise ContractError(
            f"cannot be read: {error.strerror}", where=str(file), hint="name a readable file"
        ) from error
    try:
        found = findings(document(text, source=str(file)))
    except ContractError as error:
        tell(f"{error.where}: {error.message}")
        return 1
    for finding in found:
        tell(f"{file}:{finding.line}: {finding.problem.message}")
    tell(f"{file}: {_counted(len(found), 'problem')}" if found else f"{file}: no problems")
    return 1 if found else 0


def changed(old: str, new: str) -> int:
    """Print every change, those that break clients first; 1 when there are such."""
    before, after = document_of(old), document_of(new)
    refuse_invalid(before)
    refuse_invalid(after)
    found = changes(before.content, after.content)
    for change in sorted(found, key=lambda change: not change.breaking):
        tell(f"{'breaking' if change.breaking else 'addition'}: {change.sentence}")
    breaking = sum(change.breaking for change in found)
    tell(f"{_counted(len(found), 'change')} from {old} to {new}, {breaking} breaking")
    return 1 if breaking else 0


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
