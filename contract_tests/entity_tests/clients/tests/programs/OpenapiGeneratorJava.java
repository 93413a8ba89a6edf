import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.net.http.HttpHeaders;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import v1.ApiClient;
import v1.ApiException;
import v1.api.AiApi;
import v1.api.ApiKeysApi;
import v1.api.CustomersApi;
import v1.api.SystemApi;
import v1.api.TasksApi;
import v1.api.TasksApi.APIListTasksRequest;
import v1.api.UsersApi;
import v1.model.ApiKey;
import v1.model.ApiKeyCreate;
import v1.model.ApiKeyCreatedResponse;
import v1.model.Customer;
import v1.model.CustomerCreate;
import v1.model.CustomerSegment;
import v1.model.EntityMetadata;
import v1.model.ErrorCode;
import v1.model.ErrorResponse;
import v1.model.FieldMetadata;
import v1.model.GenerateTextRequest;
import v1.model.GeneratedText;
import v1.model.RelationMetadata;
import v1.model.Scope;
import v1.model.SortOrder;
import v1.model.Task;
import v1.model.TaskCreate;
import v1.model.TaskField;
import v1.model.TaskListResponse;
import v1.model.TaskPriority;
import v1.model.TaskRelation;
import v1.model.TaskSortField;
import v1.model.TaskStatus;
import v1.model.TaskUpdate;
import v1.model.User;

/** Every step of the API with the Java client (native) of openapi-generator. */
public final class OpenapiGeneratorJava {
    private static final String OURS = "{\"title\": {\"$startsWith\": \"sdk \"}}";

    private interface Call {
        void run() throws ApiException;
    }

    private record Refusal(int status, ErrorResponse error, HttpHeaders headers) {}

    /** Sends `description` even when it is null; without it a null is left out and clears nothing. */
    private abstract static class ClearsDescription {
        @JsonProperty("description")
        @JsonInclude(JsonInclude.Include.ALWAYS)
        abstract String getDescription();
    }

    private static ApiClient connect(String url, String header, String value) {
        ApiClient client = new ApiClient().setRequestInterceptor(request -> request.header(header, value));
        client.updateBaseUri(url);
        return client;
    }

    private static ApiClient withKey(String url, String key) {
        return connect(url, "Authorization", "Bearer " + key);
    }

    private static Refusal refusal(ErrorCode code, Call call) throws Exception {
        return refusal(List.of(code), call);
    }

    private static Refusal refusal(List<ErrorCode> codes, Call call) throws Exception {
        try {
            call.run();
        } catch (ApiException problem) {
            ErrorResponse error =
                    ApiClient.createDefaultObjectMapper().readValue(problem.getResponseBody(), ErrorResponse.class);
            must(codes.contains(error.getCode()), "the code is one of " + codes);
            return new Refusal(problem.getCode(), error, problem.getResponseHeaders());
        }
        throw new AssertionError("the call was not refused");
    }

    private static void must(boolean truth, String claim) {
        if (!truth) throw new AssertionError("not so: " + claim);
    }

    private static String describe(Task task) {
        String description = task.getDescription() == null ? "null" : task.getDescription();
        return task.getStatus() + " description=" + description;
    }

    private static String names(ErrorResponse error) {
        return String.join(", ", error.getDetails().keySet());
    }

    private static void say(String line) {
        System.out.println(line);
    }

    public static void main(String[] arguments) throws Exception {
        String url = System.getenv("V1_URL");
        ApiClient client = withKey(url, System.getenv("V1_API_KEY"));
        TasksApi tasks = new TasksApi(client);

        ApiClient anonymous = new ApiClient();
        anonymous.updateBaseUri(url);
        say("health: " + new SystemApi(anonymous).getHealth().getStatus());

        UsersApi.APIListUsersRequest byName =
                UsersApi.APIListUsersRequest.newBuilder().search("ben okafor").build();
        User ben = new UsersApi(client).listUsers(byName).getData().get(0);
        say("directory: " + ben.getName() + " <" + ben.getEmail() + ">");

        Task created = create(tasks, "sdk 1", TaskPriority.HIGH, ben.getId());
        must(created.getStatus() == TaskStatus.TODO, "status takes its default");
        say("created: " + created.getTitle() + " " + describe(created));
        int number = 2;
        for (String title : List.of("sdk 2", "sdk 3", "sdk 4", "sdk 5 & ü+")) {
            boolean high = number++ % 2 == 1;
            create(tasks, title, high ? TaskPriority.HIGH : TaskPriority.LOW, high ? ben.getId() : null);
        }

        String id = created.getId();
        Task read = tasks.getTask(TasksApi.APIGetTaskRequest.newBuilder()
                        .id(id)
                        .include(List.of(TaskRelation.ASSIGNEE, TaskRelation.COMMENTS))
                        .build())
                .getData();
        int comments = read.getComments().size();
        say("read: " + read.getTitle() + " for " + read.getAssignee().getName() + ", " + comments + " comments");

        TaskUpdate change = new TaskUpdate().status(TaskStatus.IN_PROGRESS).description("for now");
        say("patched: " + describe(update(tasks, id, change)));
        ApiClient clearing = withKey(url, System.getenv("V1_API_KEY"));
        clearing.setObjectMapper(
                ApiClient.createDefaultObjectMapper().addMixIn(TaskUpdate.class, ClearsDescription.class));
        say("cleared: " + describe(update(new TasksApi(clearing), id, new TaskUpdate().description(null))));

        list(tasks);
        String createdAt = created.getCreatedAt().toString();
        int since = total(tasks, OffsetDateTime.parse(createdAt));
        int later = total(tasks, OffsetDateTime.parse("2099-01-01T00:00:00Z"));
        say("dated: " + since + " since the first, " + later + " since 2099");
        customer(client);
        metadata(tasks);

        say("deleted: " + tasks.deleteTask(TasksApi.APIDeleteTaskRequest.newBuilder().id(id).build()).getMessage());
        refusals(url, tasks, id);
        keys(url);

        GenerateTextRequest prompt = new GenerateTextRequest().prompt("Write a haiku").maxTokens(8);
        try {
            GeneratedText text = new AiApi(client)
                    .generateText(AiApi.APIGenerateTextRequest.newBuilder().generateTextRequest(prompt).build())
                    .getData();
            must(!text.getText().isEmpty(), "text is generated");
            String bound = text.getTokensUsed() <= 8 ? "within" : "beyond";
            say("generated: by " + text.getModel() + ", " + bound + " 8 tokens");
        } catch (ApiException absent) {
            must(absent.getCode() == 404, "text generation is there, or it is not");
            say("generated: nothing, there is no text generation");
        }
    }

    private static Task create(TasksApi tasks, String title, TaskPriority priority, String assignee)
            throws ApiException {
        TaskCreate body = new TaskCreate().title(title).priority(priority).assigneeId(assignee);
        return tasks.createTask(TasksApi.APICreateTaskRequest.newBuilder().taskCreate(body).build())
                .getData();
    }

    private static Task update(TasksApi tasks, String id, TaskUpdate body) throws ApiException {
        return tasks.updateTask(TasksApi.APIUpdateTaskRequest.newBuilder().id(id).taskUpdate(body).build())
                .getData();
    }

    private static int total(TasksApi tasks, OffsetDateTime since) throws ApiException {
        APIListTasksRequest query = APIListTasksRequest.newBuilder().filter(OURS).startDate(since).build();
        return tasks.listTasks(query).getPagination().getTotal().intValue();
    }

    private static void list(TasksApi tasks) throws ApiException {
        TaskListResponse listed = tasks.listTasks(APIListTasksRequest.newBuilder()
                .filter("{\"title\": {\"$startsWith\": \"sdk \"}, \"priority\": \"high\"}")
                .sort(TaskSortField.TITLE)
                .order(SortOrder.DESC)
                .fields(List.of(TaskField.ID, TaskField.TITLE, TaskField.PRIORITY))
                .include(List.of(TaskRelation.ASSIGNEE))
                .build());
        String names = listed.getData().stream()
                .map(task -> task.getTitle() + " (" + task.getAssignee().getName() + ")")
                .collect(Collectors.joining(", "));
        say("listed: " + names + " of " + listed.getPagination().getTotal());
        say("fields: status=" + (listed.getData().get(0).getStatus() == null ? "absent" : "there"));

        List<String> titles = new ArrayList<>();
        int pages = 0;
        boolean more = true;
        while (more) {
            pages += 1;
            TaskListResponse page = tasks.listTasks(APIListTasksRequest.newBuilder()
                    .filter(OURS)
                    .sort(TaskSortField.TITLE)
                    .limit(2)
                    .page(pages)
                    .build());
            page.getData().forEach(task -> titles.add(task.getTitle()));
            more = page.getPagination().getHasNext();
        }
        say("walked: " + String.join(", ", titles) + " on " + pages + " pages");
        APIListTasksRequest exact =
                APIListTasksRequest.newBuilder().filter("{\"title\": \"sdk 5 & ü+\"}").build();
        say("found: " + tasks.listTasks(exact).getData().get(0).getTitle());
    }

    private static void customer(ApiClient client) throws ApiException {
        CustomersApi customers = new CustomersApi(client);
        CustomerCreate grace = new CustomerCreate()
                .name("Grace Hopper")
                .email("grace@example.com")
                .segment(CustomerSegment.VIP)
                .birthDate(LocalDate.of(1986, 12, 9));
        Customer customer = customers
                .createCustomer(CustomersApi.APICreateCustomerRequest.newBuilder().customerCreate(grace).build())
                .getData();
        String born = "born " + customer.getBirthDate() + " " + customer.getSegment();
        say("customer: " + born + " credit " + customer.getCreditLimitCents());
        customers.deleteCustomer(
                CustomersApi.APIDeleteCustomerRequest.newBuilder().id(customer.getId()).build());
    }

    private static void metadata(TasksApi tasks) throws ApiException {
        EntityMetadata metadata = tasks.getTaskMetadata().getData();
        FieldMetadata title = metadata.getSchema().get("title");
        String choices = String.join("|", metadata.getSchema().get("status").getValues());
        say("metadata: title " + title.getType() + " at most " + title.getMaxLength() + "; status " + choices);
        RelationMetadata assignee = metadata.getRelations().get("assignee");
        say("relation: " + assignee.getType() + " " + assignee.getEntity() + " by " + assignee.getForeignKey());
        say("limits: " + metadata.getRateLimit().getLimit() + " in " + metadata.getRateLimit().getWindow());
    }

    private static void refusals(String url, TasksApi tasks, String gone) throws Exception {
        Refusal missing = refusal(
                ErrorCode.NOT_FOUND,
                () -> tasks.getTask(TasksApi.APIGetTaskRequest.newBuilder().id(gone).build()));
        say(missing.status() + ": " + missing.error().getCode());
        Refusal invalid = refusal(
                ErrorCode.VALIDATION_FAILED, () -> create(tasks, "sdk 6", TaskPriority.LOW, "usr_nobody"));
        say(invalid.status() + ": " + invalid.error().getCode() + " on " + names(invalid.error()));
        APIListTasksRequest brace = APIListTasksRequest.newBuilder().filter("{").build();
        Refusal filter = refusal(ErrorCode.INVALID_FILTER, () -> tasks.listTasks(brace));
        say(filter.status() + ": " + filter.error().getCode() + " on " + names(filter.error()));
        TasksApi stranger = new TasksApi(withKey(url, "sk_live_wrong"));
        APIListTasksRequest all = APIListTasksRequest.newBuilder().build();
        Refusal unknown = refusal(ErrorCode.UNAUTHORIZED, () -> stranger.listTasks(all));
        say(unknown.status() + ": " + unknown.error().getCode());
        TasksApi reader = new TasksApi(withKey(url, System.getenv("V1_READ_KEY")));
        List<ErrorCode> scope = List.of(ErrorCode.INVALID_SCOPE, ErrorCode.FORBIDDEN);
        Refusal forbidden = refusal(scope, () -> create(reader, "sdk 6", TaskPriority.LOW, null));
        say(forbidden.status() + ": " + forbidden.error().getCode());
        TasksApi limited =
                new TasksApi(withKey(System.getenv("V1_LIMITED_URL"), System.getenv("V1_LIMITED_KEY")));
        Refusal exceeded = refusal(ErrorCode.RATE_LIMIT_EXCEEDED, () -> {
            for (int call = 0; call < 4; call += 1) limited.listTasks(all);
        });
        HttpHeaders headers = exceeded.headers();
        must(headers.firstValueAsLong("Retry-After").orElseThrow() >= 1, "it says when to try again");
        String left = headers.firstValue("X-RateLimit-Remaining").orElseThrow() + " of "
                + headers.firstValue("X-RateLimit-Limit").orElseThrow() + " left";
        say(exceeded.status() + ": " + exceeded.error().getCode() + ", " + left);
    }

    private static void keys(String url) throws Exception {
        String cookie = "better-auth.session_token=" + System.getenv("V1_SESSION");
        ApiKeysApi keys = new ApiKeysApi(connect(url, "Cookie", cookie));
        ApiKeyCreate body = new ApiKeyCreate().name("SDK program").scopes(List.of(Scope.READ, Scope.WRITE));
        ApiKeyCreatedResponse issued =
                keys.createApiKey(ApiKeysApi.APICreateApiKeyRequest.newBuilder().apiKeyCreate(body).build());
        ApiKey key = issued.getData();
        must(!key.getKey().endsWith("..."), "the whole key is shown once");
        String scopes = key.getScopes().stream().map(Scope::getValue).collect(Collectors.joining(" "));
        String expires = key.getExpiresAt() == null ? "never" : key.getExpiresAt().toString();
        say("key: " + key.getName() + " " + scopes + " expires=" + expires);
        say("warning: " + issued.getWarning());
        TasksApi own = new TasksApi(withKey(url, key.getKey()));
        APIListTasksRequest ours = APIListTasksRequest.newBuilder().filter(OURS).build();
        say("key works: " + own.listTasks(ours).getPagination().getTotal() + " tasks");
        ApiKey shown = keys.listApiKeys().getData().stream()
                .filter(item -> item.getId().equals(key.getId()))
                .findFirst()
                .orElseThrow();
        boolean masked = !shown.getKey().equals(key.getKey()) && shown.getKey().endsWith("...");
        say("key shown: " + (masked ? "masked" : shown.getKey()));
        String message = keys.revokeApiKey(
                        ApiKeysApi.APIRevokeApiKeyRequest.newBuilder().keyId(key.getId()).build())
                .getMessage();
        say("revoked: " + message);
        APIListTasksRequest all = APIListTasksRequest.newBuilder().build();
        say("key after that: " + refusal(ErrorCode.UNAUTHORIZED, () -> own.listTasks(all)).error().getCode());
    }
}
