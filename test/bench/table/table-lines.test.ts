import { describe, expect, it } from 'vitest';
import { planLine } from '../../../bench/harness/planned-line.ts';
import { TABLE } from '../../../bench/scenarios/table.ts';
import { lineOf } from '../../../bench/table/table-lines.ts';
import { readTableOptions } from '../../../bench/table/table-options.ts';
import { TABLE_MODES } from '../../../bench/table/table-report.ts';

describe('the rows of the table', () => {
  for (const scenario of TABLE) {
    for (const mode of TABLE_MODES) {
      it(`${scenario.name}, ${mode}, is a command line that can be typed`, () => {
        const line = lineOf(scenario, mode);
        expect(planLine(line.split(' ')).text).toBe(line);
      });
    }
  }
});

describe('the options of the table', () => {
  it('tell brokers, other clients and the floor apart', () => {
    const options = readTableOptions(['--against', 'kafka,floor,@platformatic/kafka,java']);
    expect(options).toMatchObject({
      against: ['kafka'],
      clients: ['platformatic', 'java'],
      withFloor: true,
    });
  });

  it('refuse rivals that nobody knows', () => {
    const known = 'knows kafka, floor, nats, jetstream, kafkajs';
    expect(() => readTableOptions(['--against', 'frob'])).toThrow(known);
  });

  it('know who takes turns in the table, and who has a table of its own', () => {
    const options = readTableOptions(['--against', 'kafka,floor,jetstream,nats,kafkajs']);
    expect(options).toMatchObject({
      against: ['kafka'],
      clients: ['kafkajs', 'java'],
      withFloor: true,
      sockets: ['nats', 'jetstream'],
    });
  });
});
