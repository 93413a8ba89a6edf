"""Filters of an entity by design, and what each requirement of filters claims about them.

Several conditions go into one question. Where its answer is wrong, each condition is asked about alone: the fault is
the condition's that is wrong alone, and of their being together only where none is.
It is long because whoever claims something of a filter, or of what it carries, goes by the same questions.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, pairwise
from typing import Literal

from entity_contract import Entity

from entity_conformance.deployment.api import Api
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.oracle import answers
from entity_conformance.oracle.question import Condition, Question
from entity_conformance.oracle.reading import DECIDED, chosen
from entity_conformance.suite import expect, given, sample
from entity_conformance.suite.given import Group
from entity_conformance.suite.questions.asking import (
    FIRST_PAGE,
    answer,
    ask,
    first_page,
    holds,
    is_decided,
    readings,
    second_asker,
    wrong,
)
from entity_conformance.suite.questions.carrying import Cut, cuts, orders, selected, unset
from entity_conformance.suite.questions.changed import of_changed
from entity_conformance.suite.questions.conditions import Designed, Places, Subjects, besides, designed, spare, together
from entity_conformance.suite.questions.filling import (
    WORTH_ASKING,
    WORTH_ASKING_ALONE,
    can_be_narrowed,
    filled,
    further,
    unplaced,
    untold,
)
from entity_conformance.suite.questions.narrowed import Narrowing, narrowings, wide
from entity_conformance.suite.questions.suspects import suspects

_OF_USERS, _WIDE = 4, 2
"""Questions about users, of whom few may be known, so that each tells little: one of them searches.

Some are wide: of one condition that leaves out one user, so that the others have an order and fill pages.
"""

_DAY = len("2025-01-15")
_EXAMINED = 20
"""Wrong filters, or conditions of them that are right alone, that are looked into for one requirement: a thorough run
has a hundred filters, and one fault may spoil them all.
"""

_BY_IDS = "filter.in"
"""What records that nobody makes are selected by."""

_TURN = 3
"""The turn that entities after the first begin with: what leaves all records, each has others of it beside a filter."""

_PAIR, _IN_PAIRS = 2, 4
"""Conditions of each further question about users, and how many such there are."""


@dataclass(frozen=True)
class Filter:
    """Conditions that are asked about at once, in which order, and among which records.

    The place tells whose turn it is; two of four questions ask for the fields alone that they are about, and for one
    that is `unset` in a record that it selects. `cut` is the part of the answer that it asks for, where that is told.
    `beside` are parameters that leave all records of the group: whoever watches lists judges that they lose none.
    """

    of: Group
    parts: tuple[Designed, ...]
    place: int
    order: Question | None = None
    among: Question | None = None
    unset: str | None = None
    cut: Cut | None = None
    beside: Question | None = None

    def question(self, *conditions: Condition) -> Question:
        """The question of all of them, or of some conditions alone."""
        return Question(self.of.entity, conditions or tuple(one.condition for one in self.parts))

    @cached_property
    def carrying(self) -> Question:
        """The question of all of them with what else it carries: whoever watches lists judges each of that."""
        found = self.question()
        for one in (self.among, self.beside):
            if one is not None:
                found = replace(
                    found, start=found.start or one.start, end=found.end or one.end, search=found.search or one.search
                )
                found = replace(found, include=found.include or one.include, sort=one.sort, order=one.order)
        if self.order is not None:
            found = replace(found, sort=self.order.sort, order=self.order.order)
        if self.cut is not None and self.of.narrowed(found) is not None:  # else every page is walked through
            include = tuple(one.name for one in found.entity.includable if one.type == "belongsTo")
            found = replace(found, page=self.cut.page, limit=self.cut.limit)
            found = replace(found, include=include) if self.cut.page > 1 else found
        if self.place // 2 % 2 == 0:
            return found
        told = [*([found.sort] if found.sort else []), *(["createdAt"] if found.start or found.end else [])]
        told += [self.unset] if self.unset else []
        names = ("id", *(one.field for one in found.conditions), *told)  # what is not shown, nobody judges
        return replace(found, fields=tuple(dict.fromkeys(names)))

    @cached_property
    def is_decided(self) -> bool:
        """Whether there is one right answer to the conditions, for each reading of the rulings."""
        return is_decided(self.question(), self.of)

    @cached_property
    def is_countable(self) -> bool:
        """Whether what it carries is decided too, and asks for a page, which tells a total."""
        return self.cut is not None and self.carrying.limit is not None and is_decided(self.carrying, self.of)

    @property
    def crowded(self) -> tuple[tuple[Condition, Condition], ...]:
        """Each two conditions that stand on one field, one after the other."""
        stated = sorted((one.condition for one in self.parts), key=lambda one: one.field)
        return tuple((one, other) for one, other in pairwise(stated) if one.field == other.field)


async def filters(api: Api, entity: Entity) -> tuple[Filter, ...]:
    """The questions of one entity; every second one is a read-only key's, where there is one."""
    return await api.once(("filters", entity.name), lambda: _filters(api, entity))


async def _filters(api: Api, entity: Entity) -> tuple[Filter, ...]:
    group = await given.group(api, entity)
    of = Subjects(entity, group.known, api.contract.operators, api.entities)
    is_cheap = api.has("read_key") and not api.context.is_thorough  # which asks what is not told anyway
    worth, packed = WORTH_ASKING if is_cheap else WORTH_ASKING_ALONE, together(designed(of), of)
    found = _loaded(group, of, packed, is_thorough=api.context.is_thorough, worth=worth)
    if api.has("read_key") or api.context.is_thorough:  # one key that asks everything has no request for it
        found += tuple(Filter(group, parts, len(found)) for parts in _changed(group, of))
    return found


async def directory_filters(api: Api) -> tuple[Filter, ...]:
    """The questions about users, who are there already; none where the run knows too few of them."""
    with suppress(Violation, Blocked, OutOfProfile):
        return await api.once("directory filters", lambda: _directory_filters(api))
    return ()


async def users_searched(api: Api) -> None:
    """A search of users selects out who has not the word. Raises Violation, and OutOfProfile where none can tell.

    Where the question that carries it is answered wrongly, the search is asked about alone, which tells of the known
    users only: others may have the word too. Who was changed meanwhile tells nothing.
    """
    searches = [(one, one.among.search) for one in await directory_filters(api) if one.among and one.among.search]
    if not searches:
        raise OutOfProfile("no word tells the users apart that this run was shown")
    for filter_, search in searches:
        of, asker = filter_.of, await asking(api, filter_.place)
        if await wrong(asker, of, filter_.carrying, nulls="apart") is None:
            continue
        kept = {one["id"] for one in answers.selected(of.known, Question(of.entity, search=search), DECIDED)}
        reply = await first_page(asker, of.entity, search=search)
        shown = {one.get("id") for one in reply.records} & {one["id"] for one in of.known}
        if shown - kept and await given.is_still(api, of):
            raise Violation(
                f"a search of {of.entity.name} shows who has not the word",
                expected=", ".join(sorted(kept)),
                actual=", ".join(sorted(map(str, shown))),
                exchange=reply.exchange,
            )


async def ranges_taken(api: Api) -> None:
    """No range of dates that a filter carries is refused by itself, of any entity. Raises Violation.

    Whoever watches lists judges what they show, so that it is asked about alone where the filter was refused only. A
    day at its end is written as its last moment: whether that is meant is no MUST (L19), and a day that begins before
    the range's start may be refused.
    """
    for filter_ in await _of(api, ()):
        start, end = filter_.carrying.start, filter_.carrying.end
        if end is None:
            continue
        asker, of = await asking(api, filter_.place), filter_.of
        last = f"{end}T23:59:59Z" if len(end) == _DAY else end
        alone = of.narrowed(Question(of.entity, start=start, end=last))
        if alone is None or await _is_listed(asker, of, filter_.carrying):
            continue
        if await _is_listed(asker, of, Question(of.entity)):
            expect.status(await answer(asker, of.entity, params=alone.parameters(), page=1, limit=FIRST_PAGE), 200)


async def _is_listed(api: Api, of: Group, question: Question) -> bool:
    with suppress(Violation):
        return bool((await ask(api, of, question)).reply)
    return False


async def _directory_filters(api: Api) -> tuple[Filter, ...]:
    group = await given.directory_group(api)
    of = Subjects(group.entity, group.known, api.contract.operators, api.entities)
    return _loaded(group, of, [()] * _OF_USERS, is_thorough=api.context.is_thorough, worth=_PAIR)


def _loaded(
    group: Group, of: Subjects, packed: Sequence[tuple[Designed, ...]], *, is_thorough: bool, worth: int
) -> tuple[Filter, ...]:
    """The questions, each with the narrowing and the order that it carries, and with as many others as it tells.

    Further ones ask what those do not tell, then in a thorough run about every border that none has. Those of users,
    who are there already, ask for some fields first.
    """
    among, others = _among(group, of, packed), spare(of)
    whole = filled(packed, of, others, {place: one.places for place, one in among.items()})
    single = [some for some in others if not any(one.is_of_later_values for one in some)]
    of_users = "create" not in of.entity.operations
    if of_users:
        whole = (*whole, *_wide(whole, of, single))
        whole = (*whole, *further(whole, of, single, worth=worth, at_most=_IN_PAIRS))
    else:
        whole = (*whole, *further(whole, of, single, worth=worth))
    if is_thorough:
        whole = (*whole, *further(whole, of, others, worth=2))
        borders = [*untold(designed(replace(of, thorough=True)), packed, whole, of)]
        whole = filled(whole, of, borders, {place: one.places for place, one in among.items()})
        whole = (*whole, *together(unplaced(borders, whole), of))
    everything = frozenset(range(len(of.records)))
    left = [among[place].places if place in among else everything for place in range(len(whole))]
    answered = [selected(parts, some) for parts, some in zip(whole, left, strict=True)]
    certain = [
        places if selected(parts, some, otherwise=True) == places else None
        for parts, some, places in zip(whole, left, answered, strict=True)
    ]
    sorts = [*orders(of, answered)]
    totals = [_mistaken_totals(parts, some) for parts, some in zip(whole, left, strict=True)]
    pages = cuts(of, certain, sorts, totals)
    turn = 0 if of_users or of.entity == of.first else _TURN
    return tuple(
        Filter(
            group,
            parts,
            place + of_users,
            order,
            among[place].asked if place in among else None,
            unset(of, answered[place]),
            page,
            wide(
                group, turn + place, of_pages=page is not None and page.limit < page.total, is_narrowed=place in among
            ),
        )
        for place, (parts, order, page) in enumerate(zip(whole, sorts, pages, strict=True))
        if parts
    )


def _mistaken_totals(parts: Sequence[Designed], among: Places) -> frozenset[int]:
    """How many of these records other answers select: those to the question with one of its conditions mistaken."""
    found: set[int] = set()
    right = selected(parts, among)
    for one in parts:
        others = selected([other for other in parts if other is not one], among)
        found |= {len(others & mistake) for mistake in one.mistakes if others & mistake != right}
    return frozenset(found)


def _is_cut(page: Cut | None) -> bool:
    """Whether others come after the part of the answer that is asked for."""
    return page is not None and page.limit < page.total


def _changed(group: Group, of: Subjects) -> Iterator[tuple[Designed, ...]]:
    """A question about the one record that held other values before, where there is one."""
    before = None if group.earlier is None else group.earlier[0]
    now = [one for one in of.records if before is not None and one["id"] == before["id"]]
    if before is not None and now and (asked := of_changed(of, before, now[0])):
        yield asked


def _wide(
    asked: Iterable[Sequence[Designed]], of: Subjects, others: Iterable[Sequence[Designed]]
) -> tuple[tuple[Designed, ...], ...]:
    """Questions of one condition that all satisfy but one, each of another operator; none that are asked already."""
    stated = [one.condition for question in asked for one in question]
    widest = [one for one in chain.from_iterable(others) if len(one.selects) == len(of.records) - 1 > 1]
    fresh = {one.condition.operator: one for one in reversed(widest) if one.condition not in stated}
    return tuple((one,) for one in reversed(fresh.values()))[:_WIDE]


def _among(group: Group, of: Subjects, packed: Sequence[tuple[Designed, ...]]) -> Mapping[int, Narrowing]:
    """By the places of questions what narrows them: each by the first that still tells its conditions beside it."""
    found: dict[int, Narrowing] = {}
    for alternatives in narrowings(group):
        left = (place for place in range(len(packed)) if place not in found)
        fitting = (
            (place, one) for place in left for one in alternatives if can_be_narrowed(packed[place], of, one.places)
        )
        if (first := next(fitting, None)) is not None:
            found |= dict([first])
    return found


async def asking(api: Api, place: int) -> Api:
    """Who asks the question at that place: the API key's and a read-only key's in turns, where that one can list."""
    return api.asking_as("api_key" if place % 2 == 0 else await second_asker(api))


async def filtered(api: Api, requirement: str, *entities: Entity) -> None:
    """No filter of these entities, of all where none is named, is answered wrongly by a condition of the requirement.

    Where none of the entities whose turn it is can be asked, the others are. Raises OutOfProfile where none can tell.
    Of wrong filters so many of its conditions are asked about alone; where each is right, the fault is another's.
    """
    asked, fine = 0, 0
    for filter_ in await _of(api, entities):
        mine = [one for one in filter_.parts if one.requirement == requirement]
        asked += len(mine) and filter_.is_decided
        if not mine or fine >= _EXAMINED or await _wrong(api, filter_) is None:
            continue
        if await _is_right_without_suspects(api, filter_, [one.condition for one in mine]):
            continue
        for one in mine:
            found = await _alone(api, filter_, one.condition)
            fine += found is None
            if found is not None and not await _is_excused(api, filter_, one):
                raise found
    if not asked and not await _elsewhere(api, requirement, entities):
        raise OutOfProfile("no record of this run has a value that tells anything about it")


async def _is_right_without_suspects(api: Api, filter_: Filter, mine: Sequence[Condition]) -> bool:
    """Whether a wrong filter is right without conditions that are like wrong ones, and not `mine`."""
    known = await suspects(api)
    kept = [one.condition for one in filter_.parts if one.condition in mine or not known.hold(one.condition)]
    return len(kept) < len(filter_.parts) and await _wrong(api, filter_, *kept) is None


async def _elsewhere(api: Api, requirement: str, entities: tuple[Entity, ...]) -> bool:
    """Whether an equality of that requirement was asked about where it was another entity's turn. Raises Violation."""
    for entity in entities or [one for one in api.entities if "create" in one.operations]:
        with suppress(Blocked, OutOfProfile):
            group = await given.group(api, entity)
            of = Subjects(entity, group.known, api.contract.operators, api.entities)
            asked = [Question(entity, (one.condition,)) for one in _about(requirement, besides(of))]
            if decided := [question for question in asked if is_decided(question, group)]:
                await holds(api, group, decided[0])
                return True
    return False


def _about(requirement: str, conditions: Iterable[Sequence[Designed]]) -> Iterator[Designed]:
    return (one for alternatives in conditions for one in alternatives if one.requirement == requirement)


async def several(api: Api, *entities: Entity, on_one_field: bool) -> None:
    """No filter of several conditions is answered wrongly where each of its conditions is answered rightly.

    Where two on one field are answered wrongly by themselves, nothing is said of several fields: those filters come
    last. So many wrong ones are asked about in parts.
    """
    examined = 0
    for filter_ in sorted(await _of(api, entities), key=lambda one: bool(one.crowded)):
        if len(filter_.parts) == 1 or (on_one_field and not filter_.crowded):
            continue
        found = await _wrong(api, filter_) if examined < _EXAMINED else None
        if found is None:
            continue
        examined += 1
        crowded = [
            (pair, wrong) for pair in filter_.crowded if (wrong := await _wrong(api, filter_, *pair)) is not None
        ]
        told = [wrong for pair, wrong in crowded if on_one_field and not await _has_wrong_part(api, filter_, pair)]
        if told:
            raise told[0]
        if not crowded and not on_one_field and not await _has_wrong_part(api, filter_):
            raise found


async def _has_wrong_part(api: Api, filter_: Filter, among: Collection[Condition] = ()) -> bool:
    """Whether one of its conditions, or of those, is answered wrongly alone."""
    asked = [one.condition for one in filter_.parts if not among or one.condition in among]
    for one in (await suspects(api)).first(asked):
        if await _alone(api, filter_, one):
            return True
    return False


async def beside_null(api: Api, entity: Entity, operator: Literal["$ne", "$nin"]) -> str:
    """Whether the operator selects records that hold nothing: `match` or `no-match`, the same on every field."""
    await filtered(api, f"filter.{operator[1:]}-beside-null")
    group = await given.group(api, entity)
    name = sample.optional(entity) or ""
    held = [one[name] for one in group.known if one[name] is not None]
    if len(held) == len(group.known):
        raise OutOfProfile(f"no record of {entity.name} holds nothing in {name or 'any field'}")
    if await _both_match(api, group, name, held):
        return "match"
    operand = held[0] if operator == "$ne" else held[:1]
    if (found := await wrong(api, group, Question(entity, (Condition(name, operator, operand),)))) is not None:
        raise found
    point = "ne_null" if operator == "$ne" else "nin_null"
    return chosen((await readings(api)).left)[point]


async def _both_match(api: Api, of: Group, name: str, held: Sequence[object]) -> bool:
    """Whether `$ne` and `$nin` together leave out the two values that they name, and no record that holds nothing."""
    operators, values = {one.name for one in api.contract.operators}, list(dict.fromkeys(held))
    if len(values) < 2 or not {"$ne", "$nin"} <= operators:
        return False
    conditions = (Condition(name, "$ne", values[0]), Condition(name, "$nin", values[1:2]))
    try:
        shown = await ask(api, of, Question(of.entity, conditions))
    except Violation:
        return False
    kept, wanted = await readings(api), {one["id"] for one in of.known if one[name] not in values[:2]}
    agreeing = tuple(one for one in kept.left if one.ne_null == one.nin_null == "match")
    if not agreeing or {one.get("id") for one in shown.records} != wanted:
        return False
    kept.left = agreeing
    return True


async def _is_excused(api: Api, filter_: Filter, of: Designed) -> bool:
    """Whether the field is to blame, or somebody else's record was changed meanwhile.

    Those records are selected by their ids: where that fails, no other operator is to blame.
    """
    if "create" not in filter_.of.entity.operations:
        is_still = await given.is_still(api, filter_.of)
        if not is_still or not (of.requirement == _BY_IDS or await given.is_selected(api, filter_.of)):
            return True
    return await _is_of_the_field(api, filter_, of.condition)


async def _is_of_the_field(api: Api, filter_: Filter, condition: Condition) -> bool:
    """Whether not even equality holds on the field, so that nothing is said of its operators."""
    held = next(one[condition.field] for one in filter_.of.known if one[condition.field] is not None)
    equality = filter_.question(Condition(condition.field, "$eq", held, bare=True))
    return not condition.bare and await wrong(await asking(api, filter_.place), filter_.of, equality) is not None


async def _alone(api: Api, filter_: Filter, condition: Condition) -> Exception | None:
    found = await _wrong(api, filter_, condition)
    if found is not None:
        (await suspects(api)).add(condition)
    return found


async def _wrong(api: Api, filter_: Filter, *conditions: Condition) -> Violation | None:
    asker = await asking(api, filter_.place)
    if not conditions and await _is_right(asker, filter_):
        return None
    return await wrong(asker, filter_.of, filter_.question(*conditions))


async def _is_right(api: Api, filter_: Filter) -> bool:
    """Whether the question is answered rightly with what it carries.

    Of a page that is wrong, or tells another total, the whole answer is asked for: whoever watches lists judges them.
    """
    carrying = filter_.carrying
    if await wrong(api, filter_.of, carrying, nulls="apart") is None and await _is_counted(api, filter_):
        return True
    whole = replace(carrying, page=None, limit=None)
    return carrying.limit is not None and await wrong(api, filter_.of, whole, nulls="apart") is None


async def _is_counted(api: Api, filter_: Filter) -> bool:
    """Whether a page tells the true total; what tells none, others judge."""
    if filter_.cut is None or not filter_.is_countable:
        return True
    with suppress(Violation, Blocked):
        reply = (await ask(api, filter_.of, filter_.carrying)).reply
        return bool(given.pagination(reply, "total") == filter_.cut.total)
    return True


async def _of(api: Api, entities: tuple[Entity, ...]) -> list[Filter]:
    if entities:
        return [one for entity in entities for one in await filters(api, entity)]
    found: list[Filter] = []
    blocked: Blocked | OutOfProfile | None = None
    for entity in api.entities:
        if "create" in entity.operations:
            try:
                found += await filters(api, entity)
            except (Blocked, OutOfProfile) as problem:
                blocked = problem
    if not found and blocked is not None:
        raise blocked
    return [*found, *await directory_filters(api)]
