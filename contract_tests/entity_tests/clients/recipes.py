"""One recipe for each generator: how strictly its client is compiled, and how a program on top of it runs.

Knowledge only. The command that generates stands in docs/sdks.md, versions in requirements.txt and
package.json. `{java}`, `{jar}` and the like are places that the toolbox knows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Language = Literal["python", "typescript", "java", "go"]
Program = Literal["program", "example"]

BETA = "OpenAPI 3.1 support is still in beta"
NAMELESS = "Failed to get the schema name: null"
UNSHOWN = "Ignoring complex example on request body"

GO_MODULE = """\
module example.com/you/program

go 1.23

require example.com/you/v1entity v0.0.0

replace example.com/you/v1entity => ./client
"""
SHORT_LIVED = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""Options of a Java program that runs for seconds, as in java.options: what makes a long run faster costs it more."""

JAVA_LINT = "cast,divzero,empty,fallthrough,finally,overrides,rawtypes,static,try,unchecked,varargs"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the client of one generator is made into a program.

    `title` is its section in docs/sdks.md. `program` is a file of tests/programs/, `files` says under which names the
    program, the documented example and what else is needed stand beside the client. `warnings` are all the
    generator's warnings: those that no shape of the document avoids. Commands run one after another, without a shell.
    """

    title: str
    language: Language
    program: str
    program_file: str
    example_file: str
    compile: tuple[tuple[str, ...], ...]
    run: Mapping[Program, tuple[str, ...]]
    warnings: frozenset[str] = frozenset()
    files: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The program's name without its ending: names the recipe in reports."""
        return self.program.partition(".")[0]

    @property
    def generator(self) -> str:
        """The program that generates, of which one serves several languages."""
        return self.title.partition(":")[0]


def _python(*compile_first: tuple[str, ...], title: str, program: str, warnings: frozenset[str]) -> Recipe:
    return Recipe(
        title=title,
        language="python",
        program=program,
        program_file="program.py",
        example_file="example.py",
        compile=compile_first,
        run={"program": ("{python}", "program.py"), "example": ("{python}", "example.py")},
        warnings=warnings,
        environment={"PYTHONPATH": "client", "MYPYPATH": "client"},
    )


def _typescript(*, title: str, program: str, warnings: frozenset[str] = frozenset()) -> Recipe:
    return Recipe(
        title=title,
        language="typescript",
        program=program,
        program_file="program.ts",
        example_file="example.ts",
        compile=(("{node}", "node_modules/typescript/bin/tsc"),),
        run={"program": ("{node}", "built/program.js"), "example": ("{node}", "built/example.js")},
        warnings=warnings,
    )


RECIPES: tuple[Recipe, ...] = (
    _python(
        # The generator's own choice of checks, which is as strict as its client gets; then the programs, strictly.
        ("{mypy}", "--config-file", "client/pyproject.toml", "-p", "v1_entity_client"),
        ("{mypy}", "--config-file=", "--strict", "--follow-imports=silent", "program.py", "example.py"),
        title="openapi-generator: Python",
        program="openapi_generator_python.py",
        warnings=frozenset({BETA, NAMELESS}),
    ),
    _python(
        ("{mypy}", "--config-file=", "--strict", "-p", "v1_entity_client"),
        ("{mypy}", "--config-file=", "--strict", "program.py", "example.py"),
        title="openapi-python-client",
        program="openapi_python_client.py",
        warnings=frozenset(),
    ),
    _typescript(
        title="openapi-generator: TypeScript (fetch)",
        program="openapi_generator_typescript_fetch.ts",
        warnings=frozenset({BETA, NAMELESS}),
    ),
    _typescript(title="openapi-typescript and openapi-fetch", program="openapi_fetch.ts"),
    _typescript(title="@hey-api/openapi-ts", program="hey_api.ts"),
    Recipe(
        title="openapi-generator: Java (native)",
        language="java",
        program="OpenapiGeneratorJava.java",
        program_file="OpenapiGeneratorJava.java",
        example_file="Example.java",
        compile=(
            ("sh", "-eu", "-c", "find client/src/main/java {stubs} -name '*.java' > sources"),
            (
                *("{javac}", *(f"-J{option}" for option in SHORT_LIVED), "--release", "17", "-encoding", "UTF-8"),
                *(f"-Xlint:{JAVA_LINT}", "-Werror", "-proc:none"),
                *("-d", "built", "-cp", "{jar}", "@sources", "OpenapiGeneratorJava.java", "Example.java"),
            ),
        ),
        run={
            "program": (
                "{java}",
                *SHORT_LIVED,
                "-Dstdout.encoding=UTF-8",
                "-cp",
                "built:{jar}",
                "OpenapiGeneratorJava",
            ),
            "example": ("{java}", *SHORT_LIVED, "-Dstdout.encoding=UTF-8", "-cp", "built:{jar}", "Example"),
        },
        warnings=frozenset({BETA, NAMELESS, UNSHOWN}),
    ),
    Recipe(
        title="openapi-generator: Go",
        language="go",
        program="openapi_generator_go.go",
        program_file="program/main.go",
        example_file="example/main.go",
        compile=(
            ("{go}", "vet", "example.com/you/v1entity", "./program", "./example"),
            ("{go}", "build", "-o", "built/", "./program", "./example"),
        ),
        run={"program": ("built/program",), "example": ("built/example",)},
        warnings=frozenset({BETA, NAMELESS}),
        files={"go.mod": GO_MODULE},
        # -trimpath lets Go's cache serve every folder; without cgo no C compiler of the machine is asked.
        environment={
            "GOFLAGS": "-mod=mod -trimpath",
            "GOPROXY": "off",
            "GOTOOLCHAIN": "local",
            "GOTELEMETRY": "off",
            "CGO_ENABLED": "0",
        },
    ),
)
