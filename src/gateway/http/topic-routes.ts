import { inBackground } from '../../base/in-background.ts';
import type { FrontServices } from '../../front/requests/front-services.ts';
import { CommandError } from '../command/command-error.ts';
import type { HttpEngine, HttpRoute } from '../engine/http-engine.ts';
import type { OriginPolicy } from '../engine/origin-policy.ts';
import type { Producing } from '../produce/producing.ts';
import type { StreamHub } from '../stream/stream-hub.ts';
import { topicRows } from '../stream/topic-rows.ts';
import { asyncApi } from './async-api.ts';
import { Exchange } from './exchange.ts';
import { ProduceStream } from './produce-stream.ts';
import { streamEvents, streamRecords } from './record-streams.ts';
import { StreamSlots } from './stream-slots.ts';
import { showTransactions } from './transaction-routes.ts';

/** What the routes work with. */
export interface TopicServices {
  readonly front: FrontServices;
  readonly hub: StreamHub;
  readonly producing: Producing;
}

type Work = (exchange: Exchange, topic: string) => void | Promise<void>;

/** The HTTP routes of topics: lists, streams, produce and the AsyncAPI description. */
export function routeTopics(
  engine: HttpEngine,
  services: TopicServices,
  origins: OriginPolicy,
): void {
  const { front, hub, producing } = services;
  const slots = new StreamSlots(front.settings.webSocket.socketsMax);
  const route = (work: Work): HttpRoute => {
    return (response, request) => {
      const topic = request.getParameter(0) ?? '';
      const exchange = new Exchange(response, request, origins);
      run(exchange, services, () => work(exchange, decoded(topic)));
    };
  };
  engine.get(
    '/topics',
    route((exchange) => exchange.json('200 OK', { topics: topicRows(front, null) })),
  );
  engine.get(
    '/transactions',
    route((exchange) => showTransactions(front, exchange)),
  );
  engine.get(
    '/topics/:name/records',
    route((exchange, topic) => streamRecords(hub, slots, exchange, topic)),
  );
  engine.get(
    '/topics/:name/events',
    route((exchange, topic) => streamEvents(hub, slots, exchange, topic)),
  );
  engine.post(
    '/topics/:name/records',
    route((exchange, topic) => new ProduceStream(producing, exchange, topic).start()),
  );
  engine.options('/*', (response, request) => {
    new Exchange(response, request, origins).preflight();
  });
  engine.get(
    '/asyncapi.yaml',
    route((exchange) => {
      exchange.begin('200 OK', 'application/yaml');
      exchange.response.end(asyncApi(front, exchange.host));
    }),
  );
}

function run(exchange: Exchange, services: TopicServices, work: () => void | Promise<void>): void {
  const fail = (thrown: unknown): void => {
    if (!(thrown instanceof CommandError)) {
      const { faults, clock } = services.front;
      const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
      faults.warn('http request', `an HTTP request failed: ${text}`, clock.monotonicMs());
    }
    exchange.fail(thrown);
  };
  if (!exchange.isAllowed) {
    fail(new CommandError('forbidden', 'this origin is not allowed'));
    return;
  }
  try {
    const running = work();
    if (running instanceof Promise) inBackground(running, fail);
  } catch (thrown) {
    fail(thrown);
  }
}

/** Topic names need no escapes. A name with a broken escape stays as it is: no topic has it. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
