"""What a file may say: one key for each option that is a setting, by its name without dashes in front."""

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

Form = Literal["text", "texts", "flag", "whole", "seconds", "path", "pairs", "credential"]
"""`texts` are one or several; `pairs` are a table of names and values, or the texts that the option takes."""

Check = Callable[[object], object]
"""Raises ValueError for a value that makes no sense, with what is wrong and, behind a semicolon, what to do."""


@dataclass(frozen=True, slots=True)
class Key:
    """A setting as the file has it. `parameter` is the option's name in code, `joins` what stands between a pair.

    `holds_secrets` has its values masked wherever settings are shown.
    """

    name: str
    parameter: str
    form: Form
    check: Check
    description: str
    joins: str = ""
    holds_secrets: bool = False


TABLES = ("credentials", "profile", "waiver")
"""What stands beside the keys in a file. Within a profile there is no other."""


OF_ONE_CALL = ("config", "expires", "plan", "profile", "reason", "resume", "ticket", "update-waivers")
"""Options that are no settings."""


def _joined(name: str) -> str:
    """A name without what tells its words apart: `apiKey`, `api_key` and `apikey` are one."""
    return name.replace("_", "").replace("-", "").lower()


def nearest(name: str, known: Iterable[str]) -> str:
    """What to say to somebody who wrote a name that does not exist."""
    names = list(known)
    plain = name.replace("_", "-")
    alike = [
        one
        for one in names
        if _joined(name) in {_joined(one), _joined(one.rpartition(".")[2]), _joined(one.removesuffix("s"))}
    ]
    near = alike or difflib.get_close_matches(plain, names, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]}?"
    first = difflib.get_close_matches(plain, names, n=1, cutoff=0.0)
    return f"the nearest is {first[0]}" if first else "there is none"
