import re
from datetime import UTC, datetime, timedelta

from entity_server.domain.identifiers import new_id

NOW = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)


def test_an_id_has_its_prefix_and_26_characters() -> None:
    assert re.fullmatch(r"tsk_[0-9a-hjkmnp-tv-z]{26}", new_id("tsk", NOW))


def test_later_ids_sort_later() -> None:
    ids = [new_id("tsk", NOW + timedelta(milliseconds=n)) for n in range(50)]

    assert ids == sorted(ids)


def test_ids_of_one_moment_differ() -> None:
    assert len({new_id("tsk", NOW) for _ in range(1000)}) == 1000


def test_the_random_part_is_all_of_the_rest() -> None:
    assert new_id("tsk", NOW, random=lambda bits: 2**bits - 1).endswith("z" * 16)
