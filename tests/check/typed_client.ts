/* A program with types that openapi-typescript has made of api/openapi.yaml, beside it in contract.ts:
 * it signs in, reports a task, reads it and changes it. The record as it is now is printed. */
import createClient from 'openapi-fetch';
import type { components, paths } from './contract';

declare const process: { argv: string[] };
type Task = components['schemas']['Task'];

const [baseUrl = '', username = '', password = ''] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl });

/** The data of an answer, or the end of the program. */
function dataOf<T>({ data, error, response }: { data?: T; error?: unknown; response: Response }): T {
  if (data === undefined) throw new Error(`${response.url} answered ${response.status}: ${JSON.stringify(error)}`);
  return data;
}

const { access_token } = dataOf(await client.POST('/bzctrl-core-api/oauth/token', {
  body: { grant_type: 'password', username, password },
  headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  bodySerializer: (body) => new URLSearchParams({ ...body }),
}));
client.use({
  onRequest({ request }) {
    request.headers.set('Authorization', `Bearer ${access_token}`);
  },
});

const created = dataOf(await client.POST('/bzctrl-core-api/api/v1/task/add-task', {
  body: {
    todoType: 'TASK', domainWorkSpace: 'EXA-CON-BUS-WOR', title: 'File the claim',
    description: 'Before the end of the month.', reporter: username, orderID: 'ORDER 777',
  },
}));
if (!('taskLink' in created)) throw new Error('only the answer to a dry run has no link');
const path = { key: created.taskLink.split('/').at(-1) ?? '' };

const read = await client.GET('/bzctrl-core-api/api/v1/tasks/{key}', { params: { path } });
const task: Task = dataOf(read);
const changed = dataOf(await client.PATCH('/bzctrl-core-api/api/v1/tasks/{key}', {
  params: { path, header: { 'If-Match': read.response.headers.get('ETag') ?? '' } },
  body: { status: task.status === 'Done' ? 'To do' : 'Done', result: 'Filed' },
}));
if (!('key' in changed)) throw new Error('only the answer to a dry run has no key');
const { key, status, result, version }: Task = changed;
console.log(JSON.stringify({ key, status, result, version }));
