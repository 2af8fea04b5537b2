import { describe, expect, it } from 'vitest';
import { Admin, Consumer, Producer, ShareConsumer } from '../../../src/client/index.ts';

const CLIENTS = { Producer, Consumer, ShareConsumer, Admin };
const NEEDED = { bootstrapServers: '127.0.0.1:1', groupId: 'g' };
const ALICE = { username: 'alice', password: 'secret' };

type Name = keyof typeof CLIENTS;

function make(name: Name, options: object) {
  const { groupId, ...others } = NEEDED;
  const hasGroup = name === 'Consumer' || name === 'ShareConsumer';
  const given = { ...others, ...(hasGroup ? { groupId } : {}), ...options };
  return new CLIENTS[name](given as never);
}

const OF_ALL: [options: object, says: string][] = [
  [{ bootstrapServers: 'nonsense' }, 'expected host:port'],
  [{ requestTimeoutMs: 1.5 }, "'requestTimeoutMs': expected a whole number"],
  [{ enableMetricsPush: 'false' }, "'enableMetricsPush': expected true or false, got false"],
  [{ 'metadata.recovery.strategy': 'never' }, 'expected rebootstrap or none, got never'],
  [{ sasl: {} }, "'sasl': it names no mechanism"],
  [{ sasl: { mechanism: 'PLAIN', username: 'alice' } }, "PLAIN needs a string 'password'"],
  [{ sasl: { mechanism: 'OAUTHBEARER', token: 'x' } }, "OAUTHBEARER needs a function 'token'"],
  [{ sasl: { mechanism: 'SCRAM-SHA-1', ...ALICE } }, "SCRAM-SHA-1 needs an 'exchange'"],
  [{ sasl: { mechanism: 'GSSAPI', exchange: 1 } }, "GSSAPI needs a function 'exchange'"],
];

const OF_ONE: [name: Name, options: object, says: string][] = [
  ['Producer', { enableIdempotence: 'false' }, "'enableIdempotence': expected true or false"],
  ['Producer', { acks: 2 }, "'acks': expected 0, 1 or all"],
  ['Producer', { 'compression.type': 'brotli' }, 'expected one of none, gzip'],
  ['Consumer', { groupProtocol: 'Consumer' }, 'expected classic or consumer, got Consumer'],
  ['Consumer', { isolationLevel: 'committed' }, 'expected read_uncommitted or read_committed'],
  ['Consumer', { autoOffsetReset: 'first' }, "'autoOffsetReset': expected earliest"],
  ['Consumer', { autoOffsetReset: 'by_duration:1h' }, "'1h' is no duration"],
  ['Consumer', { enableAutoCommit: 'no' }, "'enableAutoCommit': expected true or false"],
  ['ShareConsumer', { groupId: '' }, 'needs a groupId'],
  ['ShareConsumer', { checkCrcs: 0 }, "'checkCrcs': expected true or false, got 0"],
  ['ShareConsumer', { shareAcquireMode: 'all' }, 'expected batch_optimized or record_limit'],
  ['Admin', { defaultApiTimeoutMs: 0 }, "'defaultApiTimeoutMs': expected a whole number from 1"],
];

describe.each(Object.keys(CLIENTS) as Name[])('the options of %s', (name) => {
  it.each(OF_ALL)('are refused: %j', (options, says) => {
    expect(() => make(name, options)).toThrow(
      expect.objectContaining({
        code: 'BAD_ARGUMENT',
        category: 'invalid-configuration',
        retriable: false,
        message: expect.stringContaining(says),
      }),
    );
  });
});

describe('options of one client', () => {
  it.each(OF_ONE)('are refused: %s %j', (name, options, says) => {
    const error = { code: 'BAD_ARGUMENT', message: expect.stringContaining(says) };
    expect(() => make(name, options)).toThrow(expect.objectContaining(error));
  });

  it('of a run are refused', async () => {
    await using consumer = make('Consumer', {}) as Consumer;
    const run = (options: object) => consumer.run({ eachRecord: () => undefined, ...options });
    await expect(run({ order: 'topic' })).rejects.toThrow('expected one of partition, key, none');
    await expect(run({ onBadPayload: 'drop' })).rejects.toThrow('throw, skip, dead-letter');
    await expect(run({ concurrency: 0 })).rejects.toThrow("'concurrency'");
    await expect(run({ onBadPayload: 'dead-letter' })).rejects.toThrow("needs 'deadLetter'");
  });
});
