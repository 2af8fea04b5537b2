import { inBackground } from '../../base/in-background.ts';
import { CommandError } from '../command/command-error.ts';
import type { HttpServer } from '../engine/http-server.ts';
import type { OriginPolicy } from '../socket/origin-policy.ts';
import type { SessionServices } from '../socket/session-services.ts';
import { topicRows } from '../socket/topic-rows.ts';
import { asyncApi } from './async-api.ts';
import { Exchange } from './exchange.ts';
import { ProduceStream } from './produce-stream.ts';
import { streamEvents, streamRecords } from './record-streams.ts';
import { StreamSlots } from './stream-slots.ts';

type Work = (exchange: Exchange, topic: string) => void | Promise<void>;

/** Topics over plain HTTP: lists, streams, produce, and the description of it all. */
export function routeTopics(
  server: HttpServer,
  services: SessionServices,
  origins: OriginPolicy,
): void {
  const { front, hub, producing } = services;
  const slots = new StreamSlots(front.settings.webSocket.socketsMax);
  const route = (work: Work): Parameters<HttpServer['get']>[1] => {
    return (response, request) => {
      const topic = request.getParameter(0) ?? '';
      const exchange = new Exchange(response, request, origins);
      run(exchange, services, () => work(exchange, decoded(topic)));
    };
  };
  server.get(
    '/topics',
    route((exchange) => exchange.json('200 OK', { topics: topicRows(front, null) })),
  );
  server.get(
    '/topics/:name/records',
    route((exchange, topic) => streamRecords(hub, slots, exchange, topic)),
  );
  server.get(
    '/topics/:name/events',
    route((exchange, topic) => streamEvents(hub, slots, exchange, topic)),
  );
  server.post(
    '/topics/:name/records',
    route((exchange, topic) => new ProduceStream(producing, exchange, topic).start()),
  );
  server.options('/*', (response, request) => {
    new Exchange(response, request, origins).preflight();
  });
  server.get(
    '/asyncapi.yaml',
    route((exchange) => {
      exchange.begin('200 OK', 'application/yaml');
      exchange.response.end(asyncApi(front, exchange.host));
    }),
  );
}

function run(
  exchange: Exchange,
  services: SessionServices,
  work: () => void | Promise<void>,
): void {
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

/** A topic's name needs no escapes; what is escaped wrongly is no topic. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
