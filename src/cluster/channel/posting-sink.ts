import type { BrokerAddress } from '../../client/broker-address.ts';
import type { KraftRecord } from '../../protocol/metadata-record-table.ts';
import type { MetadataPosition, PacedSink, QuorumRecord } from '../quorum/metadata-sink.ts';
import type { ChannelMessage } from './channel-messages.ts';
import type { RecordsWindow } from './records-window.ts';

/** Posts the committed log to another thread. */
export class PostingSink implements PacedSink {
  readonly #post: (message: ChannelMessage) => void;
  readonly #window: RecordsWindow;

  constructor(post: (message: ChannelMessage) => void, window: RecordsWindow) {
    this.#post = post;
    this.#window = window;
  }

  room(): Promise<void> {
    return this.#window.room();
  }

  onCluster(clusterId: string): void {
    this.#post({ kind: 'cluster', clusterId });
  }

  onLeader(leaderId: number, epoch: number, address: BrokerAddress | null): void {
    this.#post({ kind: 'leader', leaderId, epoch, address });
  }

  onSnapshot(): void {
    this.#post({ kind: 'snapshot' });
  }

  onRecords(records: readonly KraftRecord[]): void {
    this.#window.posted();
    this.#post({ kind: 'records', records: records.map(withOwnBytes) });
  }

  onQuorum(record: QuorumRecord): void {
    this.#post({ kind: 'quorum', record });
  }

  onPosition(position: MetadataPosition): void {
    this.#post({ kind: 'position', position });
  }
}

/** A view that is posted takes its whole buffer along, which is that of a fetch. */
function withOwnBytes(record: KraftRecord): KraftRecord {
  if (record.kind !== 'userScramCredential') return record;
  const { salt, storedKey, serverKey } = record.body;
  const own = { salt: copyOf(salt), storedKey: copyOf(storedKey), serverKey: copyOf(serverKey) };
  return { ...record, body: { ...record.body, ...own } };
}

function copyOf(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}
