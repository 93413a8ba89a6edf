"""Seven generated clients against the reference server: generated from openapi.yaml, compiled strictly, run over HTTP.

The commands and the ten-line programs are those of docs/sdks.md; the long programs are in programs/. All of them say
the same lines (steps.py). Only `javac` depends on the machine. All stands in one file, so that one process installs the
tools and generates each client.
"""

import os
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import pytest
from entity_tests.clients.asked import Deployment
from entity_tests.clients.recipes import BETA, NAMELESS, RECIPES, UNSHOWN, Recipe
from entity_tests.clients.steps import CALLS, EXAMPLE, ON_OTHER_CHOICES, STEPS
from entity_tests.clients.toolbox import HERE, Toolbox, ToolError
from entity_tests.clients.workshop import CONTRACT, Workshop
from entity_tests.deployments.serving import serving
from entity_tests.document.another_entity import with_another_entity

WARNING_LINES = """\
[main] WARN  o.o.codegen.DefaultCodegen - OpenAPI 3.1 support is still in beta. To report an issue
[main] INFO  o.o.codegen.AbstractGenerator - writing file /tmp/client/docs/ErrorResponse.md
[main] WARN  o.o.codegen.utils.ModelUtils - Failed to get the schema name: null
[main] WARN  o.o.codegen.utils.ModelUtils - Failed to get the schema name: null
[main] WARN  o.o.c.l.TypeScriptFetchClientCodegen - Error (reserved word) cannot be used as model name.
"""
TYPED = next(recipe for recipe in RECIPES if recipe.title == "openapi-python-client")
KNOWN_WARNINGS = (BETA, NAMELESS, UNSHOWN)


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
    said = warnings(workshop.generated)

    assert said <= recipe.warnings
    assert (BETA in said) == (BETA in recipe.warnings)  # always said: what is compared is what the generator said


def test_a_new_warning_is_noticed() -> None:
    assert warnings(WARNING_LINES) == {BETA, NAMELESS, WARNING_LINES.splitlines()[-1]}


def test_without_javac_a_developer_is_told_and_ci_fails(tools: Toolbox, monkeypatch: pytest.MonkeyPatch) -> None:
    java = next(recipe for recipe in RECIPES if recipe.language == "java")
    without = replace(tools, javac=None)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"^not run: no javac$"):
        needs_a_compiler(java, without)

    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=r"^CI needs javac$"):
        needs_a_compiler(java, without)


def test_a_client_compiles_strictly(recipe: Recipe, workshop: Workshop, tools: Toolbox) -> None:
    needs_a_compiler(recipe, tools)

    assert "warning" not in workshop.compiled


def test_a_program_takes_a_client_through_every_step(
    recipe: Recipe, workshop: Workshop, tools: Toolbox, fresh: Deployment
) -> None:
    needs_a_compiler(recipe, tools)

    said = workshop.run("program", fresh.environment)

    assert said.splitlines() == list(STEPS)
    assert fresh.calls() == CALLS


@pytest.mark.parametrize(
    "recipe",
    [TYPED, *(pytest.param(one, marks=pytest.mark.soak) for one in RECIPES if one is not TYPED)],
    ids=lambda recipe: recipe.name,
    indirect=True,
)
def test_a_client_survives_the_other_choices(
    recipe: Recipe, workshop: Workshop, tools: Toolbox, other: Deployment
) -> None:
    needs_a_compiler(recipe, tools)

    assert workshop.run("program", other.environment).splitlines() == list(ON_OTHER_CHOICES)


def test_the_documented_program_runs(recipe: Recipe, workshop: Workshop, tools: Toolbox, demo: Deployment) -> None:
    needs_a_compiler(recipe, tools)

    said = workshop.run("example", demo.environment)

    assert said.splitlines() == list(EXAMPLE)


@pytest.mark.soak
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


@pytest.mark.soak
def test_a_generated_client_lists_the_records_of_a_new_entity(tools: Toolbox, tmp_path: Path) -> None:
    document = with_another_entity(tmp_path)
    workshop = Workshop(TYPED, tools, tmp_path / "client", document=document)
    said = workshop.generated
    program = workshop.folder / "another_entity.py"
    program.write_bytes((HERE / "tests" / "programs" / program.name).read_bytes())

    workshop.do(("{mypy}", "--config-file=", "--strict", program.name))
    with serving(tmp_path / "server", "--contract", str(document)) as served:
        known = {"V1_URL": served.root, "V1_API_KEY": served.credentials["apiKey"]}
        listed = workshop.do(("{python}", program.name), known)

    assert "arning" not in said
    assert listed.splitlines() == ["By sea: due 2025-03-01", "By air: due 2025-02-01"]
