"""The requirements as a release had them, so that what the suite has learnt since makes no deployment red.

`released/VERSION.json` is written when a release is published, and never changed. A set is named by its version, or by
the beginning of it (`0.1`).
"""

import difflib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import cast

from entity_contract.rulings import Level

from entity_conformance.deployment.settings import Misuse
from entity_conformance.report.verdict import RequirementSet
from entity_conformance.suite import ledger

UNRELEASED = "unreleased"


@dataclass(frozen=True, slots=True)
class Frozen:
    """The requirements of a release with the levels that they had then, and the hash of its contract."""

    version: str
    contract_sha256: str
    levels: Mapping[str, Level]


@cache
def everything() -> Mapping[str, Frozen]:
    """Every set by its version, the oldest first."""
    folder = files("entity_conformance.suite") / "released"
    names = [entry.name for entry in folder.iterdir() if entry.name.endswith(".json")]
    documents = [json.loads((folder / name).read_text("utf-8")) for name in names]
    documents.sort(key=lambda one: [int(part) for part in one["version"].split(".")])
    return {
        one["version"]: Frozen(one["version"], one["contractSha256"], cast("Mapping[str, Level]", one["requirements"]))
        for one in documents
    }


def named(version: str) -> Frozen:
    """The latest set of that version. Raises Misuse where there is none."""
    known = everything()
    found = [one for name, one in known.items() if f"{name}.".startswith(f"{version}.")]
    if not found:
        near = difflib.get_close_matches(version, known, n=1, cutoff=0.0)
        raise Misuse(
            f"--requirements {version}: there is no such set of requirements",
            hint=f"there {'is' if len(known) == 1 else 'are'} {', '.join(known)}; the nearest is {near[0]}",
        )
    return found[-1]


def told(of: Frozen | None) -> RequirementSet:
    """A set as a report names it; all that is known today without one."""
    if of is None:
        known = {one.id: one.level for one in ledger.everything().requirements.values()}
        return RequirementSet(UNRELEASED, _hash(known))
    return RequirementSet(of.version, _hash(of.levels))


def document(version: str, contract_sha256: str) -> Mapping[str, object]:
    """What is kept of today's requirements when they are released."""
    levels = {one.id: one.level for one in ledger.everything().requirements.values()}
    return {"version": version, "contractSha256": contract_sha256, "requirements": dict(sorted(levels.items()))}


def _hash(levels: Mapping[str, Level]) -> str:
    return hashlib.sha256("".join(f"{name} {levels[name]}\n" for name in sorted(levels)).encode()).hexdigest()
