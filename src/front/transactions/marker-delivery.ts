import { ERROR } from '../../base/kafka-errors.ts';
import type { MarkerOutcome, WantedMarker } from '../../exchange/transaction-messages.ts';
import type { MarkerFields } from '../../exchange/worker-proxy.ts';
import { NO_LEADER } from '../../metadata/image.ts';
import type { MetadataView } from '../../metadata/metadata-view.ts';
import { errorOfPartition } from '../partitions/partition-errors.ts';
import type { PartitionMirror } from '../partitions/partition-mirror.ts';
import type { Partitions } from '../partitions/partitions.ts';
import type { AppendWaiter, Workers } from '../partitions/workers.ts';
import type { BrokerPeers } from './broker-peers.ts';
import { RemoteMarkers } from './remote-markers.ts';
import type { TransactionGate } from './transaction-gate.ts';

interface DeliveryServices {
  readonly metadata: MetadataView;
  readonly partitions: Partitions;
  readonly workers: Workers;
  readonly gate: TransactionGate;
  /** Null where there are no other brokers. */
  readonly peers: BrokerPeers | null;
}

type OnWritten = (errorCode: number) => void;

const ONLY = 0;

/**
 * Takes the markers that coordinators in the workers ask for to the workers of their partitions,
 * and the outcomes back. Coordinator and partition may belong to different workers, which know
 * nothing of each other.
 */
export class MarkerDelivery {
  readonly #services: DeliveryServices;
  readonly #remote: RemoteMarkers | null;
  /** By worker, until the turn ends: many outcomes to one message. */
  readonly #outcomes = new Map<number, MarkerOutcome[]>();
  /** Whose outcomes they are. */
  readonly #producers = new Set<number>();

  constructor(services: DeliveryServices) {
    this.#services = services;
    this.#remote = services.peers === null ? null : new RemoteMarkers(services.peers);
  }

  deliver(worker: number, markers: readonly WantedMarker[]): void {
    for (const marker of markers) {
      const { id, topic, partition } = marker;
      const onWritten = (errorCode: number): void => {
        this.#producers.add(marker.producerId);
        this.#tell(worker, [id, errorCode]);
      };
      const other = this.#otherLeaderOf(topic, partition);
      if (other === NO_LEADER) this.write(topic, partition, marker, onWritten);
      else this.#remote!.write(other, marker, onWritten);
    }
  }

  /** The other broker that leads the partition, if one does. */
  #otherLeaderOf(topic: string, partition: number): number {
    if (this.#remote === null) return NO_LEADER;
    const { image } = this.#services.metadata;
    const leader = image.topicsByName.get(topic)?.partitions[partition]?.leader ?? NO_LEADER;
    return leader === image.nodeId ? NO_LEADER : leader;
  }

  /** `onWritten` may be called at once, with the error of a partition that is not there. */
  write(topic: string, partition: number, marker: MarkerFields, onWritten: OnWritten): void {
    const { metadata, partitions } = this.#services;
    const known = metadata.image.topicsByName.get(topic)?.partitions[partition];
    if (known === undefined) {
      onWritten(ERROR.UNKNOWN_TOPIC_OR_PARTITION);
      return;
    }
    const mirror = partitions.topicByName(topic)?.partitions[partition] ?? null;
    const errorCode = errorOfPartition(mirror);
    if (errorCode === 0) this.#send(mirror!, marker, onWritten);
    else onWritten(errorCode);
  }

  #send(mirror: PartitionMirror, marker: MarkerFields, onWritten: OnWritten): void {
    const { workers, gate } = this.#services;
    const waiter: AppendWaiter = {
      onRecordsRefused: () => undefined,
      onAppended: (_index, errorCode) => {
        workers.giveBackAppendTicket(ticket);
        onWritten(this.#outcomeOf(mirror, errorCode));
      },
    };
    const ticket = workers.takeAppendTicket(waiter);
    gate.onMarker(mirror, marker.producerId, marker.producerEpoch);
    workers.appendMarker(mirror.worker, mirror.slot, ticket, ONLY, marker);
  }

  /** A worker that does not have the partition cannot say whether its topic is gone for good. */
  #outcomeOf({ topic, index }: PartitionMirror, errorCode: number): number {
    if (errorCode !== ERROR.UNKNOWN_TOPIC_OR_PARTITION) return errorCode;
    const known = this.#services.metadata.image.topicsByName.get(topic)?.partitions[index];
    return known === undefined ? errorCode : ERROR.NOT_LEADER_OR_FOLLOWER;
  }

  #tell(worker: number, outcome: MarkerOutcome): void {
    const waiting = this.#outcomes.get(worker);
    if (waiting !== undefined) {
      waiting.push(outcome);
      return;
    }
    const outcomes = [outcome];
    this.#outcomes.set(worker, outcomes);
    queueMicrotask(() => {
      this.#outcomes.delete(worker);
      this.#services.workers.tell(worker, { kind: 'markers-written', outcomes });
      this.#letPass();
    });
  }

  /** Writes of next transactions that wait for these markers. */
  #letPass(): void {
    if (this.#outcomes.size > 0) return;
    const { gate } = this.#services;
    for (const producerId of this.#producers) gate.onMarkersWritten(producerId);
    this.#producers.clear();
  }
}
