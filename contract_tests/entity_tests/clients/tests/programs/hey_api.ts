/** Every step of the API with the client of @hey-api/openapi-ts. */
import { createClient } from './client/client/index.js';
import {
  createApiKey,
  createCustomer,
  createTask,
  deleteCustomer,
  deleteTask,
  type ErrorCode,
  type ErrorResponse,
  generateText,
  getHealth,
  getTask,
  getTaskMetadata,
  listApiKeys,
  listTasks,
  listUsers,
  revokeApiKey,
  type Task,
  updateTask,
} from './client/index.js';

const env = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
};
const must = (truth: boolean, claim: string) => {
  if (!truth) throw new Error(`not so: ${claim}`);
};
const connect = (baseUrl: string, key: string) =>
  createClient({ baseUrl, auth: (scheme) => (scheme.scheme === 'bearer' ? key : undefined) });
const throwOnError = true;

function refusal(reply: { error?: ErrorResponse; response?: Response }, ...codes: ErrorCode[]) {
  if (reply.error === undefined || reply.response === undefined) throw new Error('the call was not refused');
  must(codes.includes(reply.error.code), `the code is ${codes}`);
  return { error: reply.error, response: reply.response };
}

const url = env('V1_URL');
const client = connect(url, env('V1_API_KEY'));
const ours = JSON.stringify({ title: { $startsWith: 'sdk ' } });
const describe = (task: Task) => `${task.status} description=${task.description ?? 'null'}`;

const health = await getHealth({ client: createClient({ baseUrl: url }), throwOnError });
console.log(`health: ${health.data.status}`);

const users = await listUsers({ client, query: { search: 'ben okafor' }, throwOnError });
const ben = users.data.data[0]!;
console.log(`directory: ${ben.name} <${ben.email}>`);

const first = { title: 'sdk 1', priority: 'high', assigneeId: ben.id } as const;
const created = (await createTask({ client, body: first, throwOnError })).data.data;
must(created.status === 'todo', 'status takes its default');
console.log(`created: ${created.title} ${describe(created)}`);
for (const [index, title] of ['sdk 2', 'sdk 3', 'sdk 4', 'sdk 5 & ü+'].entries()) {
  const high = index % 2 === 1;
  const body = { title, priority: high ? ('high' as const) : ('low' as const), assigneeId: high ? ben.id : null };
  await createTask({ client, body, throwOnError });
}

const path = { id: created.id };
const read = await getTask({ client, path, query: { include: ['assignee', 'comments'] }, throwOnError });
const { title, assignee, comments } = read.data.data;
console.log(`read: ${title} for ${assignee?.name}, ${comments?.length} comments`);

const change = { status: 'in_progress', description: 'for now' } as const;
const patched = await updateTask({ client, path, body: change, throwOnError });
console.log(`patched: ${describe(patched.data.data)}`);
const cleared = await updateTask({ client, path, body: { description: null }, throwOnError });
console.log(`cleared: ${describe(cleared.data.data)}`);

const { data: listed } = await listTasks({
  client,
  query: {
    filter: JSON.stringify({ title: { $startsWith: 'sdk ' }, priority: 'high' }),
    sort: 'title',
    order: 'desc',
    fields: ['id', 'title', 'priority'],
    include: ['assignee'],
  },
  throwOnError,
});
const names = listed.data.map((task) => `${task.title} (${task.assignee?.name})`);
console.log(`listed: ${names.join(', ')} of ${listed.pagination.total}`);
console.log(`fields: status=${listed.data[0]!.status === undefined ? 'absent' : 'there'}`);

const titles: string[] = [];
let pages = 0;
for (let page = 1, more = true; more; page += 1) {
  const query = { filter: ours, sort: 'title', limit: 2, page } as const;
  const { data: found } = await listTasks({ client, query, throwOnError });
  titles.push(...found.data.map((task) => task.title ?? ''));
  more = found.pagination.hasNext;
  pages += 1;
}
console.log(`walked: ${titles.join(', ')} on ${pages} pages`);

const total = async (connection: typeof client, query: { filter: string; startDate?: string }) =>
  (await listTasks({ client: connection, query, throwOnError })).data.pagination.total;
const filter = JSON.stringify({ title: 'sdk 5 & ü+' });
const exact = await listTasks({ client, query: { filter }, throwOnError });
console.log(`found: ${exact.data.data[0]!.title}`);
const since = await total(client, { filter: ours, startDate: created.createdAt! });
const later = await total(client, { filter: ours, startDate: '2099-01-01T00:00:00Z' });
console.log(`dated: ${since} since the first, ${later} since 2099`);

const grace = { name: 'Grace Hopper', email: 'grace@example.com', segment: 'vip', birthDate: '1986-12-09' } as const;
const customer = (await createCustomer({ client, body: grace, throwOnError })).data.data;
console.log(`customer: born ${customer.birthDate} ${customer.segment} credit ${customer.creditLimitCents}`);
await deleteCustomer({ client, path: { id: customer.id }, throwOnError });

const metadata = (await getTaskMetadata({ client, throwOnError })).data.data;
const { title: about, status: choice } = metadata.schema;
const relation = metadata.relations['assignee'];
console.log(`metadata: title ${about!.type} at most ${about!.maxLength}; status ${choice!.values?.join('|')}`);
console.log(`relation: ${relation!.type} ${relation!.entity} by ${relation!.foreignKey}`);
console.log(`limits: ${metadata.rateLimit.limit} in ${metadata.rateLimit.window}`);

const deleted = await deleteTask({ client, path, throwOnError });
console.log(`deleted: ${deleted.data.message}`);

const missing = refusal(await getTask({ client, path }), 'NOT_FOUND');
console.log(`${missing.response.status}: ${missing.error.code}`);
const nobody = { title: 'sdk 6', assigneeId: 'usr_nobody' };
const invalid = refusal(await createTask({ client, body: nobody }), 'VALIDATION_FAILED');
console.log(`${invalid.response.status}: ${invalid.error.code} on ${Object.keys(invalid.error.details ?? {})}`);
const brace = refusal(await listTasks({ client, query: { filter: '{' } }), 'INVALID_FILTER');
console.log(`${brace.response.status}: ${brace.error.code} on ${Object.keys(brace.error.details ?? {})}`);
const unknown = refusal(await listTasks({ client: connect(url, 'sk_live_wrong') }), 'UNAUTHORIZED');
console.log(`${unknown.response.status}: ${unknown.error.code}`);
const reader = connect(url, env('V1_READ_KEY'));
const forbidden = refusal(await createTask({ client: reader, body: { title: 'sdk 6' } }), 'INVALID_SCOPE', 'FORBIDDEN');
console.log(`${forbidden.response.status}: ${forbidden.error.code}`);
const limited = connect(env('V1_LIMITED_URL'), env('V1_LIMITED_KEY'));
for (let call = 0; call < 3; call += 1) await listTasks({ client: limited });
const exceeded = refusal(await listTasks({ client: limited }), 'RATE_LIMIT_EXCEEDED');
const { headers } = exceeded.response;
must(Number(headers.get('Retry-After')) >= 1, 'it says when to try again');
const left = `${headers.get('X-RateLimit-Remaining')} of ${headers.get('X-RateLimit-Limit')} left`;
console.log(`${exceeded.response.status}: ${exceeded.error.code}, ${left}`);

const cookie = (scheme: { type: string }) => (scheme.type === 'apiKey' ? env('V1_SESSION') : undefined);
const session = createClient({ baseUrl: url, auth: cookie });
const request = { name: 'SDK program', scopes: ['read' as const, 'write' as const] };
const issued = (await createApiKey({ client: session, body: request, throwOnError })).data;
const key = issued.data;
must(!key.key.endsWith('...'), 'the whole key is shown once');
console.log(`key: ${key.name} ${key.scopes.join(' ')} expires=${key.expiresAt ?? 'never'}`);
console.log(`warning: ${issued.warning}`);
const own = connect(url, key.key);
console.log(`key works: ${await total(own, { filter: ours })} tasks`);
const shown = (await listApiKeys({ client: session, throwOnError })).data.data.find((item) => item.id === key.id)!;
console.log(`key shown: ${shown.key !== key.key && shown.key.endsWith('...') ? 'masked' : shown.key}`);
const revoked = await revokeApiKey({ client: session, path: { keyId: key.id }, throwOnError });
console.log(`revoked: ${revoked.data.message}`);
const gone = refusal(await listTasks({ client: own }), 'UNAUTHORIZED');
console.log(`key after that: ${gone.error.code}`);

const prompt = { prompt: 'Write a haiku', maxTokens: 8 };
const generated = await generateText({ client, body: prompt });
if (generated.response?.status === 404) {
  console.log('generated: nothing, there is no text generation');
} else {
  const text = generated.data!.data;
  must(text.text.length > 0, 'text is generated');
  console.log(`generated: by ${text.model}, ${text.tokensUsed <= 8 ? 'within' : 'beyond'} 8 tokens`);
}
