"""What a schema cannot say, for plain schemathesis: `SCHEMATHESIS_HOOKS=entity_tests.hooks schemathesis run ...`.

    generated   a filter is one of the entity's own fields; the generic paths are asked about entities that there are
    sent        ids and foreign keys are those that answers have shown
    judged      a failure is dropped where the contract's words say that the answer is right, and by nothing else

Importing this module is enough. It asks nothing itself. `conformance properties` does without it.
"""

import copy
from collections import defaultdict
from collections.abc import Mapping
from random import Random
from typing import Any

import schemathesis
from entity_contract import Contract, Entity
from hypothesis import strategies as st
from schemathesis import HookContext, Response
from schemathesis.core.failures import Failure
from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER

from entity_tests.properties import strategies
from entity_tests.properties.generation import AnyCase, Hooks, member
from entity_tests.properties.refusals import Sent


class Seen:
    """The ids that answers have shown, by entity."""

    def __init__(self) -> None:
        self.living: defaultdict[str, set[str]] = defaultdict(set)
        self._random = Random(0)

    @property
    def missing_id(self) -> None:
        """None: which ids are made up is up to schemathesis."""

    def one_of(self, entity: Entity) -> str | None:
        """An id that was seen."""
        ids = sorted(self.living[entity.name])
        return self._random.choice(ids) if ids else None

    another = one_of

    def another_key(self) -> None:
        """None: what is revoked is up to schemathesis."""

    def learn(self, sent: Sent, case: AnyCase, response: Response) -> None:
        """The ids in an answer, or the one that it says is gone."""
        if sent.entity is None or response.status_code >= 300 or str(response.request.method) != case.operation.method:
            return
        if sent.action == "delete":
            self.living[sent.entity.name].discard(str(case.path_parameters.get("id")))
        data = member(response.content, "data")
        records = data if isinstance(data, list) else [data]
        self.living[sent.entity.name].update(
            str(one["id"]) for one in records if isinstance(one, Mapping) and isinstance(one.get("id"), str)
        )


class Plain:
    """The hooks, as schemathesis calls them. The contract is the document that it reads."""

    def __init__(self) -> None:
        self._seen = Seen()
        self._hooks: Hooks | None = None

    def register(self) -> None:
        """Hang every hook into schemathesis, for whatever it loads."""
        for hook in (
            self.before_load_schema,
            self.flatmap_query,
            self.flatmap_case,
            self.before_call,
            self.after_call,
            self.filter_failure,
        ):
            GLOBAL_HOOK_DISPATCHER.register_hook_with_name(hook, hook.__name__)

    def before_load_schema(self, _: HookContext, raw_schema: dict[str, Any]) -> None:
        """Read the contract. Raises ContractError for a document that is none."""
        contract = Contract.from_mapping(copy.deepcopy(raw_schema), "the document that schemathesis reads")
        schemathesis.openapi.format("json-object", strategies.filters(contract.operators))
        self._hooks = Hooks(contract, self._seen, seed=0)

    def flatmap_query(self, context: HookContext, query: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
        """As `Hooks`."""
        return self._known.flatmap_query(context, query)

    def flatmap_case(self, context: HookContext, case: AnyCase) -> st.SearchStrategy[AnyCase]:
        """As `Hooks`."""
        return self._known.flatmap_case(context, case)

    def before_call(self, context: HookContext, case: AnyCase, kwargs: dict[str, Any]) -> None:
        """As `Hooks`."""
        self._known.before_call(context, case, kwargs)

    def after_call(self, _: HookContext, case: AnyCase, response: Response) -> None:
        """Learn ids."""
        self._seen.learn(self._known.sent(case, response), case, response)

    def filter_failure(self, _: HookContext, failure: Failure, case: AnyCase, response: Response) -> bool:
        """Whether a failure stands. One that needs no more than a choice of the rulings does not."""
        judgement = self._known.judge(failure, case, response)
        return judgement is not None and judgement.level != "choice"

    @property
    def _known(self) -> Hooks:
        assert self._hooks is not None, "a document is loaded before anything is made of it"
        return self._hooks


Plain().register()
