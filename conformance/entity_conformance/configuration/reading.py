"""A file's text as settings. Everything is checked, whether it is used or not; variables are read when a value is used.

A literal credential is refused and not told. Whatever is wrong is Misuse, with the file, the line and what to do.
"""

import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from entity_conformance.configuration.keys import OF_ONE_CALL, TABLES, Form, Key, nearest
from entity_conformance.configuration.lines import Place, line
from entity_conformance.configuration.waivers import MEMBERS, waiver
from entity_conformance.deployment.exchange import Redactor
from entity_conformance.deployment.named_files import content
from entity_conformance.deployment.settings import Misuse, Waiver

LARGEST = 1024 * 1024
"""Bytes of a file: every line is found by reading what stands before it."""

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CREDENTIAL = re.compile(r"(?:[A-Za-z0-9!#$%&'*+.^_`|~-]+=)?\$\{[^}]*\}")
"""A variable; the name of a cookie may stand before it."""
_SECRETIVE = re.compile(r"api.?key|token|secret|passw|auth|cookie|credential|signature|session|[-_]key$", re.IGNORECASE)
"""Names of headers whose values are credentials."""
_SCHEME = re.compile(r"\s*(?:bearer|basic|digest|token)\s+\S", re.IGNORECASE)
"""How a value begins that is one, whatever the header is called."""
_PLAIN: Mapping[Form, tuple[type, ...]] = {
    "text": (str,), "path": (str,), "flag": (bool,), "whole": (int,), "seconds": (int, float), "texts": (str,),
    "credential": (str,),
}  # fmt: skip
_NOUNS: Mapping[Form, str] = {
    "text": "a text", "path": "a text", "flag": "true or false", "whole": "a whole number", "seconds": "a number",
    "texts": "a text or a list of texts", "credential": "a text",
    "pairs": "a text, a list of texts, or a table of texts",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stated:
    """What the file says of one setting: where, and how it is written, with the names of variables."""

    key: Key
    written: object
    place: Place
    profile: str | None


@dataclass(frozen=True, slots=True)
class Configuration:
    """A file that was read, for one of its profiles or none. `told` is how its path is told."""

    path: Path
    told: str
    text: str = field(repr=False)
    profile: str | None
    stated: Mapping[str, Stated]
    waivers: tuple[tuple[Place, Waiver], ...] = ()

    def at(self, place: Place) -> str:
        """A place in the file, as it is told."""
        return _at(self.told, self.text, place)

    def value(self, stated: Stated, environ: Mapping[str, str]) -> object:
        """What an option would be given: variables filled in, paths from the file's folder, checked. Raises Misuse."""

        def filled(text: str) -> str:
            return _VARIABLE.sub(
                lambda match: _variable(match[1], environ, lambda said: self._wrong(stated, said)), text
            )

        value = _mapped(stated.written, filled)
        plain: object
        match stated.key.form:
            case "path":
                plain = str(self.path.parent / str(value))
            case "pairs" if stated.key.name == "reports":
                plain = [self._report(str(one)) for one in _joined(value, stated.key.joins)]
            case "texts":
                plain = _listed(value)
            case "pairs":
                plain = _joined(value, stated.key.joins)
            case _:
                plain = value
        try:
            for one in plain if isinstance(plain, list) else [plain]:
                stated.key.check(one)
        except ValueError as error:
            raise self._wrong(stated, f"{stated.key.name}: {error}") from None
        return plain

    def where(self, stated: Stated) -> str:
        """Where a setting stands, for people."""
        return self.at(stated.place)

    def _report(self, text: str) -> str:
        name, equals, path = text.partition("=")
        return f"{name}={self.path.parent / path}" if equals and path not in {"", "-"} else text

    def _wrong(self, stated: Stated, said: str) -> Misuse:
        message, semicolon, hint = said.partition("; ")
        return Misuse(f"{self.where(stated)}: {message}", hint=hint if semicolon else "correct it")


def read(path: Path, told: str, keys: Mapping[str, Key], profile: str | None) -> Configuration:
    """The settings of a file, by the names of the options in code, with those of its profile on top. Raises Misuse."""
    try:
        text = content(path, most=LARGEST).decode("utf-8-sig")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        reason = f"{reason[0].lower()}{reason[1:]}"
        raise Misuse(f"{told} cannot be read: {reason}", hint="name a file that can be (--config)") from None
    except UnicodeDecodeError:
        raise Misuse(f"{told} is not UTF-8", hint="save it as UTF-8") from None
    try:
        document = tomllib.loads(text)
    except ValueError as error:  # a number of 5,000 digits is no TOMLDecodeError
        raise Misuse(f"{told}: no TOML: {str(error).partition(';')[0]}", hint="correct it") from None
    except RecursionError:
        raise Misuse(f"{told}: no TOML that can be read: it is nested too deeply", hint="correct it") from None
    return _Reader(path, told, text, keys).configuration(document, profile)


class _Reader:
    """Checks a document whole, and picks what holds for one profile."""

    def __init__(self, path: Path, told: str, text: str, keys: Mapping[str, Key]) -> None:
        self._path, self._told, self._text = path, told, text
        self._keys = {key.name: key for key in keys.values() if key.form != "credential"}
        self._credentials = {key.name: key for key in keys.values() if key.form == "credential"}

    def configuration(self, document: Mapping[str, object], profile: str | None) -> Configuration:
        profiles = self._table(document.get("profile", {}), ("profile",))
        whole = {name: part for name, part in document.items() if name != "profile"}
        tables = {name: self._table(part, ("profile", name)) for name, part in profiles.items()}
        stated = self._stated(whole, (), None)
        known = {name: self._stated(part, ("profile", name), name) for name, part in tables.items()}
        waivers = self._waivers(whole, ())
        of_profiles = {name: self._waivers(part, ("profile", name)) for name, part in tables.items()}
        if profile is not None and profile not in known:
            there = nearest(profile, known) if known else "the file has none"
            raise Misuse(f"{self._told}: there is no profile {profile}", hint=there)
        if profile is not None:
            stated, waivers = _over(stated, known[profile]), (*waivers, *of_profiles[profile])
        return Configuration(self._path, self._told, self._text, profile, stated, waivers)

    def _stated(self, table: Mapping[str, object], at: Place, profile: str | None) -> dict[str, Stated]:
        found: dict[str, Stated] = {}
        for name, value in table.items():
            plain = name.replace("_", "-")
            if name == "waiver":
                continue
            if name == "credentials":
                for one, written in self._table(value, (*at, name)).items():
                    place = (*at, name, one)
                    credential = self._credential(one, written, place)
                    self._add(found, Stated(credential, written, place, profile))
                continue
            if (key := self._keys.get(plain)) is None:
                raise self._error((*at, name), f"{name or repr(name)} is no setting", self._meant(plain, at))
            self._add(found, Stated(key, value, (*at, name), profile))
            self._check_form(key, value, (*at, name))
        return found

    def _add(self, found: dict[str, Stated], stated: Stated) -> None:
        """Raises Misuse where it was found before, as the names of TOML are written in one way or the other."""
        if stated.key.parameter in found:
            raise self._error(stated.place, f"{stated.key.name} is given twice", "leave one of them out")
        found[stated.key.parameter] = stated

    def _meant(self, plain: str, at: Place) -> str:
        """What to do about a name that is no setting."""
        if plain == "profile":  # within one
            return "a profile holds no other"
        if plain in OF_ONE_CALL:
            return f"it is about one call: give it there (--{plain})"
        tables = TABLES if not at else ("credentials", "waiver")
        return nearest(plain, [*self._keys, *tables, *(f"credentials.{one}" for one in self._credentials)])

    def _credential(self, name: str, value: object, place: Place) -> Key:
        key = self._credentials.get(name.replace("_", "-"))
        if key is None:
            raise self._error(place, f"{name} is no credential", nearest(name, self._credentials))
        self._check_form(key, value, place)
        if not _CREDENTIAL.fullmatch(str(value)):
            hint = f'write {key.name} = "${{VARIABLE}}", and set that variable'
            raise self._error(place, f"{key.name} is a literal credential, which nobody may share", hint)
        return key

    def _check_form(self, key: Key, value: object, place: Place) -> None:
        """Raises Misuse for a value of another type, for an empty one, and for a secret that stands in the file."""
        if not _has_form(key.form, value):
            raise self._error(place, f"{key.name} is {_noun(value)}", f"it must be {_NOUNS[key.form]}")
        if any(not text.strip() for _, text in _texts(value)):
            is_ = "is empty" if isinstance(value, str) else "holds an empty text"
            raise self._error(place, f"{key.name} {is_}", "give it a value, or leave it out")
        if key.form == "credential":
            return
        for name, text in _texts(value):
            written = text if name is not None else text.partition(":")[2]
            named = name if name is not None else text.partition(":")[0]
            says_so = _SECRETIVE.search(named.strip()) or _SCHEME.match(written)
            is_header = key.holds_secrets and says_so and not _VARIABLE.search(written)
            if is_header or Redactor().answer(text) != text:
                hint = 'write "${VARIABLE}" in its place, and set that variable'
                raise self._error(place, f"{key.name} holds a literal credential, which nobody may share", hint)

    def _waivers(self, table: Mapping[str, object], at: Place) -> tuple[tuple[Place, Waiver], ...]:
        entries = table.get("waiver", [])
        place = (*at, "waiver")
        if not isinstance(entries, list):
            raise self._error(place, "waiver is no list of tables", "begin each with [[waiver]]")
        found: list[tuple[Place, Waiver]] = []
        for number, entry in enumerate(entries):
            facts = self._table(entry, (*place, number))
            for name in facts:
                if name not in MEMBERS:
                    raise self._error((*place, number, name), f"a waiver has no {name}", nearest(name, MEMBERS))
            try:
                read = waiver(facts)
            except Misuse as problem:
                raise self._error((*place, number), problem.message, problem.hint) from None
            if any((one.requirement, one.entity) == (read.requirement, read.entity) for _, one in found):
                of = f"{read.requirement} [{read.entity}]" if read.entity else read.requirement
                raise self._error((*place, number), f"{of} is waived twice", "leave one of the waivers out")
            found.append(((*place, number), read))
        return tuple(found)

    def _table(self, value: object, place: Place) -> Mapping[str, object]:
        if not isinstance(value, dict):
            raise self._error(place, f"{place[-1]} is {_noun(value)}", "it must be a table")
        return value

    def _error(self, place: Place, said: str, hint: str) -> Misuse:
        return Misuse(f"{_at(self._told, self._text, place)}: {said}", hint=hint)


def _at(told: str, text: str, place: Place) -> str:
    number = line(text, place)
    return f"{told}:{number}" if number else told


def _over(stated: Mapping[str, Stated], own: Mapping[str, Stated]) -> dict[str, Stated]:
    """What a profile says in place of the rest; of a table each name by itself."""
    merged = dict(stated)
    for name, one in own.items():
        before = merged.get(name)
        if before is not None and isinstance(before.written, dict) and isinstance(one.written, dict):
            one = Stated(one.key, {**before.written, **one.written}, one.place, one.profile)  # noqa: PLW2901
        merged[name] = one
    return merged


def _has_form(form: Form, value: object) -> bool:
    match form, value:
        case ("pairs", dict()):
            return all(_is_plain(one) for each in value.values() for one in _listed(each)) or all(
                isinstance(inner, dict) and all(_is_plain(one) for each in inner.values() for one in _listed(each))
                for inner in value.values()
            )
        case ("pairs" | "texts", list()):
            return all(isinstance(one, str) for one in value)
        case ("pairs", _):
            return isinstance(value, str)
        case _:
            return isinstance(value, _PLAIN[form]) and (form == "flag" or not isinstance(value, bool))


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float)


def _noun(value: object) -> str:
    """What a value is. Never the value, which may be a secret."""
    nouns = {str: "a text", bool: "true or false", int: "a whole number", float: "a number", list: "a list"}
    return nouns.get(type(value), "a table" if isinstance(value, dict) else "a date or a time")


def _variable(name: str, environ: Mapping[str, str], wrong: Callable[[str], Misuse]) -> str:
    if not _NAME.fullmatch(name):
        raise wrong("${...} names no variable; write ${NAME}")
    text = environ.get(name, "")
    if not text.strip():
        raise wrong(f"the variable {name} is {'empty' if name in environ else 'not set'}; set it")
    return text


def _mapped(value: object, change: Callable[[str], str]) -> object:
    match value:
        case str():
            return change(value)
        case list():
            return [_mapped(one, change) for one in value]
        case dict():
            return {name: _mapped(one, change) for name, one in value.items()}
        case _:
            return value


def _texts(value: object, name: str | None = None) -> Sequence[tuple[str | None, str]]:
    """Every text in a value, with the name that stands before it in a table."""
    match value:
        case str():
            return [(name, value)]
        case list():
            return [pair for one in value for pair in _texts(one, name)]
        case dict():
            return [pair for key, one in value.items() for pair in _texts(one, key)]
        case _:
            return []


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _joined(value: object, between: str) -> list[object]:
    """A table as the texts that its option takes: `{products: {sku: AB-12}}` is `products.sku=AB-12`."""
    if not isinstance(value, dict):
        return _listed(value)
    texts: list[object] = []
    for name, one in value.items():
        if isinstance(one, dict):
            texts += [f"{name}.{text}" for text in _joined(one, between)]
        else:
            texts += [f"{name}{between}{each if isinstance(each, str) else json.dumps(each)}" for each in _listed(one)]
    return texts
