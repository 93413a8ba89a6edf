/** Every step of the API with the types of openapi-typescript and the client openapi-fetch. */
import createClient from 'openapi-fetch';

import type { components, paths } from './schema.js';

type ErrorResponse = components['schemas']['ErrorResponse'];
type ErrorCode = components['schemas']['ErrorCode'];
type Task = components['schemas']['Task'];

const env = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
};
const connect = (baseUrl: string, headers: Record<string, string>) =>
  createClient<paths>({ baseUrl, headers, querySerializer: { array: { style: 'form', explode: false } } });
const bearer = (key: string) => ({ Authorization: `Bearer ${key}` });
const must = (truth: boolean, claim: string) => {
  if (!truth) throw new Error(`not so: ${claim}`);
};

function answer<T>(reply: { data?: T; error?: unknown }): T {
  if (reply.data === undefined) throw new Error(`refused: ${JSON.stringify(reply.error)}`);
  return reply.data;
}

function refusal(reply: { error?: ErrorResponse; response: Response }, ...codes: ErrorCode[]): ErrorResponse {
  if (reply.error === undefined) throw new Error('the call was not refused');
  must(codes.includes(reply.error.code), `the code is ${codes}`);
  return reply.error;
}

const url = env('V1_URL');
const client = connect(url, bearer(env('V1_API_KEY')));
const ours = JSON.stringify({ title: { $startsWith: 'sdk ' } });
const describe = (task: Task) => `${task.status} description=${task.description ?? 'null'}`;

const health = answer(await connect(url, {}).GET('/health'));
console.log(`health: ${health.status}`);

const users = answer(await client.GET('/v1/users', { params: { query: { search: 'ben okafor' } } }));
const ben = users.data[0]!;
console.log(`directory: ${ben.name} <${ben.email}>`);

const first = { title: 'sdk 1', priority: 'high', assigneeId: ben.id } as const;
const created = answer(await client.POST('/v1/tasks', { body: first })).data;
must(created.status === 'todo', 'status takes its default');
console.log(`created: ${created.title} ${describe(created)}`);
for (const [index, title] of ['sdk 2', 'sdk 3', 'sdk 4', 'sdk 5 & ü+'].entries()) {
  const high = index % 2 === 1;
  const body = { title, priority: high ? ('high' as const) : ('low' as const), assigneeId: high ? ben.id : null };
  answer(await client.POST('/v1/tasks', { body }));
}

const path = { id: created.id };
const reply = await client.GET('/v1/tasks/{id}', { params: { path, query: { include: ['assignee', 'comments'] } } });
const read = answer(reply).data;
console.log(`read: ${read.title} for ${read.assignee?.name}, ${read.comments?.length} comments`);

const change = { status: 'in_progress', description: 'for now' } as const;
const patched = answer(await client.PATCH('/v1/tasks/{id}', { params: { path }, body: change })).data;
console.log(`patched: ${describe(patched)}`);
const cleared = answer(await client.PATCH('/v1/tasks/{id}', { params: { path }, body: { description: null } })).data;
console.log(`cleared: ${describe(cleared)}`);

const listed = answer(
  await client.GET('/v1/tasks', {
    params: {
      query: {
        filter: JSON.stringify({ title: { $startsWith: 'sdk ' }, priority: 'high' }),
        sort: 'title',
        order: 'desc',
        fields: ['id', 'title', 'priority'],
        include: ['assignee'],
      },
    },
  }),
);
const names = listed.data.map((task) => `${task.title} (${task.assignee?.name})`);
console.log(`listed: ${names.join(', ')} of ${listed.pagination.total}`);
console.log(`fields: status=${listed.data[0]!.status === undefined ? 'absent' : 'there'}`);

const titles: string[] = [];
let pages = 0;
for (let page = 1, more = true; more; page += 1) {
  const query = { filter: ours, sort: 'title', limit: 2, page } as const;
  const found = answer(await client.GET('/v1/tasks', { params: { query } }));
  titles.push(...found.data.map((task) => task.title ?? ''));
  more = found.pagination.hasNext;
  pages += 1;
}
console.log(`walked: ${titles.join(', ')} on ${pages} pages`);

const total = async (connection: typeof client, query: { filter: string; startDate?: string }) =>
  answer(await connection.GET('/v1/tasks', { params: { query } })).pagination.total;
const filter = JSON.stringify({ title: 'sdk 5 & ü+' });
const exact = answer(await client.GET('/v1/tasks', { params: { query: { filter } } }));
console.log(`found: ${exact.data[0]!.title}`);
const since = await total(client, { filter: ours, startDate: created.createdAt! });
const later = await total(client, { filter: ours, startDate: '2099-01-01T00:00:00Z' });
console.log(`dated: ${since} since the first, ${later} since 2099`);

const grace = { name: 'Grace Hopper', email: 'grace@example.com', segment: 'vip', birthDate: '1986-12-09' } as const;
const customer = answer(await client.POST('/v1/customers', { body: grace })).data;
console.log(`customer: born ${customer.birthDate} ${customer.segment} credit ${customer.creditLimitCents}`);
answer(await client.DELETE('/v1/customers/{id}', { params: { path: { id: customer.id } } }));

const metadata = answer(await client.OPTIONS('/v1/tasks')).data;
const { title, status } = metadata.schema;
const relation = metadata.relations['assignee'];
console.log(`metadata: title ${title!.type} at most ${title!.maxLength}; status ${status!.values?.join('|')}`);
console.log(`relation: ${relation!.type} ${relation!.entity} by ${relation!.foreignKey}`);
console.log(`limits: ${metadata.rateLimit.limit} in ${metadata.rateLimit.window}`);

console.log(`deleted: ${answer(await client.DELETE('/v1/tasks/{id}', { params: { path } })).message}`);

const missing = await client.GET('/v1/tasks/{id}', { params: { path } });
console.log(`${missing.response.status}: ${refusal(missing, 'NOT_FOUND').code}`);
const invalid = await client.POST('/v1/tasks', { body: { title: 'sdk 6', assigneeId: 'usr_nobody' } });
const nobody = refusal(invalid, 'VALIDATION_FAILED');
console.log(`${invalid.response.status}: ${nobody.code} on ${Object.keys(nobody.details ?? {})}`);
const filtered = await client.GET('/v1/tasks', { params: { query: { filter: '{' } } });
const brace = refusal(filtered, 'INVALID_FILTER');
console.log(`${filtered.response.status}: ${brace.code} on ${Object.keys(brace.details ?? {})}`);
const unknown = await connect(url, bearer('sk_live_wrong')).GET('/v1/tasks');
console.log(`${unknown.response.status}: ${refusal(unknown, 'UNAUTHORIZED').code}`);
const reader = connect(url, bearer(env('V1_READ_KEY')));
const forbidden = await reader.POST('/v1/tasks', { body: { title: 'sdk 6' } });
console.log(`${forbidden.response.status}: ${refusal(forbidden, 'INVALID_SCOPE', 'FORBIDDEN').code}`);
const limited = connect(env('V1_LIMITED_URL'), bearer(env('V1_LIMITED_KEY')));
for (let call = 0; call < 3; call += 1) await limited.GET('/v1/tasks');
const exceeded = await limited.GET('/v1/tasks');
const { headers } = exceeded.response;
must(Number(headers.get('Retry-After')) >= 1, 'it says when to try again');
const left = `${headers.get('X-RateLimit-Remaining')} of ${headers.get('X-RateLimit-Limit')} left`;
console.log(`${exceeded.response.status}: ${refusal(exceeded, 'RATE_LIMIT_EXCEEDED').code}, ${left}`);

const session = connect(url, { Cookie: `better-auth.session_token=${env('V1_SESSION')}` });
const request = { name: 'SDK program', scopes: ['read' as const, 'write' as const] };
const issued = answer(await session.POST('/v1/keys', { body: request }));
const key = issued.data;
must(!key.key.endsWith('...'), 'the whole key is shown once');
console.log(`key: ${key.name} ${key.scopes.join(' ')} expires=${key.expiresAt ?? 'never'}`);
console.log(`warning: ${issued.warning}`);
const own = connect(url, bearer(key.key));
console.log(`key works: ${await total(own, { filter: ours })} tasks`);
const shown = answer(await session.GET('/v1/keys')).data.find((item) => item.id === key.id)!;
console.log(`key shown: ${shown.key !== key.key && shown.key.endsWith('...') ? 'masked' : shown.key}`);
const revoked = answer(await session.DELETE('/v1/keys/{keyId}', { params: { path: { keyId: key.id } } }));
console.log(`revoked: ${revoked.message}`);
console.log(`key after that: ${refusal(await own.GET('/v1/tasks'), 'UNAUTHORIZED').code}`);

const prompt = { prompt: 'Write a haiku', maxTokens: 8 };
const generated = await client.POST('/v1/ai/generate', { body: prompt });
if (generated.response.status === 404) {
  console.log('generated: nothing, there is no text generation');
} else {
  const text = answer(generated).data;
  must(text.text.length > 0, 'text is generated');
  console.log(`generated: by ${text.model}, ${text.tokensUsed <= 8 ? 'within' : 'beyond'} 8 tokens`);
}
