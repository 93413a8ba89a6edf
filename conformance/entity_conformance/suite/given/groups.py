"""Records to stand on: shared groups that nobody changes, and records of a check's own.

It is long because each way to have a record rests on the others: a child on a parent, a group on what was taken
before.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import cast

from entity_contract import Entity, Relation, Scalar

from entity_conformance.deployment.api import Api, Credential, Record, Reply
from entity_conformance.deployment.credentials import CredentialName
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.suite import sample
from entity_conformance.suite.costs import AMENDED
from entity_conformance.suite.given.amending import amended, is_amended
from entity_conformance.suite.given.askers import writer
from entity_conformance.suite.given.child import Child, children_of
from entity_conformance.suite.given.company import in_company, refused_so_far, refused_values
from entity_conformance.suite.given.conflicts import BY_A_RULE, CONFLICT, demand_no_rule, is_by_a_rule, named
from entity_conformance.suite.given.created import Creation, made, whole
from entity_conformance.suite.given.group import Group
from entity_conformance.suite.given.lacking import lacking
from entity_conformance.suite.given.moments import step
from entity_conformance.suite.given.narrowing import Own, is_ranged, owned
from entity_conformance.suite.given.person import another_person, no_entity, person, persons
from entity_conformance.suite.sample import Body

_REFUSING = {400, 409, 413, 422, 500}
_TURNED_AWAY = {401, 403}
_LEAST_REFUSAL = 400
_APART, _FINE, _COARSE = 4, timedelta(milliseconds=1), timedelta(seconds=1)
"""Printed units between the creations of some records of a group (`sample.LATER`), where these are as fine as that."""
_ALONE, _ASSIGNED, _OTHER = 3, 4, 5
"""The places of the records in a group that have no parent, that belong to somebody of the directory, and that are the
other parent of what has two of them."""


def filter_json(conditions: object) -> str:
    """A filter as the query carries it."""
    return json.dumps(conditions, ensure_ascii=False)


async def records(api: Api, entity: Entity, *, count: int = 1) -> tuple[Record, ...]:
    """At least `count` records of the entity that the API key can see; some of the group's."""
    return (await group(api, entity)).records[:count]


async def group(api: Api, entity: Entity) -> Group:
    """The entity's seven shared records, when the deployment has had the time to index them."""
    return await api.once(("group", entity.name), lambda: _group(api, entity))


async def single(api: Api, entity: Entity, known: Record | None = None) -> Own:
    """A record, one of the check's own where none is known, and how a list is narrowed to it by its title."""
    own = known or await record(api, entity)
    title = sample.title_field(entity)
    text = str(own.get(title.name)) if title else ""
    return await owned(api, entity, [own], {title.name: text} if title else {}, text.partition(" ")[0])


async def record(api: Api, entity: Entity, **fields: object) -> Record:
    """A record of the check's own, free to be changed.

    Raises OutOfProfile where a rule that is not told keeps one with these `fields` from being made.
    """
    keys = sample.foreign_keys(entity) & fields.keys()
    created = await taken(api, entity, await body(api, entity, **fields), kept=keys)
    if fields and is_by_a_rule(created.reply):
        raise OutOfProfile(f"{entity.name}: no record with such {' and '.join(fields)} is taken")
    return await whole(api, entity, made(api, created.reply))


async def taken(
    api: Api,
    entity: Entity,
    sent: Mapping[str, object],
    credential: Credential = "api_key",
    *,
    kept: Collection[str] = (),
) -> Creation:
    """A CREATE. Values that are refused by their names, by rules that are not told, are replaced by such as were taken.

    What was not taken yet is left out, and a parent that takes no more children becomes a new one; `kept` are foreign
    keys that stay. It is sent once more then, before that with what it asks for besides, and after that with all that
    was taken together but for its texts. Of what a body names the reference tells every rule of its own entity. Raises
    OutOfProfile where nobody is left to name.
    """
    found = await _replaced(api, entity, sent, credential, kept)
    if not is_by_a_rule(found.reply) or credential == "other_api_key":  # whose parents are others
        return found
    with suppress(Blocked, OutOfProfile, Violation):
        known = await creation(api, entity)
        made(api, known.reply)
        own = {one.name for one in entity.fields if one.type in {"string", "text"}} - sample.foreign_keys(entity)
        body = {**known.body, **_only(sent, {*(own - named(found.reply)), *kept})}
        if body not in (sent, found.body):
            again = await api.create(entity, body, credential=credential)
            return found if is_by_a_rule(again) else Creation(body, again)
    return found


async def _replaced(
    api: Api, entity: Entity, sent: Mapping[str, object], credential: Credential, kept: Collection[str]
) -> Creation:
    """A CREATE, or the one in which other values stand for those that it was refused for by their names."""
    sent, reply = await _fulfilled(api, entity, sent, await api.create(entity, sent, credential=credential), credential)
    refused = named(reply) if reply.status in BY_A_RULE else set[str]()
    if entity.name == sample.REFERENCES_OWN:
        refused = {*refused_values(entity, sent, reply)}
    if not refused or not refused <= sent.keys() or not refused.isdisjoint(kept):
        return Creation({**sent}, reply)
    await beside_others(api, entity, sent, reply)
    somebody = await _new_people(api, entity, refused)
    with suppress(Blocked, OutOfProfile, Violation):
        known = await creation(api, entity)
        made(api, known.reply)
        others = {name: value for name, value in sent.items() if name not in refused}
        others |= {name: known.body[name] for name in refused & known.body.keys()}
        others |= {**await _new(api, entity, refused), **somebody}
        return Creation(others, await api.create(entity, others, credential=credential))
    return Creation({**sent}, reply)


async def beside_others(api: Api, entity: Entity, sent: Mapping[str, object], reply: Reply) -> None:
    """CREATEs of a record of its own with an enum's value that was refused: `metadata.enum-values-are-taken` judges."""
    for name in refused_values(entity, sent, reply):
        with suppress(Blocked, OutOfProfile, Violation):
            own = {**await body(api, entity), name: sent[name]}
            await in_company(api, entity, name, own, sent=sent)


async def _fulfilled(
    api: Api, entity: Entity, sent: Mapping[str, object], reply: Reply, credential: Credential = "api_key"
) -> tuple[Mapping[str, object], Reply]:
    """A CREATE and its answer, or what came of it when it was sent with the fields that its refusal asks for besides.

    What one field holds may ask for another, by a rule that is not told. Where that is not taken either, what is not
    required is left out but for texts.
    """
    missing = named(reply) & {one.name for one in entity.fields if not (one.generated or one.required)}
    if reply.status not in BY_A_RULE or not missing or missing != named(reply) or not missing.isdisjoint(sent):
        return sent, reply
    with suppress(Blocked, OutOfProfile, Violation):
        values = sample.full(entity, api.run, keys=await optional_parents(api, entity))
        texts = {one.name for one in entity.fields if one.required or one.type in {"string", "text"}}
        texts |= sample.foreign_keys(entity)
        asked = [one.name for one in entity.fields if one.name in missing & values.keys()]
        several = [asked[:1], asked] if len(asked) > 1 else [asked]  # one of them may be enough
        bodies = [*({**sent, **{name: values[name] for name in names}} for names in several), _only(sent, texts)]
        for body in (body for body in bodies if body != sent):
            again = await api.create(entity, body, credential=credential)
            if again.status not in BY_A_RULE:
                return body, again
    return sent, reply


async def _new(api: Api, entity: Entity, keys: Collection[str]) -> dict[str, object]:
    """A parent that nobody names yet for each of these that is a foreign key which a body must name."""
    found: dict[str, Record] = {}
    for relation in sample.parents(entity, "required"):
        target = api.entity(relation.entity)
        if relation.foreign_key in keys and target is not None and "create" in target.operations:
            found[relation.foreign_key] = await record(api, target)
    above = {key: id_ for key, id_ in _above(api, entity, found).items() if key in sample.required(entity)}
    return {**{key: one["id"] for key, one in found.items()}, **above}


async def _new_people(api: Api, entity: Entity, keys: Collection[str]) -> dict[str, object]:
    """As `_new`, of the directory. Raises OutOfProfile where nobody is left."""
    found: dict[str, object] = {}
    for relation in sample.parents(entity, "required"):
        is_asked = relation.foreign_key in keys and relation.entity == "users"
        if is_asked and _takes_few(api, entity, relation):
            found[relation.foreign_key] = (await _nobody_has(api, entity, relation))["id"]
    return found


async def _nobody_has(api: Api, entity: Entity, relation: Relation) -> Record:
    """Somebody of the directory whom no record was made with. Raises OutOfProfile where nobody is left."""
    told = {id_ for id_, _ in _named_by_creations(api, entity, relation)}
    left = [one for one in await persons(api) if one["id"] not in told]
    if not left:
        raise OutOfProfile(f"{entity.name}: nobody of the directory is known whom another {relation.foreign_key} names")
    return left[0]


def _takes_few(api: Api, entity: Entity, relation: Relation) -> bool:
    """Whether a parent took a child, and was refused to another one by its name: some take one (O4.untold-rules)."""
    asked, owned = _named_by_creations(api, entity, relation), api.context.owned
    taken_by = {id_ for id_, reply in asked if reply.is_granted and not owned.was_deleted(relation.entity, id_)}
    refused = (id_ for id_, reply in asked if reply.status in BY_A_RULE and relation.foreign_key in named(reply))
    return not taken_by.isdisjoint(refused)


def _named_by_creations(api: Api, entity: Entity, relation: Relation) -> list[tuple[str, Reply]]:
    """The parents that this user's CREATEs named, each with the answer."""
    return [
        (str(one.sent[relation.foreign_key]), one.reply)
        for one in api.context.asked
        if one.request.method == "POST" and one.path == (entity.name,) and one.request.credential != "other_api_key"
        if one.reply is not None and isinstance(one.sent, dict) and relation.foreign_key in one.sent
    ]


def _only(sent: Mapping[str, object], names: Collection[str]) -> dict[str, object]:
    return {name: value for name, value in sent.items() if name in names}


async def creation(api: Api, entity: Entity) -> Creation:
    """A CREATE that names every field but the foreign keys that it need not."""
    return await api.once(("creation", entity.name), lambda: _creation(api, entity))


async def sparse(api: Api, entity: Entity) -> Creation:
    """A CREATE that names the required fields only."""
    return await api.once(("sparse", entity.name), lambda: _sparse(api, entity))


async def sparse_by_writer(api: Api, entity: Entity) -> Creation:
    """That CREATE by the key with the scope `write` alone, whatever became of it."""
    return await api.once(("sparse by writer", entity.name), lambda: _sparse_by(api, entity, "write_key"))


async def untyped(api: Api, entity: Entity) -> Reply:
    """A CREATE that does not say what its body is, with a text as long as it may be, where that is taken.

    Raises OutOfProfile where no more records are taken; so does `longest`.
    """
    reply = await api.once(("untyped", entity.name), lambda: _untyped(api, entity))
    demand_no_rule(reply)
    return reply


async def longest(api: Api, entity: Entity) -> Reply:
    """A CREATE with a text as long as it may be: the one that does not say what it is, where that was taken so."""
    field = sample.bounded(entity)
    text, known = sample.longest(field), await untyped(api, entity)
    if known.status < _LEAST_REFUSAL and any(one.get(field.name) == text for one in known.shown):
        return known
    sent: Mapping[str, object] = await body(api, entity, **{field.name: text})
    name = writer(api)
    sent, reply = await _fulfilled(api, entity, sent, await api.create(entity, sent, credential=name), name)
    demand_no_rule(reply)
    short = sample.shortened(text) if reply.status in BY_A_RULE and field.name in named(reply) else None
    if short is not None:
        other = await api.create(entity, {**sent, field.name: short}, credential=name)
        if other.status in BY_A_RULE and field.name in named(other):
            raise OutOfProfile(f"{entity.name}.{field.name} takes no text of such characters, however short")
    return reply


async def body(api: Api, entity: Entity, **fields: object) -> dict[str, object]:
    """A valid body for a CREATE of the check's own. Raises Blocked where no such body is taken."""
    known = await creation(api, entity)
    made(api, known.reply)
    own_group = f"{entity.name} {api.check} {len(api.exchanges)}"
    full = sample.full(entity, api.run, group=own_group, keys=await parents(api, entity))
    for name in refused_so_far(api, entity, full) & known.body.keys():
        full[name] = cast("Scalar", known.body[name])
    return {**full, **fields}


async def first_parents(api: Api, entity: Entity) -> dict[str, str]:
    """As `parents`, of records that are there before any group is."""
    return await parents(api, entity, first=True)


async def parents(api: Api, entity: Entity, *, first: bool = False) -> dict[str, str]:
    """An id for every foreign key that a body must name: of the `first` record that was created, or of a group.

    Raises OutOfProfile where no sample can make the entity, Blocked where the deployment refused those that were given.
    """
    unfit = sample.unfit(entity)
    if refused := [
        f"{entity.name}.{one.name}={one.samples[0]}" for one in entity.fields if one.name in unfit and one.samples
    ]:
        raise Blocked(f"{entity.name} cannot be created: the deployment refused --sample {', '.join(refused)}")
    if unfit:
        raise OutOfProfile(f"{entity.name} cannot be created: no sample fits {', '.join(unfit)}")
    required = {field.name for field in entity.fields if field.required}
    named = [one for one in entity.relations if one.type == "belongsTo" and one.foreign_key in required]
    others = [one for place, one in enumerate(named) if one.entity in {each.entity for each in named[:place]}]
    return _agreeing(
        api,
        entity,
        {
            relation.foreign_key: await _parent(api, entity, relation, first=first, is_other=relation in others)
            for relation in entity.relations
            if relation.type == "belongsTo" and relation.foreign_key in required
        },
    )


def _agreeing(api: Api, entity: Entity, named: Mapping[str, Record]) -> dict[str, str]:
    """The ids of the parents by foreign key; where one of them must belong to a record like another, that is the other.

    A sensor's room is in the sensor's house: who says otherwise may be refused by a rule that is not told.
    """
    above = _above(api, entity, named)
    return {key: above.get(key, str(record["id"])) for key, record in named.items()}


def _above(api: Api, entity: Entity, named: Mapping[str, Record]) -> dict[str, str]:
    """By foreign key the records that parents must belong to, where the entity belongs to such a record itself."""
    found: dict[str, str] = {}
    related = [one for one in entity.relations if one.type == "belongsTo"]
    for relation in (one for one in related if one.foreign_key in named):
        target = api.entity(relation.entity)
        for upper in sample.parents(target, "required") if target is not None else ():
            alike = [one.foreign_key for one in related if one != relation and one.entity == upper.entity]
            above = named[relation.foreign_key].get(upper.foreign_key)
            found |= dict.fromkeys(alike if above is not None else (), str(above))
    return found


async def other_parents(api: Api, entity: Entity) -> dict[str, str]:
    """As `parents`, of other records: what a record can be moved to. Somebody of the directory has no other."""
    found: dict[str, Record] = {}
    for name, id_ in (await parents(api, entity)).items():
        (relation,) = (one for one in entity.relations if one.foreign_key == name and one.type == "belongsTo")
        target = api.entity(relation.entity)
        if target is not None and "create" in target.operations:
            known = (await group(api, target)).records
            found[name] = next((one for one in reversed(known[:-1]) if one["id"] != id_), {"id": id_})
    return _agreeing(api, entity, found)


async def optional_parents(api: Api, entity: Entity) -> dict[str, str]:
    """An id for every foreign key that a body need not name: somebody of the directory among them.

    A relation that leads back to the entity is left out, and what the run does not have.
    """
    found: dict[str, str] = {}
    for relation in entity.relations:
        key, target = entity.field(relation.foreign_key), api.entity(relation.entity)
        is_loop = target is not None and leads_to(api, target, entity)
        if relation.type == "belongsTo" and key is not None and not (is_loop or key.required or key.generated):
            with suppress(Blocked, OutOfProfile, Violation):
                is_person = relation.entity == "users" and target is not None and "create" not in target.operations
                other = (
                    another_person(api) if is_person else _parent(api, entity, relation, first=False, is_other=False)
                )
                found[key.name] = str((await other)["id"])
    return found


async def _creation(api: Api, entity: Entity) -> Creation:
    name = api.fresh(f"{entity.name} creation")
    full = sample.full(entity, api.run, group=name, index=1, keys=await parents(api, entity))
    sent, reply = await _fulfilled(api, entity, full, await api.create(entity, full))
    sent, reply = await _with_others(api, entity, sent, reply)
    keys = await _plain_parents(api, entity) if reply.status == CONFLICT else {}
    if not keys:
        return Creation({**sent}, reply)
    return Creation({**sent, **keys}, await api.create(entity, {**sent, **keys}))


async def _with_others(
    api: Api, entity: Entity, sent: Mapping[str, object], reply: Reply
) -> tuple[Mapping[str, object], Reply]:
    """A CREATE and its answer, or the one in which another value stands for that of an enum which it was refused for.

    Which is judged by that refusal.
    """
    for name in refused_values(entity, sent, reply):
        for value in (one for one in sample.values(entity, name) if one != sent[name]):
            body = {**sent, name: value}
            again = await api.create(entity, body)
            if name not in refused_values(entity, body, again):
                return body, again
    return sent, reply


async def _plain_parents(api: Api, entity: Entity) -> Mapping[str, str]:
    """A parent with nothing but what it must have for each that a body must name: some states take no children.

    Of its own entities the reference tells every rule.
    """
    found: dict[str, Record] = {}
    for relation in sample.parents(entity, "required"):
        target = api.entity(relation.entity)
        if target is not None and "create" in target.operations and entity.name != sample.REFERENCES_OWN:
            with suppress(Blocked, OutOfProfile, Violation):
                name = api.fresh(f"{target.name} plain")
                sent = sample.minimal(target, api.run, group=name, index=2, keys=await parents(api, target))
                found[relation.foreign_key] = made(api, (await taken(api, target, sent)).reply)
    return _agreeing(api, entity, found)


async def _sparse(api: Api, entity: Entity) -> Creation:
    if api.has("write_key") and api.context.wallet.main == "api_key":
        by_writer = await sparse_by_writer(api, entity)
        if by_writer.reply.status not in _TURNED_AWAY:
            return by_writer
    return await _sparse_by(api, entity, "api_key")


async def _sparse_by(api: Api, entity: Entity, credential: CredentialName) -> Creation:
    name = api.fresh(f"{entity.name} sparse")
    sent = sample.minimal(entity, api.run, group=name, index=2, keys=await parents(api, entity))
    return await taken(api, entity, sent, credential)


async def _untyped(api: Api, entity: Entity) -> Reply:
    field = sample.bounded(entity) if sample.has_maximum(entity) else None
    if field is not None:
        longest = await body(api, entity, **{field.name: sample.longest(field)})
        reply = await api.request("POST", f"/{entity.name}", content=filter_json(longest))
        if reply.status < _LEAST_REFUSAL:
            return reply
    plain = await body(api, entity)
    reply = await api.request("POST", f"/{entity.name}", content=filter_json(plain))
    if reply.status in BY_A_RULE and (asked := named(reply)) and asked.isdisjoint(plain):
        known = (await creation(api, entity)).body  # what one field holds asks for another
        plain = {**known, **{name: value for name, value in plain.items() if name in sample.required(entity)}}
        return await api.request("POST", f"/{entity.name}", content=filter_json(plain))
    return reply


async def _parent(api: Api, entity: Entity, relation: Relation, *, first: bool, is_other: bool) -> Record:
    target = api.entity(relation.entity)
    if target is not None and "create" in target.operations:
        if not first and _takes_few(api, entity, relation):
            return await record(api, target)
        if is_other:  # two parents of one kind may have to differ
            return (await group(api, target)).records[_OTHER]
        return made(api, (await creation(api, target)).reply) if first else (await group(api, target)).records[0]
    if relation.entity != "users":
        no_entity(relation.entity)
    return await (_nobody_has(api, entity, relation) if _takes_few(api, entity, relation) else person(api))


async def _group(api: Api, entity: Entity) -> Group:
    name = api.fresh(f"{entity.name} group")
    is_repeated = name != f"{entity.name} group"
    amends = not is_repeated and is_amended(api, entity)
    found = await _grouped(api, entity, name, is_repeated=is_repeated, amends=amends)
    return found or cast("Group", await _grouped(api, entity, f"{name} anew", is_repeated=True, amends=False))


async def _grouped(api: Api, entity: Entity, name: str, *, is_repeated: bool, amends: bool) -> Group | None:
    """The group of that name; None where it `amends` one of its records, and nobody knows what that holds then."""
    if "list" not in entity.operations:
        raise OutOfProfile(f"{entity.name} lists no records")
    required = await parents(api, entity)
    title = sample.title_field(entity)
    if title is None:
        raise lacking(entity, "no free text to tell one's own records by")
    families = await _families(api, entity, is_repeated=is_repeated)
    designs = _designs(api, entity, name, required, families)
    place = sample.amended(entity)
    wanted, tame = designs[place]
    if amends:
        keys = {**families[_ASSIGNED], **required, **families[-1]}
        before = sample.bordering(entity, api.run, group=name, index=sample.earlier(place), keys=keys)
        designs[place] = before, tame
    bodies: list[Body] = []
    made_ones: list[Record] = []
    for index, (designed, tame) in enumerate(designs):
        if index in sample.LATER:
            await _wait_apart(api, made_ones[-1])
        body, record = await _bordering(api, entity, designed, tame)
        bodies.append(body)
        made_ones.append(await whole(api, entity, record))
    await api.settle()
    own = await owned(api, entity, made_ones, {}, sample.word(api.run, name))
    if not own.query and await is_ranged(api, entity, made_ones):
        apart = f"{name} apart"
        others = _designs(api, entity, apart, required, await _families(api, entity, is_repeated=True))
        again = [_as_before(*of) for of in zip(bodies, designs, others, strict=True)]
        with suppress(Blocked, OutOfProfile):
            own, name, bodies = await _apart(api, entity, apart, again, step(made_ones[0])), apart, again
            amends = False
    records, earlier = [*own.records], None
    if amends and own.query:
        earlier = records[place], bodies[place]
        await _wait_apart(api, earlier[0])  # so that when it was changed is a question
        held = await api.once((AMENDED, entity.name), partial(amended, api, entity, earlier, wanted))
        if held is None:
            return None
        records[place], bodies[place] = held
        await api.settle()
        await _freed(api, entity, earlier[0], records[place])
    return Group(
        *(entity, tuple(records), own.share, own.query, own.listed, own.reply),
        bodies=tuple(bodies),
        title=title.name,
        word=sample.word(api.run, name),
        words=tuple(sample.own_word(api.run, name, index) for index in range(sample.RECORDS)),
        half_word=sample.halving(api.run, name),
        mark_word=sample.marking(api.run, name),
        earlier=earlier,
    )


async def _freed(api: Api, entity: Entity, before: Record, now: Record) -> None:
    """READ of somebody of the directory, to whom a record no longer belongs, with all that do: whoever watches judges.

    One key that asks everything has no request for it.
    """
    for relation in entity.relations if api.has("read_key") else ():
        key = before.get(relation.foreign_key)
        if relation.entity == "users" and key is not None and now.get(relation.foreign_key) != key:
            with suppress(Violation, Blocked, OutOfProfile):
                child = Child(now, relation, {"id": key})
                await api.read("users", str(key), include=children_of(api, entity, child))


def _designs(
    api: Api, entity: Entity, name: str, required: Mapping[str, str], families: Iterable[Mapping[str, str]]
) -> list[tuple[Body, Body]]:
    """The bodies of a group's records, with borders for values and tame ones."""
    return [
        (
            sample.bordering(entity, api.run, group=name, index=index, keys={**required, **keys}),
            sample.tame(entity, api.run, group=name, index=index, keys=required),
        )
        for index, keys in enumerate(families)
    ]


def _as_before(taken: Body, design: tuple[Body, Body], other: tuple[Body, Body]) -> Body:
    """A body as the one that was taken, of another design: a border where that held one, else a tame value."""
    return {
        field: other[field in design[0] and design[0][field] != value].get(field, value)
        for field, value in taken.items()
    }


async def _apart(api: Api, entity: Entity, name: str, bodies: Iterable[Body], unit: timedelta) -> Own:
    """Records that their times of creation tell from all others: nobody else makes any of the entity meanwhile.

    `unit` is what these times are printed in. Raises Blocked where they do not tell them.
    """
    pause = max(min(unit, _COARSE), _FINE).total_seconds() * _APART / 3
    made_ones: list[Record] = []
    async with api.creating_alone(entity):
        await api.sleep(pause)
        for index, body in enumerate(bodies):
            if index in sample.LATER:
                await _wait_apart(api, made_ones[-1])
            made_ones.append(await whole(api, entity, made(api, await api.create(entity, body))))
        await api.sleep(pause)
    await api.settle()
    own = await owned(api, entity, made_ones, {}, sample.word(api.run, name))
    if not own.query:
        raise Blocked("neither filter, search nor dates select the run's own records alone")
    return own


async def _wait_apart(api: Api, last: Record) -> None:
    """Wait until what is created next shows a moment that is later beyond doubt, where that takes next to no time."""
    with suppress(Blocked, OutOfProfile):
        if (unit := step(last)) <= _FINE:
            await api.sleep((unit * _APART).total_seconds())


async def _bordering(api: Api, entity: Entity, designed: Body, tame: Body) -> tuple[Body, Record]:
    """A record of the designed body. What the deployment refuses to take is replaced: by its name, then all of it."""
    asked = await _fulfilled(api, entity, designed, await api.create(entity, designed))
    sent, reply = cast("Body", asked[0]), asked[1]
    await beside_others(api, entity, sent, reply)
    if reply.status in _REFUSING and (refused := named(reply) & sent.keys()):
        kept = {field: value for field, value in sent.items() if field not in refused}
        others = await _taken_body(api, entity) if refused_values(entity, sent, reply) else {}
        sent = kept | {field: (tame | others)[field] for field in refused & tame.keys()}
        reply = await api.create(entity, sent)
    if reply.status in _REFUSING:
        last = await taken(api, entity, tame)
        sent, reply = cast("Body", last.body), last.reply
    return sent, made(api, reply)


async def _taken_body(api: Api, entity: Entity) -> Body:
    """What the CREATE named that all checks share; nothing where it was refused."""
    known = await creation(api, entity)
    return cast("Body", known.body) if known.reply.is_granted else {}


async def _families(api: Api, entity: Entity, *, is_repeated: bool) -> list[dict[str, str]]:
    """The foreign keys of each of the group's records.

    All but the last name the same parent, which is nobody else's, and the last has another; a record without one is
    among them where another relation makes a crowd. One belongs to somebody of the directory. A relation that leads
    back to the entity is left out. Where records are made once more, the parents are others: they may have children.
    """
    first, last = (3, 4) if is_repeated else (1, 2)
    keys: list[dict[str, Record]] = [{} for _ in range(sample.RECORDS)]
    needed = {relation.name for relation in sample.parents(entity, "required")}
    for relation in entity.relations:
        target = api.entity(relation.entity)
        is_loop = target is not None and leads_to(api, target, entity)
        key = entity.field(relation.foreign_key)
        if relation.type != "belongsTo" or is_loop or key is None or key.generated:
            continue
        if target is not None and "create" in target.operations:
            known = (await group(api, target)).records
            spare = _ALONE if needed and relation.name not in needed else None
            for index, own_keys in enumerate(keys):
                if index != spare:
                    own_keys[relation.foreign_key] = known[last if index == len(keys) - 1 else first]
        elif relation.entity == "users":
            with suppress(Blocked, OutOfProfile):
                keys[_ASSIGNED][relation.foreign_key] = await person(api)
    return [_agreeing(api, entity, own_keys) for own_keys in keys]


def leads_to(api: Api, entity: Entity, other: Entity, seen: frozenset[str] = frozenset()) -> bool:
    """Whether a record of the entity may belong to one of the other, by whichever way."""
    if entity.name == other.name:
        return True
    owners = [api.entity(one.entity) for one in entity.relations if one.type == "belongsTo" and one.entity not in seen]
    return any(leads_to(api, one, other, seen | {entity.name}) for one in owners if one is not None)
