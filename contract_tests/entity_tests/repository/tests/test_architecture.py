"""What ARCHITECTURE.md says of the runner's layers is what import-linter enforces."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
OTHER_LAYERS = {"__main__"}


def enforced() -> list[set[str]]:
    """The layers of `pyproject.toml`, each once; those that stand alone one below the other are told together."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "runner-layers")
    return [set(re.split(r"\s*\|\s*", layer)) for layer in layers if layer not in OTHER_LAYERS]


def told() -> list[set[str]]:
    """The rows of the table, from the top to the bottom."""
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8").partition("| layer |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (`[^|]+`) \|", text, re.MULTILINE)
    return [set(re.findall(r"`(\w+)`", row)) for row in rows]


def test_every_layer_of_the_runner_is_told_in_its_order() -> None:
    """A row may hold several layers that follow one another."""
    left = enforced()
    for row in told():
        rest = row
        while left and left[0] <= rest:
            rest = rest - left.pop(0)
        assert rest == set(), f"ARCHITECTURE.md tells {rest} where import-linter has {left[:1]}"
    assert left == []
