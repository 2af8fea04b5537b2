import type {
  MetadataPosition,
  PacedSink,
  QuorumRecord,
} from '../../src/cluster/quorum/metadata-sink.ts';
import type { KraftRecord } from '../../src/protocol/metadata-record-table.ts';

/** Writes down what it is given, one line each. */
export class RecordingSink implements PacedSink {
  readonly lines: string[] = [];

  async room(): Promise<void> {}

  onCluster(clusterId: string): void {
    this.lines.push(`cluster ${clusterId}`);
  }

  onLeader(leaderId: number, epoch: number): void {
    this.lines.push(`leader ${leaderId} of epoch ${epoch}`);
  }

  onSnapshot(): void {
    this.lines.push('snapshot');
  }

  onRecords(records: readonly KraftRecord[]): void {
    for (const { kind, body } of records) {
      const name = (body as { name?: string }).name;
      this.lines.push(name === undefined ? kind : `${kind} ${name}`);
    }
  }

  onQuorum(record: QuorumRecord): void {
    this.lines.push(record.kind);
  }

  onPosition({ offset, epoch }: MetadataPosition): void {
    this.lines.push(`shown ${offset} of epoch ${epoch}`);
  }

  /** The lines since the last call. */
  take(): string[] {
    return this.lines.splice(0);
  }
}
