import { GraphNode } from './graph-node.ts';

/** Above all sources. It is not written. */
export class RootNode extends GraphNode {
  constructor() {
    super('root');
  }

  override write(): void {
    this.isWritten = true;
  }
}
