// How an operation is called from a shell, where $BZCTRL is the server's address and $TOKEN a token.
import { examplesOf, formBody, pretty } from './api-schema.mjs';

const STREAM = 'text/event-stream';
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
const encoded = (value) => encodeURIComponent(value).replaceAll('%40', '@');

/**
 * The lines for one operation: [{label, source}]. First the one that is made of its examples; then, if it can
 * answer with a stream, the one that reads it; then its own, "x-codeSamples" as other generators know them.
 */
export function shellLines(operation, sample) {
  const lines = [{ source: curl(operation, sample) }];
  if (types(operation).includes(STREAM))
    lines.push({ label: 'As a stream, until you press Ctrl-C:', source: curl(operation, sample, STREAM) });
  for (const { label, source } of operation['x-codeSamples'] ?? [])
    lines.push({ label: `${label}:`, source: source.trimEnd() });
  return lines;
}

/* What it answers with when all went well. */
function types({ responses }) {
  return Object.entries(responses).filter(([status]) => status.startsWith('2'))
    .flatMap(([, { content }]) => Object.keys(content ?? {}));
}

function curl(operation, sample, accept) {
  const { method, path, parameters, requestBody, security, responses } = operation;
  const valueOf = (parameter) => examplesOf(parameter)[0]?.value ?? sample(parameter.schema, { name: parameter.name });
  const [type, media] = Object.entries(requestBody?.content ?? {})[0] ?? [];

  /* The address, with the parameters that must be there. */
  const target = path.replace(/\{(\w+)\}/g, (_, name) =>
    (name === 'file' ? '' : encoded(valueOf(parameters.find((p) => p.name === name && p.in === 'path')))));
  const query = parameters.filter((p) => p.in === 'query' && p.required)
    .flatMap((p) => [valueOf(p)].flat().map((value) => `${p.name}=${encoded(value)}`));
  const flags = accept === undefined ? '' : '-N ';
  const verb = method === 'GET' || (method === 'POST' && media) ? '' : `-X ${method} `;
  const parts = [`${flags}${verb}"$BZCTRL${target}${query.length > 0 ? '?' : ''}${query.join('&')}"`];

  /* Who calls; and the web app's own calls say that they are. */
  const schemes = security.map((scheme) => Object.keys(scheme)[0]);
  if (schemes.includes('token')) parts.push('-H "Authorization: Bearer $TOKEN"');
  else if (schemes.includes('session')) parts.push('-b "bzctrl_session=$SESSION"');
  if (path.startsWith('/app/session')) parts.push("-H 'X-Bzctrl-App: 1'", '-H "Origin: $BZCTRL"');

  /* The headers that have an example, or must be there. */
  if (accept !== undefined) parts.push(`-H 'Accept: ${accept}'`);
  for (const header of parameters.filter((p) => p.in === 'header'))
    if (header.required || examplesOf(header).length > 0)
      parts.push(`-H ${quoted(`${header.name}: ${valueOf(header)}`)}`);
    else if (header.name === 'If-Match' && responses['428']) parts.push("-H 'If-Match: *'");

  /* The body. What is neither JSON nor a form is a file, unless there is an example of it. */
  if (media) {
    const form = type === 'application/x-www-form-urlencoded';
    const made = form || /[/+]json$/.test(type) ? sample(media.schema, { request: true }) : undefined;
    const value = examplesOf(media)[0]?.value ?? made;
    if (form) parts.push(...formBody(value).map((field) => `--data-urlencode ${quoted(field)}`));
    else parts.push(`-H 'Content-Type: ${type.includes('*') ? 'application/octet-stream' : type}'`);
    if (value === undefined) parts.push('--data-binary @FILE');
    else if (typeof value === 'string') parts.push(`--data-binary ${quoted(value)}`);
    else if (!form) parts.push(`-d ${quoted(pretty(value))}`);
  }

  /* What is not text is not for a terminal. */
  const answers = types(operation);
  if (answers.length > 0 && !answers.some((answer) => /json|^text\//.test(answer))) parts.push('-o FILE');
  return `curl ${parts.join(' \\\n  ')}`;
}
