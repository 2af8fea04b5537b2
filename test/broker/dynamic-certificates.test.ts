import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { API } from '../../src/protocol/api-keys.ts';
import { ThrowAwayAuthority } from '../../src/security/tls/throw-away-authority.ts';
import { WireClient } from '../support/wire-client.ts';

const authority = new ThrowAwayAuthority();
const HOSTS = ['localhost', '127.0.0.1'];
const BROKER = 4;
const SET = 0;
const DELETE = 1;
const INVALID_REQUEST = 42;
const API_VERSIONS = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 255, 255]);
const CHAIN = 'listener.name.ssl.ssl.keystore.certificate.chain';
const KEY = 'listener.name.ssl.ssl.keystore.key';
const LOCATION = 'listener.name.ssl.ssl.keystore.location';
const TRUSTED = 'listener.name.ssl.ssl.truststore.certificates';

let dataDir: string;
let broker: EmbeddedBroker | null = null;
let client: WireClient;
let lines: string[];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'millrace-dynamic-'));
  lines = [];
});

afterEach(async () => {
  client.close();
  await broker?.close();
  broker = null;
  rmSync(dataDir, { recursive: true });
});

const certificateOf = (commonName = 'localhost', hosts = HOSTS) =>
  authority.issue({ commonName, hosts });

/** Two certificates of the same names differ in their serial numbers. */
const first = certificateOf();

function written(name: string, { certificate, key }: { certificate: string; key: string }) {
  const location = join(dataDir, name);
  writeFileSync(location, certificate + key);
  return location;
}

/** With the key store in a file. */
function openWithFile(): Promise<void> {
  return openWith({
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': written('first.pem', first),
  });
}

/** With the key store in the configuration. */
function open(config: Record<string, string> = {}): Promise<void> {
  return openWith({
    'ssl.keystore.certificate.chain': first.certificate,
    'ssl.keystore.key': first.key,
    ...config,
  });
}

async function openWith(config: Record<string, string>): Promise<void> {
  const log = (line: string) => {
    lines.push(line);
  };
  broker = await startBroker({
    dataDir,
    logger: { info: log, warn: log, error: log },
    config: {
      listeners: 'PLAINTEXT://127.0.0.1:0,SSL://127.0.0.1:0',
      'millrace.http.listener': 'none',
      ...config,
    },
  });
  client = await WireClient.open(broker.port);
}

async function reopen(): Promise<void> {
  client.close();
  await broker!.close();
  await open();
}

/** Null takes a value back. */
async function alter(
  values: Record<string, string | null>,
  { resourceName = '1', validateOnly = false } = {},
) {
  const configs = Object.entries(values).map(([name, value]) => {
    return { name, configOperation: value === null ? DELETE : SET, value };
  });
  const resources = [{ resourceType: BROKER, resourceName, configs }];
  const answer = await client.ask(API.INCREMENTAL_ALTER_CONFIGS, 1, { resources, validateOnly });
  const { errorCode, errorMessage } = answer.responses[0]!;
  return { errorCode, text: errorMessage ?? '' };
}

const DONE = { errorCode: 0, text: '' };

function secured(options: ConnectionOptions = {}, sessions: Buffer[] = []): Promise<TLSSocket> {
  const [host, port] = broker!.addressOf('SSL').split(':') as [string, string];
  return new Promise((resolve, reject) => {
    const ca = authority.certificate;
    const socket = connect({ host, port: Number(port), ca, ...options });
    socket.on('error', reject);
    socket.on('session', (session) => sessions.push(session));
    socket.once('close', () => reject(new Error('closed')));
    socket.once('data', () => resolve(socket));
    socket.write(API_VERSIONS);
  });
}

/** Which certificate a new client is shown. */
async function shown(): Promise<string> {
  const socket = await secured();
  const { serialNumber } = socket.getPeerX509Certificate()!;
  socket.destroy();
  return serialNumber;
}

async function described(names: string[] | null = null) {
  const resources = [{ resourceType: BROKER, resourceName: '1', configurationKeys: names }];
  const asked = { resources, includeSynonyms: true, includeDocumentation: false };
  return (await client.ask(API.DESCRIBE_CONFIGS, 4, asked)).results[0]!;
}

describe('certificates that are set while the broker runs', () => {
  it('are shown to new clients, and those that are connected stay so', async () => {
    await open();
    const before = await shown();
    const stays = await secured();
    const second = certificateOf();
    expect(await alter({ [CHAIN]: second.certificate, [KEY]: second.key })).toEqual(DONE);
    const after = await shown();
    expect(after).not.toBe(before);
    const answered = new Promise((resolve) => stays.once('data', resolve));
    stays.write(API_VERSIONS);
    await answered;
    stays.destroy();
    expect(await alter({ [CHAIN]: null, [KEY]: null })).toEqual(DONE);
    expect(await shown()).toBe(before);
  });

  it('may lie in a file, which is not there beside those of the configuration', async () => {
    const location = written('second.pem', certificateOf());
    await openWithFile();
    const before = await shown();
    expect(await alter({ [LOCATION]: location })).toEqual(DONE);
    expect(await shown()).not.toBe(before);
    const { text } = await alter(ofBoth(certificateOf()));
    expect(text).toContain('has a certificate in the configuration, too');
  });

  it('are only looked at with validateOnly', async () => {
    await open();
    const before = await shown();
    const second = certificateOf();
    const values = { [CHAIN]: second.certificate, [KEY]: second.key };
    expect(await alter(values, { validateOnly: true })).toEqual(DONE);
    expect(await shown()).toBe(before);
  });

  it('hold after a restart', async () => {
    await open();
    const second = certificateOf();
    await alter({ [CHAIN]: second.certificate, [KEY]: second.key });
    const after = await shown();
    await reopen();
    expect(await shown()).toBe(after);
  });

  it('make way for those of server.properties where a start finds them gone', async () => {
    const location = written('second.pem', certificateOf());
    await openWithFile();
    const before = await shown();
    await alter({ [LOCATION]: location });
    client.close();
    await broker!.close();
    rmSync(location);
    await openWithFile();
    expect(await shown()).toBe(before);
    const told = lines.find((line) => line.includes('has no effect now'));
    expect(told).toContain(location);
  });

  it.each([
    ['no certificate', { [CHAIN]: 'nonsense', [KEY]: 'very-secret' }, 'cannot be used for TLS'],
    ['the key of another', { [KEY]: certificateOf().key }, 'cannot be used for TLS'],
    [
      'another name',
      ofBoth(certificateOf('other')),
      'the distinguished name is CN=other, and CN=localhost in the certificate in use',
    ],
    [
      'fewer hosts',
      ofBoth(certificateOf('localhost', ['localhost'])),
      'the certificate is not for IP Address:127.0.0.1',
    ],
    [
      'an unknown listener',
      { 'listener.name.other.ssl.keystore.key': first.key },
      'there is no listener OTHER with TLS',
    ],
    [
      'no listener',
      { 'ssl.keystore.key': first.key },
      'only per-listener using the listener prefix: [ssl.keystore.key]',
    ],
    [
      'what is fixed',
      { 'listener.name.ssl.ssl.client.auth': 'required' },
      'Cannot update these configs dynamically: [listener.name.ssl.ssl.client.auth]',
    ],
  ])('are refused, and the old ones go on: %s', async (_, values, why) => {
    await open();
    const before = await shown();
    const { errorCode, text } = await alter(values as Record<string, string>);
    expect(text).toContain(why);
    expect(errorCode).toBe(INVALID_REQUEST);
    expect(text).not.toContain('very-secret');
    expect(await shown()).toBe(before);
  });

  it('belong to one broker', async () => {
    await open();
    const second = certificateOf();
    const values = { [CHAIN]: second.certificate, [KEY]: second.key };
    const { errorCode, text } = await alter(values, { resourceName: '' });
    expect(errorCode).toBe(INVALID_REQUEST);
    expect(text).toContain('Cannot update these configs at default cluster level');
  });

  it('may have other names where the file allows it', async () => {
    await open({ 'ssl.allow.dn.changes': 'true', 'ssl.allow.san.changes': 'true' });
    const before = await shown();
    expect(await alter(ofBoth(certificateOf('localhost', ['127.0.0.1'])))).toEqual(DONE);
    expect(await shown()).not.toBe(before);
    const other = certificateOf('other');
    expect(await alter(ofBoth(other))).toEqual(DONE);
  });

  it('change whom the listener trusts', async () => {
    await open({
      'ssl.client.auth': 'required',
      'ssl.truststore.certificates': authority.certificate,
    });
    const strangers = new ThrowAwayAuthority();
    const eve = strangers.issue({ commonName: 'eve' });
    const asEve = { cert: eve.certificate, key: eve.key };
    await expect(secured(asEve)).rejects.toThrow();
    const both = authority.certificate + strangers.certificate;
    expect(await alter({ [TRUSTED]: both })).toEqual(DONE);
    const sessions: Buffer[] = [];
    (await secured(asEve, sessions)).destroy();
    const [session] = sessions;
    expect(session).toBeDefined();
    expect(await alter({ [TRUSTED]: null })).toEqual(DONE);
    await expect(secured(asEve)).rejects.toThrow();
    // Nor does a session get in that began before.
    await expect(secured({ ...asEve, session })).rejects.toThrow();
  });

  it('are shown by no description and no log line', async () => {
    await open();
    const second = certificateOf();
    await alter({ [CHAIN]: second.certificate, [KEY]: second.key });
    const all = await described();
    const named = await described([CHAIN, KEY]);
    for (const name of [CHAIN, KEY]) {
      for (const { configs } of [all, named]) {
        const entry = configs.find((each) => each.name === name)!;
        expect(entry).toMatchObject({ value: null, isSensitive: true, readOnly: false });
        expect(entry.synonyms.every(({ value }) => value === null)).toBe(true);
      }
    }
    const secret = second.key.split('\n')[1]!;
    for (const text of [JSON.stringify([all, named]), ...lines]) expect(text).not.toContain(secret);
  });
});

it('the certificate of HTTPS is not set to what its engine does not serve', async () => {
  await open({ 'millrace.http.listener': 'https://127.0.0.1:0', 'millrace.http.engine': 'auto' });
  const { text } = await alter({
    'listener.name.http.ssl.keystore.type': 'PKCS12',
    'listener.name.http.ssl.keystore.location': '/none.p12',
  });
  expect(text).toContain('listener.name.http.ssl.keystore.location');
  const second = certificateOf();
  const ofHttp = {
    'listener.name.http.ssl.keystore.certificate.chain': second.certificate,
    'listener.name.http.ssl.keystore.key': second.key,
  };
  expect(await alter(ofHttp)).toEqual(DONE);
  expect(lines).toContain('listener HTTP has new certificates');
});

it('other settings that were set while the broker ran hold after a restart, too', async () => {
  await open();
  expect(await alter({ 'max.connections.per.ip': '2' }, { resourceName: '' })).toEqual(DONE);
  await reopen();
  const others = await Promise.all([WireClient.open(broker!.port), WireClient.open(broker!.port)]);
  const served = others.map((each) =>
    each.ask(API.API_VERSIONS, 0, {}).then(
      () => true,
      () => false,
    ),
  );
  const answers = await Promise.all(served);
  for (const each of others) each.close();
  expect(answers.filter((isServed) => isServed)).toHaveLength(1);
});

function ofBoth({ certificate, key }: { certificate: string; key: string }) {
  return { [CHAIN]: certificate, [KEY]: key };
}
