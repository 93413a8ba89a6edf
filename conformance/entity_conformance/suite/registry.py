"""What a check declares about itself. Checks name their requirement here, the plan reads it, nothing runs.

`@chapter.proves("list.limit-caps-page", scopes={"read"}, after={"create.returns-record"})` stands above an async
function `limit_caps_page(api, entity)` whose docstring is one true sentence about the API.
"""

import inspect
import sys
from collections.abc import Callable, Collection, Coroutine
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from entity_contract import Action, Entity, Scope

from entity_conformance.deployment.settings import Allowance
from entity_conformance.suite import ledger, packaged
from entity_conformance.suite.ledger import Ledger

Need = Literal[
    "session", "other_api_key", "read_key", "write_key", "delete_key", "expired_key", "keys", "directory", "ai"
]
"""A credential (beside the API key) or a capability without which a check is out of profile.

`session`, `other_api_key`: given by the user. `read_key`, `write_key`, `delete_key`: a key with that scope alone, given
or made by the session. `expired_key`: a key that has expired by the time the check runs. `keys`: that keys can be made.
`directory`: users that can be read. `ai`: text generation. A credential is used by that same name:
`api.list(entity, credential="read_key")`.
"""

Extent = Literal["each", "primary", "first", "none"]
"""`each`: one result per entity. `primary`: once, on the first that suits, tasks first; on each in a thorough run.

`first`: on that one in every run, since it is about what a deployment does before it looks at the entity. `none`: on no
entity."""

Body = Callable[..., Coroutine[Any, Any, str | None]]
Proof = TypeVar("Proof", bound=Body)

_ACTIONS: dict[Scope, tuple[Action, ...]] = {"read": ("list", "read"), "write": ("create",), "delete": ("delete",)}


class RegistryError(Exception):
    """A check declares something that cannot be: a defect of the suite, found when it is imported."""


def anything(_: Entity) -> bool:
    """The default of `applies`: the requirement holds for every entity."""
    return True


@dataclass(frozen=True, slots=True)
class Check:
    """One check. `sentence` is its docstring (`packaged` has a copy).

    `body` takes `(api, entity)`, or `(api)` where `entities` is `none`.

    `scopes` are what the API key needs, which also says whether the check writes. `operations` are what an entity must
    support for the check to apply, and `applies` narrows further. `operators` are those of the filter that it uses,
    which the contract must have. `after` names requirements that must hold first. `last` runs it when every other
    check has ended. `requests` is a hint of its cost. One that `is_passive` asks nothing; `unseen` says why no exchange
    may be about it. One that `asks_again` shows a wrong answer and the same one to another credential; of one that
    `is_anybodys` another user asks, where there is no key that only reads.
    """

    requirement: str
    chapter: str
    sentence: str
    body: Body
    scopes: frozenset[Scope]
    needs: frozenset[Need]
    after: tuple[str, ...]
    entities: Extent
    operations: frozenset[Action]
    applies: Callable[[Entity], bool]
    operators: frozenset[str]
    opt_in: Allowance | None
    last: bool
    requests: int
    is_passive: bool = False
    unseen: str | None = None
    asks_again: bool = False
    is_anybodys: bool = False

    @property
    def writes(self) -> bool:
        """Whether it changes the deployment's data, which a read-only run must not."""
        return bool(self.scopes & {"write", "delete"})

    @property
    def group(self) -> int:
        """What comes when: what needs an expired key or uses something up late, what looks back on the run last."""
        return 2 if self.last else int("expired_key" in self.needs or self.opt_in is not None)

    def suits(self, entity: Entity) -> bool:
        """Whether the requirement applies to an entity: where it does not, there is no result."""
        return self.operations <= set(entity.operations) and self.applies(entity)


def passive(requirement: str, chapter: str, sentence: str, after: Collection[str]) -> Check:
    """A check that asks nothing by itself; its result is what the answers of the run show."""
    return Check(
        requirement=requirement,
        chapter=chapter,
        sentence=sentence if sys.flags.optimize < 2 else packaged.sentences().get(requirement, ""),
        body=_asks_nothing,
        scopes=frozenset(),
        needs=frozenset(),
        after=tuple(sorted(after)),
        entities="none",
        operations=frozenset(),
        applies=anything,
        operators=frozenset(),
        opt_in=None,
        last=False,
        requests=0,
        is_passive=True,
    )


def watching(check: Check, *, unseen: str) -> Check:
    """A check that asks nothing in the place of one that asks, about the same and after the same.

    It needs nothing that asking takes; `unseen` says why no exchange may be about it.
    """
    return replace(
        check,
        body=_asks_nothing,
        scopes=frozenset(),
        needs=frozenset(),
        operators=frozenset(),
        opt_in=None,
        requests=0,
        is_passive=True,
        unseen=unseen,
        asks_again=False,
    )


async def _asks_nothing(*_: object) -> None:
    pass


def _sentence(requirement: str, body: Body) -> str:
    """The docstring on one line; the packaged copy of it where Python was told to drop docstrings (-OO)."""
    if sys.flags.optimize > 1:
        return packaged.sentences().get(requirement, "")
    return " ".join((inspect.getdoc(body) or "").split())


class Chapter:
    """The checks of one chapter of the reference, in the order written; `asked` is what is made of each body."""

    def __init__(
        self,
        name: str,
        of: Ledger | None = None,
        *,
        asked: Callable[[Body], Body] | None = None,
        is_anybodys: bool = False,
    ) -> None:
        self.name = name
        self._asked, self._is_anybodys = asked, is_anybodys
        self.checks: list[Check] = []
        self._ledger = ledger.load() if of is None else of
        if name not in self._ledger.titles:
            raise RegistryError(f"the ledger has no chapter {name}")

    def proves(  # noqa: PLR0913  # a declaration: every argument is a fact about the check, named where it is written
        self,
        requirement: str,
        *,
        scopes: Collection[Scope] = (),
        needs: Collection[Need] = (),
        after: Collection[str] = (),
        entities: Extent = "each",
        operations: Collection[Action] = (),
        applies: Callable[[Entity], bool] = anything,
        operators: Collection[str] = (),
        opt_in: Allowance | None = None,
        last: bool = False,
        requests: int = 1,
    ) -> Callable[[Proof], Proof]:
        """Register a check of `requirement`. Raises RegistryError when the declaration cannot be right.

        Without `operations`, an entity needs what the scopes allow: `read` list and read, `write` create, `delete`
        delete. State them where that is not it (`operations={"update", "read"}`).
        A check of something that costs the user money or uses up a rate limit is `opt_in`: it has to be allowed.
        """
        implied = {action for scope in scopes for action in _ACTIONS[scope]}

        def register(body: Proof) -> Proof:
            self._refuse_a_wrong_declaration(requirement, body, tuple(after), entities)
            self.checks.append(
                Check(
                    requirement=requirement,
                    chapter=self.name,
                    sentence=_sentence(requirement, body),
                    body=body if self._asked is None else self._asked(body),
                    scopes=frozenset(scopes),
                    needs=frozenset(needs),
                    after=tuple(sorted(after)),
                    entities=entities,
                    operations=frozenset(operations or implied),
                    applies=applies,
                    operators=frozenset(operators),
                    opt_in=opt_in,
                    last=last,
                    requests=requests,
                    asks_again=self._asked is not None,
                    is_anybodys=self._is_anybodys,
                )
            )
            return body

        return register

    def _refuse_a_wrong_declaration(self, requirement: str, body: Body, after: tuple[str, ...], extent: Extent) -> None:
        where = f"{body.__module__}.{body.__name__}"
        for cited in (requirement, *after):
            if cited not in self._ledger.requirements:
                raise RegistryError(f"{where} cites {cited}, which is not in the ledger")
        clause = self._ledger.requirements[requirement]
        if clause.chapter != self.name:
            raise RegistryError(f"{where} proves {requirement}, which belongs to the chapter {clause.chapter}")
        if clause.untested is not None:
            raise RegistryError(f"{where} proves {requirement}, which the ledger calls untested")
        if any(check.requirement == requirement for check in self.checks):
            raise RegistryError(f"{where}: {requirement} has a check already")
        if body.__name__.rstrip("_") != requirement.partition(".")[2].replace("-", "_"):
            raise RegistryError(f"{where}: the function's name is not that of {requirement}")
        if not _sentence(requirement, body):
            raise RegistryError(f"{where}: the docstring is missing, which the report prints")
        takes = 1 if extent == "none" else 2
        if not inspect.iscoroutinefunction(body) or len(inspect.signature(body).parameters) != takes:
            raise RegistryError(f"{where}: expected an async function of ({'api' if takes == 1 else 'api, entity'})")
