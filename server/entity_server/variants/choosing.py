"""Which variants a server has, by what was asked for: `--choices`, `--variant` and `--seed`.

Pure but for the one seed that is made up where none was given. What cannot be is an UnusableSetting, one line that says
what may be.
"""

import random
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from entity_contract.rulings import Clause, load

from entity_server.settings import UnusableSetting
from entity_server.variants import VARIANTS, Variant

OTHER, RANDOM = "other", "random"

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "extra-members": ("envelopes-say-more", "records-say-more", "pages-say-more", "health-says-more"),
    "other-ids": ("ids-are-uuids",),
    "other-order": ("oldest-first", "ties-by-descending-id", "methods-in-another-order"),
    "absolute-links": ("links-are-absolute",),
    "whole-seconds": ("times-are-kept-in-whole-seconds",),
}
"""Names that stand for variants which a client meets together."""

NEEDS_HTTPS = frozenset({"secure-cookies"})
"""Variants that nobody can ask for over plain http."""

NOT_OTHER = frozenset({"E18.spelling", "O1.head"})
"""Choices that `other` leaves as they are: clients generated from the contract cannot read what comes.

Those of Go and Python read no integer that is spelt 12.0, those of Python no method that is not in `EntityMethod`.
"""

_BESIDES: Mapping[str, tuple[str, ...]] = {
    "starts-with-by-case": ("ends-with-by-case",),
    "ne-leaves-nulls-out": ("nin-leaves-nulls-out",),
    "envelopes-say-more": ("records-say-more", "pages-say-more"),
}
"""Variants that take an alternative in one place, and those that take it in its other places."""

_BY_ID: Mapping[str, Variant] = {one.id: one for one in VARIANTS}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a server does otherwise. `choices` are the alternatives that it takes, `seed` is where they come from."""

    variants: tuple[Variant, ...] = ()
    choices: Mapping[str, str] | None = None
    seed: int | None = None

    def told(self) -> Mapping[str, str]:
        """The same by the names of a credentials file, where a later run finds what to ask for again."""
        taken = {clause: alternative for one in self.variants for clause, alternative in one.takes.items()}
        return {
            "choices": spelled(taken),
            "variants": ",".join(one.id for one in self.variants),
            **({} if self.seed is None else {"seed": str(self.seed)}),
        }


def spelled(choices: Mapping[str, str]) -> str:
    """Choices as `--choices` takes them."""
    return ",".join(f"{clause}={alternative}" for clause, alternative in choices.items())


def chosen(choices: str | None, names: Sequence[str] = (), *, seed: int | None = None, https: bool = False) -> Chosen:
    """What was asked for. Raises UnusableSetting for what there is not, and for what cannot be one server.

    `choices` that begin with `other` or `random` may name some that are taken in any case.
    """
    first, _, rest = (choices or "").partition(",")
    sure = _read(rest) if rest and first.strip() in {OTHER, RANDOM} else {}
    if seed is not None and first.strip() != RANDOM:
        raise UnusableSetting("--seed is what `--choices random` draws from; give it with that")
    named = _named(names)
    _refuse_pairs(named)
    drawn = None
    match choices and first.strip():
        case None:
            found = list(named)
        case "other":
            wanted = {clause.id: clause.alternatives[clause.id not in NOT_OTHER] for clause in _choices()}
            found = _besides(sure, wanted, named, https=https)
        case "random":
            drawn = secrets.randbelow(2**32) if seed is None else seed
            source = random.Random(drawn)  # noqa: S311 - to be repeated, not to be secret
            wanted = {clause.id: source.choice(clause.alternatives) for clause in _choices()}
            found = _besides(sure, wanted, named, https=https)
        case _:
            found = _exactly(_read(choices or ""), named)
    if not https and (secure := [one.id for one in found if one.id in NEEDS_HTTPS]):
        raise UnusableSetting(f"{secure[0]} can only be seen over https; serve it with TLS")
    taken = {clause: alternative for one in found for clause, alternative in one.takes.items()}
    return Chosen(tuple(found), taken, drawn)


def compatible(one: Variant, other: Variant) -> bool:
    """Whether two variants can be one server."""
    apart = one.id in other.apart or other.id in one.apart
    agreed = all(other.takes.get(clause, taken) == taken for clause, taken in one.takes.items())
    return agreed and not apart


def _choices() -> list[Clause]:
    return [clause for clause in load().clauses.values() if clause.level == "choice"]


def _besides(
    sure: Mapping[str, str], wanted: Mapping[str, str], named: Sequence[Variant], *, https: bool
) -> list[Variant]:
    """What is sure, and of the wanted ones what fits to it."""
    return _all_that_go_together({**wanted, **sure}, _exactly(sure, named), https=https)


def _all_that_go_together(wanted: Mapping[str, str], named: Sequence[Variant], *, https: bool) -> list[Variant]:
    """The named variants, and for each alternative one that takes no other than the wanted ones and fits the rest."""
    found = list(named)
    for clause, alternative in wanted.items():
        for one in _taking(clause, alternative, wanted):
            if one.id not in NEEDS_HTTPS or https:
                found += [each for each in (one, *_beside(one)) if _fits(each, found)]
                break
    return found


def _exactly(wanted: Mapping[str, str], named: Sequence[Variant]) -> list[Variant]:
    """The named variants, and one for each alternative. Raises UnusableSetting where one does not fit the rest."""
    found = list(named)
    for clause, alternative in wanted.items():
        if load().clauses[clause].alternatives[0] == alternative:
            _refuse_takers(found, clause, alternative)
            continue
        if any(one.takes.get(clause) == alternative for one in found):
            continue
        candidates = [*_taking(clause, alternative, wanted, strictly=False)]
        fitting = [one for one in candidates if _fits(one, found)]
        if not fitting:
            beside = next((other for one in candidates for other in found if not compatible(one, other)), None)
            with_what = f"with {beside.id}" if beside else "with what else was chosen"
            raise UnusableSetting(f"{clause}={alternative} does not go together {with_what}; leave out one of them")
        found += [each for each in (fitting[0], *_beside(fitting[0])) if _fits(each, found)]
    return found


def _refuse_takers(found: Iterable[Variant], clause: str, own: str) -> None:
    for one in found:
        if clause in one.takes:
            raise UnusableSetting(f"{one.id} takes {clause}={one.takes[clause]}, and {own} was chosen; leave out one")


def _taking(clause: str, alternative: str, wanted: Mapping[str, str], *, strictly: bool = True) -> Iterable[Variant]:
    """The variants that take the alternative, and of other clauses the wanted ones: strictly, where none is wanted."""
    for one in VARIANTS:
        if one.takes.get(clause) == alternative and all(
            wanted.get(other, None if strictly else taken) == taken for other, taken in one.takes.items()
        ):
            yield one


def _beside(one: Variant) -> list[Variant]:
    return [_BY_ID[other] for other in _BESIDES.get(one.id, ())]


def _fits(one: Variant, found: Sequence[Variant]) -> bool:
    return one not in found and all(compatible(one, other) for other in found)


def _read(choices: str) -> Mapping[str, str]:
    """`L2=capped,L10.code=VALIDATION_FAILED`, each by the row or the clause. Raises UnusableSetting."""
    read: dict[str, str] = {}
    for part in choices.split(","):
        name, equals, alternative = (piece.strip() for piece in part.partition("="))
        if not equals:
            raise UnusableSetting(
                f"--choices takes {OTHER}, {RANDOM} or ROW=ALTERNATIVE such as L2=capped, and not {part.strip()!r}"
                f"{_near(part.strip(), (OTHER, RANDOM))}"
            )
        clause = _clause(name, alternative)
        if read.setdefault(clause.id, alternative) != alternative:
            raise UnusableSetting(f"{clause.id} is chosen twice; give it once")
    return read


def _clause(name: str, alternative: str) -> Clause:
    """The CHOICE of that row or clause which has the alternative. Raises UnusableSetting."""
    matching = [clause for clause in load().matching(name) if clause.level == "choice"]
    if not matching:
        known = [one for clause in _choices() for one in (clause.row, clause.id)]
        raise UnusableSetting(
            f"{name!r} is no choice of the rulings{_near(name, known)}; `reference-server variants` lists them all"
        )
    having = [clause for clause in matching if alternative in clause.alternatives]
    if not having:
        known = list(dict.fromkeys(one for clause in matching for one in clause.alternatives))
        raise UnusableSetting(f"{name} is {' or '.join(known)}, and not {alternative!r}{_near(alternative, known)}")
    if len(having) > 1:
        told = " or ".join(clause.id for clause in having)
        raise UnusableSetting(f"{name}={alternative} is several choices; say which: {told}")
    return having[0]


def _named(names: Sequence[str]) -> list[Variant]:
    """The variants of these names, once each. Raises UnusableSetting."""
    known = [*FAMILIES, *_BY_ID]
    for name in names:
        if name not in known:
            raise UnusableSetting(
                f"there is no variant {name!r}{_near(name, known)}; `reference-server variants` lists them all"
            )
    ids = dict.fromkeys(one for name in names for one in FAMILIES.get(name, (name,)))
    return [_BY_ID[one] for one in ids]


def _refuse_pairs(variants: Sequence[Variant]) -> None:
    for place, one in enumerate(variants):
        for other in variants[:place]:
            if not compatible(one, other):
                raise UnusableSetting(f"{other.id} and {one.id} cannot be one server; leave out one of them")


def _near(name: str, known: Iterable[str]) -> str:
    by_folded = {one.lower(): one for one in known}
    near = get_close_matches(name.lower(), by_folded, n=1, cutoff=0.4)
    return f"; did you mean {by_folded[near[0]]}?" if near else ""
