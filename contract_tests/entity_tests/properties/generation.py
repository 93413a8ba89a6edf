"""Schemathesis, told what a schema cannot say: which ids there are, and what a filter is.

    flatmap_query, flatmap_case   while cases are generated: filters of the entity's own fields, real entity names
    before_call                   as a case is sent: ids and foreign keys that exist (the pool changes while it runs,
                                  so that generation must not depend on it)
    judge                         how grave a failure is, by the request as it left

No check is switched off here; each failure is judged by itself.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from random import Random
from typing import Any, Protocol, cast
from urllib.parse import parse_qsl, unquote, urlsplit

import jsonschema_rs
from entity_contract import Contract, Entity, Operation
from entity_contract.schemas import standalone
from hypothesis import strategies as st
from schemathesis import Case, HookContext, Response
from schemathesis.core import NOT_SET
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import TestPhase
from schemathesis.openapi.checks import RejectedPositiveData

from entity_tests.properties import refusals, strategies
from entity_tests.properties.judged import Judged, Judgement
from entity_tests.properties.levels import accepted, answered, refused
from entity_tests.properties.refusals import Sent, allowed, level_of
from entity_tests.properties.wrongs import Wrongs

AnyCase = Case[Any]

REAL = 0.9
"""How often an id is replaced by one that exists."""
ODD_ID = "R18.odd-id"


class Records(Protocol):
    """What the hooks ask of whoever knows the deployment's data: ids there are, by entity, and one more."""

    @property
    def living(self) -> Mapping[str, Iterable[str]]:
        """The ids of the records there are, by entity."""

    @property
    def missing_id(self) -> str | None:
        """An id that nobody has; None where none is to be sent."""

    def one_of(self, entity: Entity) -> str | None:
        """Some living record's id."""

    def another(self, entity: Entity) -> str | None:
        """The id of a record that may be deleted; None where there is none."""

    def another_key(self) -> str | None:
        """The id of an API key that may be revoked; None where there is none."""


class Hooks:
    """The hooks of one run, with what they know."""

    def __init__(self, contract: Contract, records: Records, seed: int) -> None:
        self._contract = contract
        self._records = records
        self._random = Random(seed)
        self._wrongs = Wrongs(contract)
        self._validators: dict[str, jsonschema_rs.Validator] = {}
        self._parents = {
            (entity.name, relation.foreign_key): relation.entity
            for entity in contract.entities
            for relation in entity.relations
            if relation.type == "belongsTo"
        }
        self._shown = dict(_shown_ids(contract))

    def flatmap_query(self, context: HookContext, query: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
        """A well-formed filter becomes one of the entity's own fields; now and then one of another entity's."""
        operation = self._operation(context)
        entity = self._contract.entity(operation.entity or "") if operation else None
        if entity is None or not _is_object(query.get("filter") if isinstance(query, dict) else None):
            return st.just(query)
        of = {one.name: strategies.filters(self._contract.operators, one.fields) for one in self._contract.entities}
        own, others = of[entity.name], st.one_of(*of.values())
        return st.one_of(own, own, own, others).map(lambda text: {**query, "filter": text}) | st.just(query)

    def flatmap_case(self, context: HookContext, case: AnyCase) -> st.SearchStrategy[AnyCase]:
        """A case of the generic paths becomes one of an entity that there is, most of the time."""
        operation = self._operation(context)
        generic = operation is not None and "{entity}" in operation.path
        if not generic or operation is None or is_negative(case, ParameterLocation.PATH):
            return st.just(case)
        real = st.sampled_from(self._contract.entities).flatmap(lambda one: self._generic(operation, one, case))
        return st.one_of(real, real, real, real, st.just(case))

    def _generic(self, operation: Operation, entity: Entity, case: AnyCase) -> st.SearchStrategy[AnyCase]:
        positive = not is_negative(case, ParameterLocation.BODY) and case.body is not NOT_SET
        writable = {"create": "create", "update": "update"}.get(operation.action or "") in entity.operations
        body = strategies.bodies(entity, creating=operation.action == "create") if positive and writable else st.none()
        query = {**case.query}
        if not is_negative(case, ParameterLocation.QUERY):
            names = [field.name for field in entity.fields]
            relations = [relation.name for relation in entity.includable]
            choices: Mapping[str, st.SearchStrategy[Any]] = {
                "fields": st.lists(st.sampled_from(names), min_size=1, max_size=3),
                "include": st.lists(st.sampled_from(relations), max_size=2) if relations else st.just([]),
                **({"sort": st.sampled_from(entity.sortable)} if entity.sortable else {}),
                "filter": strategies.filters(self._contract.operators, entity.fields),
            }
            drawn = st.fixed_dictionaries({name: choices[name] for name in query if name in choices})
        else:
            drawn = st.just({})

        def changed(body: Any, query: dict[str, Any]) -> AnyCase:
            case.path_parameters = {**case.path_parameters, "entity": entity.name}
            if query:
                case.query = {**case.query, **query}
            if body is not None:
                case.body = body
            return case

        return st.builds(changed, body, drawn)

    def before_call(self, context: HookContext, case: AnyCase, _: dict[str, Any]) -> None:
        """Ids and foreign keys that exist."""
        operation = self._operation(context)
        if operation is None or case.method.upper() != operation.method:
            return
        entity = self._entity(operation, case.path_parameters)
        if not is_negative(case, ParameterLocation.PATH):
            self._real_id(operation, entity, case)
        if entity is not None and isinstance(case.body, dict):
            self._real_foreign_keys(entity, case)

    def _real_id(self, operation: Operation, entity: Entity | None, case: AnyCase) -> None:
        name = "keyId" if operation.id == "revokeApiKey" else "id"
        if case.path_parameters.get(name) is None:
            return
        if self._random.random() > REAL or is_linked(case):
            return
        real: str | None = None
        if operation.id == "revokeApiKey":
            real = self._records.another_key()
        elif entity is not None and operation.action == "delete" and "delete" in entity.operations:
            real = self._records.another(entity)
        elif entity is not None:
            real = self._records.one_of(entity)
        if real is not None:
            case.path_parameters = {**case.path_parameters, name: real}

    def _real_foreign_keys(self, entity: Entity, case: AnyCase) -> None:
        """Foreign keys that exist, or now and then one that nobody has: what the document shows may be somebody's."""
        assert isinstance(case.body, dict)
        for name, value in case.body.items():
            parent = self._parents.get((entity.name, name))
            if parent is None or not isinstance(value, str) or not value:
                continue
            is_real, is_shown = self._random.random() <= REAL, value in self._shown.get(parent, ())
            there = self._contract.entity(parent)  # None where the deployment lacks the entity
            key = self._records.one_of(there) if is_real and there is not None else None
            if key := key or (self._records.missing_id if is_shown else None):
                case.body = {**case.body, name: key}

    def sent(self, case: AnyCase, response: Response) -> Sent:
        """The request as it left."""
        operation = self._contract.operation(operation_id(case))
        url = urlsplit(str(response.request.url))
        query: dict[str, tuple[str, ...]] = {}
        for name, value in parse_qsl(url.query, keep_blank_values=True, errors="replace"):
            query[name] = (*query.get(name, ()), value)
        return Sent(
            operation=operation.id,
            action=operation.action,
            generic="{entity}" in operation.path,
            entity=self._entity(operation, case.path_parameters),
            operators=self._contract.operators,
            query=query,
            body=_json(cast("str | bytes | None", response.request.body)),
            living=self._living(),
            now=refusals.utc_now(),
            valid=self._valid,
            entities={one.name: one for one in self._contract.entities},
        )

    def _living(self) -> dict[str, frozenset[str]]:
        """The ids that may be somebody's: what answers showed, and what the document shows, which a demo may have."""
        living = {name: frozenset(ids) for name, ids in self._records.living.items()}
        return living | {name: living.get(name, frozenset()) | shown for name, shown in self._shown.items()}

    def judge(
        self, failure: Failure, case: AnyCase, response: Response, *, in_use: frozenset[str] = frozenset()
    ) -> Judgement | None:
        """How grave a failure is; None where the contract's words say that the answer is right.

        `in_use` names the body's texts that a record had before.
        """
        sent = self.sent(case, response)
        negated = negated_query_parameters(case)
        code = member(response.content, "code")
        judged = Judged(
            sent=sent,
            method=str(response.request.method),
            status=response.status_code,
            answer=json_object(response.content) or {},
            code=code if isinstance(code, str) and code in self._contract.errors.codes else None,
            wrong=self._wrongs.of(sent, negated) if isinstance(failure, AcceptedNegativeData) else (),
            in_use=in_use,
        )
        match failure:
            case RejectedPositiveData():
                judgement = refused(judged)
                if judgement is not None and response.status_code in (400, 422) and self._names_nobody(case):
                    return Judgement(level_of(ODD_ID), ODD_ID)
                return judgement
            case AcceptedNegativeData() if allowed(sent, negated):
                return None  # the contract's words take what its schema refuses
            case AcceptedNegativeData() if not judged.wrong and not _is_wrong_elsewhere(case):
                return None  # it is valid as it left
            case AcceptedNegativeData():
                return accepted(judged)
            case _:
                return answered(failure, judged)

    def _names_nobody(self, case: AnyCase) -> bool:
        """Whether a request is about a record by an id that no answer showed."""
        operation, id_ = self._contract.operation(operation_id(case)), case.path_parameters.get("id")
        name = operation.entity or unquote(str(case.path_parameters.get("entity", "")))
        return id_ is not None and unquote(str(id_)) not in self._records.living.get(name, ())

    def accepted_body(self, sent: Sent, response: Response) -> Judgement:
        """How grave it is that a body was accepted which the contract's words refuse."""
        wrong = self._wrongs.of(sent, ())
        answer = json_object(response.content) or {}
        return accepted(Judged(sent, str(response.request.method), response.status_code, answer, wrong))

    def _valid(self, pointer: str, value: object) -> bool:
        if pointer not in self._validators:
            schema = standalone(self._contract.document, pointer)
            self._validators[pointer] = jsonschema_rs.validator_for(cast("Any", schema), validate_formats=True)
        return self._validators[pointer].is_valid(value)

    def _operation(self, context: HookContext) -> Operation | None:
        if context.operation is None:
            return None
        return self._contract.operation(context.operation.definition.raw["operationId"])

    def _entity(self, operation: Operation, path: Mapping[str, object]) -> Entity | None:
        return self._contract.entity(operation.entity or str(path.get("entity", "")))


def operation_id(case: AnyCase) -> str:
    """The operationId of the operation that a case is of."""
    return str(case.operation.definition.raw["operationId"])


def is_negative(case: AnyCase, location: ParameterLocation) -> bool:
    """Whether what stands at a location was made wrong."""
    return case.meta is not None and case.meta.is_negative_at(location)


def is_linked(case: AnyCase) -> bool:
    """Whether the case is a step of a sequence, whose ids come out of the answers before it."""
    return case.meta is not None and case.meta.phase.name == TestPhase.STATEFUL


def negated_query_parameters(case: AnyCase) -> set[str]:
    """The query parameters that were made wrong; none when anything else was made wrong as well."""
    meta = case.meta
    assert meta is not None
    wrong = [location for location in ParameterLocation if meta.is_negative_at(location)]
    data = meta.phase.data
    if wrong != [ParameterLocation.QUERY]:
        return set()
    named = {mutation.parameter for mutation in data.mutations} or {data.parameter}
    return {name for name in named if name is not None}


def _is_wrong_elsewhere(case: AnyCase) -> bool:
    """Whether a path, a header, or the absence of a body was made wrong."""
    return case.body is NOT_SET or any(
        is_negative(case, location) for location in (ParameterLocation.PATH, ParameterLocation.HEADER)
    )


def _is_object(text: object) -> bool:
    try:
        return isinstance(text, str) and isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _json(content: str | bytes | None) -> object:
    """What a body says as the JSON that is sent between systems: UTF-8, and no byte order mark."""
    try:
        return json.loads(content.decode() if isinstance(content, bytes) else content or "")
    except (ValueError, RecursionError):
        return None


def json_object(content: bytes | None) -> dict[str, Any] | None:
    """The JSON object in a body; None where there is none."""
    value = _json(content)
    return value if isinstance(value, dict) else None


def member(content: bytes | None, name: str) -> Any:
    """A member of the JSON object in a body; None where there is none."""
    return (json_object(content) or {}).get(name)


def _shown_ids(contract: Contract) -> Iterator[tuple[str, frozenset[str]]]:
    """The id that the document shows of each entity."""
    for operation in contract.operations:
        if operation.action == "read" and operation.entity is not None:
            shown = [contract.target(one.pointer).get("example") for one in operation.parameters if one.name == "id"]
            yield operation.entity, frozenset(map(str, shown))
