import { inBackground } from '../../base/in-background.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import type { WantedMarker } from '../../exchange/transaction-messages.ts';
import { API } from '../../protocol/api-keys.ts';
import type { WriteTxnMarkersRequest } from '../../protocol/schema/27-write-txn-markers.ts';
import type { BrokerPeers } from './broker-peers.ts';

type OnWritten = (errorCode: number) => void;

interface Wanted {
  readonly marker: WantedMarker;
  readonly onWritten: OnWritten;
}

interface Queue {
  wanted: Wanted[];
  isBusy: boolean;
}

/**
 * Markers for partitions that other brokers lead. One request a broker is on its way; what is
 * wanted meanwhile goes with the next. The coordinator wants again what could not be written.
 */
export class RemoteMarkers {
  readonly #peers: BrokerPeers;
  readonly #queues = new Map<number, Queue>();

  constructor(peers: BrokerPeers) {
    this.#peers = peers;
  }

  write(nodeId: number, marker: WantedMarker, onWritten: OnWritten): void {
    let queue = this.#queues.get(nodeId);
    if (queue === undefined) {
      queue = { wanted: [], isBusy: false };
      this.#queues.set(nodeId, queue);
    }
    queue.wanted.push({ marker, onWritten });
    if (!queue.isBusy) this.#start(nodeId, queue);
  }

  /** What one turn wants goes together. */
  #start(nodeId: number, queue: Queue): void {
    queue.isBusy = true;
    queueMicrotask(() => {
      const { wanted } = queue;
      queue.wanted = [];
      const sent = this.#send(nodeId, wanted).then(() => this.#goOn(nodeId, queue));
      inBackground(sent, () => {
        for (const { onWritten } of wanted) onWritten(ERROR.NOT_LEADER_OR_FOLLOWER);
        this.#goOn(nodeId, queue);
      });
    });
  }

  #goOn(nodeId: number, queue: Queue): void {
    queue.isBusy = false;
    if (queue.wanted.length > 0) this.#start(nodeId, queue);
  }

  async #send(nodeId: number, wanted: readonly Wanted[]): Promise<void> {
    const markers = wanted.map(({ marker }) => markerOf(marker));
    const answer = await this.#peers.ask(nodeId, API.WRITE_TXN_MARKERS, { markers });
    const errors = new Map<string, number>();
    for (const { producerId, topics } of answer.markers) {
      for (const { name, partitions } of topics) {
        for (const { partitionIndex, errorCode } of partitions) {
          errors.set(`${producerId} ${partitionIndex} ${name}`, errorCode);
        }
      }
    }
    for (const { marker, onWritten } of wanted) {
      const { producerId, partition, topic } = marker;
      onWritten(errors.get(`${producerId} ${partition} ${topic}`) ?? ERROR.NOT_LEADER_OR_FOLLOWER);
    }
  }
}

function markerOf(marker: WantedMarker): WriteTxnMarkersRequest['markers'][number] {
  const { producerId, producerEpoch, coordinatorEpoch, isCommit, transactionVersion } = marker;
  return {
    producerId,
    producerEpoch,
    transactionResult: isCommit,
    topics: [{ name: marker.topic, partitionIndexes: [marker.partition] }],
    coordinatorEpoch,
    transactionVersion,
  };
}
