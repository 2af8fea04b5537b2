import { inBackground } from '../../base/in-background.ts';
import type { ClientRights } from '../../front/requests/client-rights.ts';
import type { FrontServices } from '../../front/requests/front-services.ts';
import { type Access, isRefusal } from '../access/access.ts';
import type { Identity } from '../access/identity.ts';
import { CommandError } from '../command/command-error.ts';
import type { HttpEngine, HttpRoute } from '../engine/http-engine.ts';
import type { OriginPolicy } from '../engine/origin-policy.ts';
import type { Refusal } from '../engine/refuse.ts';
import type { Producing } from '../produce/producing.ts';
import type { StreamHub } from '../stream/stream-hub.ts';
import { topicRows } from '../stream/topic-rows.ts';
import { asyncApi } from './async-api.ts';
import { showCluster } from './cluster-route.ts';
import { Exchange } from './exchange.ts';
import type { HttpClient } from './http-client.ts';
import { type Identified, ProduceStream } from './produce-stream.ts';
import { streamEvents, streamRecords } from './record-streams.ts';
import { StreamSlots } from './stream-slots.ts';
import { issueTicket } from './ticket-route.ts';
import { showTransactions } from './transaction-routes.ts';

/** What the routes work with. */
export interface TopicServices {
  readonly front: FrontServices;
  readonly hub: StreamHub;
  readonly producing: Producing;
  readonly access: Access;
}

type Work = (exchange: Exchange, topic: string, client: HttpClient) => void | Promise<void>;

/** A page without parameters, for a client with these rights. */
type Shown = (
  front: FrontServices,
  exchange: Exchange,
  rights: ClientRights,
) => void | Promise<void>;

/** The HTTP routes of topics: lists, streams, produce and the AsyncAPI description. */
export function routeTopics(
  engine: HttpEngine,
  services: TopicServices,
  origins: OriginPolicy,
): void {
  const { front, hub, producing, access } = services;
  const slots = new StreamSlots(front.settings.webSocket.socketsMax);
  const route = (work: Work): HttpRoute => {
    return (response, request) => {
      const topic = decoded(request.getParameter(0) ?? '');
      const exchange = new Exchange(response, request, origins);
      run(exchange, services, () => {
        const client = clientOf(exchange, services);
        if (!(client instanceof Promise)) return work(exchange, topic, known(client));
        return client.then((later) => work(exchange, topic, known(later)));
      });
    };
  };
  routeShown(engine, front, route);
  engine.get(
    '/topics/:name/records',
    route((exchange, topic, client) => streamRecords(hub, slots, exchange, topic, client)),
  );
  engine.get(
    '/topics/:name/events',
    route((exchange, topic, client) => streamEvents(hub, slots, exchange, topic, client)),
  );
  engine.post('/topics/:name/records', (response, request) => {
    const topic = decoded(request.getParameter(0) ?? '');
    const exchange = new Exchange(response, request, origins);
    run(exchange, services, () => {
      // The body must be listened to before the route returns.
      const client = clientOf(exchange, services);
      new ProduceStream(producing, exchange, topic, client).start();
    });
  });
  engine.post('/ticket', (response, request) => {
    const exchange = new Exchange(response, request, origins);
    run(exchange, services, () => issueTicket(access, exchange));
  });
  engine.options('/*', (response, request) => {
    new Exchange(response, request, origins).preflight();
  });
  engine.get(
    '/asyncapi.yaml',
    route((exchange, _, { rights }) => {
      exchange.begin('200 OK', 'application/yaml');
      exchange.response.end(asyncApi(front, exchange.host, rights));
    }),
  );
}

/** The routes whose answers need nothing of the request but its client. */
function routeShown(
  engine: HttpEngine,
  front: FrontServices,
  route: (work: Work) => HttpRoute,
): void {
  const show = (path: string, work: Shown): void => {
    engine.get(
      path,
      route((exchange, _, { rights }) => work(front, exchange, rights)),
    );
  };
  show('/topics', (_, exchange, rights) => {
    exchange.json('200 OK', { topics: topicRows(front, null, rights) });
  });
  show('/transactions', showTransactions);
  show('/cluster', showCluster);
}

/** An EventSource of a browser sends no headers: it brings a ticket. */
function clientOf(exchange: Exchange, { access, front }: TopicServices): Identified {
  const { address } = exchange;
  const of = (identity: Identity | Refusal): HttpClient | CommandError => {
    if (isRefusal(identity)) return CommandError.notLetIn(identity);
    const { principal } = identity;
    const rights = front.rights.of(principal, address);
    return { rights, throttle: front.throttling.of(principal) };
  };
  const ticket = exchange.query.text('ticket');
  const identity =
    ticket === undefined
      ? access.identify(exchange.authorization, exchange.certified, address)
      : access.byTicket(ticket, address);
  return identity instanceof Promise ? identity.then(of) : of(identity);
}

function known(client: HttpClient | CommandError): HttpClient {
  if (client instanceof CommandError) throw client;
  return client;
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
