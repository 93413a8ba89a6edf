"""The variables of the property tests on a live deployment, and what of an API they put into scope."""

import pytest
from entity_conformance.deployment.settings import Misuse
from entity_contract import Contract
from entity_tests.properties.scope import scope, understood
from entity_tests.properties.settings import LiveSettings, from_environment

URL = "https://shop.example.com/api/v1"


def given(**variables: str) -> LiveSettings:
    settings = from_environment({f"CONTRACT_TESTS_{name}": text for name, text in {"URL": URL, **variables}.items()})
    assert settings is not None
    return settings


def test_without_a_url_there_are_no_settings() -> None:
    assert from_environment({"CONTRACT_TESTS_MAX_REQUESTS": "10", "PATH": "/bin"}) is None


@pytest.mark.parametrize("url", ["https://h", "https://h/", "https://h/api", "https://h/api/v1", "https://h/api/v1/"])
def test_every_form_of_a_url_is_understood(url: str) -> None:
    assert given(URL=url).base == "https://h/api/v1"
    assert given(URL=url).root == "https://h/api"


def test_the_defaults_are_those_of_the_manual() -> None:
    settings = given()
    assert (settings.max_requests, settings.max_wait, settings.max_seconds, settings.timeout) == (800, 60, 900, 30)
    assert (settings.strict, settings.skip_ai, settings.only, settings.seed) == (False, False, (), 1)


def test_another_host_is_only_read_until_writes_are_allowed() -> None:
    assert given().is_read_only
    assert not given(ALLOW_WRITES="1").is_read_only
    assert not given(URL="http://127.0.0.1:5173").is_read_only


def test_a_session_may_name_its_cookie() -> None:
    settings = given(SESSION="__Secure-better-auth.session_token=abcdef")
    assert (settings.session, settings.session_cookie) == ("abcdef", "__Secure-better-auth.session_token")


@pytest.mark.parametrize(
    ("variable", "text", "told"),
    [
        ("ALLOW_WRITE", "1", "did you mean CONTRACT_TESTS_ALLOW_WRITES?"),
        ("ALLOW_WRITES", "perhaps", "CONTRACT_TESTS_ALLOW_WRITES is 'perhaps'; say 1 or 0"),
        ("MAX_REQUESTS", "0", "CONTRACT_TESTS_MAX_REQUESTS is '0'; say a whole number from 1"),
        ("MAX_REQUESTS", "1.5", "say a whole number from 1"),
        ("MAX_WAIT", "inf", "CONTRACT_TESTS_MAX_WAIT is 'inf'; say a number from 0"),
        ("MAX_WAIT", "nan", "say a number from 0"),
        ("TIMEOUT", "soon", "CONTRACT_TESTS_TIMEOUT is 'soon'"),
        ("URL", "shop.example.com", "does not begin with http:// or https://"),
        ("API_KEY", "two words", "CONTRACT_TESTS_API_KEY holds white space"),
        ("HEADER", "no colon", "give CONTRACT_TESTS_HEADER as 'Name: value'"),
    ],
)
def test_what_is_wrong_with_a_variable_is_told(variable: str, text: str, told: str) -> None:
    with pytest.raises(Misuse) as raised:
        given(**{variable: text})
    assert told in str(raised.value)


def test_no_secret_is_shown_by_the_settings() -> None:
    settings = given(API_KEY="sk_live_secretkey", SESSION="secretsession", HEADER="X-Gate: secretheader")
    assert "secret" not in repr(settings)
    assert settings.headers == (("X-Gate", "secretheader"),)


def test_an_operation_that_does_not_exist_is_named(contract: Contract) -> None:
    with pytest.raises(Misuse, match="there is no operation listTask; did you mean listTasks"):
        understood(contract, given(ONLY="createTask, listTask"))


def test_a_run_that_only_reads_leaves_out_what_changes_something(contract: Contract) -> None:
    reach = scope(contract, given(API_KEY="k" * 40, SESSION="s" * 20), {})
    assert {operation.method for operation in reach.operations} == {"GET", "OPTIONS"}
    assert "the run only reads" in dict(reach.out)["createTask"]


def test_without_a_session_the_keys_are_out_of_scope(contract: Contract) -> None:
    out = dict(scope(contract, given(API_KEY="k" * 40, ALLOW_WRITES="1"), {}).out)
    assert out == dict.fromkeys(("listApiKeys", "createApiKey", "revokeApiKey"), "no session was given")


def test_without_a_parent_its_children_cannot_be_tested(contract: Contract) -> None:
    reach = scope(contract, given(API_KEY="k" * 40, ALLOW_WRITES="1"), {"customers": "the deployment does not have it"})
    assert dict(reach.out)["listOrders"] == "it needs customers, which cannot be tested"
    assert [entity.name for entity in reach.entities] == ["tasks", "comments", "products", "users"]


def test_text_is_not_generated_when_that_is_asked_for(contract: Contract) -> None:
    reach = scope(contract, given(API_KEY="k" * 40, ALLOW_WRITES="1", SKIP_AI="1"), {})
    assert "generateText" not in {operation.id for operation in reach.operations}
