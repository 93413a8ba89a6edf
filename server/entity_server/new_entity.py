"""`reference-server entity`: reads the document, prints the declaration of a new entity or writes it into the file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from entity_contract import Contract, ContractError, load
from entity_contract.document import find

from entity_server.declaring import (
    Block,
    DeclarationError,
    Part,
    declared,
    inserted,
    named,
    parse,
    parts,
)
from entity_server.declaring.fields import DEFAULT_FIELDS

__all__ = ["Asked", "DeclarationError", "new_entity"]

_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

DIRECTORY = "users"
"""The entity that a new one belongs to when nothing else was said: everybody may read it, and it is never empty."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A new entity as it was asked for; what is None or empty gets its default. `fields` are spelled `NAME:TYPE`."""

    name: str
    title: str | None = None
    id_prefix: str | None = None
    fields: Sequence[str] = ()
    parents: Sequence[str] = ()


def new_entity(asked: Asked, *, contract: Path | None = None, insert: Path | None = None) -> str:
    """What to print: the declaration, or with `insert` the news that it is in that file.

    Raises DeclarationError with one line, and has changed nothing then.
    """
    try:
        file = find(insert or contract)
        facts = load(file)
        text = facts.text or ""
        found = parts(text, facts.document, _block(facts, asked))
        if not insert:
            return "".join(f"{line}\n" for line in _told(asked.name, found))
        whole = inserted(text, found)
        Contract.from_mapping(yaml.load(whole, Loader=_LOADER), source=str(file))  # noqa: S506 - a safe loader
        file.write_bytes(whole.encode())
    except ContractError as error:
        if insert and "--contract" in error.hint:  # the document came by another option
            said = f"{error.where}: {error.message} (give an OpenAPI 3.1 document with --insert)"
            raise DeclarationError(said) from error
        raise DeclarationError(str(error)) from error
    except yaml.YAMLError as error:
        raise DeclarationError(f"{insert}: the lines do not fit its layout; print them and add them by hand") from error
    except OSError as error:
        raise DeclarationError(f"{file}: cannot be written: {error.strerror}; choose another file") from error
    return (
        f"{file}: {asked.name} is declared in {_count(found)} new lines; make its fields yours, then serve it: "
        f"reference-server run --contract {file}\n"
    )


def _block(facts: Contract, asked: Asked) -> Block:
    known = [entity.name for entity in facts.entities]
    parents = asked.parents or (DIRECTORY if DIRECTORY in known else next(iter(known), DIRECTORY),)
    names = named(facts.document, asked.name, title=asked.title, id_prefix=asked.id_prefix)
    return declared(facts.document, names, parse(asked.fields or DEFAULT_FIELDS), parents)


def _count(found: Sequence[Part]) -> int:
    return sum(1 for part in found for line in part.lines if line)


def _told(name: str, found: Sequence[Part]) -> Iterator[str]:
    yield f"# {name}, {_count(found)} lines. Paste each part behind what it names; `--insert FILE` does it for you."
    for part in found:
        yield from ("", f"# {part.section}, behind {part.after} (line {part.line}):")
        yield from (line for line in part.lines if line)
