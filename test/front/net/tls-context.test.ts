import { expect, test } from 'vitest';
import { loadConfig } from '#millrace/broker/config';
import { TlsContext } from '../../../src/front/net/tls/tls-context.ts';
import type { TlsListenerSettings } from '../../../src/metadata/config/tls-settings.ts';
import { ThrowAwayAuthority } from '../../../src/security/tls/throw-away-authority.ts';

const authority = new ThrowAwayAuthority();

function settingsFor(commonName: string): TlsListenerSettings {
  const { certificate, key } = authority.issue({ commonName });
  const config = {
    listeners: 'SSL://127.0.0.1:0',
    'ssl.keystore.certificate.chain': certificate,
    'ssl.keystore.key': key,
  };
  return loadConfig({ config }).settings.tls.get('SSL')!;
}

test('who hears of new certificates sees them, and where it cannot take them the old ones stay', () => {
  const [first, second] = [settingsFor('first'), settingsFor('second')];
  const context = new TlsContext(first);
  const { options } = context;
  const seen: unknown[] = [];
  context.onRenewed = () => {
    seen.push(context.settings, context.certificate.subject);
    throw new Error('the port is taken');
  };
  expect(() => context.take(second)).toThrow('the port is taken');
  expect(seen).toEqual([second, 'CN=second']);
  expect(context.settings).toBe(first);
  expect(context.options).toBe(options);
  expect(context.certificate.subject).toBe('CN=first');
  context.onRenewed = () => {};
  context.take(second);
  expect(context.settings).toBe(second);
  expect(context.certificate.subject).toBe('CN=second');
});
