"""What a filter may not be."""

from entity_contract import Entity

from entity_conformance.deployment.api import Api
from entity_conformance.suite import expect, given, questions, sample
from entity_conformance.suite.registry import Chapter

chapter = Chapter("filter", asked=questions.by_anybody, is_anybodys=True)


async def _refused(api: Api, entity: Entity, *filters: object) -> None:
    """Each of these filters is refused, as others are that mean nothing.

    A refusal of several parameters that tells of the filter has another code, or the same.
    """
    known = await questions.bad_filter(api)
    texts = [given.filter_json(sent) for sent in filters]
    alone = [text for text in texts if not await questions.refused_beside_others(api, entity, "filter", text)]
    replies = [await questions.answer(api, entity, filter=text) for text in alone]

    expect.each(replies, lambda reply: expect.refused_as(reply, known, 400, "INVALID_FILTER"))


@chapter.proves("filter.not-json", scopes={"read"}, entities="first")
async def not_json(api: Api, entity: Entity) -> None:
    """A filter that is not JSON is refused."""
    replies = [await questions.answer(api, entity, filter=text) for text in ("status:todo", '{"id":')]

    expect.each(replies, lambda reply: expect.error(reply, 400, "INVALID_FILTER"))


@chapter.proves("filter.not-an-object", scopes={"read"}, entities="first")
async def not_an_object(api: Api, entity: Entity) -> None:
    """A filter that is JSON but no object is refused."""
    replies = [await questions.answer(api, entity, filter=text) for text in ("[]", "null")]

    expect.each(replies, lambda reply: expect.error(reply, 400, "INVALID_FILTER"))


@chapter.proves("filter.unknown-field", entities="primary", scopes={"read"})
async def unknown_field(api: Api, entity: Entity) -> None:
    """A filter on a field that the entity does not have is refused."""
    reply = await questions.unknown_field(api, entity)

    expect.error(reply, 400, "INVALID_FILTER")


@chapter.proves("filter.details", scopes={"read"}, entities="primary")
async def details(api: Api, entity: Entity) -> None:
    """The refusal of a bad filter names `filter` in `details`."""
    reply = await questions.unknown_field(api, entity)

    expect.details(given.refusal(reply), "filter")


@chapter.proves("filter.top-level-operator", scopes={"read"}, entities="first")
async def top_level_operator(api: Api, entity: Entity) -> None:
    """An operator where a field belongs is refused."""
    await _refused(api, questions.in_turn(api, entity, 1), {"$or": [{"id": "a"}]})


@chapter.proves("filter.unknown-operator", operators={"$ne"}, scopes={"read"}, entities="first")
async def unknown_operator(api: Api, entity: Entity) -> None:
    """An operator that does not exist is refused, beside one that does too."""
    await _refused(api, questions.in_turn(api, entity, 2), {"id": {"$ne": "a", "$conformanceUnknown": "a"}})


@chapter.proves("filter.empty-operators", scopes={"read"}, entities="first")
async def empty_operators(api: Api, entity: Entity) -> None:
    """A field with no operator at all is refused."""
    await _refused(api, questions.in_turn(api, entity, 3), {"id": {}})


@chapter.proves("filter.list-operand", operators={"$in", "$nin"}, scopes={"read"}, entities="first")
async def list_operand(api: Api, entity: Entity) -> None:
    """$in and $nin want an array that is not empty."""
    await _refused(api, entity, {"id": {"$in": "a"}}, questions.EMPTY_LIST)


@chapter.proves("filter.null-operand", operators={"$null"}, scopes={"read"}, entities="first")
async def null_operand(api: Api, entity: Entity) -> None:
    """$null wants true or false."""
    await _refused(api, questions.in_turn(api, entity, 4), {"id": {"$null": "yes"}})


@chapter.proves("filter.operand-of-wrong-type", entities="primary", scopes={"read"})
async def operand_of_wrong_type(api: Api, entity: Entity) -> None:
    """A value whose type is not the field's is refused."""
    known = [] if api.context.dialect.departs(entity, "id") else [{"id": 5}]  # its ids may be numbers
    await _refused(api, entity, questions.MISTYPED, *known)


@chapter.proves("filter.value-outside-enum", scopes={"read"}, entities="primary", applies=sample.has("enum"))
async def value_outside_enum(api: Api, entity: Entity) -> None:
    """A value that the field's enum does not list is refused."""
    await _refused(api, entity, {sample.first(entity, "enum"): "conformance-unknown"})


@chapter.proves(
    "filter.comparison-of-enum",
    operators={"$gt"},
    scopes={"read"},
    entities="primary",
    applies=sample.has("enum"),
)
async def comparison_of_enum(api: Api, entity: Entity) -> None:
    """An enum has no greater and less."""
    field = entity.field(sample.first(entity, "enum"))
    await _refused(api, entity, {sample.first(entity, "enum"): {"$gt": field.values[0] if field else ""}})


@chapter.proves(
    "filter.comparison-of-boolean",
    operators={"$gte"},
    scopes={"read"},
    entities="primary",
    applies=sample.has("boolean"),
)
async def comparison_of_boolean(api: Api, entity: Entity) -> None:
    """A boolean has no greater and less."""
    await _refused(api, entity, {sample.first(entity, "boolean"): {"$gte": False}})


@chapter.proves("filter.bare-null", operators={"$ne"}, scopes={"read"}, entities="first")
async def bare_null(api: Api, entity: Entity) -> None:
    """A null is asked for with $null, not as a value, nor with $ne."""
    name = sample.optional(entity)
    await _refused(api, entity, {name: None}, questions.unequal_to_null(name or ""))


@chapter.proves("filter.given-twice", scopes={"read"}, entities="first")
async def given_twice(api: Api, entity: Entity) -> None:
    """The filter is given once."""
    once = ("filter", given.filter_json({"id": "a"}))

    reply = await questions.answer(api, questions.in_turn(api, entity, 5), params=[once, once])

    expect.refused_as(reply, await questions.bad_filter(api), 400, "INVALID_FILTER")
