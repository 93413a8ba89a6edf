"""Edits of openapi.yaml that break a rule, each with every problem that it makes: the place, and what is said.

It is long because it is one table, an edit a row.
"""

from contract.tests.spoiling import REMOVED

SCHEMAS = "#/components/schemas"
PARAMETERS = "#/components/parameters"
ANSWERS = "#/components/responses"
HEADERS = "#/components/headers"
BODIES = "#/components/requestBodies"
SCHEMES = "#/components/securitySchemes"
LIST, CREATE = "#/paths/~1v1~1tasks/get", "#/paths/~1v1~1tasks/post"
READ, DELETE = "#/paths/~1v1~1tasks~1{id}/get", "#/paths/~1v1~1tasks~1{id}/delete"
KEYS, GENERATE, HEALTH = "#/paths/~1v1~1keys/get", "#/paths/~1v1~1ai~1generate/post", "#/paths/~1health/get"
JSON = "content/application~1json/schema"
STRING = {"type": "string"}
TYPES = "string, text, enum, integer, number, boolean, date and datetime"
FACTS = "name, idPrefix, operations, searchable, always, generated and relations"
OR_WITHOUT = "(or name the operations of Product without it)"
OR_NULL = "give it one, or allow null in"
OR_GENERATED = "(or add it to x-entity.generated of Task, if no body may name it)"

Edits = dict[str, object]
Told = tuple[str, str]
Row = tuple[Edits, list[Told]]

EXTENSIONS: list[Row] = [
    (
        {f"{SCHEMAS}/Task/x-entitiy": {}},
        [(f"{SCHEMAS}/Task/x-entitiy", "x-entitiy is probably x-entity, misspelt: correct it")],
    ),
    (
        {f"{PARAMETERS}/Limit/x-eror-code": "INVALID_SORT"},
        [(f"{PARAMETERS}/Limit/x-eror-code", "x-eror-code is probably x-error-code, misspelt: correct it")],
    ),
    (
        {f"{SCHEMAS}/TaskStatus/x-statuses": {}},
        [(f"{SCHEMAS}/TaskStatus/x-statuses", "x-statuses says nothing here; it stands on the ErrorCode schema")],
    ),
    ({"#/x-entities": 2}, [("#/x-entities", "x-entities is probably x-entity, misspelt: correct it")]),
    ({"#/paths/x-entities": 2}, [("#/paths/x-entities", "x-entities is probably x-entity, misspelt: correct it")]),
    (
        {f"{LIST}/responses/x-eror-code": 2},
        [(f"{LIST}/responses/x-eror-code", "x-eror-code is probably x-error-code, misspelt: correct it")],
    ),
    (
        {"#/components/examples": {"x-entities": {"x-typ": 2, "value": {"x-typ": 2}}}},
        [("#/components/examples/x-entities/x-typ", "x-typ is probably x-type, misspelt: correct it")],
    ),
    ({"#/x-entity": {}}, [("#/x-entity", "x-entity says nothing here; it stands on a schema in components/schemas")]),
]

CATALOGUE: list[Row] = [
    ({f"{SCHEMAS}/ErrorCode/enum/-": "TEAPOT"}, [(f"{SCHEMAS}/ErrorCode/x-statuses", "x-statuses lacks TEAPOT")]),
    (
        {f"{SCHEMAS}/ErrorCode/x-statuses/TEAPOT": 418},
        [(f"{SCHEMAS}/ErrorCode/x-statuses/TEAPOT", "x-statuses names TEAPOT, which ErrorCode lacks")],
    ),
    (
        {f"{SCHEMAS}/ErrorCode/x-statuses/NOT_FOUND": "404"},
        [(f"{SCHEMAS}/ErrorCode/x-statuses/NOT_FOUND", "the status of NOT_FOUND is no number from 400 to 599")],
    ),
    (
        {f"{PARAMETERS}/Filter/x-error-code": "INVALD_FILTER"},
        [(f"{PARAMETERS}/Filter/x-error-code", "ErrorCode lacks INVALD_FILTER, which this parameter names")],
    ),
]

OPERATORS: list[Row] = [
    (
        {f"{PARAMETERS}/Filter/x-operators": REMOVED},
        [(f"{PARAMETERS}/Filter", "the filter parameter lacks x-operators, the operators that a filter can use")],
    ),
    (
        {f"{PARAMETERS}/Filter/x-operators/like": {"operand": "text"}},
        [(f"{PARAMETERS}/Filter/x-operators/like", "an operator is $ and letters, and like is not")],
    ),
    (
        {f"{PARAMETERS}/Filter/x-operators/$like": {"operand": "texts"}},
        [
            (
                f"{PARAMETERS}/Filter/x-operators/$like",
                "the operand of $like is none of value, list, text and boolean",
            )
        ],
    ),
    (
        {f"{PARAMETERS}/Filter/x-operators/$like": {"operand": "text", "type": ["string"]}},
        [
            (
                f"{PARAMETERS}/Filter/x-operators/$like/type",
                "$like has the unknown key type; there are operand and types",
            )
        ],
    ),
    (
        {f"{PARAMETERS}/Filter/x-operators/$gt/types/0": "colour"},
        [
            (
                f"{PARAMETERS}/Filter/x-operators/$gt/types",
                f"$gt takes colour, which is no type; there are {TYPES}",
            )
        ],
    ),
    (
        {f"{PARAMETERS}/Filter/x-operators/$gt/types": []},
        [
            (
                f"{PARAMETERS}/Filter/x-operators/$gt/types",
                "$gt has no types; leave the key out if it takes every field",
            )
        ],
    ),
]

OPERATIONS: list[Row] = [
    ({f"{LIST}/operationId": REMOVED}, [(LIST, "GET /v1/tasks lacks an operationId")]),
    ({f"{CREATE}/security": REMOVED}, [(CREATE, "createTask lacks security ([] where it needs no credentials)")]),
    (
        {f"{LIST}/security/1": {"bearer": []}},
        [(f"{LIST}/security/1", "listTasks asks for bearer; there are apiKey and session")],
    ),
    (
        {f"{LIST}/security/0": {"apiKey": ["write"]}},
        [(f"{LIST}/security/0", "listTasks asks for the scope write of a key, and needs read")],
    ),
    (
        {f"{LIST}/security/1": {"session": ["read"]}},
        [(f"{LIST}/security/1", "listTasks asks for the scope read of a session, which has no scopes")],
    ),
    (
        {f"{GENERATE}/security/0": {"apiKey": ["wriet"]}},
        [(f"{GENERATE}/security/0", "generateText asks for wriet; one of read, write and delete at most")],
    ),
    (
        {f"{SCHEMES}/apiKey/scheme": "basic"},
        [(f"{SCHEMES}/apiKey", "apiKey is sent as a bearer token: its scheme must be bearer, and is basic")],
    ),
    (
        {f"{SCHEMES}/session/in": "query"},
        [(f"{SCHEMES}/session", "session is sent in a cookie: its in must be cookie, and is query")],
    ),
    ({f"{SCHEMES}/session": REMOVED}, [(SCHEMES, "securitySchemes lacks session, which operations ask for")]),
    ({f"{CREATE}/requestBody": REMOVED}, [(CREATE, "createTask lacks a requestBody")]),
    (
        {f"{BODIES}/TaskCreate/required": False},
        [(f"{BODIES}/TaskCreate", "the requestBody of createTask lacks required: true")],
    ),
    (
        {"#/paths/~1v1~1keys~1{keyId}/delete/requestBody": {"$ref": f"{BODIES}/ApiKeyCreate"}},
        [
            (f"{BODIES}/ApiKeyCreate", "revokeApiKey has a requestBody, and DELETE takes none"),
            ("#/paths/~1v1~1keys~1{keyId}/delete", "revokeApiKey lacks the answer 400"),
            ("#/paths/~1v1~1keys~1{keyId}/delete", "revokeApiKey lacks the answer 413"),
            ("#/paths/~1v1~1keys~1{keyId}/delete", "revokeApiKey lacks the answer 422"),
        ],
    ),
]

RESPONSES: list[Row] = [
    (
        {f"{LIST}/responses/403": REMOVED, f"{LIST}/responses/429": REMOVED},
        [(LIST, "listTasks lacks the answer 403"), (LIST, "listTasks lacks the answer 429")],
    ),
    ({f"{LIST}/responses/400": REMOVED}, [(LIST, "listTasks lacks the answer 400")]),
    ({f"{CREATE}/responses/422": REMOVED}, [(CREATE, "createTask lacks the answer 422")]),
    ({f"{GENERATE}/responses/402": REMOVED}, [(GENERATE, "generateText lacks the answer 402")]),
    ({f"{HEALTH}/responses/503": REMOVED}, [(HEALTH, "getHealth lacks the answer 503")]),
    (
        {f"{LIST}/responses/4XX": {"$ref": f"{ANSWERS}/NotFound"}},
        [(f"{LIST}/responses/4XX", "listTasks answers 4XX: list each status by itself")],
    ),
    (
        {f"{ANSWERS}/Deleted/{JSON}": {"type": "object"}},
        [(f"{ANSWERS}/Deleted", "Deleted lacks a $ref to its schema as application/json")],
    ),
    (
        {f"{ANSWERS}/NotFound/{JSON}": {"$ref": f"{SCHEMAS}/MessageResponse"}},
        [
            (
                f"{ANSWERS}/NotFound",
                "NotFound answers #/components/schemas/MessageResponse; every refusal answers an ErrorResponse",
            )
        ],
    ),
    (
        {f"{ANSWERS}/Task/headers/X-Request-ID": REMOVED},
        [(f"{ANSWERS}/Task", "Task lacks the header X-Request-ID")],
    ),
    (
        {f"{HEADERS}/XRequestID/required": False},
        [
            (
                f"{HEADERS}/XRequestID",
                "the header X-Request-ID lacks required: true; every answer that uses this has it",
            )
        ],
    ),
    (
        {f"{ANSWERS}/TooManyRequests/headers/Retry-After": REMOVED},
        [(f"{ANSWERS}/TooManyRequests", "TooManyRequests lacks the header Retry-After")],
    ),
    (
        {f"{ANSWERS}/MethodNotAllowed/headers/Allow": REMOVED},
        [(f"{ANSWERS}/MethodNotAllowed", "MethodNotAllowed lacks the header Allow")],
    ),
    (
        {f"{ANSWERS}/Unauthorized/headers/WWW-Authenticate": REMOVED},
        [(f"{ANSWERS}/Unauthorized", "Unauthorized lacks the header WWW-Authenticate")],
    ),
    (
        {f"{ANSWERS}/TaskPage/headers/X-Total-Count": REMOVED},
        [(f"{ANSWERS}/TaskPage", "TaskPage lacks the header X-Total-Count")],
    ),
    ({f"{ANSWERS}/TaskPage/headers/Link": REMOVED}, [(f"{ANSWERS}/TaskPage", "TaskPage lacks the header Link")]),
    (
        {f"{HEADERS}/Link/required": True},
        [(f"{HEADERS}/Link", "the header Link cannot be required here; some answers that use this have none")],
    ),
    (
        {f"{ANSWERS}/Task/headers/X-RateLimit-Limit": REMOVED},
        [(f"{ANSWERS}/Task", "Task lacks the header X-RateLimit-Limit")],
    ),
    (
        {f"{HEADERS}/OptionalRateLimitReset/required": True},
        [
            (
                f"{HEADERS}/OptionalRateLimitReset",
                "the header X-RateLimit-Reset cannot be required here; some answers that use this have none",
            )
        ],
    ),
    (
        {f"{HEADERS}/XRateLimitLimit/schema/type": "string"},
        [(f"{HEADERS}/XRateLimitLimit/schema", "X-RateLimit-Limit is no integer")],
    ),
]

LINKS: list[Row] = [
    (
        {f"{ANSWERS}/Task/links": {"It": {"operationId": "readTask"}}},
        [(f"{ANSWERS}/Task/links/It/operationId", "the link It leads to readTask, which is no operation")],
    ),
    (
        {f"{ANSWERS}/Task/links": {"It": {"operationId": "getTask", "parameters": {"taskId": "x"}}}},
        [(f"{ANSWERS}/Task/links/It/parameters/taskId", "the link It sends taskId, which getTask does not take")],
    ),
]

ENTITIES: list[Row] = [
    (
        {f"{SCHEMAS}/Task/x-entity/serchable": []},
        [(f"{SCHEMAS}/Task/x-entity/serchable", "serchable is no fact of an entity; did you mean searchable?")],
    ),
    (
        {f"{SCHEMAS}/Task/x-entity/colour": "red"},
        [
            (
                f"{SCHEMAS}/Task/x-entity/colour",
                f"colour is no fact of an entity; there are {FACTS}",
            )
        ],
    ),
    (
        {f"{SCHEMAS}/Task/x-entity/idPrefix": 7},
        [(f"{SCHEMAS}/Task/x-entity", "x-entity of Task lacks idPrefix, a text")],
    ),
    (
        {f"{SCHEMAS}/Task/x-entity/searchable": "title"},
        [(f"{SCHEMAS}/Task/x-entity/searchable", "searchable of Task is no list of names")],
    ),
    (
        {f"{SCHEMAS}/User/x-entity/operations/-": "lst"},
        [
            (
                f"{SCHEMAS}/User/x-entity/operations",
                "lst is no operation; there are list, create, read, update, delete and metadata",
            )
        ],
    ),
    (
        {f"{SCHEMAS}/Task/x-entity/idPrefix": "ord"},
        [
            (f"{SCHEMAS}/Task/x-entity/idPrefix", "the id prefix ord of Task is another entity's too"),
            (f"{SCHEMAS}/Order/x-entity/idPrefix", "the id prefix ord of Order is another entity's too"),
        ],
    ),
    (
        {f"{SCHEMAS}/Task/x-entity/relations/assignee/entity": "people"},
        [(f"{SCHEMAS}/Task/x-entity/relations/assignee", "the relation assignee leads to people, which is no entity")],
    ),
    (
        {f"{SCHEMAS}/Task/x-entity/relations/assignee/type": "has"},
        [
            (
                f"{SCHEMAS}/Task/x-entity/relations/assignee",
                "the type of the relation assignee is none of belongsTo and hasMany",
            )
        ],
    ),
    (
        {f"{SCHEMAS}/Task/x-entity/relations/assignee/foreignKey": "personId"},
        [
            (
                f"{SCHEMAS}/Task/x-entity/relations/assignee",
                "the foreign key of assignee is personId, which Task lacks",
            )
        ],
    ),
    (
        {f"{SCHEMAS}/Task/x-entity/relations/comments/foreignKey": "tskId"},
        [
            (
                f"{SCHEMAS}/Task/x-entity/relations/comments",
                "the foreign key of comments is tskId, which Comment lacks",
            )
        ],
    ),
    (
        {f"{SCHEMAS}/Task/x-entity/relations/assignee/foreignkey": "assigneeId"},
        [
            (
                f"{SCHEMAS}/Task/x-entity/relations/assignee/foreignkey",
                "foreignkey is no fact of a relation; there are type, entity and foreignKey",
            )
        ],
    ),
    (
        {f"{SCHEMAS}/Task/properties/comments": REMOVED},
        [(f"{SCHEMAS}/Task", "Task lacks the property comments, which shows the relation")],
    ),
    (
        {"#/paths/~1v1~1products~1{id}/delete": REMOVED},
        [
            (
                "#/paths/~1v1~1products~1{id}",
                f"DELETE /v1/products/{{id}} is missing, the operation delete of Product {OR_WITHOUT}",
            )
        ],
    ),
    (
        {f"{SCHEMAS}/User/x-entity/operations/0": REMOVED},
        [(f"{SCHEMAS}/User/x-entity/operations", "operations of User lacks list, and there is GET /v1/users")],
    ),
    (
        {f"{PARAMETERS}/EntityName/example": "tasks"},
        [(f"{PARAMETERS}/EntityName/example", "tasks has paths of its own; name an entity that has none")],
    ),
]

QUERIES: list[Row] = [
    ({f"{LIST}/parameters/0": REMOVED}, [(LIST, "listTasks lacks the parameter page")]),
    (
        {f"{LIST}/parameters/-": {"name": "colour", "in": "query", "schema": STRING}},
        [(f"{LIST}/parameters", "listTasks takes colour, which a list does not take")],
    ),
    ({f"{SCHEMAS}/TaskField/enum/1": REMOVED}, [(f"{SCHEMAS}/TaskField", "TaskField lacks title")]),
    ({f"{SCHEMAS}/TaskSortField/enum/1": REMOVED}, [(f"{SCHEMAS}/TaskSortField", "TaskSortField lacks title")]),
    ({f"{SCHEMAS}/TaskRelation/enum/1": REMOVED}, [(f"{SCHEMAS}/TaskRelation", "TaskRelation lacks comments")]),
    (
        {f"{SCHEMAS}/TaskField/enum/-": "colour"},
        [(f"{SCHEMAS}/TaskField", "TaskField names colour, which is no field of Task")],
    ),
    (
        {f"{SCHEMAS}/CommentSortField/enum/-": "text"},
        [(f"{SCHEMAS}/CommentSortField", "CommentSortField names text, which is no field to sort by of Comment")],
    ),
]

BODY_SCHEMAS: list[Row] = [
    (
        {f"{SCHEMAS}/TaskUpdate": REMOVED},
        [(f"{SCHEMAS}/Task", "the schema TaskUpdate is missing, the body that update takes")],
    ),
    (
        {f"{BODIES}/TaskCreate/{JSON}": {"$ref": f"{SCHEMAS}/OrderCreate"}},
        [(f"{BODIES}/TaskCreate", "createTask takes OrderCreate instead of TaskCreate")],
    ),
    (
        {f"{READ}/responses/200": {"$ref": f"{ANSWERS}/Order"}},
        [(f"{ANSWERS}/Order", "getTask answers OrderResponse, whose data is no Task")],
    ),
    (
        {f"{SCHEMAS}/TaskListResponse/properties/data/items": {"$ref": f"{SCHEMAS}/Order"}},
        [(f"{ANSWERS}/TaskPage", "listTasks answers TaskListResponse, whose data is no Task")],
    ),
    (
        {f"{SCHEMAS}/TaskListResponse/properties/pagination": REMOVED},
        [(f"{ANSWERS}/TaskPage", "TaskPage answers TaskListResponse, which lacks pagination")],
    ),
    (
        {f"{ANSWERS}/Deleted/{JSON}": {"$ref": f"{SCHEMAS}/TaskResponse"}},
        [(f"{ANSWERS}/Deleted", "Deleted answers TaskResponse, which lacks message")],
    ),
    (
        {f"{READ}/responses/202": {"$ref": f"{ANSWERS}/Task"}},
        [(f"{READ}/responses/202", "getTask answers 202; its one success is 200")],
    ),
    ({f"{READ}/responses/200": REMOVED}, [(READ, "getTask lacks the answer 200")]),
]

FIELDS: list[Row] = [
    (
        {
            f"{SCHEMAS}/Task/properties/createdAt": REMOVED,
            f"{SCHEMAS}/TaskField/enum/6": REMOVED,
            f"{SCHEMAS}/TaskSortField/enum/6": REMOVED,
        },
        [(f"{SCHEMAS}/Task", "Task lacks createdAt, which every record has")],
    ),
    (
        {f"{SCHEMAS}/Task/required/-": "title"},
        [(f"{SCHEMAS}/Task/required", "Task requires title, which `fields` can leave out: its required is [id]")],
    ),
    (
        {f"{SCHEMAS}/Task/required": []},
        [(f"{SCHEMAS}/Task/required", "Task does not require id: its required is [id]")],
    ),
    (
        {f"{SCHEMAS}/Task/properties/description": {"type": ["object", "null"]}},
        [
            (
                f"{SCHEMAS}/Task/properties/description",
                "Task.description is not a string, enum, integer, number, boolean, date or date-time",
            )
        ],
    ),
    (
        {f"{SCHEMAS}/TaskCreate/properties/assigneeId": REMOVED},
        [(f"{SCHEMAS}/TaskCreate", f"TaskCreate lacks assigneeId {OR_GENERATED}")],
    ),
    (
        {f"{SCHEMAS}/TaskUpdate/properties/assigneeId": REMOVED},
        [(f"{SCHEMAS}/TaskUpdate", f"TaskUpdate lacks assigneeId {OR_GENERATED}")],
    ),
    (
        {
            f"{SCHEMAS}/TaskCreate/properties/assigneeId": REMOVED,
            f"{SCHEMAS}/TaskUpdate/properties/assigneeId": REMOVED,
        },
        [
            (f"{SCHEMAS}/TaskCreate", f"TaskCreate lacks assigneeId {OR_GENERATED}"),
            (f"{SCHEMAS}/TaskUpdate", f"TaskUpdate lacks assigneeId {OR_GENERATED}"),
        ],
    ),
    (
        {f"{SCHEMAS}/User/x-entity/generated/1": REMOVED},
        [(f"{SCHEMAS}/User/x-entity/generated", "x-entity.generated of User lacks name, which no body names")],
    ),
    (
        {f"{SCHEMAS}/Task/x-entity/generated/0": REMOVED},
        [(f"{SCHEMAS}/Task/x-entity/generated", "x-entity.generated of Task lacks id")],
    ),
    (
        {f"{SCHEMAS}/TaskUpdate/properties/createdAt": {"type": "string", "format": "date-time"}},
        [
            (
                f"{SCHEMAS}/TaskUpdate/properties/createdAt",
                "TaskUpdate names createdAt, which x-entity.generated of Task lists",
            )
        ],
    ),
    (
        {f"{SCHEMAS}/TaskCreate/properties/colour": STRING},
        [(f"{SCHEMAS}/TaskCreate/properties/colour", "TaskCreate names colour, which Task lacks")],
    ),
    (
        {f"{SCHEMAS}/TaskCreate/properties/colour": STRING, f"{SCHEMAS}/TaskUpdate/properties/colour": STRING},
        [(f"{SCHEMAS}/Task", "Task lacks colour, which TaskCreate and TaskUpdate name")],
    ),
    (
        {f"{SCHEMAS}/Task/x-entity/searchable/-": "colour"},
        [(f"{SCHEMAS}/Task/x-entity/searchable", "x-entity.searchable names colour, which Task lacks")],
    ),
    (
        {f"{SCHEMAS}/Task/x-entity/always/1": REMOVED},
        [
            (
                f"{SCHEMAS}/Task/x-entity/always",
                "x-entity.always of Task lacks title, which is never null (or allow null in Task.title)",
            )
        ],
    ),
    (
        {f"{SCHEMAS}/TaskCreate/properties/status/default": REMOVED},
        [
            (
                f"{SCHEMAS}/TaskCreate/properties/status",
                f"TaskCreate neither requires status nor has a default for it: {OR_NULL} Task.status",
            )
        ],
    ),
    (
        {f"{SCHEMAS}/TaskUpdate/properties/title/maxLength": 300},
        [(f"{SCHEMAS}/TaskUpdate/properties/title", "TaskCreate and TaskUpdate say different things of title")],
    ),
    (
        {f"{SCHEMAS}/TaskUpdate/required": ["title"]},
        [(f"{SCHEMAS}/TaskUpdate/required", "TaskUpdate requires title, and a PATCH names only what it changes")],
    ),
    (
        {f"{SCHEMAS}/TaskCreate/required/-": "colour"},
        [(f"{SCHEMAS}/TaskCreate/required", "TaskCreate requires colour, which is none of its properties")],
    ),
    (
        {f"{SCHEMAS}/TaskCreate/properties/title/type": "integer"},
        [
            (f"{SCHEMAS}/TaskCreate/properties/title", "TaskCreate.title is integer, and Task.title is string"),
            (f"{SCHEMAS}/TaskUpdate/properties/title", "TaskCreate and TaskUpdate say different things of title"),
        ],
    ),
    (
        {f"{SCHEMAS}/Task/properties/description/type": "string", f"{SCHEMAS}/Task/x-entity/always/-": "description"},
        [
            (
                f"{SCHEMAS}/TaskCreate/properties/description",
                f"TaskCreate neither requires description nor has a default for it: {OR_NULL} Task.description",
            ),
            (
                f"{SCHEMAS}/TaskCreate/properties/description",
                "TaskCreate.description can be null, and Task.description cannot",
            ),
            (
                f"{SCHEMAS}/TaskUpdate/properties/description",
                "TaskUpdate.description can be null, and Task.description cannot",
            ),
        ],
    ),
    (
        {f"{SCHEMAS}/TaskCreate/properties/status": {"type": "string", "enum": ["todo", "late"], "default": "todo"}},
        [
            (f"{SCHEMAS}/TaskCreate/properties/status", "TaskCreate.status takes late, which Task.status never is"),
            (f"{SCHEMAS}/TaskUpdate/properties/status", "TaskCreate and TaskUpdate say different things of status"),
        ],
    ),
]

ROWS = [
    *(*EXTENSIONS, *CATALOGUE, *OPERATORS, *OPERATIONS, *RESPONSES, *LINKS),
    *(*ENTITIES, *QUERIES, *BODY_SCHEMAS, *FIELDS),
]
