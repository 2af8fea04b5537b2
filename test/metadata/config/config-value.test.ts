import { describe, expect, it } from 'vitest';
import { errorOfValue, listOf, numberOf } from '../../../src/metadata/config/config-value.ts';
import { TOPIC_CONFIGS } from '../../../src/metadata/config/definitions.ts';

const errorOf = (name: string, value: string) => errorOfValue(TOPIC_CONFIGS.get(name)!, value);

describe('errorOfValue', () => {
  // What Kafka 4.3.1 says to the same values.
  it.each([
    ['retention.ms', 'abc', 'Not a number of type LONG'],
    ['retention.ms', '-2', 'Value must be at least -1'],
    ['cleanup.policy', 'foo', 'String must be one of: compact, delete'],
    ['preallocate', 'x', 'Expected value to be either true or false'],
    ['segment.bytes', '10', 'Value must be at least 1048576'],
    ['segment.bytes', '99999999999', 'Not a number of type INT'],
    ['segment.bytes', '1.5', 'Not a number of type INT'],
    ['max.compaction.lag.ms', '0', 'Value must be at least 1'],
    ['compression.gzip.level', '0', 'Value must be between 1 and 9 or equal to -1'],
    ['message.timestamp.type', 'createtime', 'String must be one of: CreateTime, LogAppendTime'],
    [
      'compression.type',
      'Gzip',
      'String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer',
    ],
  ])('answers as Kafka to %s=%s', (name, value, why) => {
    expect(errorOf(name, value)).toBe(`Invalid value ${value} for configuration ${name}: ${why}`);
  });

  it('shows doubles and lists as Kafka does', () => {
    expect(errorOf('min.cleanable.dirty.ratio', '2')).toBe(
      'Invalid value 2.0 for configuration min.cleanable.dirty.ratio: Value must be no more than 1',
    );
    expect(errorOf('leader.replication.throttled.replicas', 'x')).toContain(
      'Invalid value [x] for configuration leader.replication.throttled.replicas: leader.repl',
    );
  });

  it.each([
    ['cleanup.policy', ''],
    ['cleanup.policy', 'compact, delete'],
    ['preallocate', 'TRUE'],
    ['segment.bytes', ' 2097152 '],
    ['retention.ms', '9223372036854775807'],
    ['compression.gzip.level', '-1'],
    ['min.cleanable.dirty.ratio', '1e-1'],
    ['leader.replication.throttled.replicas', '*'],
    ['leader.replication.throttled.replicas', '0:1,1:1'],
  ])('accepts %s=%s', (name, value) => {
    expect(errorOf(name, value)).toBeNull();
  });

  it('refuses numbers beyond their type and texts without end', () => {
    expect(errorOf('retention.ms', '9223372036854775808')).toContain('Not a number of type LONG');
    expect(errorOf('retention.ms', '9'.repeat(40_000))).toContain('Value is too long');
    expect(errorOf('min.cleanable.dirty.ratio', 'NaN')).toContain('Not a number of type DOUBLE');
  });
});

describe('values', () => {
  it('become exact numbers, the bounds of int64 being no bound', () => {
    expect(numberOf('9223372036854775807')).toBe(Number.MAX_SAFE_INTEGER);
    expect(numberOf('+5')).toBe(5);
  });

  it('become lists without empty items', () => {
    expect(listOf(' a, ,b,')).toEqual(['a', 'b']);
  });
});
