import { describe, expect, expectTypeOf, it } from 'vitest';
import { type Dotted, type Named, readOptions } from '../../../src/client/config/option-names.ts';

interface Options {
  readonly bootstrapServers: string;
  readonly lingerMs?: number;
  readonly maxInFlightRequestsPerConnection?: number;
}

const DEFAULTS = { bootstrapServers: '', lingerMs: 5, maxInFlightRequestsPerConnection: 5 };

describe('readOptions', () => {
  it('takes the names of Kafka and those in camelCase, mixed', () => {
    const given = { 'bootstrap.servers': 'a:1', lingerMs: 7 };
    expect(readOptions(given, DEFAULTS)).toEqual({
      ...DEFAULTS,
      bootstrapServers: 'a:1',
      lingerMs: 7,
    });
    const flight = { 'max.in.flight.requests.per.connection': 1 };
    expect(readOptions(flight, DEFAULTS).maxInFlightRequestsPerConnection).toBe(1);
  });

  it('leaves the default where an option is undefined', () => {
    expect(readOptions({ lingerMs: undefined }, DEFAULTS)).toEqual(DEFAULTS);
  });

  it('refuses a name that it does not know, and one option under two names', () => {
    expect(() => readOptions({ 'linger.mss': 1 }, DEFAULTS)).toThrow("did you mean 'lingerMs'?");
    const twice = { 'linger.ms': 1, lingerMs: 1 };
    expect(() => readOptions(twice, DEFAULTS)).toThrow("'linger.ms' and 'lingerMs' are the same");
  });
});

describe('Named', () => {
  it('holds required options to one of their names', () => {
    expectTypeOf<
      Dotted<'maxInFlightRequestsPerConnection'>
    >().toEqualTypeOf<'max.in.flight.requests.per.connection'>();
    expectTypeOf<{ 'bootstrap.servers': string }>().toExtend<Named<Options>>();
    expectTypeOf<{ bootstrapServers: string; 'linger.ms': number }>().toExtend<Named<Options>>();
    expectTypeOf<{ lingerMs: number }>().not.toExtend<Named<Options>>();
    expectTypeOf<{ bootstrapServers: string; 'linger.ms': string }>().not.toExtend<
      Named<Options>
    >();
  });
});
