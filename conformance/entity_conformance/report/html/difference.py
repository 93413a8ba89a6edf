"""What was expected and what came, one below the other, with that part marked in which they differ. Pure."""

import re
from collections.abc import Sequence

from entity_conformance.report.html.markup import Html, el, join
from entity_conformance.report.text import excerpt

_LONGEST = 600
_WORD = re.compile(r"\w+|\s+|[^\w\s]")


def difference(expected: str | None, actual: str | None) -> Html | None:
    """Two rows, `expected` and `actual`; None where neither was told."""
    if expected is None and actual is None:
        return None
    ours, theirs = (_WORD.findall(excerpt(said or "", limit=_LONGEST)) for said in (expected, actual))
    before = _alike(ours, theirs)
    after = _alike(ours[before:][::-1], theirs[before:][::-1])
    rows = [
        el("div", el("dt", name), el("dd", _marked(mark, words, before, after) or el("i", "nothing said")), class_=name)
        for name, mark, words in (("expected", "del", ours), ("actual", "ins", theirs))
    ]
    return el("dl", rows, class_="diff")


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """With how many words both begin."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _marked(mark: str, words: Sequence[str], before: int, after: int) -> Html:
    """The words, those marked that only one of the two has. Of texts that share nothing none is marked."""
    start, middle, end = words[:before], words[before : len(words) - after], words[len(words) - after :]
    if not (start or end) or not middle:
        return join("".join(words))
    return join("".join(start), el(mark, "".join(middle)), "".join(end))
