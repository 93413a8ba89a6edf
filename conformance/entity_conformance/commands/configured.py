"""What `conformance.toml` adds to a command: its settings below flags and environment, and the failures that are known.

click knows a place for them, `default_map`, which it looks at when neither a flag nor a variable is given.
"""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from entity_conformance.configuration import finding
from entity_conformance.configuration.keys import Key
from entity_conformance.configuration.reading import Configuration, read
from entity_conformance.configuration.waivers import day
from entity_conformance.deployment.settings import Misuse, Waiver

_META = "entity_conformance.configuration"


def configure(context: click.Context, given: Mapping[str, Any], keys: Mapping[str, Key]) -> None:
    """Have the options that are neither `given` nor in the environment take what the file says. Raises Misuse."""
    options = {option.name: option for option in context.command.params}
    if "config" not in options:
        return
    found = _found(_told(given, "config"), _told(given, "profile"), keys)
    if found is None:
        return
    context.meta[_META] = found
    context.default_map = {
        name: found.value(stated, os.environ)
        for name, stated in found.stated.items()
        if name in options and not isinstance(given.get(name), str | bool | tuple | list) and not _is_set(options[name])
    }


def configuration() -> Configuration | None:
    """The file of the command that is under way, None where it has none."""
    context = click.get_current_context(silent=True)
    found: Configuration | None = None if context is None else context.meta.get(_META)
    return found


def placed(context: click.Context, problem: Misuse) -> Misuse:
    """The same with the line of the file, where it begins with an option that nothing but the file gave."""
    found: Configuration | None = context.meta.get(_META)
    if found is None:
        return problem
    option = problem.message.partition(" ")[0]
    for parameter in context.command.params:
        is_meant = option in parameter.opts and parameter.name is not None
        if is_meant and context.get_parameter_source(parameter.name) is ParameterSource.DEFAULT_MAP:
            return Misuse(f"{found.where(found.stated[parameter.name])}: {problem.message}", hint=problem.hint)
    return problem


def waivers(found: Configuration | None) -> tuple[Waiver, ...]:
    """The failures that the file says are known. Raises Misuse for one of a requirement that there is not."""
    if found is None or not found.waivers:
        return ()
    from entity_conformance.suite import ledger, plan  # noqa: PLC0415  # the ledger takes long to read

    known = ledger.everything()
    for place_, one in found.waivers:
        try:
            plan.named(known, one.requirement, "waiver")
        except Misuse as problem:
            raise Misuse(f"{found.at(place_)}: {problem.message}", hint=problem.hint) from None
    return tuple(one for _, one in found.waivers)


def new_waiver(reason: str | None, expires: str | None, ticket: str | None) -> Waiver:
    """As what every failure that is not known is written down. Raises Misuse."""
    if reason is None or expires is None:
        lacks = "--reason" if reason is None else "--expires"
        raise Misuse(f"--update-waivers needs {lacks}", hint="say why it is waived, and until when (2026-12-31)")
    for name, text in (("--reason", reason), ("--ticket", ticket or "")):
        if not _is_text(text):
            raise Misuse(f"{name} is no text in UTF-8, which the file could hold", hint="write it otherwise")
    try:
        until = day(expires)
    except Misuse:
        raise Misuse(f"--expires {expires} is no day", hint="write it as 2026-12-31") from None
    if until < datetime.now(UTC).date():
        raise Misuse(f"--expires {expires} is past", hint="name a day to come")
    return Waiver("*", reason, until, ticket=ticket)


def place(found: Configuration | None) -> tuple[Path, str | None]:
    """The file that new waivers are written to, and its profile. Raises Misuse for a device or a pipe."""
    path = Path(finding.NAME) if found is None else found.path
    if path.exists() and not path.is_file():
        raise Misuse(f"--update-waivers: {path} is no file", hint="name a file that can be written (--config)")
    return path, None if found is None else found.profile


def _found(config: str | None, profile: str | None, keys: Mapping[str, Key]) -> Configuration | None:
    try:
        here = Path.cwd()
    except OSError as error:
        what = f"the working directory cannot be used: {error.strerror or error}"
        raise Misuse(what, hint="go to one that is there") from None
    path = Path(config) if config is not None else finding.found(here)
    if path is None:
        if profile is not None:
            what = f"--profile {profile}: no {finding.NAME} is here or in a folder above"
            raise Misuse(what, hint="name the file (--config)")
        return None
    told = f"--config {config}" if config is not None and not _is_file(path) else finding.told(path, here)
    return read(path, told, keys, profile)


def _is_text(text: str) -> bool:
    """An argument of other bytes than UTF-8 holds halves of characters, which no file takes."""
    return text.encode("utf-8", "ignore").decode() == text


def _is_file(path: Path) -> bool:
    """A name that is too long is none."""
    try:
        return path.is_file()
    except OSError:
        return False


def _told(given: Mapping[str, Any], name: str) -> str | None:
    """What a flag or a variable says of which file and which profile; nothing where it is empty, which is refused."""
    said = given.get(name)
    text = said if isinstance(said, str) else os.environ.get(f"CONFORMANCE_{name.upper()}", "")
    return (text.strip() and text) or None


def _is_set(option: click.Parameter) -> bool:
    variables = [option.envvar] if isinstance(option.envvar, str) else option.envvar or ()
    return any(name in os.environ for name in variables)


__all__: Sequence[str] = ("configuration", "configure", "new_waiver", "place", "placed", "waivers")
