"""How many one-token changes of the server the suite notices: `python -m entity_tests.proofs.mutants`.

Each is served and judged by `conformance run` with every credential and `--strict`; when all were, those that survived
are judged by the next of the commands. What was judged stands in the results file and is not judged again, so
that the command may be stopped and started. Ends with 1 when a survivor is not in docs/mutation.md, or too many are
open.
"""

import hashlib
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import click

from entity_tests.proofs.mutants import known
from entity_tests.proofs.mutants.commands import COMMANDS, FIRST
from entity_tests.proofs.mutants.trial import Judgement, Mutant, NothingJudgedError, judged, lines, mutants

SEED, COUNT, WANTED = 9, 400, 0.95


def drawn(everything: Iterable[Mutant], seed: int, count: int) -> list[Mutant]:
    """So many of them, in an order of the seed's. Each has its place by its own id, whatever else there is.

    So an edit of the source changes the draw by the mutants that it takes away and brings, and by no other.
    """
    return sorted(everything, key=lambda one: hashlib.sha256(f"{seed} {one.id}".encode()).digest())[:count]


def remembered(results: Path) -> dict[str, Judgement]:
    """The judgements that a results file holds, by the mutant's id."""
    lines = results.read_text("utf-8").splitlines() if results.exists() else []
    return {one.pop("mutant"): Judgement(**one | {"why": tuple(one["why"])}) for one in map(json.loads, lines)}


def summary(found: Mapping[str, Judgement], page: Mapping[str, known.Survivor]) -> Iterator[str]:
    """The figures, and the survivors that the page does not tell of."""
    survived = [mutant for mutant, one in found.items() if one.ended == "survived"]
    unlisted = [mutant for mutant in survived if mutant not in page]
    verdicts = Counter(page[mutant].verdict for mutant in survived if mutant in page)
    by = Counter(one.by for one in found.values() if one.ended == "killed")
    unfinished = sum(_next_command(one) is not None for one in found.values())
    yield f"{len(found)} mutants: {by.total()} killed ({', '.join(f'{count} by {name}' for name, count in by.items())})"
    if unfinished:
        yield f"{unfinished} have survived a command and are to be judged by the next"
    yield f"{verdicts['equivalent']} equivalent, {verdicts['open']} open, {len(unlisted)} not in docs/mutation.md"
    yield f"killed / (killed + open): {share(found, page):.1%}"
    yield from (known.row(known.Survivor(mutant, "open", "?")) for mutant in unlisted)


def share(found: Mapping[str, Judgement], page: Mapping[str, known.Survivor]) -> float:
    """Killed of killed and open; what the page does not tell of is open."""
    killed = sum(one.ended == "killed" for one in found.values())
    left = [mutant for mutant, one in found.items() if one.ended == "survived"]
    still_open = sum(mutant not in page or page[mutant].verdict == "open" for mutant in left)
    return killed / max(1, killed + still_open)


@click.command()
@click.option("--seed", default=SEED, show_default=True, help="Another number draws other mutants.")
@click.option("--count", default=COUNT, show_default=True, help="How many are drawn.")
@click.option("--minutes", default=60.0, show_default=True, help="No mutant is begun after that.")
@click.option("--results", default=Path("mutants.jsonl"), type=click.Path(path_type=Path, dir_okay=False))
@click.option("--again", is_flag=True, help="Judge those that survived once more.")
@click.option("--only", default="", metavar="TEXT", help="Judge the mutants whose name has this text in it.")
def main(seed: int, count: int, minutes: float, results: Path, again: bool, only: str) -> None:  # noqa: FBT001, PLR0917 - options
    """Change the server's code, one token at a time, and see whether the suite notices."""
    chosen = drawn((one for one in mutants() if only in one.id), seed, count)
    before = remembered(results)
    asked = {mutant: one for mutant, one in before.items() if not again or one.ended == "killed"}
    page = known.survivors(known.PAGE.read_text("utf-8"))
    deadline = time.monotonic() + minutes * 60
    with results.open("a", encoding="utf-8") as file:
        try:
            for mutant, judgement in _judgements(chosen, asked, page, deadline):
                asked[mutant.id] = judgement
                file.write(json.dumps({"mutant": mutant.id, **asdict(judgement)}) + "\n")
                file.flush()
                click.echo(f"{judgement.ended} {judgement.by} {mutant.id}: {', '.join(judgement.why[:3])}")
        except NothingJudgedError as wrong:
            sys.exit(str(wrong))
    found = {one.id: asked[one.id] for one in chosen if one.id in asked}
    click.echo("\n".join(summary(found, page)))
    unlisted = any(one.ended == "survived" and mutant not in page for mutant, one in found.items())
    sys.exit(1 if unlisted or share(found, page) < WANTED else 0)


def _judgements(
    chosen: Iterable[Mutant], asked: Mapping[str, Judgement], page: Mapping[str, known.Survivor], deadline: float
) -> Iterator[tuple[Mutant, Judgement]]:
    """The first command for every mutant, then the next for those that survived it: first those that may be open.

    Nothing is served where nothing executes the statement that is changed. A mutant that the page calls equivalent is
    not asked again where the first command executes it.
    """
    equivalent = {one.mutant for one in page.values() if one.verdict == "equivalent"}
    for name in COMMANDS:
        left = [one for one in chosen if _next_command(asked.get(one.id)) == name]
        executed = lines(name) if left else frozenset()
        new = executed - lines(FIRST) if left and name != FIRST else executed
        for mutant in sorted(left, key=lambda one: one.id in equivalent):
            if time.monotonic() > deadline:
                click.echo("the time is over; start the command again to go on")
                return
            is_served = mutant.is_in(new if mutant.id in equivalent else executed)
            yield mutant, judged(mutant, name) if is_served else Judgement("survived", name)


def _next_command(judgement: Judgement | None) -> str | None:
    """The command that has to judge a mutant next; None where it is killed, or has survived them all."""
    commands = tuple(COMMANDS)
    if judgement is None:
        return commands[0]
    later = commands[commands.index(judgement.by) + 1 :]
    return later[0] if later and judgement.ended == "survived" else None


if __name__ == "__main__":
    main()
