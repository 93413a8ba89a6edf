"""No report of any command tells a credential, in whatever form the deployment tells it."""

import base64
import html
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from entity_conformance.report.formats import FORMATS
from entity_tests.deployments.echoing import echoing, loose, parts, spellings
from entity_tests.deployments.running import conformance_here, everything
from entity_tests.deployments.serving import Served, serving

_BROKEN = re.compile(r"(?:\s|\\[nrt]|&#10;|<br>)+")
_ESCAPE = re.compile(r"\\+u00([0-9a-fA-F]{2})")
_ANY_ESCAPE = re.compile(r"\\+u\{?([0-9a-fA-F]{2,4})\}?|\\+x([0-9a-fA-F]{2})")
_TAG = re.compile(r"</?b>")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("echoed")) as served:
        yield served


def read(text: str) -> list[str]:
    """A text as whoever looks for a secret reads it: as it is, without escapes, and without breaks."""
    plain = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    ways = [text, plain, html.unescape(text), unquote(text)]
    return [*ways, *(_BROKEN.sub("", way) for way in ways)]


def letters(text: str) -> str:
    """A text by its letters and digits, as whoever takes all else out of it reads it."""
    plain = _ANY_ESCAPE.sub(lambda found: chr(int(found[1] or found[2], 16)), text)
    plain = unicodedata.normalize("NFKC", _TAG.sub("", html.unescape(plain)))
    return "".join(one for one in plain if one.isascii() and one.isalnum()).lower()


def told_in(text: str, secret: str) -> list[str]:
    """The ways in which a text tells a secret."""
    ways = {**spellings(secret), "two lines": secret, "many lines": secret}
    ways["base64"] = ways["base64"].rstrip("=")[:-1]  # its last letter hangs on what follows
    ways["base64 of more"] = ways["base64 of more"][4:-6]
    ways["base64 of UTF-16"] = ways["base64 of UTF-16"].rstrip("=")[:-1]
    ways["Base32"] = ways["Base32"].rstrip("=")[:-1]
    readings, loosely = read(text), letters(text)
    told = [name for name, spelled in ways.items() if any(spelled in reading for reading in readings)]
    return [*told, *(name for name in loose(secret) if letters(ways[name]) in loosely)]


def parts_in(text: str, secret: str) -> list[str]:
    """What a text tells of a secret's private part, twelve characters of it at least: as it is, or encoded."""
    private = re.sub("^sk_[a-z]+_", "", secret)
    everything = "\0".join(read(text)).lower()
    parts = [private[at : at + 12] for at in range(len(private) - 11)]
    return [part for part in parts if any(way.lower() in everything for way in ways_of_a_part(part))]


def ways_of_a_part(part: str) -> Iterator[str]:
    yield from (part, part[::-1], part.encode().hex())
    for before in range(3):  # wherever it stands in what is encoded; its first and last digit hang on what is beside it
        digits = base64.b64encode(b"\0" * before + part.encode()).decode().rstrip("=")
        yield digits[-(-before * 8 // 6) : (before + len(part)) * 8 // 6]


@pytest.mark.parametrize("command", ["run", "properties", "model"])
def test_no_report_tells_a_credential(served: Served, tmp_path: Path, command: str) -> None:
    reports = [f"--report={name}={tmp_path / f'report.{name}'}" for name in FORMATS if name not in {"console", "json"}]
    given = everything(served)

    with echoing(served.root.removesuffix("/api")) as origin:
        told = conformance_here(
            tmp_path,
            origin,
            *reports,
            "--entity=tasks",
            "--max-requests=120",
            "--verbose",
            command=command,
            **given,
        )

    written = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.glob("report.*")}
    assert len(written) == len(FORMATS) - 1
    assert len(told.report["exchanges"]) > 40
    assert "echo" in written["report.json"], "nothing was told that could have been"
    for secret in given.values():
        for name, text in {**written, "both streams": told.output}.items():
            assert (name, told_in(text, secret)) == (name, [])
            assert (name, parts_in(text, secret)) == (name, [])


def test_a_secret_that_is_told_would_be_found() -> None:
    secret = "sk_live_0123456789abcdefghijklmnopqrstuv"

    for name, spelled in spellings(secret).items():
        assert name in told_in(f"before {spelled} after", secret), name
    for name, spelled in parts(secret).items():
        assert parts_in(f"before {spelled} after", secret), name
