"""A JSON report that was written before, as values: what `compare`, `rerun`, `verify` and `run --resume` start from.

Pure: text in, values out. A report of an older suite is read too: only what is needed here has to be in it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from entity_conformance.report.files import ReportError
from entity_conformance.report.json import FORMAT
from entity_conformance.suite.ledger import PRODUCTS

FAILING = frozenset({"failed", "waived"})
"""Outcomes by which a deployment breaks a requirement, whether that is known or not."""

JUDGED = frozenset({"passed", "observed", "warned"}) | FAILING

Place = tuple[str, str | None]
"""A requirement, and the entity on which it was judged."""

_HINT = "name a report that `--report json=PATH` wrote, whole"


class ForeignError(ReportError):
    """A file is no report of this suite, or not a whole one."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a report says. `outcomes` and `messages` are by place, `choices` by requirement.

    `commands` are those that asked: several of a thorough run. `asked_by` names, for each place, the checks that sent
    the exchanges of its evidence, and `asked_of` the entities that these asked for.
    """

    name: str
    target: str
    contract: str
    suite: str
    requirement_set: str
    profile: str
    started_at: str
    verdict: str
    commands: tuple[str, ...]
    outcomes: Mapping[Place, str]
    messages: Mapping[Place, str]
    choices: Mapping[str, str]
    asked_by: Mapping[Place, tuple[str, ...]]
    asked_of: Mapping[Place, tuple[str, ...]]

    @property
    def failed(self) -> tuple[Place, ...]:
        """What failed and was not waived, in the report's order."""
        return tuple(place for place, outcome in self.outcomes.items() if outcome == "failed")

    @property
    def has_judged(self) -> bool:
        """Whether it judged anything."""
        return any(outcome in JUDGED for outcome in self.outcomes.values())

    def outcome(self, place: Place) -> tuple[str | None, str]:
        """What became of a requirement on an entity, and why; None where it was not looked at.

        What is judged on whatever answers come has an entity where it fails, and none where it holds.
        """
        return nearest(self.outcomes, self.messages, place)


def nearest(outcomes: Mapping[Place, str], messages: Mapping[Place, str], place: Place) -> tuple[str | None, str]:
    """The outcome at a place; else that of the requirement on no entity, or on any where the place names none."""
    requirement, entity = place
    found = place if place in outcomes else (requirement, None)
    if found not in outcomes and entity is None:
        others = [other for other in outcomes if other[0] == requirement]
        found = max(others, key=lambda other: outcomes[other] in FAILING, default=place)
    return outcomes.get(found), messages.get(found, "")


def read(text: str, *, name: str) -> Recorded:
    """The report in a text; `name` stands for it in an error. Raises ForeignError."""
    document = parsed(text, name=name)
    try:
        exchanges = document["exchanges"]
        results = [(_place(one), one) for one in document["results"]]
        return Recorded(
            name=name,
            target=_text(document["target"]),
            contract=_text(document["suite"]["contractSha256"]),
            suite=_text(document["suite"]["version"]),
            requirement_set=_text(document.get("requirementSet", {}).get("version", "unreleased")),
            profile=_text(document["profile"]["name"]),
            started_at=_text(document["startedAt"]),
            verdict=_text(document["verdict"]),
            commands=commands(document),
            outcomes={place: _text(one["outcome"]) for place, one in results},
            messages={place: _text(one["message"]) for place, one in results},
            choices={_text(name): _text(choice) for name, choice in document["choices"].items()},
            asked_by={
                place: tuple(_text(exchanges[id_]["check"]) for id_ in one["exchanges"] if id_ in exchanges)
                for place, one in results
            },
            asked_of={
                place: tuple(filter(None, (_entity(document, id_) for id_ in one["exchanges"] if id_ in exchanges)))
                for place, one in results
            },
        )
    except (KeyError, TypeError, AttributeError):
        _foreign(name, "is no report of this suite: it lacks what every report has")


def _entity(document: Mapping[str, Any], exchange: str) -> str | None:
    """The entity of the run that an exchange is about."""
    path = _text(document["exchanges"][exchange]["request"]["url"]).removeprefix(_text(document["target"]))
    name = re.split("[/?]", path.removeprefix("/"), maxsplit=1)[0]
    return name if name in document["profile"]["entities"] else None


def commands(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The commands whose requirements a report's run judged. Raises KeyError and TypeError for what is no report.

    A few requirements of `run` are judged by the others too, on whatever answers come: they are in no plan.
    """
    chapters = {_text(one["chapter"]) for one in document["results"]}
    products = tuple(name for name in PRODUCTS if name in chapters)
    planned = {_text(one["requirement"]).partition(".")[0] for one in document["plan"]}
    return ("run", *products) if planned.difference(PRODUCTS) or not products else products


def parsed(text: str, *, name: str) -> Mapping[str, Any]:
    """The document of a report. Raises ForeignError for what is none, or was cut off."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        _foreign(name, "is not JSON, or was cut off")
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        _foreign(name, "is no report of this suite")
    if document.get("complete") is not True:
        _foreign(name, "is no whole report: it does not end in `complete`")
    return document


def _foreign(name: str, what: str) -> NoReturn:
    raise ForeignError(f"{name} {what}", hint=_HINT)


def _place(result: Mapping[str, Any]) -> Place:
    entity = result["entity"]
    return _text(result["requirement"]), None if entity is None else _text(entity)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
