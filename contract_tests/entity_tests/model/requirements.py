"""The requirements that the state machine judges: ids, and the clauses of the rulings behind them. Values only."""

from types import MappingProxyType

from entity_conformance.suite.ledger import Requirement
from entity_contract import rulings

from entity_tests.model.reading import CLAUSES, POINTS

CHAPTER = "model"

EVERY_ANSWER = "model.every-answer"
CREATE = "model.create"
READ = "model.read"
UPDATE = "model.update"
NULL_CLEARS = "model.null-clears"
DELETE = "model.delete"
MISSING = "model.missing"
ODD_ID = "model.missing-odd-id"
SELECT = "model.select"
SELECT_MORE = "model.select-more"
PAGE = "model.page"
PAGE_PAST_END = "model.page-past-end"
WALK = "model.walk"
PROJECT = "model.project"
PROJECT_MORE = "model.project-more"
REFUSE = "model.refuse"
REFUSE_MORE = "model.refuse-more"

CHOICES = MappingProxyType({point: f"model.{clause.partition('.')[2]}" for point, clause in CLAUSES.items()})
"""The requirement behind each point of a Reading."""


def _requirement(id_: str, text: str, *clauses: str, choices: tuple[object, ...] = ()) -> Requirement:
    return Requirement(
        id=id_,
        chapter=CHAPTER,
        level=rulings.load().level(*clauses) or "must",
        text=text,
        source="docs/state-machine.md",
        pointer="#/paths",
        decision=clauses,
        choices=tuple(map(str, choices)),
    )


_JUDGED = (
    _requirement(
        EVERY_ANSWER,
        "Every request has an answer: no 5xx, a JSON object that says whether it succeeded, X-Request-ID, and whole "
        "numbers in the rate limit headers.",
        "E2.envelope", "E4.limit", "E7.every-answer",
    ),
    _requirement(
        CREATE,
        "A new record holds what the body said, the defaults for the rest, an id that no other record has, and the "
        "time of its creation.",
        "R10.character-for-character", "R11.always", "R13.rfc3339",
    ),
    _requirement(
        READ,
        "READ gives a record back as it was written, whatever else was written since; a refused write changes nothing.",
        "R9.changes-nothing", "R10.character-for-character",
    ),
    _requirement(
        UPDATE,
        "UPDATE changes the fields that it names and `updatedAt`, which does not go back.",
        "R8.touches-what-it-names", "R8.id-and-creation-stay", "R8.updated-at",
    ),
    _requirement(NULL_CLEARS, "UPDATE with null clears an optional field.", "R7.clears"),
    _requirement(
        DELETE,
        "DELETE removes the record, treats its children as the rulings say, and touches no other record.",
        "R15.confirms", "R15.permanent",
    ),
    _requirement(
        MISSING,
        "READ, UPDATE and DELETE answer 404 NOT_FOUND for a record that was deleted or is not of this entity.",
        "R15.permanent",
    ),
    _requirement(ODD_ID, "An id of a form that no record has is 404 NOT_FOUND, too.", "R18.odd-id"),
    _requirement(
        SELECT,
        "A list holds exactly the records that the question selects, each in its place: equality, all conditions "
        "together, the sort order.",
        "L14.equality", "L14.conditions-are-and", "L23.all-and", "L23.total",
    ),
    _requirement(
        SELECT_MORE,
        "The same holds for every operator, for search, and for borders of dates.",
        "L14.operators", "L16.literal", "L18.part-of-word", "L19.inclusive",
    ),
    _requirement(
        PAGE,
        "`pagination`, the headers and the links of a page agree with each other and with the number of records.",
        "L4.total-pages", "L5.page-headers", "L6.next-and-prev", "L6.keeps-parameters",
    ),
    _requirement(PAGE_PAST_END, "A page past the end is empty and states the true total.", "L3.empty-page"),
    _requirement(
        WALK,
        "From link to link, each record of a list comes exactly once.",
        "L6.leads-on", "L8.each-record-once",
    ),
    _requirement(
        PROJECT,
        "`fields` and `include` show exactly the fields and relations that were asked for, with their true values.",
        "L20.projection", "L21.belongs-to", "L21.has-many",
    ),
    _requirement(
        PROJECT_MORE,
        "The same holds for empty and repeated lists, and for `fields` together with `include`.",
        "L20.empty", "L20.repeated", "L21.beside-fields",
    ),
    _requirement(
        REFUSE,
        "What the rulings refuse on the level MUST is refused, with a status that they allow.",
        "L1.refused", "L9.unknown-field", "L15.not-json", "R1.missing",
    ),
    _requirement(
        REFUSE_MORE,
        "What they refuse on the level SHOULD is refused as well.",
        "L15.unknown-operator", "L20.unknown-field", "R12.blank",
    ),
)  # fmt: skip

REQUIREMENTS = MappingProxyType(
    {one.id: one for one in _JUDGED}
    | {
        CHOICES[point]: _requirement(CHOICES[point], rulings.load().clauses[clause].text, clause, choices=POINTS[point])
        for point, clause in CLAUSES.items()
    }
)
"""Every requirement by its id, in the order of the report."""
