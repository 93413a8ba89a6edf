"""What a command can end in besides its verdict, as one line and an exit code."""

from dataclasses import dataclass

import click
from entity_contract import ContractError

from entity_conformance.commands.demonstration import NoServer
from entity_conformance.deployment.exchange import Redactor
from entity_conformance.deployment.problems import Refused
from entity_conformance.deployment.settings import Misuse
from entity_conformance.report.files import ReportError

USAGE = 2
UNTESTABLE = 4


@dataclass(frozen=True, slots=True)
class Failure:
    """One line that says what is wrong and what to do, and the exit code that goes with it."""

    line: str
    exit_code: int


def failure(error: Exception) -> Failure | None:
    """What to say of an error; None for one that nobody expected, which is a defect."""
    match error:
        case click.exceptions.NoArgsIsHelpError():
            line, code = "no command was given; `conformance --help` tells which there are", USAGE
        case click.MissingParameter() if error.param is not None and error.param.name == "url":
            line, code = "no URL was given; give it, or set CONFORMANCE_URL or url in conformance.toml", USAGE
        case click.UsageError():
            command = error.ctx.command_path if error.ctx else "conformance"
            said = " ".join(error.format_message().split()).rstrip(".")
            line, code = f"{said}; `{command} --help` tells more", USAGE
        case Refused():
            line, code = str(error), UNTESTABLE
        case Misuse() | ContractError() | ReportError() | NoServer():
            line, code = str(error), USAGE
        case _:
            return None
    # it may quote a key that was given in the wrong place
    return Failure(Redactor().answer(" ".join(line.split())), code)
