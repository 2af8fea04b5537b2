import type { ProcessorMaker } from '../../topology/node-definitions.ts';
import type { TopologyBuilder } from '../../topology/topology-builder.ts';
import { GraphNode } from './graph-node.ts';

/** Names and processors of a stream-stream join. */
export interface StreamJoinSettings {
  /** Of the nodes that keep each side's records. */
  readonly thisWindowed: string;
  readonly otherWindowed: string;
  readonly thisName: string;
  readonly otherName: string;
  readonly joinThis: ProcessorMaker;
  readonly joinOther: ProcessorMaker;
  readonly merge: ProcessorMaker;
  /** In place of all three where a stream is joined with itself. */
  readonly selfJoin: ProcessorMaker;
}

/** A stream-stream join: a processor for each side, and one that merges their results. */
export class StreamJoinNode extends GraphNode {
  readonly settings: StreamJoinSettings;
  isSelfJoin = false;

  constructor(name: string, settings: StreamJoinSettings) {
    super(name);
    this.settings = settings;
  }

  override write(builder: TopologyBuilder): void {
    const { thisWindowed, otherWindowed, thisName, otherName } = this.settings;
    const { joinThis, joinOther, merge, selfJoin } = this.settings;
    if (this.isSelfJoin) {
      builder.addProcessor(this.name, selfJoin, [thisWindowed]);
      return;
    }
    builder.addProcessor(thisName, joinThis, [thisWindowed]);
    builder.addProcessor(otherName, joinOther, [otherWindowed]);
    builder.addProcessor(this.name, merge, [thisName, otherName]);
  }
}
