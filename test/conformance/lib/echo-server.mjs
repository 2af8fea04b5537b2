/**
 * The gateway's own WebSocket code, from listener to close frame, with an echo behind it in place of
 * a subprotocol: what a test suite of the bare protocol wants to talk to. Prints its port.
 */

import { HttpServer } from '#millrace/gateway/engine/http-server';
import { OriginPolicy } from '#millrace/gateway/socket/origin-policy';
import { WebSocketServer } from '#millrace/gateway/socket/web-socket-server';

const HOST = '127.0.0.1';

/** As large and as fast as the suite's own limit cases ask for. */
const settings = {
  socketsMax: 1000,
  frameBytesMax: 16 << 20,
  bufferedBytesMax: 64 << 20,
  messagesPerSecondMax: 1_000_000,
  pingIntervalMs: 60_000,
};

const server = await HttpServer.create(HOST);
new WebSocketServer(server, {
  settings,
  origins: new OriginPolicy([], HOST),
  isStopping: () => false,
  onGone() {},
  handlerFor: (peer) => ({
    onMessage: (message, isBinary) => peer.sendRecords(new Uint8Array(message), isBinary),
    onRoom() {},
    onClosed() {},
  }),
});
await server.listen(0);
process.stdout.write(`echo ready ${server.port}\n`);
