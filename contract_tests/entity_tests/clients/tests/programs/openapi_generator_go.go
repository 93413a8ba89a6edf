// Every step of the API with the Go client of openapi-generator.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	v1 "example.com/you/v1entity"
)

const ours = `{"title": {"$startsWith": "sdk "}}`

var ctx = context.Background()

func connect(url string, header string, value string) *v1.APIClient {
	config := v1.NewConfiguration()
	config.Servers = v1.ServerConfigurations{{URL: url}}
	config.AddDefaultHeader(header, value)
	return v1.NewAPIClient(config)
}

func withKey(url string, key string) *v1.APIClient {
	return connect(url, "Authorization", "Bearer "+key)
}

// must takes what a generated call returns and stops the program when it was refused.
func must[T any](answer *T, _ *http.Response, err error) *T {
	if err != nil {
		panic(err)
	}
	return answer
}

func claim(truth bool, text string) {
	if !truth {
		panic("not so: " + text)
	}
}

// refused takes the response and the error of a call and gives the typed error back.
func refused(code v1.ErrorCode, response *http.Response, err error) v1.ErrorResponse {
	refusal := typed(response, err)
	claim(refusal.Code == code, fmt.Sprintf("the code of %s is %s", response.Status, code))
	return refusal
}

func typed(response *http.Response, err error) v1.ErrorResponse {
	var problem *v1.GenericOpenAPIError
	claim(errors.As(err, &problem), "the call is refused")
	refusal, known := problem.Model().(v1.ErrorResponse)
	claim(known, "the error of "+response.Status+" is typed")
	return refusal
}

func names(details map[string]string) string {
	all := []string{}
	for name := range details {
		all = append(all, name)
	}
	return strings.Join(all, ", ")
}

func describe(task v1.Task) string {
	description := "null"
	if text, known := task.GetDescriptionOk(); known && text != nil {
		description = *text
	}
	return fmt.Sprintf("%s description=%s", task.GetStatus(), description)
}

func create(client *v1.APIClient, title string, priority v1.TaskPriority, assignee string) v1.Task {
	body := v1.NewTaskCreate(title)
	body.SetPriority(priority)
	if assignee != "" {
		body.SetAssigneeId(assignee)
	}
	return must(client.TasksAPI.CreateTask(ctx).TaskCreate(*body).Execute()).Data
}

func total(client *v1.APIClient, since time.Time) int64 {
	page := must(client.TasksAPI.ListTasks(ctx).Filter(ours).StartDate(since).Execute())
	return page.Pagination.Total
}

func main() {
	url := os.Getenv("V1_URL")
	client := withKey(url, os.Getenv("V1_API_KEY"))

	health := must(connect(url, "Accept-Language", "en").SystemAPI.GetHealth(ctx).Execute())
	fmt.Printf("health: %s\n", health.Status)

	ben := must(client.UsersAPI.ListUsers(ctx).Search("ben okafor").Execute()).Data[0]
	fmt.Printf("directory: %s <%s>\n", ben.GetName(), ben.GetEmail())

	created := create(client, "sdk 1", v1.TASKPRIORITY_HIGH, ben.Id)
	claim(created.GetStatus() == v1.TASKSTATUS_TODO, "status takes its default")
	fmt.Printf("created: %s %s\n", created.GetTitle(), describe(created))
	for index, title := range []string{"sdk 2", "sdk 3", "sdk 4", "sdk 5 & ü+"} {
		if index%2 == 1 {
			create(client, title, v1.TASKPRIORITY_HIGH, ben.Id)
		} else {
			create(client, title, v1.TASKPRIORITY_LOW, "")
		}
	}

	include := []v1.TaskRelation{v1.TASKRELATION_ASSIGNEE, v1.TASKRELATION_COMMENTS}
	read := must(client.TasksAPI.GetTask(ctx, created.Id).Include(include).Execute()).Data
	assignee := read.GetAssignee()
	fmt.Printf("read: %s for %s, %d comments\n", read.GetTitle(), assignee.GetName(), len(read.GetComments()))

	change := v1.NewTaskUpdate()
	change.SetStatus(v1.TASKSTATUS_IN_PROGRESS)
	change.SetDescription("for now")
	patched := must(client.TasksAPI.UpdateTask(ctx, created.Id).TaskUpdate(*change).Execute()).Data
	fmt.Printf("patched: %s\n", describe(patched))
	clearing := v1.NewTaskUpdate()
	clearing.SetDescriptionNil()
	cleared := must(client.TasksAPI.UpdateTask(ctx, created.Id).TaskUpdate(*clearing).Execute()).Data
	fmt.Printf("cleared: %s\n", describe(cleared))

	list(client)
	later := time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
	since := total(client, created.GetCreatedAt())
	fmt.Printf("dated: %d since the first, %d since 2099\n", since, total(client, later))
	customer(client)
	metadata(client)

	gone := must(client.TasksAPI.DeleteTask(ctx, created.Id).Execute())
	fmt.Printf("deleted: %s\n", gone.Message)
	refusals(url, client, created.Id)
	keys(url)

	prompt := v1.NewGenerateTextRequest("Write a haiku")
	prompt.SetMaxTokens(8)
	generated, response, err := client.AIAPI.GenerateText(ctx).GenerateTextRequest(*prompt).Execute()
	if response != nil && response.StatusCode == 404 {
		fmt.Println("generated: nothing, there is no text generation")
		return
	}
	text := must(generated, response, err).Data
	claim(text.Text != "", "text is generated")
	bound := "beyond"
	if text.TokensUsed <= 8 {
		bound = "within"
	}
	fmt.Printf("generated: by %s, %s 8 tokens\n", text.Model, bound)
}

func list(client *v1.APIClient) {
	listed := must(client.TasksAPI.ListTasks(ctx).
		Filter(`{"title": {"$startsWith": "sdk "}, "priority": "high"}`).
		Sort(v1.TASKSORTFIELD_TITLE).
		Order(v1.SORTORDER_DESC).
		Fields([]v1.TaskField{v1.TASKFIELD_ID, v1.TASKFIELD_TITLE, v1.TASKFIELD_PRIORITY}).
		Include([]v1.TaskRelation{v1.TASKRELATION_ASSIGNEE}).
		Execute())
	titles := []string{}
	for _, task := range listed.Data {
		assignee := task.GetAssignee()
		titles = append(titles, fmt.Sprintf("%s (%s)", task.GetTitle(), assignee.GetName()))
	}
	fmt.Printf("listed: %s of %d\n", strings.Join(titles, ", "), listed.Pagination.Total)
	status := "absent"
	if listed.Data[0].HasStatus() {
		status = "there"
	}
	fmt.Printf("fields: status=%s\n", status)

	walked := []string{}
	pages := int32(0)
	for more := true; more; {
		pages++
		sorted := client.TasksAPI.ListTasks(ctx).Filter(ours).Sort(v1.TASKSORTFIELD_TITLE)
		page := must(sorted.Limit(2).Page(pages).Execute())
		for _, task := range page.Data {
			walked = append(walked, task.GetTitle())
		}
		more = page.Pagination.HasNext
	}
	fmt.Printf("walked: %s on %d pages\n", strings.Join(walked, ", "), pages)
	exact := must(client.TasksAPI.ListTasks(ctx).Filter(`{"title": "sdk 5 & ü+"}`).Execute())
	fmt.Printf("found: %s\n", exact.Data[0].GetTitle())
}

func customer(client *v1.APIClient) {
	grace := v1.NewCustomerCreate("Grace Hopper", "grace@example.com")
	grace.SetSegment(v1.CUSTOMERSEGMENT_VIP)
	grace.SetBirthDate("1986-12-09")
	created := must(client.CustomersAPI.CreateCustomer(ctx).CustomerCreate(*grace).Execute()).Data
	born := created.GetBirthDate()
	fmt.Printf("customer: born %s %s credit %d\n", born, created.GetSegment(), created.GetCreditLimitCents())
	must(client.CustomersAPI.DeleteCustomer(ctx, created.Id).Execute())
}

func metadata(client *v1.APIClient) {
	about := must(client.TasksAPI.GetTaskMetadata(ctx).Execute()).Data
	title, status, assignee := about.Schema["title"], about.Schema["status"], about.Relations["assignee"]
	choices := strings.Join(status.Values, "|")
	fmt.Printf("metadata: title %s at most %d; status %s\n", title.Type, title.GetMaxLength(), choices)
	fmt.Printf("relation: %s %s by %s\n", assignee.Type, assignee.Entity, assignee.ForeignKey)
	fmt.Printf("limits: %d in %s\n", about.RateLimit.Limit, about.RateLimit.Window)
}

func refusals(url string, client *v1.APIClient, gone string) {
	_, response, err := client.TasksAPI.GetTask(ctx, gone).Execute()
	refusal := refused(v1.ERRORCODE_NOT_FOUND, response, err)
	fmt.Printf("%d: %s\n", response.StatusCode, refusal.Code)

	body := v1.NewTaskCreate("sdk 6")
	body.SetAssigneeId("usr_nobody")
	_, response, err = client.TasksAPI.CreateTask(ctx).TaskCreate(*body).Execute()
	refusal = refused(v1.ERRORCODE_VALIDATION_FAILED, response, err)
	fmt.Printf("%d: %s on %s\n", response.StatusCode, refusal.Code, names(refusal.GetDetails()))

	_, response, err = client.TasksAPI.ListTasks(ctx).Filter("{").Execute()
	refusal = refused(v1.ERRORCODE_INVALID_FILTER, response, err)
	fmt.Printf("%d: %s on %s\n", response.StatusCode, refusal.Code, names(refusal.GetDetails()))

	_, response, err = withKey(url, "sk_live_wrong").TasksAPI.ListTasks(ctx).Execute()
	refusal = refused(v1.ERRORCODE_UNAUTHORIZED, response, err)
	fmt.Printf("%d: %s\n", response.StatusCode, refusal.Code)

	reader := withKey(url, os.Getenv("V1_READ_KEY"))
	_, response, err = reader.TasksAPI.CreateTask(ctx).TaskCreate(*v1.NewTaskCreate("sdk 6")).Execute()
	refusal = typed(response, err)
	claim(refusal.Code == v1.ERRORCODE_INVALID_SCOPE || refusal.Code == v1.ERRORCODE_FORBIDDEN, "the key may only read")
	fmt.Printf("%d: %s\n", response.StatusCode, refusal.Code)

	limited := withKey(os.Getenv("V1_LIMITED_URL"), os.Getenv("V1_LIMITED_KEY"))
	for call := 0; call < 4; call++ {
		_, response, err = limited.TasksAPI.ListTasks(ctx).Execute()
	}
	refusal = refused(v1.ERRORCODE_RATE_LIMIT_EXCEEDED, response, err)
	seconds, err := strconv.Atoi(response.Header.Get("Retry-After"))
	claim(err == nil && seconds >= 1, "it says when to try again")
	left := response.Header.Get("X-RateLimit-Remaining") + " of " + response.Header.Get("X-RateLimit-Limit")
	fmt.Printf("%d: %s, %s left\n", response.StatusCode, refusal.Code, left)
}

func keys(url string) {
	session := connect(url, "Cookie", "better-auth.session_token="+os.Getenv("V1_SESSION"))
	request := v1.NewApiKeyCreate("SDK program", []v1.Scope{v1.SCOPE_READ, v1.SCOPE_WRITE})
	issued := must(session.APIKeysAPI.CreateApiKey(ctx).ApiKeyCreate(*request).Execute())
	key := issued.Data
	claim(!strings.HasSuffix(key.Key, "..."), "the whole key is shown once")
	scopes := []string{}
	for _, scope := range key.Scopes {
		scopes = append(scopes, string(scope))
	}
	expires := "never"
	if moment, known := key.GetExpiresAtOk(); known && moment != nil {
		expires = moment.String()
	}
	fmt.Printf("key: %s %s expires=%s\n", key.Name, strings.Join(scopes, " "), expires)
	fmt.Printf("warning: %s\n", issued.Warning)

	own := withKey(url, key.Key)
	works := must(own.TasksAPI.ListTasks(ctx).Filter(ours).Execute())
	fmt.Printf("key works: %d tasks\n", works.Pagination.Total)
	shown := "missing"
	for _, item := range must(session.APIKeysAPI.ListApiKeys(ctx).Execute()).Data {
		if item.Id == key.Id && item.Key != key.Key && strings.HasSuffix(item.Key, "...") {
			shown = "masked"
		}
	}
	fmt.Printf("key shown: %s\n", shown)
	revoked := must(session.APIKeysAPI.RevokeApiKey(ctx, key.Id).Execute())
	fmt.Printf("revoked: %s\n", revoked.Message)
	_, response, err := own.TasksAPI.ListTasks(ctx).Execute()
	fmt.Printf("key after that: %s\n", refused(v1.ERRORCODE_UNAUTHORIZED, response, err).Code)
}
