import { CLIENT } from './client-table.ts';
import type { CommandSpec } from './command.ts';

/** The programs that kafkatest drives, with the flags of Kafka's own. */
export const VERIFIABLE_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'verifiable-producer',
    operands: '',
    operandsMax: 0,
    summary: "Kafka's VerifiableProducer",
    isHidden: true,
    options: {
      ...CLIENT,
      topic: { value: 'NAME', help: 'the topic' },
      'max-messages': { value: 'N', help: 'stop after so many; -1 is without end' },
      throughput: { value: 'N', help: 'records a second; -1 is as fast as it goes' },
      acks: { value: '0|1|-1', help: 'what to wait for; -1' },
      'message-create-time': { value: 'MS', help: 'the time of the first record' },
      'value-prefix': { value: 'N', help: 'a number before each value, with a dot' },
      'repeating-keys': { value: 'N', help: 'keys from 0 to N - 1, again and again' },
      'producer.config': { value: 'FILE', as: 'command-config', help: '' },
    },
    load: async () => (await import('./verifiable/verifiable-producer.ts')).verifiableProducer,
  },
  {
    name: 'verifiable-consumer',
    operands: '',
    operandsMax: 0,
    summary: "Kafka's VerifiableConsumer",
    isHidden: true,
    options: {
      ...CLIENT,
      topic: { value: 'NAME', help: 'the topic' },
      'group-id': { value: 'NAME', help: 'the group' },
      'group-protocol': { value: 'classic|consumer', help: 'classic unless given' },
      'group-remote-assignor': { value: 'NAME', help: 'the assignor at the broker' },
      'group-instance-id': { value: 'NAME', help: 'for a static member' },
      'max-messages': { value: 'N', help: 'stop after so many; -1 is without end' },
      'session-timeout': { value: 'MS', help: 'of the member' },
      'enable-autocommit': { help: 'commit now and then, not behind each batch' },
      'reset-policy': { value: 'POLICY', help: 'earliest unless given, latest or none' },
      'assignment-strategy': { value: 'NAME', help: 'range unless given, or a class of Java' },
      verbose: { help: 'a line for each record' },
      'consumer.config': { value: 'FILE', as: 'command-config', help: '' },
    },
    load: async () => (await import('./verifiable/verifiable-consumer.ts')).verifiableConsumer,
  },
];
