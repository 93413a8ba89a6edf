"""The credentials file: where it goes, whose eyes it is for, and when it is gone."""

import json
import os
import stat
import threading
from pathlib import Path

import pytest
from entity_server.credentials import credentials_file
from entity_server.settings import UnusableSetting

TOLD = {"baseUrl": "http://127.0.0.1:1/api/v1", "apiKey": "sk_live_x"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "credentials.json"


def test_it_is_there_for_its_owner_as_long_as_the_server_is(file: Path) -> None:
    with credentials_file(file) as write:
        before = file.exists()
        write(TOLD)
        read, mode = json.loads(file.read_text(encoding="utf-8")), stat.S_IMODE(file.stat().st_mode)

    assert (before, read, mode, file.exists()) == (False, TOLD, 0o600, False)


def test_what_an_earlier_start_left_is_gone_before_the_new_one_is_written(file: Path) -> None:
    file.write_text('{"apiKey": "old"}', encoding="utf-8")

    with credentials_file(file):
        assert not file.exists()


def test_nothing_is_left_where_nothing_was_written(file: Path) -> None:
    with credentials_file(file):
        pass

    assert list(file.parent.iterdir()) == []


def test_another_servers_file_is_not_removed(file: Path) -> None:
    with credentials_file(file) as write:
        write(TOLD)
        file.unlink()
        file.write_text("{}", encoding="utf-8")

    assert file.read_text(encoding="utf-8") == "{}"


@pytest.mark.parametrize("left", ["", "old"])
def test_it_is_written_through_a_link(file: Path, left: str) -> None:
    target = file.with_name("elsewhere.json")
    file.symlink_to(target.name)
    if left:
        target.write_text(left, encoding="utf-8")

    with credentials_file(file) as write:
        write(TOLD)
        assert (file.is_symlink(), json.loads(target.read_text(encoding="utf-8"))) == (True, TOLD)

    assert (file.is_symlink(), target.exists()) == (True, False)


def test_a_device_stays_one(file: Path) -> None:
    file.symlink_to("/dev/null")

    with credentials_file(file) as write:
        write(TOLD)

    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    assert stat.S_ISCHR(file.stat().st_mode)


def test_a_pipe_is_written_to_when_somebody_reads(file: Path) -> None:
    os.mkfifo(file)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(file.read_text(encoding="utf-8")))

    with credentials_file(file) as write:
        write(TOLD)
        reader.start()
        reader.join(5)

    assert json.loads(read[0]) == TOLD
    assert stat.S_ISFIFO(file.stat().st_mode)


def test_a_pipe_that_nobody_reads_keeps_nobody_waiting(file: Path) -> None:
    os.mkfifo(file)

    with credentials_file(file) as write:
        write(TOLD)

    assert stat.S_ISFIFO(file.stat().st_mode)


@pytest.mark.parametrize("place", ["/dev/fd/{}", "/proc/self/fd/{}"])
def test_a_descriptor_is_written_behind_what_stands_there(file: Path, place: str) -> None:
    with file.open("w", encoding="utf-8") as out:
        out.write("before\n")
        out.flush()
        with credentials_file(Path(place.format(out.fileno()))) as write:
            write(TOLD)
        out.write("after\n")

    first, *told, last = file.read_text(encoding="utf-8").splitlines()
    assert (first, json.loads("".join(told)), last) == ("before", TOLD, "after")


@pytest.mark.parametrize(
    ("place", "told"), [("no/where.json", "No such file"), ("", "it is no file"), ("a\0b", "null byte")]
)
def test_a_bad_place_is_told_at_once(tmp_path: Path, place: str, told: str) -> None:
    with (
        pytest.raises(UnusableSetting, match=f"{told}.*; choose another file with --credentials"),
        credentials_file(tmp_path / place),
    ):
        pytest.fail("nobody may come here")


def test_a_full_device_is_told() -> None:
    with (
        pytest.raises(UnusableSetting, match="No space left on device; choose another file"),
        credentials_file(Path("/dev/full")) as write,
    ):
        write(TOLD)


def test_a_file_that_cannot_be_replaced_is_written_where_it_is(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As one that is mounted into a container by itself."""
    file.write_text("old and long" * 50, encoding="utf-8")
    monkeypatch.setattr(Path, "replace", _busy)
    monkeypatch.setattr(Path, "unlink", _busy)

    with credentials_file(file) as write:
        write(TOLD)
        read = json.loads(file.read_text(encoding="utf-8"))

    assert (read, file.read_text(encoding="utf-8")) == (TOLD, "")


def _busy(*_: object, **__: object) -> None:
    raise OSError(16, "Device or resource busy")
