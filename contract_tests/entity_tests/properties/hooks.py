"""Schemathesis on a live deployment: `generation` and what the data of other people asks for besides.

    before_call      whose request it is, for its share; ids of the run's own wherever something could be changed;
                     the run's mark in what is made; few tokens
    after_call       counts the answer
    filter_failure   every failure is judged and kept as a finding; schemathesis itself goes on

No check is switched off; each failure is judged by itself.
"""

import contextlib
from collections import Counter
from random import Random
from typing import Any, cast
from urllib.parse import unquote

import schemathesis
from entity_conformance.deployment.journal import KEYS
from entity_conformance.deployment.no_answer import NoAnswer
from entity_conformance.deployment.ownership import SAFE
from entity_contract import Contract, Operation
from schemathesis import HookContext, Response
from schemathesis.checks import CHECKS, CheckContext
from schemathesis.core.failures import Failure
from schemathesis.core.parameters import ParameterLocation
from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER
from schemathesis.openapi.checks import EnsureResourceAvailability
from schemathesis.schemas import BaseSchema

from entity_tests.properties.adapter import Adapter
from entity_tests.properties.consequences import check_of, is_told_already, told
from entity_tests.properties.findings import Finding, Findings
from entity_tests.properties.generation import (
    REAL,
    AnyCase,
    Hooks,
    is_linked,
    is_negative,
    member,
    operation_id,
)
from entity_tests.properties.levels import Breach
from entity_tests.properties.records import CannotMake, LiveRecords, marked
from entity_tests.properties.refusals import documented
from entity_tests.properties.sender import LARGEST_GENERATION
from entity_tests.properties.share import Spent

COVERED = "accepted_what_is_refused"
NOBODYS = "R17.nobodys"
_WRITTEN = frozenset({200, 201})
PLAIN_ONES = 3
"""Valid requests of an operation that are made plain, as long as none was accepted."""


class LiveHooks:
    """The hooks of one run."""

    def __init__(
        self, contract: Contract, adapter: Adapter, records: LiveRecords, findings: Findings, *, seed: int
    ) -> None:
        self._contract = contract
        self._sender = adapter.sender
        self._adapter = adapter
        self._records = records
        self._findings = findings
        self._shared = Hooks(contract, records, seed)
        self._random = Random(seed)
        self._in_use: set[tuple[str, str, str]] = set()
        self._valid: Counter[str] = Counter()
        paths = {path.split("/")[2] for path in cast("dict[str, object]", contract.at("#/paths")) if path[:4] == "/v1/"}
        self._others = paths - {entity.name for entity in contract.entities}  # what they answer has schemas of its own
        self._globally = self.before_call  # one object: schemathesis finds what it unregisters by identity

    def install(self) -> None:
        """Hang what is global into schemathesis."""
        GLOBAL_HOOK_DISPATCHER.register_hook_with_name(self._globally, "before_call")
        schemathesis.check(self.accepted_what_is_refused)

    def uninstall(self) -> None:
        """Leave schemathesis as it was."""
        GLOBAL_HOOK_DISPATCHER.unregister(self._globally)
        CHECKS.unregister(COVERED)

    def hang_into(self, schema: BaseSchema) -> None:
        """Hang the rest into a schema."""
        shared = self._shared
        for hook in (shared.flatmap_query, shared.flatmap_case, self.after_call, self.filter_failure):
            schema.hooks.register_hook_with_name(hook, hook.__name__)

    def before_call(self, context: HookContext, case: AnyCase, kwargs: dict[str, object]) -> None:
        """Make a request one that may be sent."""
        operation = self._operation(case)
        self._sender.operation = operation.id
        self._real_entity(operation, case)
        self._shared.before_call(context, case, kwargs)
        if self._is_to_be_plain(operation, case):
            with contextlib.suppress(CannotMake, Spent, NoAnswer):
                self._make_plain(operation, case)
        if case.method.upper() not in SAFE:
            self._spare_others(operation, case)
            self._mark(operation, case)

    def _is_to_be_plain(self, operation: Operation, case: AnyCase) -> bool:
        """Whether an operation was not accepted yet, and this is one of its first valid requests outside a sequence.

        These are made plain, so that no seed misses an operation by chance.
        """
        is_valid = not any(is_negative(case, location) for location in ParameterLocation)
        if not is_valid or is_linked(case) or case.method.upper() != operation.method:
            return False
        self._valid[operation.id] += not self._findings.successes(operation.id)
        return not self._findings.successes(operation.id) and self._valid[operation.id] <= PLAIN_ONES

    def _make_plain(self, operation: Operation, case: AnyCase) -> None:
        """A request that a right deployment accepts. Raises CannotMake, Spent and NoAnswer."""
        records, path = self._records, {**case.path_parameters}
        entity = self._contract.entity(operation.entity or unquote(str(path.get("entity", ""))))
        if "entity" in path:
            entity = records.some_entity(operation.action)
            path["entity"] = entity.name
        if entity is None:
            return
        if "id" in path:
            path["id"] = (
                records.another(entity) if operation.action == "delete" else records.one_of(entity) or path["id"]
            )
        case.path_parameters, case.query = path, {}
        if operation.action in ("create", "update"):
            case.body = cast("Any", records.plain(entity) if operation.action == "create" else records.change(entity))

    def _real_entity(self, operation: Operation, case: AnyCase) -> None:
        """The entity of the document's examples is hardly there: its cases become cases of one that is."""
        named = unquote(str(case.path_parameters.get("entity", "")))
        if named in self._others:  # a literal path wins over the generic one: that is another operation
            case.path_parameters = {**case.path_parameters, "entity": self._records.owned.missing_id}
            return
        generic = "entity" in case.path_parameters and not is_negative(case, ParameterLocation.PATH)
        if not generic or is_linked(case) or self._contract.entity(named) is not None or self._random.random() > REAL:
            return
        entity = self._records.some_entity()
        case.path_parameters = {**case.path_parameters, "entity": entity.name}
        creates = operation.action == "create" and "create" in entity.operations
        if creates and isinstance(case.body, dict) and not is_negative(case, ParameterLocation.BODY):
            with contextlib.suppress(CannotMake, Spent, NoAnswer):
                case.body = cast("Any", self._records.plain(entity))

    def _spare_others(self, operation: Operation, case: AnyCase) -> None:
        path: dict[str, Any] = {**case.path_parameters}
        negative = is_negative(case, ParameterLocation.PATH)
        missing = self._records.owned.missing_id
        if "entity" in path and (negative or self._contract.entity(unquote(str(path["entity"]))) is None):
            path["entity"] = missing  # it might be a collection that nobody here knows
        name = "keyId" if "keyId" in path else "id"
        if name in path:
            collection = KEYS if name == "keyId" else operation.entity or unquote(str(path.get("entity", "")))
            if negative:
                path[name] = missing
            elif not self._records.owned.may_change(collection, unquote(str(path[name]))):
                path[name] = self._random.choice((self._records.own(collection), missing))
        if path != case.path_parameters:
            case.path_parameters = path

    def _mark(self, operation: Operation, case: AnyCase) -> None:
        if operation.id == "generateText":
            case.body = rationed(case.body)
            case.media_type = case.media_type or "application/json"  # what was made without a body has none
            return
        body = case.body
        if not isinstance(body, dict) or is_negative(case, ParameterLocation.BODY):
            return
        mark = self._records.mark
        entity = self._contract.entity(operation.entity or str(case.path_parameters.get("entity", "")))
        if operation.action == "create" and entity is not None:
            case.body = cast("Any", marked(entity, body, mark))
        elif operation.id == "createApiKey":
            case.body = {**body, "name": mark + str(body.get("name", ""))[len(mark) :]}

    def after_call(self, context: HookContext, case: AnyCase, response: Response) -> None:  # noqa: ARG002
        """Count an answer."""
        if case.method.upper() == case.operation.method.upper() and case.meta is not None:
            phase = str(case.meta.phase.name.value)
            self._findings.answered(self._operation(case).id, response.status_code, phase)
        if response.status_code in _WRITTEN and response.request.method in ("POST", "PATCH"):
            self._in_use |= self._texts(case, response)

    def _texts(self, case: AnyCase, response: Response) -> set[tuple[str, str, str]]:
        """The texts of a body, by entity and field."""
        sent = self._shared.sent(case, response)
        entity = sent.entity.name if sent.entity is not None else ""
        return {(entity, name, value) for name, value in sent.members.items() if isinstance(value, str)}

    def filter_failure(self, _: HookContext, failure: Failure, case: AnyCase, response: Response) -> bool:
        """Judge a failure and keep it. Always False: for schemathesis it is over."""
        if isinstance(failure, EnsureResourceAvailability) and self._is_nobodys(response):
            return False
        if is_told_already(failure, response, self._operation(case)):
            return False
        in_use = frozenset(name for _, name, _ in self._texts(case, response) & self._in_use)
        judgement = self._shared.judge(failure, case, response, in_use=in_use)
        if judgement is not None:
            redacted = self._sender.context.wire.log.redactor.answer
            self._findings.add(
                Finding(
                    operation=self._operation(case).id,
                    check=check_of(failure),
                    level=judgement.level,
                    ruling=judgement.ruling,
                    message=redacted(told(failure, response)),
                    exchanges=self._evidence(failure, case, response),
                    case=case.id,
                    expected=failure.expected if isinstance(failure, Breach) else "",
                    actual=redacted(failure.actual) if isinstance(failure, Breach) else "",
                )
            )
        return False

    def _is_nobodys(self, response: Response) -> bool:
        """Whether the request went at an id that nobody has, in place of one that this run may not write to."""
        sent, missing = self._adapter.exchanges(response.request)[-1:], f"/{self._records.owned.missing_id}"
        return any(one.id in sent and one.url.endswith(missing) for one in self._sender.context.wire.log.exchanges())

    def _evidence(self, failure: Failure, case: AnyCase, response: Response) -> tuple[str, ...]:
        """The exchanges of a failure, the one that it is about last: a check may have asked again."""
        own = self._adapter.exchanges(response.request)
        if isinstance(failure, Breach):
            return (*own, failure.exchange) if failure.exchange else own
        if own and failure.case_id not in (None, case.id):
            return (*own, *self._sender.sent_after(own[-1]))
        return own

    def accepted_what_is_refused(self, _: CheckContext, response: Response, case: AnyCase) -> bool | None:
        """What `refusals` covers is not accepted."""
        if not 200 <= response.status_code < 300 or response.request.method != case.operation.method.upper():
            return None
        sent = self._shared.sent(case, response)
        known = all(self._contract.entity(one.entity) for one in sent.entity.relations) if sent.entity else True
        found = [row for row in documented(sent) if known or row.ruling != NOBODYS]  # whose records were never listed
        if len({row.field for row in found}) != 1:
            return None  # of several the one that was overlooked cannot be told
        row = min(found, key=lambda row: ("must", "should", "choice").index(row.level))
        level, ruling = row.level, row.ruling
        if row.field == "body":
            judgement = self._shared.accepted_body(sent, response)
            level, ruling = judgement.level, judgement.ruling
        if row.level == "choice" and sent.action == "list" and member(response.content, "data") != []:
            level = "must"
        message = f"accepted, although {ruling} refuses it: {row.operations}, {row.field}"
        raise Breach(self._operation(case).id, COVERED, message, level=level, ruling=ruling)

    def _operation(self, case: AnyCase) -> Operation:
        return self._contract.operation(operation_id(case))


def rationed(body: Any) -> Any:  # schemathesis's own
    """A body that generates few tokens, whatever the deployment takes for valid."""
    members = body if isinstance(body, dict) else {"prompt": 0}
    tokens = members.get("maxTokens")
    if tokens is None or (isinstance(tokens, int | float) and tokens > LARGEST_GENERATION):
        return {**members, "maxTokens": LARGEST_GENERATION}
    return members
