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

EXAMPLE = (
    "Count the stock of headphones: Ben Okafor",
    "Draft the November newsletter: nobody",
    "NOT_FOUND",
)
"""What the ten-line programs of docs/sdks.md say on the demo's records."""
