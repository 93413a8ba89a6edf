"""Faults of LIST."""

from typing import Any, cast

from server.faults.fault import Chapter, with_body
from server.http.services import Answer

chapter = Chapter()


@chapter.on_answer("list.total-off-by-one", breaks="list.total", to={"list"})
def total_off_by_one(answer: Answer) -> Answer:
    """`pagination.total` is one more than the selection has."""
    pagination = cast("dict[str, Any]", (answer.body or {})["pagination"])
    return with_body(answer, pagination={**pagination, "total": pagination["total"] + 1})
