"""Every step of the API with the client of openapi-python-client."""

# ruff: noqa: T201  # a program prints

import json
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import TypeVar

from v1_entity_client import AuthenticatedClient, Client
from v1_entity_client.api.ai import generate_text
from v1_entity_client.api.api_keys import create_api_key, list_api_keys, revoke_api_key
from v1_entity_client.api.customers import create_customer, delete_customer
from v1_entity_client.api.system import get_health
from v1_entity_client.api.tasks import (
    create_task,
    delete_task,
    get_task,
    get_task_metadata,
    list_tasks,
    update_task,
)
from v1_entity_client.api.users import list_users
from v1_entity_client.models import (
    ApiKeyCreate,
    CustomerCreate,
    CustomerSegment,
    ErrorCode,
    ErrorResponse,
    GenerateTextRequest,
    Scope,
    SortOrder,
    TaskCreate,
    TaskField,
    TaskPriority,
    TaskRelation,
    TaskSortField,
    TaskStatus,
    TaskUpdate,
    User,
)
from v1_entity_client.types import Unset

Answer = TypeVar("Answer")
OURS = json.dumps({"title": {"$startsWith": "sdk "}})


def connect(url: str, key: str) -> AuthenticatedClient:
    return AuthenticatedClient(base_url=url, token=key)


def answer(parsed: Answer | ErrorResponse | None) -> Answer:
    assert parsed is not None
    assert not isinstance(parsed, ErrorResponse), parsed
    return parsed


def refusal(parsed: object) -> ErrorResponse:
    assert isinstance(parsed, ErrorResponse)
    return parsed


def names(details: object) -> str:
    return ", ".join(getattr(details, "additional_keys", []))


def walk(client: AuthenticatedClient) -> Iterator[list[str]]:
    number, more = 1, True
    while more:
        page = answer(list_tasks.sync(client=client, filter_=OURS, sort=TaskSortField.TITLE, limit=2, page=number))
        yield [str(task.title) for task in page.data]
        number, more = number + 1, page.pagination.has_next


url = os.environ["V1_URL"]
client = connect(url, os.environ["V1_API_KEY"])

health = answer(get_health.sync(client=Client(base_url=url)))
print(f"health: {health.status.value}")

ben = answer(list_users.sync(client=client, search="ben okafor")).data[0]
print(f"directory: {ben.name} <{ben.email}>")

first = TaskCreate(title="sdk 1", priority=TaskPriority.HIGH, assignee_id=ben.id)
created = answer(create_task.sync(client=client, body=first)).data
assert created.status is TaskStatus.TODO
assert isinstance(created.created_at, datetime)
print(f"created: {created.title} {created.status.value} description={created.description or 'null'}")
for number, title in enumerate(("sdk 2", "sdk 3", "sdk 4", "sdk 5 & ü+"), start=2):
    high = number % 2 == 1
    task = TaskCreate(
        title=title,
        priority=TaskPriority.HIGH if high else TaskPriority.LOW,
        assignee_id=ben.id if high else None,
    )
    answer(create_task.sync(client=client, body=task))

relations = [TaskRelation.ASSIGNEE, TaskRelation.COMMENTS]
read = answer(get_task.sync(created.id, client=client, include=relations)).data
assert isinstance(read.assignee, User)
assert not isinstance(read.comments, Unset)
print(f"read: {read.title} for {read.assignee.name}, {len(read.comments)} comments")

change = TaskUpdate(status=TaskStatus.IN_PROGRESS, description="for now")
patched = answer(update_task.sync(created.id, client=client, body=change)).data
print(f"patched: {patched.status and patched.status.value} description={patched.description or 'null'}")
cleared = answer(update_task.sync(created.id, client=client, body=TaskUpdate(description=None))).data
print(f"cleared: {cleared.status and cleared.status.value} description={cleared.description or 'null'}")

listed = answer(
    list_tasks.sync(
        client=client,
        filter_=json.dumps({"title": {"$startsWith": "sdk "}, "priority": "high"}),
        sort=TaskSortField.TITLE,
        order=SortOrder.DESC,
        fields=[TaskField.ID, TaskField.TITLE, TaskField.PRIORITY],
        include=[TaskRelation.ASSIGNEE],
    )
)
people = [f"{task.title} ({task.assignee.name})" for task in listed.data if isinstance(task.assignee, User)]
print(f"listed: {', '.join(people)} of {listed.pagination.total}")
print(f"fields: status={'absent' if isinstance(listed.data[0].status, Unset) else 'there'}")
pages = list(walk(client))
print(f"walked: {', '.join(title for page in pages for title in page)} on {len(pages)} pages")
exact = answer(list_tasks.sync(client=client, filter_=json.dumps({"title": "sdk 5 & ü+"})))
print(f"found: {exact.data[0].title}")
since = answer(list_tasks.sync(client=client, filter_=OURS, start_date=created.created_at)).pagination.total
later = answer(list_tasks.sync(client=client, filter_=OURS, start_date=datetime(2099, 1, 1, tzinfo=UTC)))
print(f"dated: {since} since the first, {later.pagination.total} since 2099")

born = date(1986, 12, 9)
grace = CustomerCreate(name="Grace Hopper", email="grace@example.com", segment=CustomerSegment.VIP, birth_date=born)
customer = answer(create_customer.sync(client=client, body=grace)).data
assert customer.birth_date == born
assert customer.segment is CustomerSegment.VIP
print(f"customer: born {customer.birth_date} {customer.segment.value} credit {customer.credit_limit_cents}")
answer(delete_customer.sync(customer.id, client=client))

metadata = answer(get_task_metadata.sync(client=client)).data
about, choice = metadata.schema["title"], metadata.schema["status"]
relation = metadata.relations["assignee"]
print(f"metadata: title {about.type_.value} at most {about.max_length}; status {'|'.join(choice.values or [])}")
print(f"relation: {relation.type_.value} {relation.entity} by {relation.foreign_key}")
print(f"limits: {metadata.rate_limit.limit} in {metadata.rate_limit.window}")

print(f"deleted: {answer(delete_task.sync(created.id, client=client)).message}")

missing = get_task.sync_detailed(created.id, client=client)
assert missing.status_code == 404
assert refusal(missing.parsed).code is ErrorCode.NOT_FOUND
print(f"404: {refusal(missing.parsed).code.value}")
unassigned = create_task.sync_detailed(client=client, body=TaskCreate(title="sdk 6", assignee_id="usr_nobody"))
assert unassigned.status_code == 400
error = refusal(unassigned.parsed)
assert error.code is ErrorCode.VALIDATION_FAILED
print(f"400: {error.code.value} on {names(error.details)}")
error = refusal(list_tasks.sync(client=client, filter_="{"))
assert error.code is ErrorCode.INVALID_FILTER
print(f"400: {error.code.value} on {names(error.details)}")
unknown = list_tasks.sync_detailed(client=connect(url, "sk_live_wrong"))
assert unknown.status_code == 401
assert refusal(unknown.parsed).code is ErrorCode.UNAUTHORIZED
print(f"401: {refusal(unknown.parsed).code.value}")
reader = connect(url, os.environ["V1_READ_KEY"])
forbidden = create_task.sync_detailed(client=reader, body=TaskCreate(title="sdk 6"))
assert forbidden.status_code == 403
assert refusal(forbidden.parsed).code in (ErrorCode.INVALID_SCOPE, ErrorCode.FORBIDDEN)
print(f"403: {refusal(forbidden.parsed).code.value}")
limited = connect(os.environ["V1_LIMITED_URL"], os.environ["V1_LIMITED_KEY"])
exceeded = [list_tasks.sync_detailed(client=limited) for _ in range(4)][-1]
assert exceeded.status_code == 429
assert refusal(exceeded.parsed).code is ErrorCode.RATE_LIMIT_EXCEEDED
assert int(exceeded.headers["Retry-After"]) >= 1
left, limit = exceeded.headers["X-RateLimit-Remaining"], exceeded.headers["X-RateLimit-Limit"]
print(f"429: {refusal(exceeded.parsed).code.value}, {left} of {limit} left")

# The generated type asks for a token; under /v1/keys only the session counts.
cookies = {"better-auth.session_token": os.environ["V1_SESSION"]}
session = AuthenticatedClient(base_url=url, token=os.environ["V1_API_KEY"], cookies=cookies)
request = ApiKeyCreate(name="SDK program", scopes=[Scope.READ, Scope.WRITE])
issued = answer(create_api_key.sync(client=session, body=request))
key = issued.data
assert not key.key.endswith("...")
print(f"key: {key.name} {' '.join(scope.value for scope in key.scopes)} expires={key.expires_at or 'never'}")
print(f"warning: {issued.warning}")
own = connect(url, key.key)
print(f"key works: {answer(list_tasks.sync(client=own, filter_=OURS)).pagination.total} tasks")
shown = next(item for item in answer(list_api_keys.sync(client=session)).data if item.id == key.id)
print(f"key shown: {'masked' if shown.key != key.key and shown.key.endswith('...') else shown.key}")
print(f"revoked: {answer(revoke_api_key.sync(key.id, client=session)).message}")
gone = refusal(list_tasks.sync(client=own))
assert gone.code is ErrorCode.UNAUTHORIZED
print(f"key after that: {gone.code.value}")

request_text = GenerateTextRequest(prompt="Write a haiku", max_tokens=8)
generated = generate_text.sync_detailed(client=client, body=request_text)
if generated.status_code == 404:
    print("generated: nothing, there is no text generation")
else:
    text = answer(generated.parsed).data
    assert text.text
    print(f"generated: by {text.model}, {'within' if text.tokens_used <= 8 else 'beyond'} 8 tokens")
