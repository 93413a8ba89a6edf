"""Seven generated clients against the reference server: generated from openapi.yaml, compiled strictly, run over HTTP.

The commands and the ten-line programs are those of docs/sdks.md; the long programs are in programs/, and all of them
say the same lines (steps.py). Only `javac` depends on the machine.
"""

import os
from importlib.metadata import version
from pathlib import Path

import pytest

from contract_tests.sdks.conftest import Deployment
from contract_tests.sdks.recipes import BETA, EXAMPLE_LEFT_OUT, NAMELESS, RECIPES, Recipe
from contract_tests.sdks.steps import EXAMPLE, STEPS
from contract_tests.sdks.toolbox import HERE, Toolbox, ToolError
from contract_tests.sdks.workshop import CONTRACT, Workshop

KNOWN_WARNINGS = (BETA, NAMELESS, EXAMPLE_LEFT_OUT)


def needs_a_compiler(recipe: Recipe, tools: Toolbox) -> None:
    """A machine of a developer may lack javac, and the report says so; CI must have it."""
    if recipe.language == "java" and tools.javac is None:
        if "CI" in os.environ:
            pytest.fail("CI needs javac")
        pytest.skip("not run: no javac")


def warnings(said: str) -> frozenset[str]:
    """The warnings in what a generator said, the known ones by their short names."""
    lines = [line for line in said.splitlines() if "warn" in line.lower() or "error" in line.lower()]
    lines = [line for line in lines if "writing file" not in line]
    return frozenset(next((known for known in KNOWN_WARNINGS if known in line), line) for line in lines)


@pytest.mark.parametrize("pin", (HERE / "requirements.txt").read_text().splitlines()[2:])
def test_a_tool_is_the_pinned_one(pin: str) -> None:
    name, _, pinned = pin.partition("==")

    assert version(name) == pinned


def test_a_generator_warns_of_nothing_that_a_better_document_avoids(recipe: Recipe, workshop: Workshop) -> None:
    assert warnings(workshop.generated) == recipe.warnings


def test_a_client_compiles_strictly(recipe: Recipe, workshop: Workshop, tools: Toolbox) -> None:
    needs_a_compiler(recipe, tools)

    assert "warning" not in workshop.compiled


def test_a_program_takes_a_client_through_every_step(
    recipe: Recipe, workshop: Workshop, tools: Toolbox, fresh: Deployment
) -> None:
    needs_a_compiler(recipe, tools)

    said = workshop.run("program", fresh.environment)

    assert said.splitlines() == list(STEPS)


def test_the_documented_program_runs(recipe: Recipe, workshop: Workshop, tools: Toolbox, demo: Deployment) -> None:
    needs_a_compiler(recipe, tools)

    said = workshop.run("example", demo.environment)

    assert said.splitlines() == list(EXAMPLE)


def test_a_shape_that_compiles_and_breaks_every_answer_is_noticed(
    tools: Toolbox, demo: Deployment, tmp_path: Path
) -> None:
    said_truly, said_briefly = "success: {type: boolean, not: {const: false}", "success: {type: boolean, const: true"
    planted = tmp_path / "openapi.yaml"
    planted.write_text(CONTRACT.read_text(encoding="utf-8").replace(said_truly, said_briefly), encoding="utf-8")
    workshop = Workshop(RECIPES[0], tools, tmp_path / "client", document=planted)
    assert "Success" in workshop.compiled

    with pytest.raises(ToolError, match="must be one of enum values"):
        workshop.run("example", demo.environment)
