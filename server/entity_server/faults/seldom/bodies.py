"""Bodies that are taken, refused or kept wrongly: at one entity, for one field, or for some value only."""

from entity_server.domain.projection import Record
from entity_server.faults.spoiling import AnyAnswer, with_body_of
from entity_server.http.services import Answer, Call, Handler

chapter = AnyAnswer()

CREATE, UPDATE = frozenset({"create"}), frozenset({"update"})
_NO_BREAK = "\u00a0"


@chapter.around("create.hard-blanks-are-text", breaks="create.blank-required-text", to={"createTask"})
async def hard_blanks_are_text(call: Call, handler: Handler) -> Answer:
    """A title of blanks is refused, but not where some of them are no-break spaces."""

    def taken(body: Record) -> Record:
        title = body.get("title")
        return {**body, "title": "was blank"} if isinstance(title, str) and _is_hard(title) else dict(body)

    return await with_body_of(call, handler, taken)


def _is_hard(text: str) -> bool:
    return text.isspace() and _NO_BREAK in text


@chapter.around("create.titles-trimmed", breaks="create.keeps-every-character", to={"createTask"})
async def titles_trimmed(call: Call, handler: Handler) -> Answer:
    """The title of a new task loses the white space at its ends, and no other text does."""

    def trimmed(body: Record) -> Record:
        title = body.get("title")
        return {**body, "title": title.strip()} if isinstance(title, str) else dict(body)

    return await with_body_of(call, handler, trimmed)
