/** Every step of the API with the typescript-fetch client of openapi-generator. */
import {
  AIApi,
  APIKeysApi,
  Configuration,
  CustomerSegment,
  CustomersApi,
  ErrorCode,
  type ErrorResponse,
  ErrorResponseFromJSON,
  ResponseError,
  Scope,
  SortOrder,
  SystemApi,
  type Task,
  TaskField,
  TaskPriority,
  TaskRelation,
  TasksApi,
  TaskSortField,
  TaskStatus,
  UsersApi,
} from './client/index.js';

const env = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
};
const connect = (basePath: string, accessToken: string) => new Configuration({ basePath, accessToken });
const must = (truth: boolean, claim: string) => {
  if (!truth) throw new Error(`not so: ${claim}`);
};

async function refusal(call: () => Promise<unknown>): Promise<{ error: ErrorResponse; response: Response }> {
  try {
    await call();
  } catch (problem) {
    if (!(problem instanceof ResponseError)) throw problem;
    return { error: ErrorResponseFromJSON(await problem.response.json()), response: problem.response };
  }
  throw new Error('the call was not refused');
}

const url = env('V1_URL');
const config = connect(url, env('V1_API_KEY'));
const tasks = new TasksApi(config);
const ours = JSON.stringify({ title: { $startsWith: 'sdk ' } });
const describe = (task: Task) => `${task.status} description=${task.description ?? 'null'}`;

const health = await new SystemApi(new Configuration({ basePath: url })).getHealth();
console.log(`health: ${health.status}`);

const ben = (await new UsersApi(config).listUsers({ search: 'ben okafor' })).data[0]!;
console.log(`directory: ${ben.name} <${ben.email}>`);

const first = { title: 'sdk 1', priority: TaskPriority.High, assigneeId: ben.id };
const created = (await tasks.createTask({ taskCreate: first })).data;
must(created.status === TaskStatus.Todo, 'status takes its default');
must(created.createdAt instanceof Date, 'createdAt is a date');
console.log(`created: ${created.title} ${describe(created)}`);
for (const [index, title] of ['sdk 2', 'sdk 3', 'sdk 4', 'sdk 5 & ü+'].entries()) {
  const high = index % 2 === 1;
  const priority = high ? TaskPriority.High : TaskPriority.Low;
  await tasks.createTask({ taskCreate: { title, priority, assigneeId: high ? ben.id : null } });
}

const include = [TaskRelation.Assignee, TaskRelation.Comments];
const read = (await tasks.getTask({ id: created.id, include })).data;
console.log(`read: ${read.title} for ${read.assignee?.name}, ${read.comments?.length} comments`);

const change = { status: TaskStatus.InProgress, description: 'for now' };
const patched = (await tasks.updateTask({ id: created.id, taskUpdate: change })).data;
console.log(`patched: ${describe(patched)}`);
const cleared = (await tasks.updateTask({ id: created.id, taskUpdate: { description: null } })).data;
console.log(`cleared: ${describe(cleared)}`);

const listed = await tasks.listTasks({
  filter: JSON.stringify({ title: { $startsWith: 'sdk ' }, priority: 'high' }),
  sort: TaskSortField.Title,
  order: SortOrder.Desc,
  fields: [TaskField.Id, TaskField.Title, TaskField.Priority],
  include: [TaskRelation.Assignee],
});
const names = listed.data.map((task) => `${task.title} (${task.assignee?.name})`);
console.log(`listed: ${names.join(', ')} of ${listed.pagination.total}`);
console.log(`fields: status=${listed.data[0]!.status === undefined ? 'absent' : 'there'}`);

const titles: string[] = [];
let pages = 0;
for (let page = 1, more = true; more; page += 1) {
  const answer = await tasks.listTasks({ filter: ours, sort: TaskSortField.Title, limit: 2, page });
  titles.push(...answer.data.map((task) => task.title ?? ''));
  more = answer.pagination.hasNext;
  pages += 1;
}
console.log(`walked: ${titles.join(', ')} on ${pages} pages`);
const exact = await tasks.listTasks({ filter: JSON.stringify({ title: 'sdk 5 & ü+' }) });
console.log(`found: ${exact.data[0]!.title}`);
const since = await tasks.listTasks({ filter: ours, startDate: created.createdAt });
const later = await tasks.listTasks({ filter: ours, startDate: new Date('2099-01-01T00:00:00Z') });
console.log(`dated: ${since.pagination.total} since the first, ${later.pagination.total} since 2099`);

const customers = new CustomersApi(config);
const grace = {
  name: 'Grace Hopper',
  email: 'grace@example.com',
  segment: CustomerSegment.Vip,
  birthDate: new Date(1986, 11, 9),
};
const customer = (await customers.createCustomer({ customerCreate: grace })).data;
const born = customer.birthDate?.toLocaleDateString('sv');
console.log(`customer: born ${born} ${customer.segment} credit ${customer.creditLimitCents}`);
await customers.deleteCustomer({ id: customer.id });

const metadata = (await tasks.getTaskMetadata()).data;
const { title, status } = metadata.schema;
const relation = metadata.relations['assignee'];
console.log(`metadata: title ${title!.type} at most ${title!.maxLength}; status ${status!.values?.join('|')}`);
console.log(`relation: ${relation!.type} ${relation!.entity} by ${relation!.foreignKey}`);
console.log(`limits: ${metadata.rateLimit.limit} in ${metadata.rateLimit.window}`);

console.log(`deleted: ${(await tasks.deleteTask({ id: created.id })).message}`);

const missing = await refusal(() => tasks.getTask({ id: created.id }));
must(missing.error.code === ErrorCode.NotFound, 'it is gone');
console.log(`${missing.response.status}: ${missing.error.code}`);
const nobody = { title: 'sdk 6', assigneeId: 'usr_nobody' };
const invalid = await refusal(() => tasks.createTask({ taskCreate: nobody }));
must(invalid.error.code === ErrorCode.ValidationFailed, 'nobody is no assignee');
console.log(`${invalid.response.status}: ${invalid.error.code} on ${Object.keys(invalid.error.details ?? {})}`);
const filtered = await refusal(() => tasks.listTasks({ filter: '{' }));
must(filtered.error.code === ErrorCode.InvalidFilter, 'a brace is no filter');
console.log(`${filtered.response.status}: ${filtered.error.code} on ${Object.keys(filtered.error.details ?? {})}`);
const unknown = await refusal(() => new TasksApi(connect(url, 'sk_live_wrong')).listTasks());
must(unknown.error.code === ErrorCode.Unauthorized, 'the key is unknown');
console.log(`${unknown.response.status}: ${unknown.error.code}`);
const reader = new TasksApi(connect(url, env('V1_READ_KEY')));
const forbidden = await refusal(() => reader.createTask({ taskCreate: { title: 'sdk 6' } }));
const scope: ErrorCode[] = [ErrorCode.InvalidScope, ErrorCode.Forbidden];
must(scope.includes(forbidden.error.code), 'the key may only read');
console.log(`${forbidden.response.status}: ${forbidden.error.code}`);
const limited = new TasksApi(connect(env('V1_LIMITED_URL'), env('V1_LIMITED_KEY')));
const exceeded = await refusal(async () => {
  for (let call = 0; call < 4; call += 1) await limited.listTasks();
});
must(exceeded.error.code === ErrorCode.RateLimitExceeded, 'the limit is exceeded');
const { headers } = exceeded.response;
must(Number(headers.get('Retry-After')) >= 1, 'it says when to try again');
const left = `${headers.get('X-RateLimit-Remaining')} of ${headers.get('X-RateLimit-Limit')} left`;
console.log(`${exceeded.response.status}: ${exceeded.error.code}, ${left}`);

const cookie = { Cookie: `better-auth.session_token=${env('V1_SESSION')}` };
const keys = new APIKeysApi(new Configuration({ basePath: url, headers: cookie }));
const request = { name: 'SDK program', scopes: [Scope.Read, Scope.Write] };
const issued = await keys.createApiKey({ apiKeyCreate: request });
const key = issued.data;
must(!key.key.endsWith('...'), 'the whole key is shown once');
console.log(`key: ${key.name} ${key.scopes.join(' ')} expires=${key.expiresAt ?? 'never'}`);
console.log(`warning: ${issued.warning}`);
const own = new TasksApi(connect(url, key.key));
console.log(`key works: ${(await own.listTasks({ filter: ours })).pagination.total} tasks`);
const shown = (await keys.listApiKeys()).data.find((item) => item.id === key.id)!;
console.log(`key shown: ${shown.key !== key.key && shown.key.endsWith('...') ? 'masked' : shown.key}`);
console.log(`revoked: ${(await keys.revokeApiKey({ keyId: key.id })).message}`);
const gone = await refusal(() => own.listTasks());
must(gone.error.code === ErrorCode.Unauthorized, 'the key is revoked');
console.log(`key after that: ${gone.error.code}`);

const generateTextRequest = { prompt: 'Write a haiku', maxTokens: 8 };
try {
  const text = (await new AIApi(config).generateText({ generateTextRequest })).data;
  must(text.text.length > 0, 'text is generated');
  console.log(`generated: by ${text.model}, ${text.tokensUsed <= 8 ? 'within' : 'beyond'} 8 tokens`);
} catch (problem) {
  if (!(problem instanceof ResponseError) || problem.response.status !== 404) throw problem;
  console.log('generated: nothing, there is no text generation');
}
