"""What every program says, line by line: one list for all languages, so that no client may know less than another."""

STEPS = (
    "health: healthy",
    "directory: Ben Okafor <ben@shop.example>",
    "created: sdk 1 todo description=null",
    "read: sdk 1 for Ben Okafor, 0 comments",
    "patched: in_progress description=for now",
    "cleared: in_progress description=null",
    "listed: sdk 5 & ü+ (Ben Okafor), sdk 3 (Ben Okafor), sdk 1 (Ben Okafor) of 3",
    "fields: status=absent",
    "walked: sdk 1, sdk 2, sdk 3, sdk 4, sdk 5 & ü+ on 3 pages",
    "found: sdk 5 & ü+",
    "dated: 5 since the first, 0 since 2099",
    "customer: born 1986-12-09 vip credit 0",
    "metadata: title string at most 200; status todo|in_progress|completed",
    "relation: belongsTo users by assigneeId",
    "limits: 1000 in 1h",
    "deleted: Task deleted successfully",
    "404: NOT_FOUND",
    "400: VALIDATION_FAILED on assigneeId",
    "400: INVALID_FILTER on filter",
    "401: UNAUTHORIZED",
    "403: INVALID_SCOPE",
    "429: RATE_LIMIT_EXCEEDED, 0 of 3 left",
    "key: SDK program read write expires=never",
    "warning: Save this key securely. It will not be shown again.",
    "key works: 4 tasks",
    "key shown: masked",
    "revoked: API key revoked successfully",
    "key after that: UNAUTHORIZED",
    "generated: by local-echo-1, within 8 tokens",
)

_OTHERWISE = {
    "limits: 1000 in 1h": "limits: 5000 in 15m",
    "403: INVALID_SCOPE": "403: FORBIDDEN",
    "generated: by local-echo-1, within 8 tokens": "generated: nothing, there is no text generation",
}
ON_OTHER_CHOICES = tuple(_OTHERWISE.get(step, step) for step in STEPS)
"""What every program says of a server that takes the other choices (`--choices other`): all else is the same."""

CALLS = frozenset(
    {
        "GET /health by nobody: 200",
        "GET /v1/users?search by Authorization: 200",
        "POST /v1/tasks by Authorization: 201",
        "GET /v1/tasks/{id}?include by Authorization: 200",
        'PATCH /v1/tasks/{id} {"description": "for now", "status": "in_progress"} by Authorization: 200',
        'PATCH /v1/tasks/{id} {"description": null} by Authorization: 200',
        "GET /v1/tasks?fields&filter&include&order&sort by Authorization: 200",
        "GET /v1/tasks?filter&limit&sort by Authorization: 200",
        "GET /v1/tasks?filter&limit&page&sort by Authorization: 200",
        "GET /v1/tasks?filter by Authorization: 200",
        "GET /v1/tasks?filter&startDate by Authorization: 200",
        "POST /v1/customers by Authorization: 201",
        "DELETE /v1/customers/{id} by Authorization: 200",
        "OPTIONS /v1/tasks by Authorization: 200",
        "DELETE /v1/tasks/{id} by Authorization: 200",
        "GET /v1/tasks/{id} by Authorization: 404",
        "POST /v1/tasks by Authorization: 400",
        "GET /v1/tasks?filter by Authorization: 400",
        "GET /v1/tasks by Authorization: 401",
        "POST /v1/tasks by Authorization: 403",
        "GET /v1/tasks by Authorization: 429",
        "POST /v1/keys by Cookie: 201",
        "GET /v1/keys by Cookie: 200",
        "DELETE /v1/keys/{id} by Cookie: 200",
        "POST /v1/ai/generate by Authorization: 200",
    }
)
"""What every program asks of the server, as the relay notes it."""

EXAMPLE = (
    "Count the stock of headphones: Ben Okafor",
    "Draft the November newsletter: nobody",
    "NOT_FOUND",
)
"""What the ten-line programs of docs/sdks.md say on the demo's records."""
