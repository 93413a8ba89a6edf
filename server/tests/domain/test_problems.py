import entity_contract as contract
import pytest
from entity_server.domain import problems
from entity_server.domain.limits import Allowance
from entity_server.domain.problems import Problem
from entity_server.domain.sentences import Sentence

CODES = {
    kind.code: kind
    for kind in vars(problems).values()
    if isinstance(kind, type) and issubclass(kind, Problem) and kind is not Problem
}


def test_every_code_but_one_of_the_contract_has_a_problem_and_no_other_exists() -> None:
    """FORBIDDEN is for deployments that know more of a caller than its scopes."""
    assert {*CODES, "FORBIDDEN"} == set(contract.load().errors.codes)


def test_a_missing_scope_is_named() -> None:
    assert problems.InvalidScope("write").message == "The API key lacks the scope write"


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb"])
def test_a_problem_can_always_be_encoded(text: str) -> None:
    problem = problems.ValidationFailed(text, {text: Sentence.UNKNOWN_FIELD(name=text)})

    assert problem.message.encode()
    assert [(name.encode(), value.encode()) for name, value in problem.details.items()]


def test_what_may_be_sent_instead_goes_with_the_refusal() -> None:
    assert problems.MethodNotAllowed(["GET", "OPTIONS"]).allow == ("GET", "OPTIONS")


def test_how_long_to_wait_goes_with_the_refusal() -> None:
    allowance = Allowance(limit=1, remaining=0, reset=1, retry_after=30)

    assert problems.RateLimitExceeded(allowance).allowance.retry_after == 30
