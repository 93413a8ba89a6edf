"""A client's way from the document to a program that runs: generate, compile, run; each step once.

These steps only, no judgement. Everything generated stays in the temporary folder that it is given.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from entity_tests.clients.gallery import Section, section
from entity_tests.clients.recipes import Program, Recipe
from entity_tests.clients.toolbox import CACHE, HERE, Toolbox

CONTRACT = HERE.parents[2] / "openapi.yaml"


@dataclass(frozen=True)
class Workshop:
    """One generator's client in a folder of its own. A step that fails raises ToolError, every time it is asked."""

    recipe: Recipe
    tools: Toolbox
    folder: Path
    document: Path = field(default=CONTRACT)

    @cached_property
    def section(self) -> Section:
        """What docs/sdks.md says about the generator."""
        return section(self.recipe.title)

    @cached_property
    def generated(self) -> str:
        """What the generator said."""
        self.folder.mkdir(parents=True)
        shutil.copy(self.document, self.folder / "openapi.yaml")
        if self.recipe.language == "typescript":
            for name in ("package.json", "tsconfig.json"):
                shutil.copy(HERE / name, self.folder)
            (self.folder / "node_modules").symlink_to(self.tools.modules, target_is_directory=True)
        for name, text in self.recipe.files.items():
            (self.folder / name).write_text(text, encoding="utf-8")
        return self.do(("sh", "-eu", "-c", self.section.command))

    @cached_property
    def compiled(self) -> str:
        """What the compilers said, the client having been generated; nothing at best."""
        _ = self.generated
        program, example = self.folder / self.recipe.program_file, self.folder / self.recipe.example_file
        for file in (program, example):
            file.parent.mkdir(exist_ok=True)
        shutil.copy(HERE / "tests" / "programs" / self.recipe.program, program)
        example.write_text(self.section.program, encoding="utf-8")
        return "".join(self.do(command) for command in self.recipe.compile)

    def run(self, program: Program, environment: Mapping[str, str]) -> str:
        """What the program says, compiled and run with these variables in its environment."""
        _ = self.compiled
        return self.do(self.recipe.run[program], environment)

    def do(self, command: tuple[str, ...], environment: Mapping[str, str] | None = None) -> str:
        """What another command says in the client's folder."""
        # Two clients have one package name: each has a cache of its own.
        cache = {"MYPY_CACHE_DIR": str(CACHE / "mypy" / self.recipe.name)}
        known = {**cache, **self.recipe.environment, **(environment or {})}
        return self.tools.run(command, folder=self.folder, environment=known)
