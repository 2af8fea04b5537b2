import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedBroker, startBroker } from '#millrace/broker/start-broker';
import { unsecuredToken } from '../../support/unsecured-token.ts';
import { ProgramPage } from './program-page.ts';

const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'];
/** Who proves itself again within a second is refused, as by Kafka. */
const SESSION_MS = 1_500;
const CONFIG = {
  'millrace.http.listener': '127.0.0.1:0',
  'millrace.http.authentication': 'required',
  // The page is served from elsewhere.
  'millrace.websocket.allowed.origins': '*',
  'listener.name.http.sasl.enabled.mechanisms': [...MECHANISMS, 'OAUTHBEARER'].join(),
  'listener.name.http.millrace.sasl.users': 'alice:secret',
  'listener.name.http.oauthbearer.sasl.server.callback.handler.class':
    'OAuthBearerUnsecuredValidatorCallbackHandler',
  'listener.name.http.connections.max.reauth.ms': SESSION_MS,
  'connection.failed.authentication.delay.ms': 0,
  'group.initial.rebalance.delay.ms': 0,
};

describe.skipIf(!ProgramPage.isPossible)('a browser at a gateway that asks who it is', () => {
  let page: ProgramPage;
  let broker: EmbeddedBroker;
  let bootstrapServers: string;

  beforeAll(async () => {
    [page, broker] = await Promise.all([ProgramPage.start(), startBroker({ config: CONFIG })]);
    bootstrapServers = `${broker.httpUrl.replace('http', 'ws')}/ws`;
  });

  afterAll(async () => {
    await page?.close();
    await broker?.close();
  });

  const logins: [name: string, right: object, wrong: object][] = [
    ...MECHANISMS.map((mechanism): [string, object, object] => {
      const sasl = { mechanism, username: 'alice', password: 'secret' };
      return [mechanism, { sasl }, { sasl: { ...sasl, password: 'Secret' } }];
    }),
    [
      'OAUTHBEARER',
      { token: unsecuredToken('alice', 3_600) },
      { token: unsecuredToken('alice', -60) },
    ],
  ];

  it.each(logins)('is let in by %s, and refused', async (name, right, wrong) => {
    const given = { bootstrapServers, name, count: 3 };
    expect(await page.run('produce', { ...given, ...right })).toEqual([0, 1, 2]);
    const reads = { ...given, ...right, groupId: name };
    expect(await page.run('consume', reads)).toEqual([0, 1, 2]);
    expect(await page.run('fail', { bootstrapServers, ...wrong })).toBe(
      'SASL_AUTHENTICATION_FAILED',
    );
  });

  it.each([logins[0]!, logins[3]!])(
    'renews a session of %s in time, on the same sockets',
    async (name, right) => {
      const given = { bootstrapServers, name: `renewed-${name}`, forMs: 2.5 * SESSION_MS };
      const { count, opened } = await page.run('produceFor', { ...given, ...right });
      expect(count).toBeGreaterThan(10);
      expect(opened).toBe(0);
    },
  );

  it('learns which mechanisms there are, and that it must use one', async () => {
    const other = { mechanism: 'SCRAM-SHA-1', username: 'alice', password: 'secret' };
    const refused = page.run('fail', { bootstrapServers, sasl: other }).catch(String);
    expect(await refused).toContain("SCRAM-SHA-1 needs an 'exchange' of your own");
    expect(await page.run('fail', { bootstrapServers })).toBe('NETWORK_EXCEPTION');
  });
});
