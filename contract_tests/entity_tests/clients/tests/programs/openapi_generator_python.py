"""Every step of the API with the Python client of openapi-generator."""

# ruff: noqa: T201  # a program prints

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

from v1_entity_client import (
    AIApi,
    ApiClient,
    ApiException,
    ApiKeyCreate,
    APIKeysApi,
    Configuration,
    CustomerCreate,
    CustomersApi,
    CustomerSegment,
    ErrorCode,
    ErrorResponse,
    GenerateTextRequest,
    Scope,
    SortOrder,
    SystemApi,
    TaskCreate,
    TaskField,
    TaskPriority,
    TaskRelation,
    TasksApi,
    TaskSortField,
    TaskStatus,
    TaskUpdate,
    UsersApi,
)

OURS = json.dumps({"title": {"$startsWith": "sdk "}})


def connect(url: str, key: str | None) -> ApiClient:
    return ApiClient(Configuration(host=url, access_token=key, retries=0))


def refusal(call: Callable[[], object]) -> tuple[ErrorResponse, dict[str, str]]:
    try:
        call()
    except ApiException as error:
        if not isinstance(error.data, ErrorResponse):
            raise
        return error.data, {name.lower(): value for name, value in (error.headers or {}).items()}
    raise AssertionError("the call was not refused")


def walk(tasks: TasksApi) -> Iterator[list[str]]:
    page = tasks.list_tasks(filter=OURS, sort=TaskSortField.TITLE, limit=2)
    yield [task.title or "" for task in page.data]
    while page.pagination.has_next:
        page = tasks.list_tasks(filter=OURS, sort=TaskSortField.TITLE, limit=2, page=page.pagination.page + 1)
        yield [task.title or "" for task in page.data]


url = os.environ["V1_URL"]
client = connect(url, os.environ["V1_API_KEY"])
tasks = TasksApi(client)

health = SystemApi(connect(url, None)).get_health()
print(f"health: {health.status.value}")

ben = UsersApi(client).list_users(search="ben okafor").data[0]
print(f"directory: {ben.name} <{ben.email}>")

created = tasks.create_task(TaskCreate(title="sdk 1", priority=TaskPriority.HIGH, assigneeId=ben.id)).data
assert created.status is TaskStatus.TODO
assert created.created_at is not None
print(f"created: {created.title} {created.status.value} description={created.description or 'null'}")
for number, title in enumerate(("sdk 2", "sdk 3", "sdk 4", "sdk 5 & ü+"), start=2):
    high = number % 2 == 1
    tasks.create_task(
        TaskCreate(
            title=title,
            priority=TaskPriority.HIGH if high else TaskPriority.LOW,
            assigneeId=ben.id if high else None,
        )
    )

read = tasks.get_task(created.id, include=[TaskRelation.ASSIGNEE, TaskRelation.COMMENTS]).data
assert read.assignee is not None
assert read.comments is not None
print(f"read: {read.title} for {read.assignee.name}, {len(read.comments)} comments")

patched = tasks.update_task(created.id, TaskUpdate(status=TaskStatus.IN_PROGRESS, description="for now")).data
print(f"patched: {patched.status and patched.status.value} description={patched.description or 'null'}")
cleared = tasks.update_task(created.id, TaskUpdate(description=None)).data
print(f"cleared: {cleared.status and cleared.status.value} description={cleared.description or 'null'}")

listed = tasks.list_tasks(
    filter=json.dumps({"title": {"$startsWith": "sdk "}, "priority": "high"}),
    sort=TaskSortField.TITLE,
    order=SortOrder.DESC,
    fields=[TaskField.ID, TaskField.TITLE, TaskField.PRIORITY],
    include=[TaskRelation.ASSIGNEE],
)
names = [f"{task.title} ({task.assignee and task.assignee.name})" for task in listed.data]
print(f"listed: {', '.join(names)} of {listed.pagination.total}")
print(f"fields: status={'absent' if listed.data[0].status is None else 'there'}")
pages = list(walk(tasks))
print(f"walked: {', '.join(title for page in pages for title in page)} on {len(pages)} pages")
exact = tasks.list_tasks(filter=json.dumps({"title": "sdk 5 & ü+"}))
print(f"found: {exact.data[0].title}")
since = tasks.list_tasks(filter=OURS, start_date=created.created_at).pagination.total
later = tasks.list_tasks(filter=OURS, start_date=datetime(2099, 1, 1, tzinfo=UTC)).pagination.total
print(f"dated: {since} since the first, {later} since 2099")

customers = CustomersApi(client)
born = date(1986, 12, 9)
customer = customers.create_customer(
    CustomerCreate(name="Grace Hopper", email="grace@example.com", segment=CustomerSegment.VIP, birthDate=born)
).data
assert customer.birth_date == born
print(f"customer: born {customer.birth_date} {CustomerSegment.VIP.value} credit {customer.credit_limit_cents}")
customers.delete_customer(customer.id)

metadata = tasks.get_task_metadata().data
about, choice = metadata.var_schema["title"], metadata.var_schema["status"]
relation = metadata.relations["assignee"]
print(f"metadata: title {about.type.value} at most {about.max_length}; status {'|'.join(choice.values or [])}")
print(f"relation: {relation.type.value} {relation.entity} by {relation.foreign_key}")
print(f"limits: {metadata.rate_limit.limit} in {metadata.rate_limit.window}")

print(f"deleted: {tasks.delete_task(created.id).message}")

error, _ = refusal(lambda: tasks.get_task(created.id))
assert error.code is ErrorCode.NOT_FOUND
print(f"404: {error.code.value}")
error, _ = refusal(lambda: tasks.create_task(TaskCreate(title="sdk 6", assigneeId="usr_nobody")))
assert error.code is ErrorCode.VALIDATION_FAILED
print(f"400: {error.code.value} on {', '.join(error.details or {})}")
error, _ = refusal(lambda: tasks.list_tasks(filter="{"))
assert error.code is ErrorCode.INVALID_FILTER
print(f"400: {error.code.value} on {', '.join(error.details or {})}")
error, _ = refusal(lambda: TasksApi(connect(url, "sk_live_wrong")).list_tasks())
assert error.code is ErrorCode.UNAUTHORIZED
print(f"401: {error.code.value}")
reader = TasksApi(connect(url, os.environ["V1_READ_KEY"]))
error, _ = refusal(lambda: reader.create_task(TaskCreate(title="sdk 6")))
assert error.code in (ErrorCode.INVALID_SCOPE, ErrorCode.FORBIDDEN)
print(f"403: {error.code.value}")
limited = TasksApi(connect(os.environ["V1_LIMITED_URL"], os.environ["V1_LIMITED_KEY"]))
error, headers = refusal(lambda: [limited.list_tasks() for _ in range(4)])
assert error.code is ErrorCode.RATE_LIMIT_EXCEEDED
assert int(headers["retry-after"]) >= 1
print(f"429: {error.code.value}, {headers['x-ratelimit-remaining']} of {headers['x-ratelimit-limit']} left")

session = Configuration(host=url, api_key={"session": os.environ["V1_SESSION"]})
keys = APIKeysApi(ApiClient(session))
issued = keys.create_api_key(ApiKeyCreate(name="SDK program", scopes=[Scope.READ, Scope.WRITE]))
key = issued.data
assert not key.key.endswith("...")
print(f"key: {key.name} {' '.join(scope.value for scope in key.scopes)} expires={key.expires_at or 'never'}")
print(f"warning: {issued.warning}")
own = TasksApi(connect(url, key.key))
print(f"key works: {own.list_tasks(filter=OURS).pagination.total} tasks")
shown = next(item for item in keys.list_api_keys().data if item.id == key.id)
print(f"key shown: {'masked' if shown.key != key.key and shown.key.endswith('...') else shown.key}")
print(f"revoked: {keys.revoke_api_key(key.id).message}")
error, _ = refusal(own.list_tasks)
assert error.code is ErrorCode.UNAUTHORIZED
print(f"key after that: {error.code.value}")

try:
    text = AIApi(client).generate_text(GenerateTextRequest(prompt="Write a haiku", maxTokens=8)).data
    assert text.text
    print(f"generated: by {text.model}, {'within' if text.tokens_used <= 8 else 'beyond'} 8 tokens")
except ApiException as absent:
    if absent.status != 404:
        raise
    print("generated: nothing, there is no text generation")
