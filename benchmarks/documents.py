"""The contract as two peers can take it: a mock wants the answers, and connexion the operations that it has.

Both come from openapi.yaml; nothing of it is changed but what is told here.
"""

import copy
import json
from pathlib import Path
from typing import Any

import yaml

TASKS, TASK = "/v1/tasks", "/v1/tasks/{id}"
RECORDS = 20


def for_prism(document: dict[str, Any], file: Path) -> None:
    """The whole document, where the example of a page of tasks holds 20 of them: a mock answers with the example."""
    mocked = copy.deepcopy(document)
    media = mocked["components"]["responses"]["TaskPage"]["content"]["application/json"]
    media["example"]["data"] = [
        {**media["example"]["data"][0], "id": f"tsk_{number:026d}", "description": "x" * 60}
        for number in range(RECORDS)
    ]
    media["example"]["pagination"]["total"] = RECORDS
    file.write_text(json.dumps(mocked))


def for_connexion(document: dict[str, Any], file: Path) -> None:
    """The three operations that are measured, as OpenAPI 3.0, with functions for connexion to call."""
    paths = document["paths"]
    kept: dict[str, Any] = {
        "openapi": "3.0.3",
        "info": {"title": "Tasks", "version": "1.0.0"},
        "servers": [{"url": "/api"}],
        "paths": {
            TASKS: {method: paths[TASKS][method] for method in ("get", "post")},
            TASK: {name: paths[TASK][name] for name in ("parameters", "get")},
        },
    }
    kept = as_3_0(copy.deepcopy(kept))
    kept["components"] = reached(kept["paths"], document["components"])
    for path, method, function in ((TASKS, "get", "listed"), (TASKS, "post", "create"), (TASK, "get", "read")):
        operation = kept["paths"][path][method]
        operation["operationId"] = f"connexion_peer.{function}"
        operation["security"] = [{"apiKey": []}]
    kept["components"]["securitySchemes"] = {
        "apiKey": {"type": "http", "scheme": "bearer", "x-bearerInfoFunc": "connexion_peer.owner_of"}
    }
    file.write_text(json.dumps(kept))


def reached(paths: object, components: dict[str, Any]) -> dict[str, Any]:
    """The components that paths refer to, as OpenAPI 3.0."""
    found: dict[str, Any] = {}
    open_ = _references(paths)
    while open_:
        kind, name = open_.pop()
        if name not in found.setdefault(kind, {}):
            found[kind][name] = as_3_0(copy.deepcopy(components[kind][name]))
            open_ |= _references(found[kind][name])
    return found


def _references(part: object) -> set[tuple[str, str]]:
    match part:
        case {"$ref": str(reference)}:
            _, _, kind, name = reference.split("/")
            return {(kind, name)}
        case dict():
            return set().union(*map(_references, part.values()))
        case list():
            return set().union(*map(_references, part))
        case _:
            return set()


def as_3_0(part: Any) -> Any:  # noqa: ANN401 - any part of a document
    """A part of the document in the words of OpenAPI 3.0, where they differ: null, const, and examples."""
    match part:
        case list():
            return [as_3_0(one) for one in part]
        case {"$ref": str(reference)}:
            return {"$ref": reference}
        case {"anyOf": [one, {"type": "null"}]}:
            return {"nullable": True, "allOf": [as_3_0(one)]}
        case dict():
            changed = {name: as_3_0(one) for name, one in part.items() if name not in {"examples", "example"}}
            match part:
                case {"type": [str(one), "null"]}:
                    changed |= {"type": one, "nullable": True}
                case {"const": value}:
                    changed = {name: one for name, one in changed.items() if name != "const"} | {"enum": [value]}
            return changed
        case _:
            return part


def contract_document(file: Path) -> dict[str, Any]:
    """The contract as it is written, timestamps as text."""
    loaded: dict[str, Any] = yaml.load(file.read_text(), Loader=yaml.CSafeLoader)
    as_json: dict[str, Any] = json.loads(json.dumps(loaded, default=lambda moment: moment.isoformat()))
    return as_json
