"""A few hostile deployments, of each kind one; `tox -e soak` tries them all."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from entity_tests.deployments.serving import UNLIMITED, Served, serving
from entity_tests.proofs.hostile.catalogue import behaviours
from entity_tests.proofs.hostile.sweep import ended

FEW = (
    "endless-headers",
    "gzip-bomb",
    "duplicate-keys",
    "ids-that-are-paths",
    "keys-with-line-breaks",
    "ci-commands",
    "certificate-for-another-host",
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("server"), *UNLIMITED) as running:
        yield running


@pytest.mark.parametrize("name", FEW)
def test_a_hostile_deployment_neither_hangs_nor_misleads_a_run(name: str, served: Served, tmp_path: Path) -> None:
    assert ended(behaviours()[name], served, tmp_path, "--entity", "tasks").wrong == ()


def test_at_least_sixty_behaviours_are_known() -> None:
    assert len(behaviours()) >= 60
