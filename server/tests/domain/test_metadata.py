import entity_contract as contract
from entity_server.domain.limits import RateLimit
from entity_server.domain.metadata import describe

from server.tests.example_entities import THINGS, USERS

HOURLY = RateLimit(1000, 3600)


def test_tasks_are_described_as_the_reference_describes_them() -> None:
    tasks = contract.load().entity("tasks")
    assert tasks is not None

    data = describe(tasks, {"read", "write"}, HOURLY)

    assert data["entity"] == "tasks"
    assert data["methods"] == ["GET", "POST", "PATCH", "DELETE", "OPTIONS"]
    assert list(data["schema"]) == [field.name for field in tasks.fields]
    assert data["schema"]["title"].items() >= {"type": "string", "required": True, "maxLength": 200}.items()
    assert data["relations"] == {
        "assignee": {"type": "belongsTo", "entity": "users", "foreignKey": "assigneeId"},
        "comments": {"type": "hasMany", "entity": "comments", "foreignKey": "taskId"},
    }
    assert data["permissions"] == {"read": True, "write": True, "delete": False}
    assert data["rateLimit"] == {"limit": 1000, "window": "1h"}


def test_a_field_says_what_create_enforces() -> None:
    schema = describe(THINGS, (), HOURLY)["schema"]

    assert schema["id"] == {"type": "string", "required": False, "generated": True}
    assert schema["size"] == {
        "type": "enum",
        "required": False,
        "values": ["small", "middling", "large"],
        "default": "small",
    }
    assert schema["active"] == {"type": "boolean", "required": False, "default": False}
    assert schema["note"] == {"type": "text", "required": False, "nullable": True}


def test_a_read_only_entity_permits_nothing_but_reading() -> None:
    data = describe(USERS, {"read", "write", "delete"}, HOURLY)

    assert data["methods"] == ["GET", "OPTIONS"]
    assert data["permissions"] == {"read": True, "write": False, "delete": False}


def test_two_callers_of_one_entity_share_no_state() -> None:
    describe(THINGS, {"read"}, HOURLY)["permissions"]["write"] = True

    assert describe(THINGS, {"read"}, HOURLY)["permissions"]["write"] is False
