"""`conformance verify`: recorded exchanges, judged by today's suite. No request is sent."""

import json
from dataclasses import replace
from pathlib import Path

import click
import entity_contract as contracts

from entity_conformance.commands import options
from entity_conformance.commands.driver import Job, report_on
from entity_conformance.commands.recordings import text_of
from entity_conformance.commands.stderr import say
from entity_conformance.commands.twins import twin
from entity_conformance.commands.variables import Command
from entity_conformance.deployment.settings import Settings
from entity_conformance.report.recorded import ForeignError, parsed
from entity_conformance.suite.recordings import har, report
from entity_conformance.suite.recordings.judging import judged


@click.command(cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@twin("--contract", type=click.Path(path_type=Path), help="The contract to judge by, instead of the installed one.")
@twin("--only", multiple=True, metavar="GLOB", help="Judge by these requirements or chapters only.")
@twin("--skip", multiple=True, metavar="GLOB", help="Leave these out.")
@twin("--strict", is_flag=True, help="A SHOULD that does not hold fails.")
@options.reports
def command(  # noqa: PLR0913  # its options
    file: Path,
    contract: Path | None,
    *,
    only: tuple[str, ...],
    skip: tuple[str, ...],
    strict: bool,
    reports: tuple[str, ...],
    verbose: bool,
) -> int:
    """Returns the exit code of the verdict. Raises ReportError for a file that holds nothing of the kind."""
    destinations = options.destinations(reports)
    for destination in destinations:
        destination.probe()
    known = contracts.load(contract)
    text, name = text_of(file), str(file)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise ForeignError(
            f"{name} is not JSON, or was cut off", hint="name a JSON report or an archive (HAR)"
        ) from None
    if har.is_archive(document):
        recording = har.recording(document, name=name)
    else:
        told = parsed(text, name=name)
        recording = report.recording(told, name=name)
        about = tuple(report.departures(told, known))
        recording = replace(recording, unseen=(*about, *recording.unseen), warnings=(*about, *recording.warnings))
    for warning in recording.warnings:
        say(warning)
    run = judged(recording, known, strict=strict, only=only, skip=skip)
    job = Job(Settings(run.target), known, file.parent, destinations, verbose=verbose)
    return report_on(run, job)
