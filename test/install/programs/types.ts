/** Compiled with all checks: the declarations of the package must be whole without other packages. */
import { type EmbeddedBroker, startBroker } from 'millrace';
import { Consumer, Producer, text, topic } from 'millrace/client';
import * as kafkajs from 'millrace/kafkajs';
import * as opentelemetry from 'millrace/opentelemetry';
import * as protocol from 'millrace/protocol';
import * as websocket from 'millrace/websocket';

export const orders = topic('orders', { key: text, value: text });

export async function send(): Promise<readonly [number, string]> {
  await using broker: EmbeddedBroker = await startBroker({ config: { 'num.io.threads': 0 } });
  const { bootstrapServers } = broker;
  await using producer = new Producer({ bootstrapServers });
  const { partition } = await producer.send(orders, { key: 'k', value: 'v' });
  // @ts-expect-error: a value of this topic is a text.
  await producer.send(orders, { key: 'k', value: 1 });
  return [partition, bootstrapServers];
}

export const others = [Consumer, kafkajs, opentelemetry, protocol, websocket];
