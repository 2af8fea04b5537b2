import type { AnySerde } from '../../topology/store-spec.ts';
import { timestamps } from '../../topology/timestamps.ts';
import type { TopologyBuilder } from '../../topology/topology-builder.ts';
import type { StreamPartitioner } from '../../topology/topology-plan.ts';
import { nullKeyFilter } from '../processors/null-key-filter.ts';
import { GraphNode } from './graph-node.ts';

/** What a repartition consists of. */
export interface RepartitionSettings {
  readonly topic: string;
  readonly sinkName: string;
  readonly sourceName: string;
  /** Of the filter before the sink; undefined where there is none, as for grouped tables. */
  readonly filterName: string | undefined;
  readonly key: AnySerde | undefined;
  readonly value: AnySerde | undefined;
  readonly partitioner?: StreamPartitioner | undefined;
  readonly partitions?: number | undefined;
  /** Whether it may become one with others behind the same key-changing operator. */
  readonly canBeMerged: boolean;
}

/** Writes to a repartition topic and reads it again, in another sub-topology. */
export class RepartitionNode extends GraphNode {
  readonly settings: RepartitionSettings;
  /** Set where nothing behind it can use a record without a key. */
  dropsNullKeys = false;

  constructor(settings: RepartitionSettings) {
    super(settings.sourceName);
    this.settings = settings;
  }

  override write(builder: TopologyBuilder): void {
    const { topic, sinkName, sourceName, filterName, key, value, partitioner } = this.settings;
    builder.addInternalTopic(topic, this.settings.partitions);
    let parents = this.parentNames;
    if (filterName !== undefined) {
      builder.addProcessor(filterName, nullKeyFilter(this.dropsNullKeys), parents);
      parents = [filterName];
    }
    builder.addSink(sinkName, topic, { key, value, partitioner }, parents);
    builder.addSource(sourceName, [topic], { key, value, extractor: timestamps.failOnInvalid });
  }
}
