"""Tables: made at run time from the contract's entities, and from what the store needs besides.

An entity's table holds a column for each field, the folded twin of each text (for searching without case), and the
owner. Foreign keys follow R17: "children go with it where their foreign key is required, else it becomes null".

Descriptions only; `schema` creates them, `records` and the others query them. Only ids are NOT NULL: the
contract says what is required, and may say something else tomorrow.
"""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from types import MappingProxyType

from entity_contract import Contract, Entity, Field, Object, Relation

from entity_server.domain.text import folded
from entity_server.store.allowed import rules
from entity_server.store.columns import KINDS, Column

_LONGEST_INDEXED = 500  # characters, of up to four bytes each
_NO_DOCUMENT: Object = MappingProxyType({})

OWNER = Column("$owner", "text")
CASCADE = "CASCADE"


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A column that names a record of another table, and what the deletion of that record does to this one."""

    column: str
    table: str
    cascade: bool

    @property
    def action(self) -> str:
        """The SQL words for it."""
        return CASCADE if self.cascade else "SET NULL"


@dataclass(frozen=True, slots=True)
class Table:
    """A table; its first column is the primary key.

    An index is the names of columns, or expressions in parentheses, with ` DESC` behind them or not, or ` START` where
    PostgreSQL has the first characters alone. `texts` are the
    columns of the text index, where there is one.
    """

    name: str
    columns: tuple[Column, ...]
    foreign_keys: tuple[ForeignKey, ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    unique: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    def short(self, kind: str, *columns: str) -> str:
        """A name for an index or a constraint that is short enough for any database."""
        return f"{kind}_{hashlib.sha256('/'.join((self.name, *columns)).encode()).hexdigest()[:24]}"


KEYS = Table(
    "access_keys",
    (
        Column("id", "text"),
        Column("user_id", "text"),
        Column("digest", "text"),
        Column("name", "text"),
        Column("scopes", "text"),
        Column("display", "text"),
        Column("created_at", "instant"),
        Column("last_used_at", "instant"),
        Column("expires_at", "instant"),
    ),
    indexes=(("user_id",),),
    unique=("digest",),
)
SESSIONS = Table(
    "access_sessions", (Column("digest", "text"), Column("user_id", "text"), Column("expires_at", "instant"))
)
CREDITS = Table("access_credits", (Column("user_id", "text"), Column("balance", "integer")))
ACCESS = (KEYS, SESSIONS, CREDITS)

# Where the contract has no users, keys and sessions still belong to somebody.
DIRECTORY = Entity(
    name="users",
    title="User",
    id_prefix="usr",
    fields=(
        Field("id", "string", generated=True),
        Field("name", "string", generated=True),
        Field("email", "string", generated=True),
        Field("createdAt", "datetime", generated=True),
        Field("updatedAt", "datetime", generated=True),
    ),
    relations=(),
    searchable=(),
    sortable=(),
    operations=(),
    always=(),
    record_schema="",
)


def directory(contract: Contract) -> Entity:
    """The entity that users are records of."""
    return contract.entity(DIRECTORY.name) or DIRECTORY


def registry(contract: Contract) -> tuple[Entity, ...]:
    """The contract's entities, and the directory where the contract has none."""
    return contract.entities if contract.entity(DIRECTORY.name) else (*contract.entities, DIRECTORY)


def quoted(name: str) -> str:
    """A name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


def to_sqlite(name: str) -> bytes:
    """A name as SQLite knows it: the same for two that differ in the case of ASCII letters alone."""
    return name.encode().lower()


def folded_name(name: str) -> str:
    """The column that holds a text without case."""
    return f"{name}$folded"


def folds(field: Field) -> bool:
    """Whether a field can be searched, and has a folded twin for that."""
    return field.type in ("string", "text", "enum")


def always_set(field: Field) -> bool:
    """Whether no record is without a value of this field."""
    return not field.nullable and (field.required or field.generated or field.default is not None)


def literal(text: str) -> str:
    """A text as SQL has it."""
    return "'" + text.replace("'", "''") + "'"


def rank(field: Field, value: str | None = None) -> str:
    """An enum's place in declared order (L11), for sorting and for an index alike: they must not differ by a space.

    Of a field's value, or of another that this SQL stands for.
    """
    places = " ".join(f"WHEN {literal(value)} THEN {number}" for number, value in enumerate(field.values))
    return f"(CASE {value or quoted(field.name)} {places} END)"


def table_name(entity: str) -> str:
    """The table of an entity, apart from the store's own."""
    return f"entity_{entity}"


def references(entities: tuple[Entity, ...], entity: Entity) -> tuple[Relation, ...]:
    """The entity's foreign keys as belongsTo relations, those included that only the other side declares."""
    declared = [relation for relation in entity.relations if relation.type == "belongsTo"]
    declared += [
        Relation(relation.foreign_key, "belongsTo", other.name, relation.foreign_key)
        for other in entities
        for relation in other.relations
        if relation.type == "hasMany" and relation.entity == entity.name
    ]
    known = {other.name for other in entities}
    by_key: dict[str, Relation] = {}
    for relation in declared:
        field = entity.field(relation.foreign_key)
        if field is not None and field.type == "string" and relation.entity in known:
            by_key.setdefault(relation.foreign_key, relation)
    return tuple(by_key.values())


def entity_table(entities: tuple[Entity, ...], entity: Entity, document: Object = _NO_DOCUMENT) -> Table:
    """The table of an entity, whose record's schema is in that document."""
    keys = tuple(_foreign_key(entity, relation) for relation in references(entities, entity))
    newest_first = ("createdAt DESC", "id")
    owner = (OWNER.name,) if entity.owned else ()
    return Table(
        table_name(entity.name),
        tuple(_columns(entity, document)),
        foreign_keys=keys,
        indexes=(
            (*owner, *newest_first),
            *((key.column,) for key in keys),
            *((*owner, *parts) for parts in _sorted_by(entity)),
        ),
        texts=tuple(_texts(entity, {key.column for key in keys})),
    )


def _texts(entity: Entity, keys: Collection[str]) -> Iterator[str]:
    """The folded columns of what is searched, and of every text that is no id."""
    for field in entity.fields:
        searched = field.name in entity.searchable and folds(field)
        if searched or (field.type in ("string", "text") and field.name not in ("id", *keys)):
            yield folded_name(field.name)


def _sorted_by(entity: Entity) -> Iterator[tuple[str, ...]]:
    """What the contract lets sort by, as `conditions.order` has it.

    Ties end with ascending id either way (L8), so that an index which is read backwards has them the wrong way round:
    each way has its own, but for the instants that the server sets, which hardly two records have in common.
    """
    for field in filter(None, map(entity.field, entity.sortable)):
        if field.name == "id":
            yield ("id",)
        elif field.type == "datetime" and field.generated:
            if field.name != "createdAt":
                yield (field.name, "id")
        else:
            key = rank(field) if field.type == "enum" else field.name + (" START" if long(entity, field) else "")
            yield (key, "id")
            yield (f"{key} DESC", "id")


def long(entity: Entity, field: Field) -> bool:
    """Whether a text may be too long for an index of PostgreSQL: no id, and nothing that the contract keeps short.

    PostgreSQL refuses a row whose index entry is longer than a third of a page.
    """
    if field.type not in ("string", "text") or field.name == "id":
        return False
    refers = any(relation.foreign_key == field.name for relation in entity.relations)
    return not refers and (field.max_length or _LONGEST_INDEXED + 1) > _LONGEST_INDEXED


def start(name: str) -> str:
    """The first characters of a text, for sorting and for an index alike, as `rank`."""
    return f"substr({quoted(name)}, 1, {_LONGEST_INDEXED})"


def _foreign_key(entity: Entity, relation: Relation) -> ForeignKey:
    field = entity.field(relation.foreign_key)
    assert field is not None
    return ForeignKey(field.name, table_name(relation.entity), cascade=field.required or not field.nullable)


def _columns(entity: Entity, document: Object) -> Iterator[Column]:
    for field in sorted(entity.fields, key=lambda field: field.name != "id"):
        said = rules(document, entity.record_schema, field)
        yield Column(field.name, KINDS[field.type], not always_set(field), field.values, field.default, said)
    for field in entity.fields:
        if folds(field):
            default = None if field.default is None else folded(str(field.default))
            yield Column(folded_name(field.name), "text", default=default)
    if entity.owned:
        yield OWNER
