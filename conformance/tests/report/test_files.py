"""A report appears whole or not at all, and a place that takes none is named."""

import errno
import io
import os
from pathlib import Path
from typing import TextIO

import pytest
from entity_conformance.report.files import UnwritableError, probe, write_through, write_whole


def hello(stream: TextIO) -> None:
    stream.write("héllo\n")


def names(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir()]


def crash(stream: TextIO) -> None:
    stream.write("half a rep")
    raise ZeroDivisionError


def test_a_report_is_written_as_utf_8(tmp_path: Path) -> None:
    write_whole(tmp_path / "report.json", hello)

    assert (tmp_path / "report.json").read_bytes() == "héllo\n".encode()


def test_a_report_is_as_readable_as_any_file(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()

    write_whole(tmp_path / "report.json", hello)

    assert (tmp_path / "report.json").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_an_older_report_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text("older and longer than the newer one")

    write_whole(tmp_path / "report.json", hello)

    assert (tmp_path / "report.json").read_text(encoding="utf-8") == "héllo\n"


@pytest.mark.parametrize("mode", [0o600, 0o664])
def test_who_may_read_an_older_report_may_read_the_newer(mode: int, tmp_path: Path) -> None:
    place = tmp_path / "report.json"
    place.touch()
    place.chmod(mode)

    write_whole(place, hello)

    assert (place.read_text("utf-8"), place.stat().st_mode & 0o777) == ("héllo\n", mode)


def test_a_report_that_fails_half_way_leaves_the_older_one_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text("older")

    with pytest.raises(ZeroDivisionError):
        write_whole(tmp_path / "report.json", crash)

    assert (tmp_path / "report.json").read_text() == "older"
    assert names(tmp_path) == ["report.json"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "latest.json").symlink_to(tmp_path / "report.json")

    write_whole(tmp_path / "latest.json", hello)

    assert (tmp_path / "latest.json").is_symlink()
    assert (tmp_path / "report.json").exists()


def test_links_that_go_in_circles_are_no_place_for_a_report(tmp_path: Path) -> None:
    (tmp_path / "a.json").symlink_to(tmp_path / "b.json")
    (tmp_path / "b.json").symlink_to(tmp_path / "a.json")

    with pytest.raises(UnwritableError, match="symbolic links"):
        probe(tmp_path / "a.json")


def test_a_file_with_two_names_keeps_both(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text("older and longer than the newer one")
    (tmp_path / "latest.json").hardlink_to(tmp_path / "report.json")

    write_whole(tmp_path / "report.json", hello)

    assert (tmp_path / "latest.json").read_text("utf-8") == "héllo\n"


@pytest.mark.parametrize("number", [errno.EBUSY, errno.EXDEV])
def test_a_file_that_is_mounted_by_itself_is_written_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    (tmp_path / "report.json").write_text("older and longer than the newer one")

    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "replace", refuse)
    write_whole(tmp_path / "report.json", hello)

    assert (tmp_path / "report.json").read_text("utf-8") == "héllo\n"
    assert names(tmp_path) == ["report.json"]


def test_a_file_in_a_folder_that_takes_no_other_is_written_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "report.json").write_text("older and longer than the newer one")

    def refuse(_: Path) -> TextIO:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("entity_conformance.report.files._create", refuse)
    probe(tmp_path / "report.json")
    write_whole(tmp_path / "report.json", hello)

    assert (tmp_path / "report.json").read_text("utf-8") == "héllo\n"


def test_an_open_file_gets_the_report_by_its_number(tmp_path: Path) -> None:
    with (tmp_path / "report.json").open("w") as stream:
        write_whole(Path(f"/dev/fd/{stream.fileno()}"), hello)

    assert (tmp_path / "report.json").read_text("utf-8") == "héllo\n"


def test_a_device_is_written_to_and_never_replaced() -> None:
    write_whole(Path(os.devnull), hello)

    assert Path(os.devnull).is_char_device()


def test_a_pipe_gets_the_report(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    write_whole(pipe, hello)

    with os.fdopen(reader, "rb") as stream:
        assert stream.read() == "héllo\n".encode()


def test_a_pipe_that_nobody_reads_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(UnwritableError, match="nobody reads from that pipe"):
        write_whole(tmp_path / "pipe", hello)


def test_a_directory_that_does_not_exist_is_named(tmp_path: Path) -> None:
    place = tmp_path / "no" / "report.json"

    with pytest.raises(UnwritableError) as caught:
        write_whole(place, hello)

    assert caught.value.message == f"cannot write the report to {place}: no such file or directory"
    assert (
        caught.value.hint == "name a file in a directory that exists and that you may write to (--report FORMAT=PATH)"
    )
    assert str(caught.value) == f"{caught.value.message}; {caught.value.hint}"


def test_a_directory_is_no_place_for_a_report(tmp_path: Path) -> None:
    with pytest.raises(UnwritableError, match="is a directory"):
        write_whole(tmp_path, hello)

    assert names(tmp_path) == []


def test_the_root_is_no_place_for_a_report() -> None:
    with pytest.raises(UnwritableError, match="is a directory"):
        write_whole(Path("/"), hello)


def test_a_long_name_is_no_obstacle(tmp_path: Path) -> None:
    write_whole(tmp_path / ("r" * 255), hello)

    assert names(tmp_path) == ["r" * 255]


def test_a_probe_finds_a_place_that_can_be_written_and_leaves_no_trace(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text("older")

    probe(tmp_path / "report.json")
    probe(tmp_path / "new.json")

    assert names(tmp_path) == ["report.json"]
    assert (tmp_path / "report.json").read_text() == "older"


def test_a_probe_leaves_devices_alone() -> None:
    probe(Path(os.devnull))


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="there are no files by number here")
def test_a_probe_finds_a_number_that_no_open_file_has() -> None:
    with pytest.raises(UnwritableError, match="no open file has that number"):
        probe(Path("/dev/fd/987654"))


def test_a_probe_finds_a_device_that_is_no_folder() -> None:
    with pytest.raises(UnwritableError, match="not a directory"):
        probe(Path(os.devnull, "report.json"))


@pytest.mark.parametrize("name", [".", "no/report.json", "file/report.json"])
def test_a_probe_finds_a_place_that_cannot_be_written(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(UnwritableError):
        probe(tmp_path / name)


def test_a_closed_pipe_is_a_place_that_takes_no_report() -> None:
    class Closed(io.StringIO):
        def write(self, _text: str) -> int:
            raise BrokenPipeError(32, "Broken pipe")

    with pytest.raises(UnwritableError, match="cannot write the report to standard output: broken pipe"):
        write_through(Closed(), hello, name="standard output", is_for_people=True)


@pytest.mark.parametrize(
    ("is_for_people", "came"), [(False, "héllo\n".encode()), (True, "h\\xe9llo\n".encode("ascii"))]
)
def test_what_programs_read_is_utf_8_whatever_the_surroundings_write(*, is_for_people: bool, came: bytes) -> None:
    content = io.BytesIO()
    stream = io.TextIOWrapper(content, encoding="ascii", errors="backslashreplace", newline="\r\n")
    stream.write("before\n")

    write_through(stream, hello, name="standard output", is_for_people=is_for_people)

    assert content.getvalue() == b"before\r\n" + (came.replace(b"\n", b"\r\n") if is_for_people else came)
