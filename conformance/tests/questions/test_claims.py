"""Claims that share a question: each holds of a right deployment, and each is accused where it alone is broken.

It is long because each claim has a deployment of its own that breaks it.
"""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from entity_conformance.deployment.api import Api, Secret
from entity_conformance.deployment.opening import opened
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.deployment.settings import Settings
from entity_conformance.oracle import answers
from entity_conformance.oracle.asking import question_of
from entity_conformance.oracle.question import Condition, Question
from entity_conformance.oracle.reading import DECIDED
from entity_conformance.oracle.records import Record
from entity_conformance.suite import given, questions
from entity_conformance.suite.checks.list import link_keeps_parameters
from entity_conformance.suite.given import Group
from entity_conformance.suite.questions import claims
from entity_contract import Contract, Entity

from conformance.tests.miniature import BASE, KEY, SESSION, Miniature, data, problem, shown

pytestmark = pytest.mark.anyio

Pairs = list[tuple[str, str]]
Vice = Callable[[Pairs], Pairs | httpx.Response]
"""What a deployment makes of a query before it looks at it: another one, or an answer."""

COMPARED = ("$gt", "$gte", "$lt", "$lte")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Tasks:
    """Lists of tasks and READ of one, as the rulings decide them; `vice` is what is wrong with them."""

    def __init__(self, contract: Contract) -> None:
        (self.entity,) = [one for one in contract.entities if one.name == "tasks"]
        self.deployment = Miniature()
        self.deployment.before = self._answered
        self.operators = {one.name for one in contract.operators}
        self.vice: Vice = lambda pairs: pairs
        self.turned: Callable[[Sequence[Record], Question], Sequence[Record]] = lambda records, _: records

    def _answered(self, request: httpx.Request) -> httpx.Response | None:
        if request.method == "POST":
            return self._created(request)
        pairs = self.vice(parse_qsl(request.url.query.decode(), keep_blank_values=True))
        if isinstance(pairs, httpx.Response):
            return pairs
        question = question_of(self.entity, pairs, self.operators)
        if question is None:
            return self._refused(pairs)
        if request.url.path.endswith("/tasks"):
            return self._list(question)
        record = self.deployment.records["tasks"].get(request.url.path.rpartition("/")[2])
        return None if record is None else data(200, self._shown(self._whole(record), question))

    def _created(self, request: httpx.Request) -> httpx.Response:
        self.deployment.now += timedelta(seconds=1)
        stored = self.deployment.store(
            "tasks", {"status": "todo", "priority": "medium", **json.loads(request.content)}, "ada"
        )
        stored["updatedAt"] = stored["createdAt"]
        return data(201, shown(stored))

    def _refused(self, pairs: Pairs) -> httpx.Response:
        wrong = dict.fromkeys(
            (one[0] for one in pairs if question_of(self.entity, [one], self.operators) is None), "No."
        )
        return problem(400, "INVALID_SORT" if [*wrong] == ["sort"] else "VALIDATION_FAILED", **wrong)

    def _list(self, question: Question) -> httpx.Response:
        records = [self._whole(one) for one in self.deployment.records["tasks"].values()]
        selected = answers.selected(records, question, DECIDED)
        ranked = [one for group in answers.ranked(selected, question, DECIDED) for one in group]
        page, limit = question.page or 1, question.limit or 20
        found = list(self.turned(ranked, question))[(page - 1) * limit : page * limit]
        told = answers.Page(page, limit, len(ranked)).as_json()
        return httpx.Response(
            200, json={"success": True, "data": [self._shown(one, question) for one in found], "pagination": told}
        )

    def _whole(self, record: dict[str, object]) -> Record:
        return {field.name: record.get(field.name) for field in self.entity.fields}

    def _shown(self, record: Record, question: Question) -> Record:
        names = {"id", *(question.fields or record)}
        kept = {name: value for name, value in record.items() if name in names}
        return kept | {name: [] if name == "comments" else None for name in question.include}


def filtered(change: Callable[[Condition], Condition | None], entity: Entity, operators: set[str]) -> Vice:
    """A deployment to which each condition of a filter is another one, or none."""

    def changed(pairs: Pairs) -> Pairs:
        question = question_of(entity, pairs, operators)
        if question is None:
            return pairs
        kept = [one for stated in question.conditions if (one := change(stated)) is not None]
        others = [pair for pair in pairs if pair[0] != "filter"]
        return [*others, *[p for p in replace(question, conditions=tuple(kept)).parameters() if p[0] == "filter"]]

    return changed


@pytest.fixture
def tasks(contract: Contract) -> Tasks:
    return Tasks(contract)


@pytest.fixture
async def api(tasks: Tasks, contract: Contract, tmp_path: Path) -> AsyncIterator[Api]:
    opening = opened(Settings(BASE), tmp_path, contract, run="abcdefghi", transport=tasks.deployment.transport)
    context, journal = opening
    context.wallet.put("api_key", Secret(KEY))
    async with context.wire:
        yield Api(replace(context, entities=(tasks.entity,)), "a check [tasks]")
    journal.close()


@pytest.fixture
async def group(api: Api, tasks: Tasks) -> Group:
    return await given.group(api, tasks.entity)


def conditions(tasks: Tasks, change: Callable[[Condition], Condition | None]) -> None:
    tasks.vice = filtered(change, tasks.entity, tasks.operators)


async def test_a_list_of_fifty_titles_selects_by_each_place(api: Api, group: Group) -> None:
    await questions.one_of_many(api, group, "$in")


@pytest.mark.parametrize("places", [9, 10, 49])
async def test_a_list_that_is_cut_is_accused(api: Api, tasks: Tasks, group: Group, places: int) -> None:
    def cut(one: Condition) -> Condition:
        return replace(one, operand=one.operand[:places]) if isinstance(one.operand, list) else one

    conditions(tasks, cut)

    with pytest.raises(Violation, match="fewer records"):
        await questions.one_of_many(api, group, "$in")


async def test_a_session_lists_own_records_by_several_conditions(api: Api, tasks: Tasks) -> None:
    api.context.wallet.put("session", Secret(SESSION, kind="session"))
    reply = await questions.list_by_session(api, tasks.entity)
    asked = dict(parse_qsl(urlsplit(reply.url).query))

    assert (reply.status, reply.credential) == (200, "session")
    assert len(json.loads(asked["filter"])) > 1
    assert reply.records


async def test_a_session_whose_filter_is_refused_lists_the_newest(api: Api, tasks: Tasks) -> None:
    api.context.wallet.put("session", Secret(SESSION, kind="session"))
    refusing(tasks, lambda one: one.field != "id")
    reply = await questions.list_by_session(api, tasks.entity)

    assert (reply.status, urlsplit(reply.url).query) == (200, "limit=1")


async def test_a_session_that_may_find_no_own_records_lists_the_newest(api: Api, tasks: Tasks) -> None:
    api.context.wallet.put("session", Secret(SESSION, kind="session"))
    tasks.deployment.before = lambda request: problem(400, "REFUSED") if request.method == "POST" else None
    reply = await questions.list_by_session(api, tasks.entity)

    assert (reply.status, urlsplit(reply.url).query) == (200, "limit=1")


async def test_two_borders_select_what_is_between(api: Api, group: Group) -> None:
    await questions.between(api, group, "$gt", "$lt")


def refusing(tasks: Tasks, is_refused: Callable[[Condition], bool]) -> None:
    def answered(pairs: Pairs) -> Pairs | httpx.Response:
        question = question_of(tasks.entity, pairs, tasks.operators)
        stated = () if question is None else question.conditions
        return problem(400, "INVALID_FILTER", filter="Not here.") if any(map(is_refused, stated)) else pairs

    tasks.vice = answered


async def test_a_refused_border_says_nothing_of_many_values(api: Api, tasks: Tasks, group: Group) -> None:
    refusing(tasks, lambda one: one.operator in COMPARED)
    await questions.one_of_many(api, group, "$in")


async def test_a_refused_list_says_nothing_of_two_borders(api: Api, tasks: Tasks, group: Group) -> None:
    refusing(tasks, lambda one: isinstance(one.operand, list) and len(one.operand) > 20)
    await questions.between(api, group, "$gt", "$lt")


async def test_where_a_url_would_be_too_long_the_borders_are_not_among_the_many_values(
    api: Api, tasks: Tasks, group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Condition] = []

    def noted(one: Condition) -> Condition:
        asked.append(one)
        return one

    conditions(tasks, noted)
    monkeypatch.setattr(claims, "_LONGEST", 1)
    await questions.between(api, group, "$gt", "$lt")

    (many,) = [one.operand for one in asked if isinstance(one.operand, list)]
    borders = {one.operand for one in asked if one.operator in COMPARED}
    titles = set(group.values(group.title))
    assert borders == {min(titles), max(titles)}
    assert titles & {*many}
    assert not borders & {*many}


async def test_where_a_long_url_is_refused_shorter_ones_are_asked(api: Api, tasks: Tasks, group: Group) -> None:
    def answered(pairs: Pairs) -> Pairs | httpx.Response:
        is_long = sum(len(value) for _, value in pairs) > 1_000
        return problem(414, "URI_TOO_LONG") if is_long else pairs

    tasks.vice = answered
    await questions.between(api, group, "$gt", "$lt")


@pytest.mark.parametrize(("operator", "instead"), [("$gt", "$gte"), ("$lt", "$lte")])
async def test_a_border_that_is_taken_in_is_accused(
    api: Api, tasks: Tasks, group: Group, operator: str, instead: str
) -> None:
    conditions(tasks, lambda one: replace(one, operator=instead) if one.operator == operator else one)

    with pytest.raises(Violation, match="more records"):
        await questions.between(api, group, "$gt", "$lt")


async def test_the_printed_moment_of_a_creation_selects_its_record(api: Api, group: Group) -> None:
    await questions.printed_moment(api, group)


async def test_a_printed_moment_that_selects_the_others_is_accused(api: Api, tasks: Tasks, group: Group) -> None:
    conditions(tasks, lambda one: replace(one, operator="$ne", bare=False) if one.field == "createdAt" else one)

    with pytest.raises(Violation, match="data lacks"):
        await questions.printed_moment(api, group)


async def test_moments_without_an_offset_are_in_utc(api: Api, group: Group) -> None:
    assert await questions.moments_without_offset(api, group, "$gt", "$lt") == "utc"


async def test_moments_without_an_offset_may_be_refused(api: Api, tasks: Tasks, group: Group) -> None:
    def refusing(pairs: Pairs) -> Pairs | httpx.Response:
        question = question_of(tasks.entity, pairs, tasks.operators)
        compared = [one for one in question.conditions if one.operator in COMPARED] if question else []
        is_bare = any(not str(one.operand).endswith("Z") for one in compared)
        return problem(400, "INVALID_FILTER", filter="No.") if is_bare else pairs

    tasks.vice = refusing

    assert await questions.moments_without_offset(api, group, "$gt", "$lt") == "refused"


async def test_moments_of_another_place_are_accused(api: Api, tasks: Tasks, group: Group) -> None:
    def eastern(one: Condition) -> Condition:
        is_bare = one.operator in COMPARED and not str(one.operand).endswith("Z")
        return replace(one, operand=f"{one.operand}+05:00") if is_bare else one

    conditions(tasks, eastern)

    with pytest.raises(Violation):
        await questions.moments_without_offset(api, group, "$gt", "$lt")


async def test_ends_of_texts_are_found_in_any_case(api: Api, group: Group) -> None:
    alike = [group.records[0]]

    assert await questions.case_of_ends(api, group, "$startsWith", group.words[0], alike) == "case-insensitive"


async def test_ends_of_texts_may_be_told_by_case(api: Api, tasks: Tasks, group: Group) -> None:
    conditions(tasks, lambda one: replace(one, operand="nobody's") if str(one.operand).isupper() else one)
    alike = [group.records[0]]

    assert await questions.case_of_ends(api, group, "$startsWith", group.words[0], alike) == "case-sensitive"


@pytest.mark.parametrize("ignored", [{"$startsWith", "$endsWith"}, {"$startsWith"}])
async def test_an_operator_that_selects_nothing_out_is_accused(
    api: Api, tasks: Tasks, group: Group, ignored: set[str]
) -> None:
    conditions(tasks, lambda one: None if one.operator in ignored else one)

    with pytest.raises(Violation):
        await questions.case_of_ends(api, group, "$startsWith", group.words[0], [group.records[0]])


async def test_pages_without_a_sort_stand_in_the_order_of_the_list(api: Api, group: Group) -> None:
    await questions.same_order(api, group)


async def test_a_list_that_comes_in_another_order_again_is_accused(api: Api, tasks: Tasks, group: Group) -> None:
    asked = count()
    tasks.turned = lambda records, _: records[::-1] if next(asked) else records

    with pytest.raises(Violation, match="order"):
        await questions.same_order(api, group)


async def test_an_order_without_a_sort_is_ignored(api: Api, group: Group) -> None:
    assert await questions.ordered_alone(api, group) == "ignored"


async def test_an_order_without_a_sort_may_turn_the_usual_order(api: Api, tasks: Tasks, group: Group) -> None:
    tasks.turned = lambda records, question: records[::-1] if question.order == "asc" else records

    assert await questions.ordered_alone(api, group) == "applied"


async def test_an_order_that_does_neither_is_accused(api: Api, tasks: Tasks, group: Group) -> None:
    tasks.turned = lambda records, question: [*records[3:], *records[:3]] if question.order == "asc" else records

    with pytest.raises(Violation):
        await questions.ordered_alone(api, group)


async def test_an_empty_sort_is_refused(api: Api, tasks: Tasks) -> None:
    await questions.nothing_to_sort_by(api, tasks.entity)


async def test_an_empty_sort_that_is_ignored_is_accused(api: Api, tasks: Tasks) -> None:
    tasks.vice = lambda pairs: [pair for pair in pairs if pair != ("sort", "")]

    with pytest.raises(Violation):
        await questions.nothing_to_sort_by(api, tasks.entity)


async def test_a_sort_that_is_refused_is_accused_where_the_contract_says_that_it_sorts(
    api: Api, tasks: Tasks, group: Group
) -> None:
    no_sort = problem(400, "INVALID_SORT", sort="Not by that")
    tasks.vice = lambda pairs: no_sort if ("sort", "title") in pairs else pairs

    with pytest.raises(Violation):
        await questions.sorted_by(api, group, "title", "asc")

    unknown = Api(replace(api.context, contract=replace(api.contract, entities=())), "a check")
    for asked in (
        questions.sorted_by(unknown, group, "title", "asc"),
        questions.demand_sorted(unknown, tasks.entity, "title"),
    ):
        with pytest.raises(OutOfProfile, match="not sorted by title"):
            await asked


async def test_several_fields_to_sort_by_are_refused(api: Api, group: Group) -> None:
    assert await questions.sorted_by_several(api, group) == "refused"


async def test_several_fields_to_sort_by_may_be_honoured(api: Api, tasks: Tasks, group: Group) -> None:
    tasks.vice = lambda pairs: [(name, value.partition(",")[0] if name == "sort" else value) for name, value in pairs]

    assert await questions.sorted_by_several(api, group) == "honoured"


async def test_several_fields_that_are_ignored_are_accused(api: Api, tasks: Tasks, group: Group) -> None:
    tasks.vice = lambda pairs: [pair for pair in pairs if "," not in pair[1] or pair[0] != "sort"]

    with pytest.raises(Violation):
        await questions.sorted_by_several(api, group)


def turned_around(pairs: Pairs) -> bool:
    asked = dict(pairs)
    return "startDate" in asked and "endDate" in asked and asked["startDate"] > asked["endDate"]


async def test_a_range_that_ends_before_it_starts_is_empty(api: Api, group: Group) -> None:
    assert await questions.backwards(api, group) == "empty"


async def test_a_range_that_ends_before_it_starts_may_be_refused(api: Api, tasks: Tasks, group: Group) -> None:
    refusal = problem(400, "VALIDATION_FAILED", startDate="No.", endDate="No.")
    tasks.vice = lambda pairs: refusal if turned_around(pairs) else pairs

    assert await questions.backwards(api, group) == "refused"


async def test_a_range_that_is_turned_around_silently_is_accused(api: Api, tasks: Tasks, group: Group) -> None:
    tasks.vice = lambda pairs: [one for one in pairs if not turned_around(pairs) or not one[0].endswith("Date")]

    with pytest.raises(Violation):
        await questions.backwards(api, group)


@pytest.mark.parametrize(("status", "chosen"), [(200, "ignored"), (400, "refused")])
async def test_an_unknown_parameter_is_ignored_or_refused(api: Api, tasks: Tasks, status: int, chosen: str) -> None:
    refusal = problem(status, "VALIDATION_FAILED", conformanceUnknown="No.")
    if status != 200:
        tasks.vice = lambda pairs: refusal if "conformanceUnknown" in dict(pairs) else pairs

    assert await questions.unknown_parameter(api, tasks.entity) == chosen


async def test_an_unknown_parameter_that_is_not_found_is_accused(api: Api, tasks: Tasks) -> None:
    tasks.vice = lambda pairs: problem(404, "NOT_FOUND") if "conformanceUnknown" in dict(pairs) else pairs

    with pytest.raises(Violation):
        await questions.unknown_parameter(api, tasks.entity)


async def test_repeated_fields_and_relations_each_count(api: Api, tasks: Tasks, group: Group) -> None:
    await questions.repeated_fields(api, tasks.entity, group.records[0])
    await questions.repeated_relations(api, tasks.entity, group.records[0])


async def test_a_time_that_a_record_does_not_show_is_not_asked_for(api: Api, tasks: Tasks, group: Group) -> None:
    asked: list[str] = []

    def look(pairs: Pairs) -> Pairs:
        asked.extend(value for name, value in pairs if name == "fields")
        return pairs

    tasks.vice = look
    known = {name: value for name, value in group.records[0].items() if name != "createdAt"}

    await questions.repeated_fields(api, tasks.entity, known)

    assert set(asked) == {"id", "title"}


def last_of(name: str) -> Vice:
    """A deployment that looks at the last of several values of a parameter."""

    def vice(pairs: Pairs) -> Pairs:
        last = [pair for pair in pairs if pair[0] == name][-1:]
        return [*(pair for pair in pairs if pair[0] != name), *last]

    return vice


async def test_repeated_fields_of_which_the_last_counts_are_accused(api: Api, tasks: Tasks, group: Group) -> None:
    tasks.vice = last_of("fields")

    with pytest.raises(Violation):
        await questions.repeated_fields(api, tasks.entity, group.records[0])
    await questions.repeated_relations(api, tasks.entity, group.records[0])


async def test_repeated_relations_of_which_the_last_counts_are_accused(api: Api, tasks: Tasks, group: Group) -> None:
    tasks.vice = last_of("include")

    with pytest.raises(Violation):
        await questions.repeated_relations(api, tasks.entity, group.records[0])
    await questions.repeated_fields(api, tasks.entity, group.records[0])


async def test_what_a_creation_answers_otherwise_is_no_more_expected_of_lists(group: Group) -> None:
    body = {"title": " a ", "description": "b"}
    assert questions.taken(group.entity, {"title": "a", "description": "b"}, body) == {"description": "b"}


@pytest.mark.parametrize(
    ("ignored", "number", "said"),
    [
        ({"limit"}, 1, "limit has no effect on this list"),
        ({"page"}, 2, "page has no effect on this list"),
        ({"page"}, 1, None),
        (set(), 2, None),
    ],
)
async def test_what_a_page_tells_of_itself_is_judged_where_it_is_the_one_that_was_asked_for(
    api: Api, tasks: Tasks, ignored: set[str], number: int, said: str | None
) -> None:
    tasks.vice = lambda pairs: [pair for pair in pairs if pair[0] not in ignored]

    if said is None:
        assert (await questions.turned_to(api, tasks.entity, number, limit=3)).pagination["page"] == number
    else:
        with pytest.raises(Blocked, match=said):
            await questions.turned_to(api, tasks.entity, number, limit=3)


@pytest.mark.parametrize(
    ("counts", "status"),
    [
        (lambda asked: asked[:1], 400),
        (lambda asked: asked[-1:], 400),
        (lambda asked: [one for one in asked if one[0] == "id"], 200),
    ],
    ids=["the first alone", "the last alone", "what is known"],
)
async def test_an_unknown_field_is_refused_where_it_is_the_condition_that_counts(
    api: Api, tasks: Tasks, counts: Callable[[list[tuple[str, object]]], list[tuple[str, object]]], status: int
) -> None:
    def read(text: str) -> str:
        return json.dumps(dict(counts([*json.loads(text).items()])))

    tasks.vice = lambda pairs: [(name, read(value) if name == "filter" else value) for name, value in pairs]

    assert (await questions.unknown_field(api, tasks.entity)).status == status


async def test_links_say_nothing_where_a_direction_is_refused(api: Api, tasks: Tasks, group: Group) -> None:
    refusal = problem(400, "VALIDATION_FAILED", order="must be ASC or DESC")
    tasks.vice = lambda pairs: refusal if dict(pairs).get("order") == "desc" else pairs

    with pytest.raises(Blocked, match="GET was not answered by 200, but by 400"):
        await link_keeps_parameters(api, group.entity)
