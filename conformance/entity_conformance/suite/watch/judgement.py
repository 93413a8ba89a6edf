"""How an answer is judged whoever asked for it: a rule of a requirement, and what it found. Pure."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from entity_conformance.deployment.problems import Violation
from entity_conformance.oracle.history import History, Seen


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one exchange says of one requirement: that it holds there (`problem` is None), or what is wrong.

    A problem that is no Violation is a defect of the suite.
    """

    requirement: str
    entity: str | None
    exchange: str
    problem: Exception | None = None


Judge = Callable[[History], Iterable[Judgement]]
"""Goes over a run. It may judge several requirements: where a difference shows says which of them it breaks."""


@dataclass(frozen=True, slots=True)
class Watch:
    """A judge, the requirements that it judges, and their sentences. `after` must hold for its findings to count."""

    judge: Judge
    sentences: dict[str, str]
    after: tuple[str, ...] = ()


def each(
    requirement: str, where: Callable[[Seen], bool], *, after: Collection[str] = ()
) -> Callable[[Callable[[Seen], object]], Watch]:
    """A watch that judges each answer by itself, `where` it is about it. The function raises Violation.

    Its docstring is the requirement's sentence where no check has one.
    """

    def made(rule: Callable[[Seen], object]) -> Watch:
        def judge(history: History) -> Iterator[Judgement]:
            for seen in history.seen:
                if where(seen):
                    entity = history.entity(seen)
                    yield judged(requirement, entity.name if entity else None, seen, rule)

        return Watch(judge, {requirement: " ".join((rule.__doc__ or "").split())}, tuple(sorted(after)))

    return made


def judged(requirement: str, entity: str | None, seen: Seen, rule: Callable[[Seen], object]) -> Judgement:
    """The judgement of a rule that raises Violation on one answer."""
    try:
        rule(seen)
    except Violation as problem:
        return Judgement(requirement, entity, seen.exchange, problem)
    return Judgement(requirement, entity, seen.exchange)
