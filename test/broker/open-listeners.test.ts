import { startBroker } from 'millrace';
import { expect, test } from 'vitest';
import { ThrowAwayAuthority } from '../../src/security/tls/throw-away-authority.ts';

const MAP = 'PLAINTEXT:PLAINTEXT,OTHER:PLAINTEXT';
const AUTHORIZER = 'org.apache.kafka.metadata.authorizer.StandardAuthorizer';

async function outcomeOf(config: Record<string, string>): Promise<string> {
  const all = { 'millrace.http.listener': 'none', ...config };
  try {
    const broker = await startBroker({ config: all });
    await broker.close();
    return 'started';
  } catch (thrown) {
    return (thrown as Error).message;
  }
}

test.each([
  ['PLAINTEXT://0.0.0.0:0', {}],
  ['PLAINTEXT://:0', {}],
  ['PLAINTEXT://127.0.0.1:0,OTHER://[::]:0', { 'listener.security.protocol.map': MAP }],
])('a listener that lets everybody in on every address is refused: %s', async (listeners, more) => {
  const outcome = await outcomeOf({ listeners, ...more });
  expect(outcome).toContain('lets everybody in');
  expect(outcome).toContain('millrace.insecure=true');
  expect(await outcomeOf({ listeners, ...more, 'millrace.insecure': 'true' })).toBe('started');
});

test.each([
  ['PLAINTEXT://localhost:0', {}],
  ['PLAINTEXT://[::1]:0', {}],
  ['SASL_PLAINTEXT://0.0.0.0:0', { 'sasl.enabled.mechanisms': 'SCRAM-SHA-256' }],
  ['PLAINTEXT://0.0.0.0:0', { 'authorizer.class.name': AUTHORIZER }],
])('others start: %s', async (listeners, more) => {
  expect(await outcomeOf({ listeners, ...more })).toBe('started');
});

test('so is the listener of HTTP', async () => {
  const http = { 'millrace.http.listener': '0.0.0.0:0' };
  expect(await outcomeOf(http)).toContain('millrace.http.authentication=required');
  expect(await outcomeOf({ ...http, 'millrace.insecure': 'true' })).toBe('started');
  const { certificate, key } = new ThrowAwayAuthority().issue({ commonName: 'localhost' });
  const certified = {
    'millrace.http.listener': 'https://0.0.0.0:0',
    'ssl.keystore.certificate.chain': certificate,
    'ssl.keystore.key': key,
  };
  expect(await outcomeOf(certified)).toContain('lets everybody in');
  const asked = { 'ssl.client.auth': 'required', 'ssl.truststore.certificates': certificate };
  expect(await outcomeOf({ ...certified, ...asked })).toBe('started');
  const users = { 'millrace.sasl.users': 'a:b', 'sasl.enabled.mechanisms': 'PLAIN' };
  const guarded = { ...http, ...users, 'millrace.http.authentication': 'required' };
  expect(await outcomeOf(guarded)).toBe('started');
});
