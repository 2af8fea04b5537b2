import { describe, expect, it } from 'vitest';
import { BrokerConfig } from '../../../src/metadata/config/broker-config.ts';
import { brokerSettings } from '../../../src/metadata/config/broker-settings.ts';
import { describeBrokerConfig } from '../../../src/metadata/config/describe.ts';
import { parseJaasEntry } from '../../../src/metadata/config/jaas-entry.ts';

const PLAIN_MODULE = 'org.apache.kafka.common.security.plain.PlainLoginModule';
const JAAS = 'listener.name.inside.plain.sasl.jaas.config';
const BASE = {
  listeners: 'INSIDE://127.0.0.1:0,OUTSIDE://127.0.0.1:0,OPEN://127.0.0.1:0',
  'listener.security.protocol.map': 'INSIDE:SASL_PLAINTEXT,OUTSIDE:SASL_PLAINTEXT,OPEN:PLAINTEXT',
  'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
};

function configOf(more: Record<string, string> = {}): BrokerConfig {
  return BrokerConfig.of(new Map(Object.entries({ ...BASE, ...more })));
}

describe('the settings of SASL', () => {
  it('are those of the listener, then those of the broker', () => {
    const { sasl } = brokerSettings(
      configOf({
        'listener.name.inside.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256',
        [JAAS]: `${PLAIN_MODULE} required username="me" password="mine" user_alice="a b;c" ;`,
        'connections.max.reauth.ms': '1000',
        'listener.name.inside.connections.max.reauth.ms': '2000',
        'listener.name.inside.plain.connections.max.reauth.ms': '3000',
        'sasl.server.max.receive.size': '1024',
        'listener.name.outside.sasl.server.max.receive.size': '2048',
        'connection.failed.authentication.delay.ms': '7',
      }),
    );
    expect([...sasl.keys()]).toEqual(['INSIDE', 'OUTSIDE']);
    expect(sasl.get('INSIDE')).toEqual({
      mechanisms: [
        {
          name: 'PLAIN',
          sessionMsMax: 3000,
          passwords: new Map([['alice', 'a b;c']]),
          oauth: null,
        },
        { name: 'SCRAM-SHA-256', sessionMsMax: 2000, passwords: new Map(), oauth: null },
      ],
      receiveBytesMax: 1024,
      failureDelayMs: 7,
      timeoutMs: 30_000,
    });
    expect(sasl.get('OUTSIDE')).toMatchObject({
      mechanisms: [{ name: 'SCRAM-SHA-512', sessionMsMax: 1000 }],
      receiveBytesMax: 2048,
    });
  });

  it('take users in a plain list', () => {
    const { sasl } = brokerSettings(configOf({ 'millrace.sasl.users': 'alice:a:b, bob:c' }));
    expect(sasl.get('OUTSIDE')?.mechanisms[0]?.passwords).toEqual(
      new Map([
        ['alice', 'a:b'],
        ['bob', 'c'],
      ]),
    );
  });

  it.each([
    [{ 'sasl.enabled.mechanisms': 'GSSAPI' }, 'GSSAPI is not served for listener INSIDE'],
    [{ 'sasl.enabled.mechanisms': '' }, 'names no mechanism'],
    [{ 'sasl.enabled.mechanisms': 'PLAIN' }, 'PLAIN has no users'],
    [{ 'millrace.sasl.users': 'topsecret' }, 'item 1 is not of the form'],
    [{ 'sasl.enabled.mechanisms': 'PLAIN', [JAAS]: 'topsecret' }, 'must end in a semicolon'],
    [{ 'sasl.enabled.mechanisms': 'PLAIN', [JAAS]: 'a.B required;' }, 'the login module of PLAIN'],
  ])('are refused, without a secret in the error: %j', (more, message) => {
    const refused = () => brokerSettings(configOf(more));
    expect(refused).toThrow(message);
    expect(refused).not.toThrow('topsecret');
  });

  it('are described without the secrets, and known to have an effect', () => {
    const config = configOf({
      'millrace.sasl.users': 'alice:topsecret',
      [JAAS]: `${PLAIN_MODULE} required user_alice="topsecret";`,
    });
    const entries = describeBrokerConfig(config, null);
    expect(entries.map(({ name }) => name)).toContain(JAAS);
    expect(JSON.stringify(entries)).not.toContain('topsecret');
    expect(config.inertNames()).toEqual([]);
  });
});

describe('a line of JAAS', () => {
  it('has a module, a flag and options, with Java’s quotes and escapes', () => {
    const { loginModule, options } = parseJaasEntry(
      'p',
      `a.B  REQUIRED x=1 y = "two \\"quoted\\" \\\\" 'z'='thr;ee=' ; `,
    );
    expect(loginModule).toBe('a.B');
    expect([...options]).toEqual([
      ['x', '1'],
      ['y', 'two "quoted" \\'],
      ['z', 'thr;ee='],
    ]);
  });

  it.each([
    ['', 'must end in a semicolon'],
    ['a.B required', 'must end in a semicolon'],
    ['a.B;', 'expected a login module'],
    ['a.B maybe;', 'must be one of required'],
    ['a.B required x;', 'option 1 is not of the form'],
    ['a.B required x=1 y=;', 'option 2 is not of the form'],
    ['a.B required x="1;', 'a quotation mark is not closed'],
  ])('%j is refused', (text, message) => {
    expect(() => parseJaasEntry('p', text)).toThrow(message);
  });
});
