"""`entity-contract`: what those who integrate the API ask of a contract.

Exit status: 0 all is well; 1 there are problems, or changes that break clients; 2 the command was not understood, or a
document could not be read.
"""

import gc
import sys
from pathlib import Path
from typing import NoReturn

import click

from entity_contract.errors import ContractError
from entity_contract.stdout import tell


class _Command(click.Command):
    """A command whose summary is not cut off in the list of commands."""

    def get_short_help_str(self, limit: int = 0) -> str:  # noqa: ARG002 - click's signature
        return super().get_short_help_str(limit=sys.maxsize)


class _Commands(click.Group):
    command_class = _Command


@click.group(
    cls=_Commands,
    help="Check a contract of the v1 entity API, compare two, and read the rulings.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="v1-entity-contract")
def commands() -> None:
    """The commands, which are loaded when they are used. Their help is no docstring: `python -OO` has none."""


@commands.command(help="Tell every problem of each contract: where it is, and what to do.")
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="FILE...")
def check(files: tuple[Path, ...]) -> None:
    """Whether documents are valid OpenAPI and keep the rules that server and runner need.

    Several, since pre-commit gives a hook all files of a commit that are its own.
    """
    from entity_contract.commands import checked  # noqa: PLC0415 - brings the validators along

    sys.exit(max([checked(file) for file in files]))


@commands.command(help="Tell what has changed from OLD to NEW, each a file or REVISION:PATH of a git repository.")
@click.argument("old")
@click.argument("new")
def changes(old: str, new: str) -> None:
    """What has changed, and whether it breaks clients."""
    from entity_contract.commands import changed  # noqa: PLC0415 - brings the validators along

    sys.exit(changed(old, new))


@commands.command("rulings", help="Print the rulings: all of them, those of a ROW (L9), or one clause (L9.comma-list).")
@click.argument("row", required=False)
def ruled(row: str | None) -> None:
    """What is decided where the API reference leaves a point open."""
    from entity_contract import rulings  # noqa: PLC0415 - the other commands need none

    known = rulings.load()
    told = rulings.told(known, row)
    if told is None:
        click.echo(f"{row}: there is no such row or clause; the rows are {', '.join(known.rows)}", err=True)
        sys.exit(2)
    tell(told)


def main() -> NoReturn:
    """The command line. What a terminal cannot show is escaped; what cannot be written ends with 2."""
    gc.disable()  # a command ends before there is much garbage, and to look for it is a fifteenth of its time
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # both are text files
    try:
        commands(prog_name="entity-contract")
    except ContractError as error:
        click.echo(str(error), err=True)
    except OSError as error:
        click.echo(f"the output cannot be written: {error.strerror}", err=True)
    sys.exit(2)


if __name__ == "__main__":
    main()
