"""The names of a new entity: its path segment, the words for one record and for many, the prefix of its ids."""

import re
from dataclasses import dataclass

from entity_contract.entities import entities
from entity_contract.references import Object, mapping

from entity_server.declaring.errors import DeclarationError

RESERVED_TITLES = frozenset(
    {
        "Any", "Array", "Boolean", "Byte", "Class", "Client", "Configuration", "Date", "Dict", "Double", "Enum",
        "Error", "Exception", "File", "Float", "Function", "Int", "Integer", "Iterator", "List", "Long", "Map", "Model",
        "None", "Null", "Number", "Object", "Optional", "Promise", "Record", "Request", "Response", "Set", "String",
        "Symbol", "Type", "Union", "Void",
    }
)  # fmt: skip
"""Names that a language or a client generator keeps for itself; the linter's rule shape-schema-name refuses them."""

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*")
_TITLE = re.compile(r"[A-Z][A-Za-z0-9]*")
_PREFIX = re.compile(r"[a-z]{2,8}")


@dataclass(frozen=True, slots=True)
class Names:
    """`name` is the path segment (`purchase-orders`), `title` the word for one record (`PurchaseOrder`)."""

    name: str
    title: str
    id_prefix: str

    @property
    def titles(self) -> str:
        """The word for many records: `PurchaseOrders`."""
        return "".join(word.capitalize() for word in self.name.split("-"))

    @property
    def tag(self) -> str:
        """The tag of its operations: `Purchase Orders`."""
        return self.name.replace("-", " ").title()

    @property
    def many(self) -> str:
        """Many records in a sentence: `purchase orders`."""
        return self.name.replace("-", " ")

    @property
    def one(self) -> str:
        """One record in a sentence: `purchase order`."""
        return words(self.title)

    @property
    def a(self) -> str:
        """One record with its article: `an invoice`, `a user`."""
        vowel = re.match(r"[aeio]|u(?!s|ni)", self.one)
        return f"{'an' if vowel else 'a'} {self.one}"


def words(name: str) -> str:
    """A name in camel case as words in lower case."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower()


def named(document: Object, name: str, *, title: str | None = None, id_prefix: str | None = None) -> Names:
    """The names of a new entity of that document. Raises DeclarationError for a bad one, or one that is taken."""
    if not _NAME.fullmatch(name):
        raise DeclarationError(
            f"{name!r} is no entity's name; write a plural in lower case, with hyphens between words: purchase-orders"
        )
    known = entities(document)
    if name in {entity.name for entity in known}:
        raise DeclarationError(f"the document has an entity {name} already; choose another name")
    if name in _segments(document):
        raise DeclarationError(f"{name} is reserved for another path of the API; choose another name")
    chosen = Names(name, title or _singular(name), "")
    if not _TITLE.fullmatch(chosen.title):
        raise DeclarationError(
            f"{chosen.title!r} is no title; write the word for one record in PascalCase: --title Invoice"
        )
    if chosen.title in RESERVED_TITLES:
        raise DeclarationError(
            f"{chosen.title} is a name that clients keep for themselves; choose another one with --title"
        )
    taken = {entity.id_prefix: entity.name for entity in known}
    letters = re.sub(r"[^a-z]", "", chosen.title.lower())
    prefix = id_prefix or next((letters[:size] for size in range(3, 9) if letters[:size] not in taken), letters[:3])
    if not _PREFIX.fullmatch(prefix):
        raise DeclarationError(f"{prefix!r} is no id prefix; write 2 to 8 letters in lower case: --id-prefix inv")
    if prefix in taken:
        raise DeclarationError(f"the ids of {taken[prefix]} begin with {prefix}_; choose another one with --id-prefix")
    return Names(name, chosen.title, prefix)


def _segments(document: Object) -> frozenset[str]:
    """What stands first in the API's other paths, behind `/v1` or without it: keys, ai, health."""
    paths = (path.removeprefix("/v1").split("/")[1] for path in mapping(document.get("paths")))
    return frozenset(segment for segment in paths if not segment.startswith("{"))


def _singular(name: str) -> str:
    """The title that an English plural makes. Raises DeclarationError for a word that is no regular one."""
    *first, last = name.split("-")
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("s", "")):
        if last.endswith(ending) and not last.endswith("ss") and len(last) > len(ending):
            one = last.removesuffix(ending) + instead
            return "".join(word.capitalize() for word in (*first, one))
    raise DeclarationError(f"what is one of {name}? give the word with --title, in PascalCase")
