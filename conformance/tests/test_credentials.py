"""The table of credentials: what follows from a row keeps the row's name."""

import pytest
from entity_conformance.deployment.credentials import CREDENTIALS, Given, Secret, Wallet, reported, user_of


def test_a_credential_has_one_name_as_option_variable_and_member() -> None:
    assert [(row.name, row.option, row.variable) for row in CREDENTIALS] == [
        ("api_key", "--api-key", "CONFORMANCE_API_KEY"),
        ("session", "--session", "CONFORMANCE_SESSION"),
        ("other_api_key", "--other-api-key", "CONFORMANCE_OTHER_API_KEY"),
        ("read_key", "--read-key", "CONFORMANCE_READ_KEY"),
        ("write_key", "--write-key", "CONFORMANCE_WRITE_KEY"),
        ("delete_key", "--delete-key", "CONFORMANCE_DELETE_KEY"),
        ("expired_key", "--expired-key", "CONFORMANCE_EXPIRED_KEY"),
    ]


def test_reports_keep_the_words_that_programs_read() -> None:
    assert [reported(row.name) for row in CREDENTIALS] == [
        "key", "session", "other", "read", "write", "delete", "expiring"
    ]  # fmt: skip
    assert reported("api_key+made session") == "key+made session"
    assert reported("none") == "none"


def test_the_other_key_is_another_users_and_every_other_credential_is_ones_own() -> None:
    assert user_of("other_api_key") == "other"
    assert {user_of(name) for name in ("api_key", "session", "read_key", "made key")} == {"own"}


def test_what_was_given_comes_in_the_tables_order_without_what_is_empty() -> None:
    given = Given(session="t1", api_key="k1", read_key="", session_cookie="sid")

    assert [(row.name, secret) for row, secret in given] == [
        ("api_key", Secret("k1")),
        ("session", Secret("t1", "session", "sid")),
    ]


def test_a_credential_that_is_none_is_refused() -> None:
    with pytest.raises(TypeError, match="no such credential: apikey"):
        Given(apikey="k1")


def test_no_text_of_what_was_given_tells_a_secret() -> None:
    assert repr(Given(api_key="k1-secret", session="t1-secret")) == "Given(api_key, session)"


def test_a_credential_that_nobody_gave_is_missing_by_its_option() -> None:
    reason = Wallet().missing("other_api_key")

    assert reason is not None
    assert reason.reason == "no other user's API key was given (--other-api-key)"
