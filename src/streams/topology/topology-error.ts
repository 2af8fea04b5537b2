/** What is wrong with a topology, told where it is built. */
export class TopologyError extends Error {
  /** Always this. */
  override readonly name = 'TopologyError';
}
