import type { TopicMirror } from '../../front/partitions/topic-mirror.ts';
import type { ClientRights } from '../../front/requests/client-rights.ts';
import type { Services } from '../../front/requests/front-services.ts';
import { PROTOCOL_VERSION } from '../command/hello.ts';
import { SUBPROTOCOLS } from '../command/subprotocol.ts';
import { COMMAND_MESSAGES, EVENT_MESSAGES, SHARED_SCHEMAS } from './async-api-messages.ts';
import { toYaml, type YamlValue } from './yaml.ts';

type Node = { readonly [name: string]: YamlValue };

/** Cannot be the name of a topic: those have letters, digits, dots, dashes and underscores. */
const SOCKET = '$socket';
const DEFAULT_HOST = '127.0.0.1:9080';
const HOST = /^[\w.\-[\]:]{1,255}$/;

/**
 * `GET /asyncapi.yaml`: the topics and the protocol as AsyncAPI 3, seen from the broker. `host` is
 * the address that the reader dialled.
 */
export function asyncApi(
  front: Services<'partitions'>,
  host: string,
  rights: ClientRights,
): string {
  const topics = [...front.partitions.topics()].filter(({ name, internal }) => {
    return !internal && rights.allows('DESCRIBE', 'TOPIC', name);
  });
  const events = Object.keys(EVENT_MESSAGES);
  const commands = Object.keys(COMMAND_MESSAGES);
  return toYaml({
    asyncapi: '3.0.0',
    info: {
      title: 'millrace',
      version: String(PROTOCOL_VERSION),
      description: 'Topics over WebSocket. Errors, limits and binary frames: see the README.',
    },
    defaultContentType: 'application/json',
    servers: {
      gateway: { host: HOST.test(host) ? host : DEFAULT_HOST, pathname: '/ws', protocol: 'ws' },
    },
    channels: {
      [SOCKET]: channel('All commands, answers and events', [...commands, ...events]),
      ...byName(topics, topicChannel),
    },
    operations: {
      receive: operation('receive', SOCKET, 'Commands', commands),
      send: operation('send', SOCKET, 'Answers, events and records', events),
      ...Object.assign({}, ...topics.map(topicOperations)),
    },
    components: {
      messages: { ...messagesOf(COMMAND_MESSAGES), ...messagesOf(EVENT_MESSAGES) },
      schemas: SHARED_SCHEMAS,
    },
  });
}

function channel(title: string, messages: readonly string[]): Node {
  const protocol = { 'Sec-WebSocket-Protocol': { type: 'string', enum: [...SUBPROTOCOLS] } };
  return {
    address: '/ws',
    title,
    bindings: { ws: { method: 'GET', headers: { type: 'object', properties: protocol } } },
    messages: Object.fromEntries(
      messages.map((name) => [name, { $ref: `#/components/messages/${name}` }]),
    ),
  };
}

function byName(topics: readonly TopicMirror[], nodeOf: (topic: TopicMirror) => Node): Node {
  return Object.fromEntries(topics.map((topic) => [topic.name, nodeOf(topic)]));
}

function topicChannel({ name, partitions }: TopicMirror): Node {
  const description = `partitions: ${partitions.length}`;
  return { ...channel(name, ['subscribe', 'records', 'produce']), description };
}

function topicOperations({ name }: TopicMirror): Node {
  return {
    [`subscribe.${name}`]: operation('receive', name, `Subscribe to ${name}`, ['subscribe']),
    [`records.${name}`]: operation('send', name, `Records of ${name}`, ['records']),
    [`produce.${name}`]: operation('receive', name, `Produce to ${name}`, ['produce']),
  };
}

function operation(
  action: 'send' | 'receive',
  channelName: string,
  title: string,
  messages: readonly string[],
): Node {
  const at = `#/channels/${channelName}`;
  return {
    action,
    title,
    channel: { $ref: at },
    messages: messages.map((name) => ({ $ref: `${at}/messages/${name}` })),
  };
}

function messagesOf(payloads: Node): Node {
  return Object.fromEntries(
    Object.entries(payloads).map(([name, payload]) => [name, { name, title: name, payload }]),
  );
}
