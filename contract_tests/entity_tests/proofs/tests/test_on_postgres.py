"""The server on PostgreSQL, as its users run it: every command finds it right, and it answers as on SQLite does.

The store's own tests run on both databases; here whole servers are compared, by their answers alone.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from entity_tests.deployments.running import conformance_here, everything
from entity_tests.deployments.serving import UNLIMITED, Served, serving

from server.tests.services import Postgres, postgres_server

TEXTS = (
    "\ufffc", "\ufffd", "\ufffe", "\uffff", "\U00010000", "\U0001fffe", "\U0010ffff",
    "A", "a", "B", "b", "_", "%", "a_b", "a%b", "aXb", "\\", "'", '"', " a", "a ", "~",
    "Straße", "STRASSE", "strasse", "İstanbul", "istanbul", "I", "\u0131", "ΣΊΣΥΦΟΣ", "σίσυφος", "ǅ", "ǆ",
    "é", "e\u0301", "É", "\u00a0x", "10", "9", "日本", "😀",
)  # fmt: skip
NEEDLES = ("\ufffd", "\uffff", "a", "SS", "ß", "_", "%", "\\", "I", "\u0131", "\u03c3", "É", "e\u0301", "ǆ")
WEIGHTS = (None, 0, 0.1, 0.30000000000000004, 2.5, 10000)


@dataclass(frozen=True, slots=True)
class Both:
    """The same products behind two servers, one for each database."""

    on_sqlite: Served
    on_postgres: Served

    def listed(self, *queries: Mapping[str, str]) -> tuple[list[Any], list[Any]]:
        """What each of them answers to these."""
        return _listed(self.on_sqlite, queries), _listed(self.on_postgres, queries)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with postgres_server() as running:
        running.execute("CREATE SCHEMA commands; CREATE SCHEMA compared;")
        yield running


@pytest.fixture(scope="module")
def served(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server for the commands, which leave it as it was."""
    database = ("--database", f"{postgres.url}&schema=commands")
    with serving(tmp_path_factory.mktemp("postgres"), *UNLIMITED, *database) as running:
        yield running


@pytest.fixture(scope="module")
def both(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    database = ("--database", f"{postgres.url}&schema=compared")
    folder = tmp_path_factory.mktemp("compared")
    with serving(folder / "sqlite", *UNLIMITED) as one, serving(folder / "postgres", *UNLIMITED, *database) as other:
        _fill(one)
        _fill(other)
        yield Both(one, other)


def test_the_runner_finds_it_right_in_full(served: Served, tmp_path: Path) -> None:
    told = conformance_here(tmp_path, served.base_url, "--require-full", **everything(served))
    assert told.code == 0, told.output[-3000:]


@pytest.mark.parametrize(("command", "held"), [("model", 10), pytest.param("properties", 15, marks=pytest.mark.soak)])
def test_the_model_and_the_properties_find_nothing(served: Served, tmp_path: Path, command: str, held: int) -> None:
    small = ("--entity", "tasks", "--max-requests", "150", "--seed", "3")
    told = conformance_here(tmp_path, served.base_url, *small, command=command, API_KEY=served.credentials["apiKey"])
    assert told.outcomes("failed", "warned", "broken") == []
    assert len(told.outcomes("passed", "observed")) >= held, told.output[-3000:]


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("field", ["name", "sku", "priceCents", "weightKg", "releasedOn"])
def test_records_come_in_the_same_order(both: Both, field: str, order: str) -> None:
    sqlite, postgres = both.listed({"sort": field, "order": order, "fields": field})
    assert sqlite[0]["total"] > len(TEXTS)
    assert postgres == sqlite


@pytest.mark.parametrize("operator", ["$eq", "$ne", "$in", "$contains", "$startsWith", "$endsWith"])
def test_a_filter_of_text_finds_the_same(both: Both, operator: str) -> None:
    texts = (*NEEDLES, *TEXTS) if operator in {"$eq", "$ne", "$in"} else NEEDLES
    values = [[text, text.swapcase()] if operator == "$in" else text for text in texts]
    queries = [_filter(name, operator, value) for name in ("name", "description") for value in values]
    sqlite, postgres = both.listed(*queries)
    assert sum(answer["total"] for answer in sqlite) > len(NEEDLES)
    assert dict(zip(map(str, queries), postgres, strict=True)) == dict(zip(map(str, queries), sqlite, strict=True))


@pytest.mark.parametrize("operator", ["$eq", "$ne", "$gt", "$gte", "$lt", "$lte"])
def test_a_filter_of_numbers_finds_the_same(both: Both, operator: str) -> None:
    queries = [_filter("weightKg", operator, weight) for weight in (0, 0.1, 0.3, 0.30000000000000004, 2.5, 10000)]
    sqlite, postgres = both.listed(*queries)
    assert sum(answer["total"] for answer in sqlite) > 0
    assert postgres == sqlite


def test_a_search_finds_the_same(both: Both) -> None:
    queries = [{"search": text, "sort": "name"} for text in (*NEEDLES, "strasse", "ISTANBUL", "10")]
    sqlite, postgres = both.listed(*queries)
    assert sum(answer["total"] for answer in sqlite) > len(NEEDLES)
    assert dict(zip(map(str, queries), postgres, strict=True)) == dict(zip(map(str, queries), sqlite, strict=True))


def _filter(name: str, operator: str, value: object) -> dict[str, str]:
    return {"filter": json.dumps({name: {operator: value}}), "sort": "name", "fields": "name,description,weightKg"}


def _fill(served: Served) -> None:
    """A product for each text, with and without a description."""
    with httpx.Client(headers=served.bearer()) as client:
        for number, text in enumerate((*TEXTS, *TEXTS)):
            product = {
                "name": text if number < len(TEXTS) and text.strip() else f"{text}+{number}",
                "sku": f"{text}-{number}",
                "description": text if number < len(TEXTS) else None,
                "priceCents": number % 7,
                "weightKg": WEIGHTS[number % len(WEIGHTS)],
                "releasedOn": None if number % 3 else f"20{number:02}-02-28",
            }
            made = client.post(f"{served.base_url}/products", json=product)
            assert made.status_code == 201, made.text


def _listed(served: Served, queries: tuple[Mapping[str, str], ...]) -> list[Any]:
    """For each query the records without what differs between servers, and how many there are."""
    found = []
    with httpx.Client(headers=served.bearer()) as client:
        for query in queries:
            answer = client.get(f"{served.base_url}/products", params={"limit": 100, **query})
            assert answer.status_code == 200, answer.text
            shown = answer.json()
            records = [_alike(record) for record in shown["data"]]
            found.append({"total": shown["pagination"]["total"], "records": records})
    return found


def _alike(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in {"id", "createdAt", "updatedAt"}}
