/** Certificates that are over or not valid yet, on either side, and clocks that are an hour apart. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, afterEach, expect, test } from 'vitest';
import {
  type IssuedCertificate,
  ThrowAwayAuthority,
} from '../../../src/security/tls/throw-away-authority.ts';
import { attempt, isServed } from '../../support/secured-client.ts';
import { until } from '../../support/until.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const authority = new ThrowAwayAuthority();
const trusting = { ca: authority.certificate, servername: 'localhost' };
const folder = mkdtempSync(join(tmpdir(), 'millrace-dates-'));
const file = join(folder, 'server.pem');
const lines: string[] = [];
let broker: EmbeddedBroker | null = null;

afterEach(async () => {
  await broker?.close();
  broker = null;
  lines.length = 0;
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Valid from so long from now, and to so long from now. */
function issued(fromMs: number, toMs: number): IssuedCertificate {
  const [validFrom, validTo] = [new Date(Date.now() + fromMs), new Date(Date.now() + toMs)];
  return authority.issue({ commonName: 'localhost', hosts: ['localhost'], validFrom, validTo });
}

function write({ certificate, key }: IssuedCertificate): void {
  writeFileSync(`${file}.new`, certificate + key);
  renameSync(`${file}.new`, file);
}

async function open(config: object = {}): Promise<number> {
  const note = (line: string) => lines.push(line);
  broker = await startBroker({
    config: {
      listeners: 'SSL://127.0.0.1:0',
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': file,
      ...config,
    },
    logger: { info: note, warn: note, error: note },
  });
  return broker.port;
}

test.each([
  ['is over', [-2 * DAY_MS, -HOUR_MS], 'is over since', /expired/],
  ['is not valid yet', [HOUR_MS, DAY_MS], 'is not valid before', /not yet valid/],
] as const)(
  'a broker whose certificate %s says so, and serves with the next',
  async (...row) => {
    const [, [fromMs, toMs], line, refusal] = row;
    write(issued(fromMs, toMs));
    const port = await open();
    expect(lines.join('\n')).toContain(line);
    const how = await attempt(port, trusting);
    expect(how).toMatchObject({ kind: 'refused', reason: expect.stringMatching(refusal) });
    write(issued(-HOUR_MS, DAY_MS));
    await until('the next certificate', () => isServed(port, trusting));
  },
  30_000,
);

test.each([
  ['an hour behind', -2 * DAY_MS, -HOUR_MS / 2],
  ['an hour ahead', HOUR_MS / 2, DAY_MS],
])('a client whose authority is %s is refused, and others are served', async (_, fromMs, toMs) => {
  write(issued(-HOUR_MS, DAY_MS));
  const trust = { 'ssl.truststore.certificates': authority.certificate };
  const port = await open({ 'ssl.client.auth': 'required', ...trust });
  const asClient = ({ certificate: cert, key }: IssuedCertificate) => ({ ...trusting, cert, key });
  expect(await isServed(port, asClient(issued(fromMs, toMs)))).toBe(false);
  const refusal = 'failed: its certificate is refused: CERT_';
  expect(lines.join('\n')).toContain(`the TLS handshake with 127.0.0.1 ${refusal}`);
  expect(await isServed(port, asClient(issued(-HOUR_MS, DAY_MS)))).toBe(true);
});
