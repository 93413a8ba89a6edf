"""How an answer is judged whoever asked for it: a rule of a requirement, and what it found. Pure."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from entity_conformance.deployment.problems import Violation
from entity_conformance.oracle.history import History, Seen

Aspect = Literal["form", "envelope", "body", "values", "times", "limits", "identifier"]
"""What of an answer is judged. What is wrong with one of these says nothing of the others, but for its form: an answer
that cannot be read, or not as a whole, is no answer to whatever was asked.
"""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one exchange says of one requirement: that it holds there (`problem` is None), or what is wrong.

    A problem that is no Violation is a defect of the suite. `after` must hold for it to count.
    """

    requirement: str
    entity: str | None
    exchange: str
    problem: Exception | None = None
    aspect: Aspect = "body"
    after: tuple[str, ...] = ()


Judge = Callable[[History], Iterable[Judgement]]
"""Goes over a run. It may judge several requirements: where a difference shows says which of them it breaks."""


@dataclass(frozen=True, slots=True)
class Watch:
    """A judge, the requirements that it judges, and their sentences.

    `after` names, for each of them, what must hold for its findings to count.
    """

    judge: Judge
    sentences: Mapping[str, str]
    after: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


Findings = Callable[[History], Iterable[tuple[Seen, Violation | None]]]


def each(
    requirement: str,
    where: Callable[[Seen], bool],
    *,
    after: Collection[str] = (),
    aspect: Aspect = "body",
    is_of_form: Callable[[Seen], bool] = lambda _: False,
) -> Callable[[Callable[[Seen], object]], Watch]:
    """A watch that judges each answer by itself, `where` it is about it. The function raises Violation.

    Its docstring is the requirement's sentence where no check has one. `is_of_form` tells the answers of which it
    judges the form instead.
    """

    def made(rule: Callable[[Seen], object]) -> Watch:
        def judge(history: History) -> Iterator[Judgement]:
            for seen in history.seen:
                if where(seen):
                    entity = history.entity(seen)
                    of = "form" if is_of_form(seen) else aspect
                    yield judged(requirement, entity.name if entity else None, seen, rule, aspect=of)

        return Watch(judge, {requirement: sentence_of(rule)}, {requirement: tuple(sorted(after))})

    return made


def over(requirement: str, *, after: Collection[str] = (), aspect: Aspect = "body") -> Callable[[Findings], Watch]:
    """A watch that goes over all answers: the function gives each that it is about, with what is wrong there or None.

    Its docstring is the requirement's sentence where no check has one.
    """

    def made(rule: Findings) -> Watch:
        def judge(history: History) -> Iterator[Judgement]:
            for seen, problem in rule(history):
                entity = history.entity(seen)
                name = entity.name if entity else None
                yield Judgement(requirement, name, seen.exchange, problem, aspect, tuple(after))

        return Watch(judge, {requirement: sentence_of(rule)}, {requirement: tuple(sorted(after))})

    return made


def sentence_of(rule: Callable[..., object]) -> str:
    """A docstring on one line."""
    return " ".join((rule.__doc__ or "").split())


def judged(
    requirement: str, entity: str | None, seen: Seen, rule: Callable[[Seen], object], *, aspect: Aspect = "body"
) -> Judgement:
    """The judgement of a rule that raises Violation on one answer."""
    try:
        rule(seen)
    except Violation as problem:
        return Judgement(requirement, entity, seen.exchange, problem, aspect)
    return Judgement(requirement, entity, seen.exchange, aspect=aspect)
