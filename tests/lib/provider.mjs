/*
 * A provider of identities made by hand (OpenID Connect), which can lie in every way that a test asks for; and
 * a visitor who goes from page to page with a jar of cookies, as a browser does.
 */
import assert from 'node:assert/strict';
import { createHmac, constants, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { API } from './server.mjs';

const text64 = (value) => Buffer.from(value).toString('base64url');
const json64 = (value) => text64(JSON.stringify(value));

const HASHES = { RS256: 'sha256', RS512: 'sha512', PS256: 'sha256', ES256: 'sha256' };

/** A key pair with its id. */
export function makeKey(id, type = 'rsa') {
  const pair = type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 })
    : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { id, ...pair, jwk: { ...pair.publicKey.export({ format: 'jwk' }), kid: id, use: 'sig' } };
}

/** A signed token in compact form. */
export function signToken(key, claims, header = {}) {
  const head = { alg: 'RS256', kid: key.id, typ: 'JWT', ...header };
  const input = `${json64(head)}.${json64(claims)}`;
  if (head.alg === 'none') return `${input}.`;
  if (head.alg === 'HS256') {
    /* The old trick: the public key, which everybody has, as the secret. */
    const secret = key.publicKey.export({ type: 'spki', format: 'pem' });
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
  }
  const options = { key: key.privateKey,
    ...(head.alg.startsWith('PS') ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } : {}),
    ...(head.alg.startsWith('ES') ? { dsaEncoding: 'ieee-p1363' } : {}) };
  return `${input}.${sign(HASHES[head.alg] ?? 'sha256', Buffer.from(input), options).toString('base64url')}`;
}

/**
 * `person` is who signs in there next: {sub, email, email_verified, name, groups}. `twist` changes what it does:
 *   claims(claims)      the ID token's claims         header       the token's header
 *   token(text)         the ID token itself           key          signs instead of the first one
 *   answers.PATH(response, normal)  answers instead; `normal` is what it would have sent
 *   callback(parameters)            what comes back with the browser
 *   description         members of the description    refresh false: no refresh token
 *   userinfo            what the userinfo endpoint says; else no more than who it is
 */
export async function startProvider() {
  const provider = new Provider();
  await provider.listen();
  return provider;
}

class Provider {
  constructor() {
    this.keys = [makeKey('first')];
    this.reset();
    this.server = http.createServer((request, response) => void this.serve(request, response));
  }

  reset() {
    this.person = null;
    this.twist = {};
    this.codes = new Map();
    this.refreshTokens = new Map();
    this.accessTokens = new Map();
    this.disabled = new Set();
    this.requests = [];
  }

  async listen(port = 0) {
    this.server.listen(port, '127.0.0.1');
    await once(this.server, 'listening');
    this.issuer ??= `http://127.0.0.1:${this.server.address().port}`;
  }

  async stop() {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  /** Away for a time, and back under the same address. */
  async away(during) {
    const { port } = this.server.address();
    await this.stop();
    try {
      return await during();
    } finally {
      this.server = http.createServer((request, response) => void this.serve(request, response));
      await this.listen(port);
    }
  }

  description() {
    const at = (path) => `${this.issuer}${path}`;
    return { issuer: this.issuer, authorization_endpoint: at('/authorize'), token_endpoint: at('/token'),
      userinfo_endpoint: at('/userinfo'), jwks_uri: at('/jwks'), end_session_endpoint: at('/end'),
      authorization_response_iss_parameter_supported: true, ...this.twist.description };
  }

  tokens(person, nonce) {
    const now = Math.floor(Date.now() / 1000);
    const { sub, ...rest } = person;
    const plain = { iss: this.issuer, aud: 'bzctrl', sub, iat: now, exp: now + 300, nonce, ...rest };
    const claims = this.twist.claims?.(plain) ?? plain;
    const signed = signToken(this.twist.key ?? this.keys[0], claims, this.twist.header);
    const refresh = randomBytes(16).toString('hex');
    const access = randomBytes(16).toString('hex');
    this.refreshTokens.set(refresh, person);
    this.accessTokens.set(access, person);
    return { access_token: access, token_type: 'Bearer', expires_in: 300,
      id_token: this.twist.token?.(signed) ?? signed,
      ...(this.twist.refresh === false ? {} : { refresh_token: refresh }) };
  }

  /** What it would say to a request of the server: [status, object]. */
  answer(path, form, authorization) {
    switch (path) {
      case '/.well-known/openid-configuration': return [200, this.description()];
      case '/jwks': return [200, { keys: this.keys.map(({ jwk }) => jwk) }];
      case '/userinfo': {
        const person = this.accessTokens.get(authorization?.replace('Bearer ', ''));
        return person ? [200, this.twist.userinfo ?? { sub: person.sub }] : [401, { error: 'invalid_token' }];
      }
      case '/token': {
        if (form.get('grant_type') === 'refresh_token') {
          const person = this.refreshTokens.get(form.get('refresh_token'));
          this.refreshTokens.delete(form.get('refresh_token'));
          if (!person || this.disabled.has(person.sub)) return [400, { error: 'invalid_grant' }];
          return [200, this.tokens(this.person?.sub === person.sub ? this.person : person)];
        }
        const { person, nonce } = this.codes.get(form.get('code')) ?? {};
        this.codes.delete(form.get('code')); /* each can be used once */
        return person ? [200, this.tokens(person, nonce)] : [400, { error: 'invalid_grant' }];
      }
      default: return [404, { error: 'not_found' }];
    }
  }

  async serve(request, response) {
    const url = new URL(request.url, this.issuer);
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    this.requests.push({ path: url.pathname, headers: request.headers, body, query: url.searchParams });
    if (url.pathname === '/authorize') {
      const code = randomBytes(16).toString('hex');
      this.codes.set(code, { person: this.person, nonce: url.searchParams.get('nonce') });
      const normal = { code, state: url.searchParams.get('state'), iss: this.issuer, session_state: 'x.y' };
      const back = new URL(url.searchParams.get('redirect_uri'));
      back.search = new URLSearchParams(this.twist.callback?.(normal) ?? normal);
      response.writeHead(302, { location: back.href }).end();
      return;
    }
    const normal = this.answer(url.pathname, new URLSearchParams(body), request.headers.authorization);
    const twisted = this.twist.answers?.[url.pathname];
    if (twisted) {
      twisted(response, normal);
      return;
    }
    response.writeHead(normal[0], { 'content-type': 'application/json' }).end(JSON.stringify(normal[1]));
  }

  asked(path) {
    return this.requests.filter((request) => request.path === path).length;
  }
}

/** What a server needs to use it. */
export const providerArguments = (provider, secretFile, more = []) =>
  ['--trusted-proxy', '127.0.0.1/32', '--oidc-issuer', provider.issuer, '--oidc-client-id', 'bzctrl',
    '--oidc-client-secret-file', secretFile, ...more];

let visitors = 0;

/** Somebody with a browser, and an address of their own where the server trusts the proxy that names it: goes where
 * links and redirects lead, and keeps the server's cookies. */
export class Visitor {
  constructor(server) {
    this.server = server;
    this.cookies = new Map();
    this.address = `10.${1 + (visitors >> 8)}.${visitors++ & 255}.1`;
  }

  keep(answer) {
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }

  /** A request to the server, with the cookies but for those in `without`. */
  async get(path, { without = [], ...options } = {}) {
    const cookie = [...this.cookies].filter(([name]) => !without.includes(name))
      .map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { 'x-forwarded-for': this.address, ...(cookie ? { cookie } : {}) };
    return this.keep(await this.server.request('GET', path, { headers, ...options }));
  }

  /** To the provider and back: the address with the answer, which has not been asked for yet. */
  async fetchAnswer(to = '/todo') {
    const start = await this.get(`/app/sso/start?to=${encodeURIComponent(to)}`);
    assert.equal(start.status, 303, start.text);
    return this.follow(start.headers.location);
  }

  /** From the provider's page back to here. */
  async follow(url) {
    const there = await fetch(url, { redirect: 'manual' });
    assert.equal(there.status, 302);
    const back = new URL(there.headers.get('location'));
    assert.equal(back.pathname, '/app/sso/callback');
    return back.pathname + back.search;
  }

  async signIn(to) {
    return this.get(await this.fetchAnswer(to), { without: ['bzctrl_session'] });
  }

  /** Signs in, which must fail: why. */
  async refused(to) {
    const answer = await this.signIn(to);
    return outcome(answer);
  }

  session() {
    return this.get('/app/session');
  }

  /** A call of the API with the session. */
  async call(method, path, body) {
    return this.server.request(method, `${API}${path}`, {
      headers: { cookie: `bzctrl_session=${this.cookies.get('bzctrl_session')}`, origin: this.server.url,
        'x-bzctrl-app': '1', ...(body ? { 'content-type': 'application/json' } : {}) },
      body: body && JSON.stringify(body) });
  }
}

/** What a redirect to the sign-in page says. */
export function outcome(answer) {
  assert.equal(answer.status, 303, answer.text);
  const url = new URL(answer.headers.location);
  assert.equal(url.pathname, '/app/');
  return url.searchParams.get('sign-in');
}
