"""Records wherever answers show them: the run's own hold what was last written to them, and nothing else."""

from collections.abc import Iterator, Mapping, Sequence

from entity_conformance.deployment.problems import Violation
from entity_conformance.oracle.history import History, Seen
from entity_conformance.oracle.own import ANYTHING, Own
from entity_conformance.oracle.showing import Channel, Showing, Shown, is_of_another, replaced_in
from entity_conformance.suite.expect.values import shown as quoted
from entity_conformance.suite.watch import learnt
from entity_conformance.suite.watch.causes import (
    ALIKE,
    CURRENT,
    FOUND,
    INCLUDED,
    LISTED,
    SEARCHED,
    SPARED,
    Causes,
)
from entity_conformance.suite.watch.judgement import Aspect, Judgement, Watch, over

_SENTENCES = {
    LISTED: "A list shows each record as READ does, field by field.",
    SEARCHED: "A search shows each record as READ does, field by field.",
    INCLUDED: "What `include` embeds is the record as it was last written, of the relation as it is.",
    ALIKE: "Each credential of a user is shown the same.",
    CURRENT: "Every answer shows what was written last, as soon as the write was answered.",
    FOUND: "What was created and not deleted is found each time.",
    SPARED: "A record changes by writes to itself alone, its `updatedAt` too.",
}
_JUDGED: dict[Channel, tuple[str, ...]] = {
    "read": (CURRENT, FOUND, SPARED),
    "list": (LISTED, SPARED),
    "search": (SEARCHED,),
    "include": (INCLUDED,),
    "answer": (),
}
_UNNAMED = {"update.is-stored": ("update.leaves-the-rest",)}
"""What must hold for an UPDATE to be to blame: where it changes what it does not name, no list tells what it lost."""
_PLACES: dict[Channel, str] = {
    "read": "data",
    "answer": "data",
    "list": "data[]",
    "search": "data[]",
    "include": "an included record",
}


def _judge(history: History) -> Iterator[Judgement]:
    found = history.shown
    writes = [one for one in history.seen if one.method in {"PATCH", "DELETE", "POST"} and one.is_below_v1]
    causes = Causes(found.showings, writes)
    readers: dict[int, set[str]] = {}
    differences = [(one, name, causes.of(one, name)) for one in found.showings for name in _telling(one)]
    absences = [(own, seen, causes.of_missing(own, seen)) for own, seen in found.missing]
    causes_told = [several for _, _, several in (*differences, *absences)]
    certain = {several[0] for several in causes_told if len({*several}) == 1}
    told: set[tuple[str, str, str]] = set()
    for one, name, several in differences:
        requirement = next((each for each in several if each in certain), several[0])
        place = (requirement, one.seen.exchange, one.own.id)
        if place not in told:
            told.add(place)
            after = _UNNAMED.get(requirement, ())
            yield Judgement(requirement, one.own.entity.name, one.seen.exchange, _difference(one, name), after=after)
    for one in found.showings:
        if one.wrong or one.state.is_gone:
            continue
        entity, exchange = one.own.entity.name, one.seen.exchange
        credentials = readers.setdefault(id(one.own), set())
        credentials.add(one.seen.credential)
        for requirement in (*_JUDGED[one.channel], *((ALIKE,) if len(credentials) > 1 else ())):
            yield Judgement(requirement, entity, exchange)
    for own, seen, several in absences:
        requirement = next((each for each in several if each in certain), several[0])
        is_no_answer = requirement == FOUND and seen.status == 404 and causes.is_now_and_then(own, seen)
        aspect: Aspect = "form" if is_no_answer else "body"
        yield Judgement(requirement, own.entity.name, seen.exchange, _absence(own, seen), aspect)
    yield from _unset(found)


def _telling(one: Showing) -> Sequence[str]:
    """The fields that tell what is wrong: `updatedAt` where nothing else does."""
    return ["id"] if one.state.is_gone else [name for name in one.wrong if name != "updatedAt"] or one.wrong


def _unset(found: Shown) -> Iterator[Judgement]:
    """A field that holds nothing is null or absent, in lists as by READ, to each credential (R11)."""
    forms: dict[tuple[str, str], dict[tuple[Channel, str], dict[bool, Showing]]] = {}
    for one in found.showings:
        if one.is_whole and not one.wrong and one.channel in {"read", "list"}:
            for name, values in one.state.values.items():
                if values == (None,) and name not in replaced_in(one.own, one.record):
                    by = forms.setdefault((one.own.entity.name, name), {})
                    by.setdefault((one.channel, one.seen.credential), {}).setdefault(name in one.record, one)
    for (entity, name), by in forms.items():
        read = {form for (channel, _), form in _steady(by).items() if channel == "read"}
        listed = {credential: form for (channel, credential), form in _steady(by).items() if channel == "list"}
        if len(read) != 1:
            continue
        others = [credential for credential, form in listed.items() if form not in read]
        requirement = LISTED if len(others) == len(listed) else ALIKE
        for credential in others:
            (seen,) = (one.seen for one in by["list", credential].values())
            told = ("no such field", "null") if listed[credential] else ("null", "no such field")
            message = f"data[].{name} holds nothing otherwise than by READ"
            problem = Violation(message, expected=told[0], actual=told[1], exchange=seen.exchange)
            yield Judgement(requirement, entity, seen.exchange, problem)


def _steady(by: Mapping[tuple[Channel, str], Mapping[bool, Showing]]) -> dict[tuple[Channel, str], bool]:
    """Whether it is there as null, where that is always the same."""
    return {place: next(iter(form)) for place, form in by.items() if len(form) == 1}


def _difference(one: Showing, name: str) -> Violation:
    place = f"{_PLACES[one.channel]}.{name}"
    if one.state.is_gone:
        message, expected = f"{one.own.id} was deleted and shows again", "no such record"
    else:
        values = [value for value in one.state.values.get(name, ()) if value is not ANYTHING]
        message = f"{place} of {one.own.id} is not what was written"
        expected = " or ".join(dict.fromkeys(map(quoted, values))) or "the record that the foreign key names"
        if one.channel == "answer" and isinstance(one.seen.sent, dict) and name in one.seen.sent:
            expected = quoted(one.seen.sent[name])
    actual = quoted(one.record[name]) if name in one.record else "no such field"
    return Violation(message, expected=expected, actual=actual, exchange=one.seen.exchange)


def _absence(own: Own, seen: Seen) -> Violation:
    found = "404" if seen.status == 404 else f"{len(seen.records or ())} others"
    message = f"{own.entity.name}/{own.id} is not found, though nothing deleted it"
    return Violation(message, expected="the record", actual=found, exchange=seen.exchange)


@over("read.returns-record", after=("create.gives-an-id",), aspect="form")
def _of_another(history: History) -> Iterator[tuple[Seen, Violation | None]]:
    """A record is read as it was created."""
    for seen in history.seen:
        if seen.method == "GET" and len(seen.path) == 2 and seen.is_success and is_of_another(history, seen):
            expected, actual = quoted(seen.path[-1]), quoted((seen.record or {}).get("id"))
            message = "READ shows another record than the one that is asked for"
            yield seen, Violation(message, expected=expected, actual=actual, exchange=seen.exchange)


_RECORDS = ("create.returns-record", "read.returns-record")
_BESIDES = {
    LISTED: (*_RECORDS, "situations.shown-after-write"),
    SEARCHED: _RECORDS,
    INCLUDED: (*_RECORDS, "update.is-stored", "situations.included-after-write"),
    ALIKE: (*_RECORDS, "situations.read-after-write", "situations.shown-after-write"),
    CURRENT: (*_RECORDS, "situations.read-after-write"),
    FOUND: ("create.returns-record",),
    SPARED: _RECORDS,
}
_LEARNT = {requirement: _SENTENCES[requirement] for requirement in (LISTED, SEARCHED, ALIKE, CURRENT)}
WATCHES = (Watch(_judge, _SENTENCES, _BESIDES), _of_another, Watch(learnt.judge, _LEARNT, _BESIDES))
