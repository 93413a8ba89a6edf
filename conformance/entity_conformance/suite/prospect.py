"""What a run would test with these credentials, and what others would bring in; nothing is asked for it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from entity_contract import Scope as KeyScope

from entity_conformance.deployment.api import Api
from entity_conformance.deployment.credentials import CREDENTIALS, CredentialName, not_given
from entity_conformance.deployment.discovery import Described
from entity_conformance.deployment.problems import Blocked, OutOfProfile
from entity_conformance.deployment.settings import Misuse, Settings
from entity_conformance.report.expected import lines
from entity_conformance.suite import given, ledger
from entity_conformance.suite.expectation import Expectation
from entity_conformance.suite.plan import SCOPES, Plan, Scope, plan
from entity_conformance.suite.run import checks
from entity_conformance.suite.watch import passive_checks

_MADE: tuple[CredentialName, ...] = ("read_key", "write_key", "delete_key", "expired_key")
"""What a session makes for a run that writes."""
_ABSENT = 404
_HINT = "give it more (a higher limit, or --max-requests), or ask less (--smoke, --only)"
_NO_USERS = "the deployment shows no users to relate records to"


class Prospect:
    """The plan of a run on what was found. `valid` are the credentials that are, with their scopes.

    The `unasked` entities are taken to be there, as the contract has them.
    """

    def __init__(
        self,
        api: Api,
        settings: Settings,
        described: Sequence[Described],
        valid: Mapping[CredentialName, frozenset[KeyScope]],
        *,
        unasked: Collection[str] = (),
    ) -> None:
        self._settings, self._valid = settings, valid
        self._entities = tuple(one.entity for one in described)
        self._context = replace(api.context, entities=self._entities)
        self._has_users, self._no_keys = "users" in unasked or _has_users(api), _no_keys(api)
        self.exit_code, self.unfit, self.plan = 0, "", ""
        try:
            self._plan = self._planned(valid)
        except Misuse as problem:
            self.exit_code, self.unfit, self._plan = 2, str(problem), Plan((), (), ())
            return
        self._tell()

    @property
    def left_out(self) -> Mapping[str, Sequence[str]]:
        """The requirements that would be out of scope, by the reason."""
        reasons: dict[str, list[str]] = {}
        for name, reason in self._plan.out_of_scope:
            reasons.setdefault(reason, []).append(name)
        return dict(sorted(reasons.items(), key=lambda pair: -len(pair[1])))

    def unlocks(self, name: CredentialName, *, beside: Collection[CredentialName]) -> int:
        """How many requirements a credential brings in beside others."""
        if self.exit_code == 2 and not self._plan.steps:
            return 0
        with_it, without = (_judged(self._planned(names)) for names in ({*beside, name}, beside))
        return len(with_it - without)

    def _tell(self) -> None:
        writes = self._settings.why_read_only is None and "write" in self._scopes(self._valid)
        expectation = Expectation(self._plan, self._context, self._settings, writes=writes)
        fits, cut = expectation.fitted(ledger.load())
        self.plan = "; ".join(lines(replace(expectation.of(fits), left_out=())))
        if not fits.steps:
            self.exit_code, self.unfit = 2, "nothing could be tested"
        elif cut is not None:
            self.exit_code, self.unfit = 3, f"{cut}; {_HINT}"

    def _planned(self, names: Collection[CredentialName]) -> Plan:
        """Raises Misuse where the selection asks for what is not allowed."""
        why = self._settings.why_read_only
        scope = Scope(
            self._entities,
            frozenset(operator.name for operator in self._context.contract.operators),
            self._missing(frozenset(names)),
            self._scopes(names),
            is_read_only=why is not None,
            why_read_only=why or "",
            only=self._settings.only,
            skip=self._settings.skip,
            allow=self._settings.allow,
            is_thorough=self._settings.thorough,
        )
        return plan(checks(), ledger.load(), scope, stand_ins=passive_checks())

    def _scopes(self, names: Collection[CredentialName]) -> frozenset[KeyScope]:
        """What the key that most requests go by may do: a session makes one with all scopes."""
        if "api_key" in names:
            return self._valid.get("api_key", frozenset(SCOPES))
        return frozenset({"read"}) if "read_key" in names and "session" not in names else frozenset(SCOPES)

    def _missing(self, names: frozenset[CredentialName]) -> Mapping[str, OutOfProfile | Blocked]:
        """What such a run would lack, and why: a session makes the keys that were not given, where the run writes."""
        why = self._settings.why_read_only
        has_key = bool({"api_key", "read_key"} & names) or ("session" in names and why is None)
        no_keys = not_given("session") if "session" not in names else why or self._no_keys
        missing: dict[str, OutOfProfile | Blocked] = {}
        for row in CREDENTIALS:
            is_made = row.name in _MADE and no_keys is None and has_key
            if row.name in names or is_made or (row.name == "api_key" and has_key):
                continue
            made = row.name in _MADE and no_keys is not None
            missing[row.name] = OutOfProfile(
                f"{no_keys}, and no {row.option} was given" if made else not_given(row.name)
            )
        if no_keys is not None:
            missing["keys"] = OutOfProfile(no_keys)
        if not self._has_users:
            missing["directory"] = OutOfProfile(_NO_USERS)
        if self._settings.skip_ai or why is not None:
            missing["ai"] = OutOfProfile("--skip-ai was given" if self._settings.skip_ai else str(why))
        return missing


def _judged(of: Plan) -> set[str]:
    return {step.check.requirement for step in of.steps if step.check.unseen is None and step.blocked is None}


def _no_keys(api: Api) -> str | None:
    """Why a session makes no keys there, as far as a list of them tells it."""
    listed = api.answered_before("GET", "/keys", credential="session")
    if listed is None or listed.status != _ABSENT:
        return None
    return given.why_no_keys(api, listed)


def _has_users(api: Api) -> bool:
    return any(
        reply.status == 200 and reply.url.partition("?")[0] == f"{api.base}/users" and bool(reply.shown)
        for reply in api.seen
    )
