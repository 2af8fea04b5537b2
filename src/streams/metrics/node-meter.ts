import { Spread } from './spread.ts';

/**
 * What is counted of a node while records go through. They are plain fields: to count costs an
 * increment, and rates are made of the differences later.
 */
export class NodeMeter {
  readonly node: string;
  readonly kind: 'source' | 'processor' | 'sink';
  /** The topic of a sink that has one, and the topics of a source. */
  readonly topics: readonly string[];
  /** Records that it took. */
  taken = 0;
  /** Updates that a suppression had held back and then let go. */
  suppressed = 0;
  /** Results of windows that went on when they closed. */
  closed = 0;
  /** How long it took, in ms, until all results of windows that closed together had gone on. */
  readonly closings = new Spread();
  /** Whether records end here: a sink, or a processor without successors. */
  endsHere: boolean;
  /** How old records were here, in ms by their timestamps: at sources, and where they end. */
  readonly ages = new Spread();

  constructor(node: string, kind: NodeMeter['kind'], topics: readonly string[] = []) {
    this.node = node;
    this.kind = kind;
    this.topics = topics;
    this.endsHere = kind === 'sink';
  }
}
