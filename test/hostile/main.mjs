/**
 * `npm run hostile -- [--attacks many,churn] [--seconds 8] [--against kafka,bare]
 * [--override name=value] [--profile dir]`
 */
import { parseArgs } from 'node:util';
import { ATTACKS } from './attacks.mjs';
import { HostileRun } from './hostile-run.mjs';
import { RIVALS } from './rival-brokers.mjs';
import { comeFirst } from './standing.mjs';

const { values } = parseArgs({
  options: {
    attacks: { type: 'string', default: Object.keys(ATTACKS).join(',') },
    seconds: { type: 'string', default: '8' },
    quiet: { type: 'string', default: '4' },
    settle: { type: 'string', default: '20' },
    against: { type: 'string', default: '' },
    override: { type: 'string', multiple: true, default: [] },
    profile: { type: 'string' },
  },
});

const one = (value) => value.toFixed(1);
const whole = (value) => value.toFixed(0);
/** Rivals have no probe in them. */
const orNone = (value) => (Number.isNaN(value) ? '-' : one(value));
const percent = (share) => `${whole(share * 100)} %`;
const COLUMNS = [
  'attack',
  'p50 / p99 quiet (ms)',
  'p50 / p99 / worst under attack (ms)',
  'p99 times quiet',
  'loop p99 / worst (ms)',
  'processor of attacker / broker',
  'memory before, peak, after, without client (MB)',
];

function line({ attack, broker, phase, quiet, latency, delays, attackerCpu, brokerCpu, memory }) {
  const { title } = ATTACKS[attack];
  const what = phase === '' ? title : `${title}: ${phase}`;
  return [
    broker === 'millrace' ? what : `${what}, on ${broker}`,
    `${one(quiet.p50)} / ${one(quiet.p99)}`,
    `${one(latency.p50)} / ${one(latency.p99)} / ${one(latency.max)}`,
    one(latency.p99 / quiet.p99),
    `${orNone(delays.p99Ms)} / ${orNone(delays.worstMs)}`,
    `${percent(attackerCpu)} / ${percent(brokerCpu)}`,
    [memory.beforeMb, memory.peakMb, memory.afterMb, memory.aloneMb].map(whole).join(', '),
  ];
}

const print = (cells) => process.stdout.write(`| ${cells.join(' | ')} |\n`);

if (!comeFirst()) {
  const why = 'its latency has the wait for a processor in it; chrt and root would spare it that';
  process.stderr.write(`hostile: the healthy client shares the machine like everybody: ${why}\n`);
}
const rivals = values.against === '' ? [] : values.against.split(',');
const unknown = [
  ...values.attacks.split(',').filter((name) => ATTACKS[name] === undefined),
  ...rivals.filter((name) => RIVALS[name] === undefined),
];
if (unknown.length > 0) {
  const known = `attacks are ${Object.keys(ATTACKS)}; rivals are ${Object.keys(RIVALS)}`;
  process.stderr.write(`hostile: ${unknown} is unknown: ${known}\n`);
  process.exit(1);
}
print(COLUMNS);
print(COLUMNS.map(() => '---'));
for (const attack of values.attacks.split(',')) {
  for (const broker of ['millrace', ...rivals]) {
    const run = new HostileRun({
      broker,
      seconds: Number(values.seconds),
      quietSeconds: Number(values.quiet),
      settleSeconds: Number(values.settle),
      overrides: Object.fromEntries(values.override.map((each) => each.split(/=(.*)/, 2))),
      profileTo: values.profile,
    });
    for (const row of await run.run(attack)) print(line(row));
  }
}
