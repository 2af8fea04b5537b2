import type { ProcessorMaker } from '../topology/node-definitions.ts';
import { checkedName } from '../topology/node-name.ts';
import type { AnySerde } from '../topology/store-spec.ts';
import { ProcessorNode } from './graph/processor-node.ts';
import { operatorName } from './operator-name.ts';
import type { StreamParts } from './stream-parts.ts';

/** What an operator does to the keys and values that go through. */
export type Effect = 'none' | 'value' | 'key' | 'pair';

/** How an operator without state of its own joins the graph. */
interface OperatorShape {
  readonly name: string | undefined;
  readonly prefix: string;
  readonly effect: Effect;
  readonly stores?: readonly string[];
  /**
   * A processor of the program: as in Kafka, it does not count as changing keys or values, and its
   * name is not counted where it is given.
   */
  readonly isOpaque?: boolean;
}

/** The stream behind one more operator. */
export function addOperator(
  parts: StreamParts,
  maker: ProcessorMaker,
  shape: OperatorShape,
): StreamParts {
  const { graph } = parts;
  const isCounted = shape.isOpaque !== true || shape.name === undefined;
  const name = isCounted
    ? operatorName(graph, shape.name, shape.prefix)
    : checkedName(shape.name as string);
  const node = new ProcessorNode(name, maker, { stores: shape.stores ?? [] });
  const changesKey = shape.effect === 'key' || shape.effect === 'pair';
  if (shape.isOpaque !== true) {
    node.isKeyChanging = changesKey;
    node.isValueChanging = shape.effect === 'value';
  }
  graph.add(parts.node, node);
  return {
    ...parts,
    node,
    name,
    key: changesKey ? graph.defaults.key : parts.key,
    value: keptValue(parts, shape.effect),
    isMoved: parts.isMoved || changesKey,
  };
}

function keptValue(parts: StreamParts, effect: Effect): AnySerde | undefined {
  const keeps = effect === 'none' || effect === 'key';
  return keeps ? parts.value : parts.graph.defaults.value;
}
