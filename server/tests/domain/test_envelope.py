from entity_server.domain import envelope
from entity_server.domain.paging import Page, pagination
from entity_server.domain.problems import NotFound, ValidationFailed
from entity_server.domain.sentences import Sentence


def test_one_thing_comes_as_data() -> None:
    assert envelope.success({"id": "1"}) == {"success": True, "data": {"id": "1"}}


def test_a_warning_stands_beside_the_data() -> None:
    assert envelope.success([], warning="Careful") == {"success": True, "data": [], "warning": "Careful"}


def test_a_page_comes_with_its_pagination() -> None:
    page = pagination(Page(1, 20), 1)

    assert envelope.listing([{"id": "1"}], page) == {"success": True, "data": [{"id": "1"}], "pagination": page}


def test_a_message_comes_alone() -> None:
    assert envelope.message("Gone") == {"success": True, "message": "Gone"}


def test_a_problem_has_its_code_and_details() -> None:
    assert envelope.problem(ValidationFailed(details={"title": Sentence.BLANK()})) == {
        "success": False,
        "error": "Validation failed",
        "code": "VALIDATION_FAILED",
        "details": {"title": "Must not be blank"},
    }


def test_a_problem_without_details_has_none() -> None:
    assert envelope.problem(NotFound("No such task")) == {
        "success": False,
        "error": "No such task",
        "code": "NOT_FOUND",
    }
