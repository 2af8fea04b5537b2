import { UsageError } from '../usage-error.ts';
import {
  fixedText,
  headersFormat,
  inOrder,
  keyFormat,
  type PartStyle,
  type RecordFormat,
  valueFormat,
} from './record-format.ts';

const SWITCHES = [
  'print.timestamp',
  'print.partition',
  'print.offset',
  'print.delivery',
  'print.epoch',
  'print.headers',
  'print.key',
  'print.value',
];
const TEXTS = ['key.separator', 'line.separator', 'headers.separator', 'null.literal'];

/** What Kafka's console consumer prints for `--property print.key=true` and the like. */
export function consoleFormat(
  properties: ReadonlyMap<string, string>,
  isTerminal: boolean,
): RecordFormat {
  for (const [name, value] of properties) {
    if (SWITCHES.includes(name) && value !== 'true' && value !== 'false') {
      throw new UsageError(`--property ${name}=${value}: expected true or false`);
    }
    if (SWITCHES.includes(name) || TEXTS.includes(name)) continue;
    const expected = [...SWITCHES, ...TEXTS].join(', ');
    throw new UsageError(`--property ${name}: expected one of ${expected}`);
  }
  const style: PartStyle = { nullText: properties.get('null.literal') ?? 'null', isTerminal };
  const between = properties.get('headers.separator') ?? ',';
  const parts: [string, RecordFormat][] = [
    ['print.timestamp', printTime],
    ['print.partition', (out, { partition }) => out.text(`Partition:${partition}`)],
    ['print.offset', (out, { offset }) => out.text(`Offset:${offset}`)],
    ['print.delivery', (out) => out.text('Delivery:NOT_PRESENT')],
    ['print.epoch', (out, { leaderEpoch }) => out.text(`Epoch:${leaderEpoch}`)],
    ['print.headers', headersFormat({ ...style, between, assigns: ':', none: 'NO_HEADERS' })],
    ['print.key', keyFormat(style)],
    ['print.value', valueFormat(style)],
  ];
  const separator = fixedText(Buffer.from(properties.get('key.separator') ?? '\t'));
  const line = parts
    .filter(([name]) => (properties.get(name) ?? String(name === 'print.value')) === 'true')
    .flatMap(([, format], i) => (i === 0 ? [format] : [separator, format]));
  return inOrder([...line, fixedText(Buffer.from(properties.get('line.separator') ?? '\n'))]);
}

const printTime: RecordFormat = (out, { timestamp, batch }) => {
  if (timestamp < 0) out.text('NO_TIMESTAMP');
  else out.text(`${batch.origin.appendTimeMs >= 0 ? 'LogAppendTime' : 'CreateTime'}:${timestamp}`);
};
