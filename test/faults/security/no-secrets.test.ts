import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { inspect } from 'node:util';
import { type EmbeddedBroker, startBroker } from 'millrace';
import { Admin } from 'millrace/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ThrowAwayAuthority } from '../../../src/security/tls/throw-away-authority.ts';

/** All bear the same mark, in whatever form they leak. */
const MARK = 'Qz7SEKRETqz7';
const PASSWORDS = {
  plain: `plain-${MARK}`,
  jaas: `jaas-${MARK}`,
  scram: `scram-${MARK}`,
  changed: `changed-${MARK}`,
  guessed: `guessed-${MARK}`,
  token: `token-${MARK}`,
  store: `store-${MARK}`,
};
/** As they stand, as the HTTP header and SASL carry them, and as a Buffer shows itself. */
const FORMS = Object.values(PASSWORDS).flatMap((password) => {
  const bytes = Buffer.from(password);
  const lastDigits = bytes.toString('base64').replace(/.{1,2}=*$/, '');
  return [
    password,
    lastDigits,
    bytes.toString('hex'),
    bytes.toString('hex').replace(/..(?=.)/g, '$& '),
  ];
});

const authority = new ThrowAwayAuthority();
const own = authority.issue({ commonName: 'broker', hosts: ['localhost', '127.0.0.1'] });
const renewed = authority.issue({ commonName: 'broker', hosts: ['localhost', '127.0.0.1'] });
/** A line in the middle of each private key. */
const KEYS = [own, renewed].map(({ key }) => key.split('\n')[1]!);
const AUTHORIZER = 'org.apache.kafka.metadata.authorizer.StandardAuthorizer';
const JAAS = 'listener.name.sasl_ssl.plain.sasl.jaas.config';
const LOGIN = 'org.apache.kafka.common.security.plain.PlainLoginModule required';

let folder: string;
let broker: EmbeddedBroker;
/** All that anybody was told, with where it was told. */
const told: [where: string, text: string][] = [];
/** What clients may know: the broker made it for them. */
const handedOut: string[] = [];

const tell = (where: string, what: unknown) => {
  const whole = { depth: 20, maxStringLength: null, maxArrayLength: null };
  told.push([where, typeof what === 'string' ? what : inspect(what, whole)]);
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-no-secrets-'));
  const note = (line: string) => tell('log', line);
  broker = await startBroker({
    config: {
      listeners: 'PLAINTEXT://127.0.0.1:0,SASL_SSL://127.0.0.1:0',
      'millrace.http.listener': 'https://127.0.0.1:0',
      'millrace.http.authentication': 'required',
      'millrace.audit.log': join(folder, 'audit.log'),
      'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,OAUTHBEARER',
      'millrace.sasl.users': `alice:${PASSWORDS.plain}`,
      [JAAS]: `${LOGIN} user_bob="${PASSWORDS.jaas}";`,
      'sasl.oauthbearer.jwks.endpoint.url': jwksFile(),
      'ssl.keystore.certificate.chain': own.certificate,
      'ssl.keystore.key': own.key,
      'ssl.keystore.password': PASSWORDS.store,
      'authorizer.class.name': AUTHORIZER,
      'super.users': 'User:ANONYMOUS;User:alice',
      'delegation.token.secret.key': PASSWORDS.token,
      'connection.failed.authentication.delay.ms': '0',
    },
    logger: { info: note, warn: note, error: note },
  });
}, 30_000);

afterAll(async () => {
  await broker.close();
  rmSync(folder, { recursive: true });
});

function jwksFile(): string {
  const path = join(folder, 'jwks.json');
  writeFileSync(path, '{"keys":[]}');
  return `file://${path}`;
}

type Sasl = NonNullable<ConstructorParameters<typeof Admin>[0]['sasl']>;

async function asks(what: string, sasl: Sasl | null, work: (admin: Admin) => Promise<unknown>) {
  const listener = sasl === null ? 'PLAINTEXT' : 'SASL_SSL';
  const secured = sasl === null ? {} : { sasl, ssl: { ca: authority.certificate } };
  await using admin = new Admin({ bootstrapServers: broker.addressOf(listener), ...secured });
  try {
    const answer = await work(admin);
    tell(what, answer);
  } catch (thrown) {
    tell(what, thrown);
  }
}

/** The answer of a route, with its headers. */
function gets(path: string, auth: string | null, method = 'GET'): Promise<string> {
  const headers = auth === null ? {} : { authorization: auth };
  const { certificate: ca } = authority;
  return new Promise((resolve, reject) => {
    const asked = request(`${broker.httpUrl}${path}`, { ca, headers, method }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => {
        resolve(`${response.statusCode} ${JSON.stringify(response.headers)} ${body}`);
      });
    });
    asked.on('error', reject);
    asked.end();
  });
}

const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** A peer whose frame is broken in the middle of its password. */
function breaksOff(): Promise<void> {
  const [host, port] = broker.addressOf('SASL_SSL').split(':') as [string, string];
  return new Promise((resolve) => {
    const { certificate: ca } = authority;
    const socket = connect({ host, port: Number(port), ca });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve());
    socket.write(
      Buffer.from(`\0\0\0\x40\0\x24\0\x01\0\0\0\x01\xff\xff${PASSWORDS.guessed}`, 'latin1'),
    );
    socket.end();
  });
}

it('nothing that anybody is told has a password, a token or a private key in it', async () => {
  const user = 'carol';
  const plain = (username: string, password: string) =>
    ({ mechanism: 'PLAIN', username, password }) as const;
  const scram = (password: string) =>
    ({ mechanism: 'SCRAM-SHA-256', username: user, password }) as const;
  const topics = (admin: Admin) => admin.topics.list();

  for (const password of [PASSWORDS.scram, PASSWORDS.changed]) {
    const change = { user, mechanism: 'SCRAM-SHA-256', password } as const;
    await asks('altered passwords', null, (admin) => admin.scram.alter([change]));
  }
  await asks('passwords', null, (admin) => admin.scram.describe());
  await asks('alice', plain('alice', PASSWORDS.plain), topics);
  await asks('bob', plain('bob', PASSWORDS.jaas), topics);
  await asks('carol', scram(PASSWORDS.changed), topics);
  for (const guess of [
    plain('alice', PASSWORDS.guessed),
    plain('nobody', PASSWORDS.guessed),
    scram(PASSWORDS.guessed),
    { mechanism: 'OAUTHBEARER', token: async () => ({ value: `a.${PASSWORDS.guessed}.c` }) },
  ] as const) {
    await asks('a wrong login', guess, topics);
  }
  await asks('a token', plain('alice', PASSWORDS.plain), async (admin) => {
    const { hmac, ...rest } = await admin.tokens.create();
    handedOut.push(Buffer.from(hmac).toString('base64'), Buffer.from(hmac).toString('hex'));
    return rest;
  });
  await breaksOff();

  const resource = { type: 'broker', name: '1' } as const;
  const [chain, key] = ['certificate.chain', 'key'].map((name) => {
    return `listener.name.sasl_ssl.ssl.keystore.${name}`;
  }) as [string, string];
  for (const changes of [
    [
      { name: chain, value: renewed.certificate },
      { name: key, value: renewed.key },
    ],
    [{ name: key, value: `no key ${PASSWORDS.store}` }],
    [{ name: 'millrace.sasl.users', value: `dave:${PASSWORDS.guessed}` }],
  ]) {
    const altered = (admin: Admin) => admin.configs.alter([{ resource, changes }]);
    await asks('altered settings', null, altered);
  }
  for (const name of ['1', '']) {
    const described = [{ ...resource, name }];
    const options = { synonyms: true, documentation: true };
    await asks('settings', null, (admin) => admin.configs.describe(described, options));
  }

  const routes = ['/', '/topics', '/metrics', '/livez', '/readyz', '/cluster', '/nothing'];
  for (const auth of [null, basic('alice', PASSWORDS.plain), basic('alice', PASSWORDS.guessed)]) {
    for (const path of routes) tell(path, await gets(path, auth));
  }
  tell('/nothing', await gets(`/topics?password=${PASSWORDS.guessed}`, null));

  tell('audit', readFileSync(join(folder, 'audit.log'), 'utf8'));
  const wheres = new Set(told.map(([where]) => where));
  expect([...wheres]).toEqual(expect.arrayContaining(['log', 'audit', 'settings', '/metrics']));
  expect(told.find(([where]) => where === 'audit')![1]).toContain('authentication-failed');
  for (const each of ['alice', 'bob', 'carol']) {
    expect(told.find(([where]) => where === each)![1]).toBe('[]');
  }
  const headers = Object.values(PASSWORDS).map((each) => basic('alice', each).slice(-30, -4));
  const secrets = [...FORMS, ...KEYS, ...handedOut, ...headers, MARK];
  const leaks = told.flatMap(([where, text]) => {
    return secrets.filter((secret) => text.includes(secret)).map((secret) => `${where}: ${secret}`);
  });
  expect(leaks).toEqual([]);
}, 60_000);
