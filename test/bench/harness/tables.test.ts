import { expect, it } from 'vitest';
import { linesTable } from '../../../bench/harness/lines-table.ts';
import { soakTable } from '../../../bench/harness/soak-table.ts';

function row(line: string, figures: Record<string, number>, isDisturbed = false) {
  const spread = { messagesPerSecond: 0.1 };
  const told = { line, broker: 'millrace', figures, spread, isDisturbed };
  return { ...told, command: `npm run bench -- ${line}`, rounds: [{}, {}] };
}

it('tells lines by what they differ in, with the spread of their rounds', () => {
  const table = linesTable([
    row('produce --acks 0', { messagesPerSecond: 1000, p99Ms: 0 }),
    row('produce --acks all', { messagesPerSecond: 2000, p99Ms: 0 }, true),
  ]);
  const [head, , first, second] = table.split('\n');
  expect(head).toMatch(/^\| produce --acks +\| broker +\| +msg\/s \|$/);
  expect(first).toMatch(/^\| 0 +\| millrace \| 1,000 ±5% \|$/);
  expect(second).toMatch(/^\| all \(disturbed\) \| millrace \| 2,000 ±5% \|$/);
});

it('tells a long turn minute by minute, and the growth of the memory in its second half', () => {
  const minutes = [0, 1, 2, 3, 4];
  const table = soakTable({
    atMs: minutes.map((i) => i * 60_000),
    messages: minutes.map((i) => i * 60_000),
    brokerCpuSeconds: minutes.map((i) => i * 6),
    clientCpuSeconds: minutes.map(() => 0),
    brokerMib: [30, 40, 50, 52, 54],
  });
  expect(table).toContain('| 1 | 1,000 | 10.0 | 40.0 |');
  expect(table).toContain('| 4 | 1,000 | 10.0 | 54.0 |');
  expect(table).toContain('Memory in the second half: 2.00 MiB a minute.');
});
