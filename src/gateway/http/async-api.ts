import type { FrontContext } from '../../front/front-context.ts';
import { PROTOCOL_VERSION } from '../socket/hello.ts';

/** `GET /asyncapi.yaml`: the topics and the protocol as AsyncAPI 3. Names are quoted as JSON is. */
export function asyncApi(front: FrontContext): string {
  const topics = [...front.partitions.topics()].filter(({ internal }) => !internal);
  const lines = [HEAD.replace('VERSION', String(PROTOCOL_VERSION))];
  lines.push('channels:', CONTROL_CHANNEL);
  for (const { name, partitions } of topics) {
    lines.push(
      `  ${JSON.stringify(name)}:`,
      '    address: /ws',
      `    title: ${JSON.stringify(name)}`,
      `    description: "${partitions.length} partitions"`,
      "    messages: { record: { $ref: '#/components/messages/record' } }",
    );
  }
  lines.push('operations:', CONTROL_OPERATION);
  for (const { name } of topics) {
    const channel = `{ $ref: ${JSON.stringify(`#/channels/${name}`)} }`;
    lines.push(
      `  ${JSON.stringify(`subscribe ${name}`)}: { action: send, channel: ${channel} }`,
      `  ${JSON.stringify(`produce ${name}`)}: { action: receive, channel: ${channel} }`,
    );
  }
  lines.push(COMPONENTS);
  return lines.join('\n');
}

const HEAD = `asyncapi: 3.0.0
info:
  title: millrace
  version: "VERSION"
  description: Topics over WebSocket. The subprotocols are millrace.json, millrace.batch and kafka.
servers:
  gateway:
    host: "{address}"
    pathname: /ws
    protocol: ws
    variables: { address: { default: "127.0.0.1:9080" } }
defaultContentType: application/json`;

const CONTROL_CHANNEL = `  commands:
    address: /ws
    messages: { command: { $ref: '#/components/messages/command' } }`;

const CONTROL_OPERATION =
  "  command: { action: receive, channel: { $ref: '#/channels/commands' } }";

const COMPONENTS = `components:
  messages:
    command:
      payload:
        type: object
        required: [type]
        properties:
          id: { type: [string, integer] }
          type:
            enum: [subscribe, unsubscribe, credit, ack, seek, position, produce, producer,
                   topics, ping, auth]
    record:
      payload:
        type: object
        required: [offset]
        properties:
          offset: { type: integer }
          partition: { type: integer }
          time: { type: integer }
          key: {}
          value: {}
          key64: { type: string, contentEncoding: base64 }
          value64: { type: string, contentEncoding: base64 }
          headers: { type: array, items: { type: array } }
`;
