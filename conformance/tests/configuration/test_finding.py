"""Which file is read."""

from pathlib import Path

from entity_conformance.configuration.finding import found, told


def test_the_nearest_file_upwards_is_found(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / "conformance.toml").touch()
    assert found(deep) == tmp_path / "conformance.toml"

    (deep.parent / "conformance.toml").touch()
    assert found(deep) == deep.parent / "conformance.toml"


def test_a_folder_of_that_name_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "conformance.toml").mkdir()

    assert found(tmp_path) != tmp_path / "conformance.toml"


def test_a_file_is_told_as_it_is_seen_from_here(tmp_path: Path) -> None:
    assert told(tmp_path / "conformance.toml", tmp_path) == "conformance.toml"
    assert told(tmp_path / "conformance.toml", tmp_path / "a") == str(tmp_path / "conformance.toml")
