"""Every secret that was given is told as the variable that a person would set it by."""

from pathlib import Path

import pytest
from entity_conformance.deployment.opening import new_run_id, opened
from entity_conformance.deployment.settings import Given, Misuse, Settings

from conformance.tests.miniature import BASE, CONTRACT

GIVEN = Given(
    api_key="secret-key-1",
    session="secret-token-2",
    other_api_key="secret-key-3",
    read_key="secret-key-4",
    write_key="secret-key-5",
    delete_key="secret-key-6",
    expired_key="secret-key-7",
)


def told(text: str, given: Given, folder: Path) -> str:
    settings = Settings(BASE, given, headers=(("X-Team-Id", "open-sesame"),))
    context, _ = opened(settings, folder, CONTRACT)
    return context.wire.log.redactor.text(text)


def test_every_credential_is_told_as_its_variable(tmp_path: Path) -> None:
    text = " ".join(["secret-token-2", *(f"secret-key-{number}" for number in (1, 3, 4, 5, 6, 7)), "open-sesame"])

    assert told(text, GIVEN, tmp_path).split() == [
        "$CONFORMANCE_SESSION",
        "$CONFORMANCE_API_KEY",
        "$CONFORMANCE_OTHER_API_KEY",
        "$CONFORMANCE_READ_KEY",
        "$CONFORMANCE_WRITE_KEY",
        "$CONFORMANCE_DELETE_KEY",
        "$CONFORMANCE_EXPIRED_KEY",
        "$HEADER_1",
    ]


def test_a_cookie_given_with_its_name_is_one_variable(tmp_path: Path) -> None:
    given = Given(session="secret-token-2", session_cookie="sid")

    assert told("Cookie: sid=secret-token-2; secret-token-2", given, tmp_path) == (
        "Cookie: $CONFORMANCE_SESSION; [session]"
    )


def test_two_runs_never_share_their_records() -> None:
    first, second = new_run_id(), new_run_id()

    assert first != second
    assert len(first) == 9
    assert first.isalpha()
    assert first.islower()


def test_a_url_that_is_none_opens_nothing(tmp_path: Path) -> None:
    with pytest.raises(Misuse):
        opened(Settings("shop.example.com"), tmp_path, CONTRACT)
