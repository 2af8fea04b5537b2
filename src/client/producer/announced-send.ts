import { CHANNELS, type SendMessage } from '../diagnostics/client-channels.ts';
import { toKafkaError } from '../errors/kafka-error.ts';
import type { ProducerRecord } from './producer-record.ts';
import type { Receipt } from './receipt.ts';
import { headerPairs } from './record-headers.ts';

const NOT_KNOWN = -1;

/** Whether anybody hears of single records. */
export function isListenedTo(): boolean {
  return CHANNELS.send.hasSubscribers || CHANNELS.sent.hasSubscribers;
}

/** Sends a record of which subscribers hear: before it is sent, and what became of it. */
export function announced<Key, Value>(
  clientId: string,
  topic: string,
  record: ProducerRecord<Key, Value>,
  send: (record: ProducerRecord<Key, Value>) => Receipt,
): Receipt {
  const { key = null, value } = record;
  const headers = record.headers === undefined ? [] : headerPairs(record.headers);
  const message: SendMessage = { clientId, topic, key, value, headers };
  CHANNELS.send.publish(message);
  const tell = (partition: number, offset: number, thrown: unknown) => {
    const error = thrown === null ? null : toKafkaError(thrown);
    CHANNELS.sent.publish({ message, partition, offset, error });
  };
  try {
    const receipt = send(headers.length === 0 ? record : { ...record, headers });
    receipt.whenKnown(
      ({ partition, offset }) => tell(partition, offset, null),
      (thrown) => tell(NOT_KNOWN, NOT_KNOWN, thrown),
    );
    return receipt;
  } catch (thrown) {
    tell(NOT_KNOWN, NOT_KNOWN, thrown);
    throw thrown;
  }
}
