/** Reads what a workload of OpenMessaging is: `name: value` a line, `#` begins a comment. */

export interface Workload {
  readonly name: string;
  readonly topics: number;
  readonly partitionsPerTopic: number;
  readonly messageSize: number;
  readonly useRandomizedPayloads: boolean;
  readonly subscriptionsPerTopic: number;
  readonly consumerPerSubscription: number;
  readonly producersPerTopic: number;
  readonly producerRate: number;
  readonly testDurationMinutes: number;
}

const LINE = /^(\w+):\s*(?:"([^"]*)"|'([^']*)'|([^#]*?))\s*(?:#.*)?$/;

export function readWorkload(text: string): Workload {
  const values = new Map<string, string>();
  for (const [at, line] of text.split('\n').entries()) {
    if (/^\s*(#.*)?$/.test(line) || line === '---') continue;
    const [, name, doubly, singly, plain] = LINE.exec(line) ?? [];
    if (name === undefined) throw new Error(`line ${at + 1} is not "name: value": ${line}`);
    values.set(name, doubly ?? singly ?? plain ?? '');
  }
  const whole = (name: string): number => {
    const value = Number(values.get(name) ?? Number.NaN);
    if (Number.isSafeInteger(value) && value >= 0) return value;
    throw new Error(`${name} is a whole number, not "${values.get(name) ?? ''}"`);
  };
  return {
    name: values.get('name') ?? '',
    topics: whole('topics'),
    partitionsPerTopic: whole('partitionsPerTopic'),
    messageSize: whole('messageSize'),
    useRandomizedPayloads: values.get('useRandomizedPayloads') === 'true',
    subscriptionsPerTopic: whole('subscriptionsPerTopic'),
    consumerPerSubscription: whole('consumerPerSubscription'),
    producersPerTopic: whole('producersPerTopic'),
    producerRate: whole('producerRate'),
    testDurationMinutes: whole('testDurationMinutes'),
  };
}
