"""`entity-contract` as it is run: what it prints, and how it ends."""

import gc
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from entity_contract.__main__ import commands, main
from entity_contract.document import find

TEXT = find().read_text(encoding="utf-8")
SHOWN = "        assigneeId: {type: [string, 'null'], description: The user who does it.}\n"
TAKEN = "        assigneeId: {type: [string, 'null'], minLength: 1, description: The user who does it.}\n"
LISTED = "      enum: [id, title, description, status, priority, assigneeId, createdAt, updatedAt]\n"
DUE = "        dueDate: {type: [string, 'null'], format: date, description: Until when.}\n"
OR_GENERATED = "(or add it to x-entity.generated of Task, if no body may name it)"

Write = Callable[[str], Path]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(commands, [str(one) for one in arguments], catch_exceptions=False)


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_tells_whole_summaries(option: str) -> None:
    told = " ".join(run(option).output.split())

    assert "each a file or REVISION:PATH of a git repository." in told
    assert "or one clause (L9.comma-list)." in told


def replaced(text: str, old: str, new: str, *, of: int = 0) -> str:
    """The text with one occurrence of a part replaced: the first, or a later one."""
    parts = text.split(old)
    assert len(parts) > of + 1, old
    return old.join(parts[: of + 1]) + new + old.join(parts[of + 1 :])


def last_line(text: str, start: str) -> int:
    """The last line that begins so: of the components of one name the schema stands last."""
    return max(number for number, line in enumerate(text.splitlines(), 1) if line.startswith(start))


def with_due_date() -> str:
    """openapi.yaml with one field more in tasks, in each of its places."""
    text = replaced(TEXT, SHOWN, SHOWN + DUE)
    for body in (0, 1):
        text = replaced(text, TAKEN, TAKEN + DUE, of=body)
    return text.replace(LISTED, LISTED.replace("createdAt", "dueDate, createdAt"))


def never_null(text: str) -> str:
    """The same field, which every task has."""
    text = text.replace(DUE, DUE.replace("[string, 'null']", "string"))
    text = replaced(text, "      required: [title]\n", "      required: [title, dueDate]\n")
    text = replaced(text, "example: {title: New task,", "example: {title: New, dueDate: '2025-01-31',")
    return replaced(text, "always: [id, title, status, priority,", "always: [id, title, status, priority, dueDate,")


def set_by_the_server(text: str) -> str:
    """The same field, which no body names."""
    text = replaced(replaced(text, DUE, "", of=2), DUE, "", of=1)
    return replaced(text, "generated: [id, createdAt, updatedAt]", "generated: [id, dueDate, createdAt, updatedAt]")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(text: str) -> Path:
        file = tmp_path / "mine.yaml"
        file.write_text(text, encoding="utf-8")
        return file

    return written


def test_the_contract_has_no_problems() -> None:
    result = run("check", find())

    assert (result.exit_code, result.output) == (0, f"{find()}: no problems\n")


@pytest.mark.parametrize(
    "text",
    [
        with_due_date(),
        pytest.param(never_null(with_due_date()), marks=pytest.mark.soak),
        pytest.param(set_by_the_server(with_due_date()), marks=pytest.mark.soak),
    ],
    ids=["that may be null", "that is never null", "that the server sets"],
)
def test_a_new_field_in_each_of_its_places_is_no_problem(write: Write, text: str) -> None:
    assert run("check", write(text)).output.endswith(": no problems\n")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (
            replaced(with_due_date(), DUE, ""),
            "    Task:",
            "Task lacks dueDate, which TaskCreate and TaskUpdate name",
        ),
        pytest.param(
            *(replaced(with_due_date(), DUE, "", of=1), "    TaskCreate:", f"TaskCreate lacks dueDate {OR_GENERATED}"),
            marks=pytest.mark.soak,
        ),
        (replaced(with_due_date(), DUE, "", of=2), "    TaskUpdate:", f"TaskUpdate lacks dueDate {OR_GENERATED}"),
        (replaced(with_due_date(), "dueDate, ", ""), "    TaskField:", "TaskField lacks dueDate"),
        pytest.param(
            *(replaced(with_due_date(), "dueDate, ", "", of=1), "    TaskSortField:", "TaskSortField lacks dueDate"),
            marks=pytest.mark.soak,
        ),
        (
            replaced(never_null(with_due_date()), "priority, dueDate,", "priority,"),
            "        always: [id, title, status",
            "x-entity.always of Task lacks dueDate, which is never null (or allow null in Task.dueDate)",
        ),
    ],
    ids=["Task", "TaskCreate", "TaskUpdate", "TaskField", "TaskSortField", "always"],
)
def test_the_place_where_a_field_was_forgotten_is_named_with_its_line(
    write: Write, text: str, line: str, message: str
) -> None:
    file = write(text)

    result = run("check", file)

    assert result.exit_code == 1
    told = next(told for told in result.output.splitlines() if told.endswith(message))
    assert told == f"{file}:{last_line(text, line)}: {message}"


def test_a_field_that_is_never_null_and_need_not_be_sent_is_named_in_the_body(write: Write) -> None:
    text = replaced(never_null(with_due_date()), "[title, dueDate]", "[title]")
    file = write(text)
    line = [number for number, each in enumerate(text.splitlines(), 1) if each.startswith("        dueDate:")][1]
    told = "TaskCreate neither requires dueDate nor has a default for it: give it one, or allow null in Task.dueDate"

    assert run("check", file).output == f"{file}:{line}: {told}\n{file}: 1 problem\n"


def test_a_field_that_the_server_sets_and_nobody_lists_is_named_in_both_bodies(write: Write) -> None:
    text = replaced(set_by_the_server(with_due_date()), "generated: [id, dueDate,", "generated: [id,")
    file = write(text)

    assert run("check", file).output.splitlines() == [
        f"{file}:{last_line(text, '    TaskCreate:')}: TaskCreate lacks dueDate {OR_GENERATED}",
        f"{file}:{last_line(text, '    TaskUpdate:')}: TaskUpdate lacks dueDate {OR_GENERATED}",
        f"{file}: 2 problems",
    ]


def test_every_problem_is_told_in_the_order_of_the_lines(write: Write) -> None:
    text = replaced(replaced(TEXT, "  version: 1.0.0\n", ""), "code: ENTITY_NOT_FOUND}", "code: GONE}")
    text = replaced(text, "[assignee, comments]}", "[assignee]}")
    file = write(text)

    lines = run("check", file).output.splitlines()

    assert [line.removeprefix(f"{file}:") for line in lines] == [
        '3: this is no valid OpenAPI 3.1: "version" is a required property',
        f"{last_line(text, '    TaskRelation:')}: TaskRelation lacks comments",
        " 2 problems",
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("        limit: {type: integer, format", "        limit: {type: intger, format", "'intger' is not one of"),
        ("#/components/schemas/TaskStatus'}", "#/components/schemas/TaskState'}", "$ref leads nowhere"),
        (
            'example: \'{"createdAt": {"$gte": "2025-01-01T00:00:00Z"}}\'',
            "example: '[1]'",
            "the example does not satisfy its schema",
        ),
        ("TaskStatus', default: todo}", "TaskStatus', default: done}", "the default does not satisfy its schema"),
        ("createdAt: '2025-01-15T10:30:00Z'", "createdAt: '2025-02-30T10:30:00Z'", "is not a 'date-time'"),
        ("x-entity:\n        name: tasks", "x-entitiy:\n        name: tasks", "is probably x-entity, misspelt"),
        (
            "    post:\n      tags: [Tasks]\n      operationId: createTask",
            "    post:\n      tags: [Tasks]\n      operationId: listTasks",
            "'listTasks'",
        ),
    ],
)
def test_a_problem_is_told_at_the_line_where_it_stands(write: Write, old: str, new: str, message: str) -> None:
    text = replaced(TEXT, old, new)
    file = write(text)
    number = text[: text.index(new)].count("\n") + 1

    told = run("check", file).output.splitlines()

    assert any(one.startswith(f"{file}:{number}: ") and message in one for one in told), told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("openapi: 3.1.1\ninfo: {title: [}\n", ":2: is not YAML: did not find expected node content"),
        ("openapi: 3.0.3\n", ":1: is no OpenAPI 3.1 document (found openapi: 3.0.3)"),
        ("", ":1: is no OpenAPI 3.1 document (found nothing)"),
    ],
)
def test_what_is_no_contract_at_all_is_a_problem(write: Write, text: str, told: str) -> None:
    file = write(text)

    result = run("check", file)

    assert (result.exit_code, result.output) == (1, f"{file}{told}\n")


def test_a_document_with_keys_of_other_tools_has_no_problems(write: Write) -> None:
    text = replaced(
        TEXT, "      operationId: listTasks\n", "      operationId: listTasks\n      x-fern-sdk-group-name: x\n"
    )
    text = replaced(text, "info:\n", "x-speakeasy-retries: {strategy: backoff}\ninfo:\n")

    assert run("check", write(text)).exit_code == 0


Program = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Program:
    """The whole command, with arguments, as if it were started in a folder."""
    monkeypatch.setattr(gc, "disable", lambda: None)

    def ended(*arguments: object, folder: Path) -> "subprocess.CompletedProcess[str]":
        words = [str(one) for one in arguments]
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", ["entity-contract", *words])
        with pytest.raises(SystemExit) as end:
            main()
        said = capfd.readouterr()
        return subprocess.CompletedProcess(words, int(end.value.code or 0), said.out, said.err)

    return ended


def test_a_file_that_cannot_be_read_ends_with_2(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "entity_contract", "check", "none.yaml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "none.yaml: cannot be read: No such file or directory (name a readable file)\n"


def test_a_command_that_is_not_understood_ends_with_2(program: Program, tmp_path: Path) -> None:
    assert program("check", folder=tmp_path).returncode == 2
    assert program("chek", "x", folder=tmp_path).returncode == 2


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository whose first commit, v1, has openapi.yaml as it is."""
    git(tmp_path, "init", "-q")
    git(tmp_path, "config", "user.email", "someone@example.com")
    git(tmp_path, "config", "user.name", "Someone")
    (tmp_path / "openapi.yaml").write_text(TEXT, encoding="utf-8")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "One")
    git(tmp_path, "tag", "v1")
    return tmp_path


def test_a_revision_is_compared_with_a_file(program: Program, repository: Path) -> None:
    (repository / "openapi.yaml").write_text(never_null(with_due_date()), encoding="utf-8")

    done = program("changes", "v1:openapi.yaml", "openapi.yaml", folder=repository)

    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "breaking: TaskCreate.dueDate: a new field that must be sent",
        "addition: Task.dueDate: a new field",
        "addition: TaskField: takes dueDate too",
        "addition: TaskSortField: takes dueDate too",
        "addition: TaskUpdate.dueDate: a new field",
        "5 changes from v1:openapi.yaml to openapi.yaml, 1 breaking",
    ]


def test_what_only_adds_breaks_nothing(program: Program, repository: Path) -> None:
    (repository / "openapi.yaml").write_text(with_due_date(), encoding="utf-8")
    git(repository, "commit", "-qam", "Two")

    done = program("changes", "v1:openapi.yaml", "HEAD:openapi.yaml", folder=repository)

    assert done.returncode == 0
    assert done.stdout.endswith("5 changes from v1:openapi.yaml to HEAD:openapi.yaml, 0 breaking\n")


@pytest.mark.parametrize(
    ("old", "told"),
    [
        ("v2:openapi.yaml", "v2:openapi.yaml: git cannot show it: invalid object name 'v2'."),
        ("v1:none.yaml", "v1:none.yaml: git cannot show it: path 'none.yaml' does not exist in 'v1'"),
        ("none.yaml", "none.yaml: cannot be read: No such file or directory"),
    ],
)
def test_a_document_that_is_not_there_ends_the_comparison_with_2(
    program: Program, repository: Path, old: str, told: str
) -> None:
    done = program("changes", old, "openapi.yaml", folder=repository)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(told)


def test_documents_that_are_no_valid_openapi_are_not_compared(program: Program, repository: Path) -> None:
    (repository / "bad.yaml").write_text("openapi: 3.1.1\npaths: {}\n", encoding="utf-8")

    done = program("changes", "bad.yaml", "openapi.yaml", folder=repository)

    assert done.returncode == 2
    assert done.stderr.startswith('bad.yaml:1: this is no valid OpenAPI 3.1: "info" is a required property')


def test_a_row_of_the_rulings_is_printed_with_its_clauses() -> None:
    result = run("rulings", "L9")

    assert result.exit_code == 0
    assert result.output.startswith("L9  `sort`\n  L9.unknown-field  MUST\n")


@pytest.mark.parametrize(("is_right", "status"), [(True, 0), (False, 1)])
def test_who_has_read_enough_changes_no_exit_status(write: Write, *, is_right: bool, status: int) -> None:
    file = write(TEXT if is_right else TEXT.replace("openapi: 3.1", "openapi: 2.1", 1))
    read, unread = os.pipe()
    os.close(read)

    done = subprocess.run(
        [sys.executable, "-m", "entity_contract", "check", file], stdout=unread, stderr=subprocess.PIPE, check=False
    )

    os.close(unread)
    assert (done.returncode, done.stderr) == (status, b"")


def test_a_row_that_is_not_there_ends_with_2_and_the_rows_that_are() -> None:
    result = run("rulings", "L99")

    assert result.exit_code == 2
    assert result.stderr.startswith("L99: there is no such row or clause; the rows are L1, L2,")
