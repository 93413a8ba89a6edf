"""What the shell completes of values that no list of click's holds."""

import click

from entity_conformance.report.formats import FORMATS


def requirements(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """The chapters that begin so, and behind a chapter's name its requirements: all at once are hundreds."""
    from entity_conformance.suite import ledger  # noqa: PLC0415  # the ledger takes long to read

    known = ledger.everything().requirements
    names = [*dict.fromkeys(one.chapter for one in known.values()), *(known if "." in incomplete else ())]
    found = [name for name in names if name.startswith(incomplete)]
    return [name for name in known if name.startswith(f"{found[0]}.")] if found == [incomplete] else found


def formats(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """The formats of reports that begin so."""
    return [name for name in FORMATS if name.startswith(incomplete)]
