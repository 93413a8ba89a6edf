"""A secret that is told with something between its letters, in letters that look like them, or in part."""

import base64
import codecs
import json
from collections.abc import Callable

import pytest
from entity_conformance.deployment.exchange import Redactor
from entity_conformance.deployment.loosened import Loosened
from hypothesis import given
from hypothesis import strategies as st

KEY = "sk_live_Zk3P9qLx7Vb2Nw8Rt5Yc1Hd6Jf4Gm0As"
TOKEN = "b7xQ2mN9vK4pL8sR1tW6yZ3aC5dF0gHj.Qm9uZXM%3D"
SHORT = "open-sesame-1"


def redactor() -> Redactor:
    made = Redactor()
    for secret in (KEY, TOKEN, SHORT):
        made.add(secret)
    return made


@pytest.mark.parametrize("secret", [KEY, TOKEN])
@pytest.mark.parametrize(
    "spell",
    [
        lambda secret: secret.encode().hex(":"),
        lambda secret: secret.encode().hex("-").upper(),
        lambda secret: base64.b32encode(secret.encode()).decode(),
        lambda secret: base64.b32encode(b"x:" + secret.encode() + b":y").decode(),
        lambda secret: base64.b64encode(secret.encode("utf-16")).decode(),
        lambda secret: base64.b64encode(secret.encode("utf-16-be")).decode(),
        "-".join,
        " ".join,
        "\u200b".join,
        "\\u200b".join,
        "</b><b>".join,
        '","'.join,
        lambda secret: "".join(f"\\x{ord(one):02x}" for one in secret),
        lambda secret: "".join(f"\\u{{{ord(one):04x}}}" for one in secret),
        lambda secret: "".join(chr(ord(one) + 0xFEE0) for one in secret),
        lambda secret: "".join(f"\\u{ord(one) + 0xFEE0:04x}" for one in secret),
        lambda secret: "".join(f"\\\\\\\\x{ord(one):02x}" for one in secret),
        lambda secret: "".join(f"\\\\\\\\u{ord(one):04x}" for one in secret),
        lambda secret: "".join(f"\\\\{ord(one):03o}" for one in secret),
        lambda secret: secret[:-1],
        lambda secret: codecs.encode(secret, "rot13"),
        lambda secret: f"{secret[:7]}\\n{secret[7:]}",
    ],
)
def test_a_secret_is_replaced_however_loosely_it_is_spelled(spell: Callable[[str], str], secret: str) -> None:
    told = redactor().text(f"before {spell(secret)} after")

    assert "[redacted]" in told
    assert len(told) <= len("before [redacted] after") + 12


def test_a_key_is_replaced_without_what_every_key_begins_with() -> None:
    assert redactor().text(f"a {KEY[8:]} b") == "a [redacted] b"


@pytest.mark.parametrize(
    "text",
    [
        "sk_live_Zk3P",
        "sk_live_...m0As",
        "sk_live_",
        "Open, Sesame! The 1st",
        "Zk3P9qLx7Vb",
        "<p>a</p> \\u00e9 50% é ñ",
        "",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redactor().answer(text) == text


@given(before=st.text(max_size=60), after=st.text(max_size=60), gap=st.sampled_from(["", "-", ": ", "\u200d", "<i>"]))
def test_where_it_is_replaced_it_may_be_in_it(before: str, after: str, gap: str) -> None:
    own = Loosened()
    own.add(KEY, "[redacted]")
    text = f"{before} {gap.join(KEY)} {after}"

    assert own.may_be_in(text)
    assert not own.may_be_in(own.replaced(text))


PART = KEY[15:37]


@pytest.mark.parametrize(
    "spell",
    [
        str,
        str.swapcase,
        lambda part: part[::-1],
        lambda part: part.encode().hex(),
        lambda part: part.encode().hex(":").upper(),
        lambda part: base64.b64encode(part.encode()).decode(),
        lambda part: base64.urlsafe_b64encode(b"x:" + part.encode() + b":y").decode(),
        lambda part: "".join(f"%{ord(one):02x}" for one in part),
        lambda part: "".join(f"\\u{ord(one):04x}" for one in part),
        "-".join,
    ],
)
@pytest.mark.parametrize("part", [PART, PART[:12], PART[5:17], KEY[-12:], TOKEN[:12], TOKEN[20:34]])
def test_a_part_of_a_secret_is_replaced(spell: Callable[[str], str], part: str) -> None:
    told = redactor().answer(f"before {spell(part)} after")

    assert "[redacted]" in told
    assert len(told) <= len("before [redacted] after") + 12


def test_a_part_is_replaced_in_each_place_and_nothing_beside_it() -> None:
    assert redactor().text(f"{PART[:12]}, {PART[3:]} and {PART[-13:]}") == "[redacted], [redacted] and [redacted]"


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ("test-key-for-the-conformance-suite-2024", "the-conformance-suite, key-for-the conformance"),
        ("sk_live_00000000000000000000000000000000", "0000-0000-0000-000"),
        ("better-auth.session_token=Zk3P9qLx7Vb2Nw8Rt5Yc1Hd6Jf4", "better-auth.session_token"),
        ("Bearer of-good-news-from-far-away-1", "good-news-from"),
        ("key1-for-test2-user3-conformance-suite", "conformance-suite"),
        ("YWJjZGVmZ2hpamtsbW5vcA==", "abcdefgh"),
    ],
)
def test_words_that_stand_in_a_secret_are_no_part_of_it(secret: str, text: str) -> None:
    own = Redactor()
    own.add(secret)

    assert own.text(text) == text


def test_of_what_may_be_an_id_no_part_is_looked_for() -> None:
    own = Redactor()
    own.add("65f1c0ffee12ab34cd56ef78", in_part=False)

    assert own.text("65f1c0ffee12ab34cd56ef78 65f1c0ffee12ab34cd56ef99") == "[redacted] 65f1c0ffee12ab34cd56ef99"


@pytest.mark.parametrize("secret", ["sk_live_" + "aB3d" * 15_000, f"{KEY}\ud800", "sk_live_" + "aB3d" * 1_000])
def test_a_secret_that_no_request_can_carry_is_replaced_too(secret: str) -> None:
    own = Redactor()
    own.add(secret)

    for text in (secret, json.dumps(secret)):
        assert own.text(f"a {text} b").replace('"', "") == "a [redacted] b"
