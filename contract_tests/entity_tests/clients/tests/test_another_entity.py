"""A client that is generated from a document with one entity more knows its records, types and all."""

from pathlib import Path

from entity_tests.clients.recipes import RECIPES
from entity_tests.clients.toolbox import HERE, Toolbox
from entity_tests.clients.workshop import Workshop
from entity_tests.deployments.serving import serving
from entity_tests.document.another_entity import with_another_entity

RECIPE = next(recipe for recipe in RECIPES if recipe.title == "openapi-python-client")


def test_a_generated_client_lists_the_records_of_a_new_entity(tools: Toolbox, tmp_path: Path) -> None:
    document = with_another_entity(tmp_path)
    workshop = Workshop(RECIPE, tools, tmp_path / "client", document=document)
    said = workshop.generated
    program = workshop.folder / "another_entity.py"
    program.write_bytes((HERE / "tests" / "programs" / program.name).read_bytes())

    workshop.do(("{mypy}", "--config-file=", "--strict", program.name))
    with serving(tmp_path / "server", "--contract", str(document)) as served:
        known = {"V1_URL": served.root, "V1_API_KEY": served.credentials["apiKey"]}
        listed = workshop.do(("{python}", program.name), known)

    assert "arning" not in said
    assert listed.splitlines() == ["By sea: due 2025-03-01", "By air: due 2025-02-01"]
