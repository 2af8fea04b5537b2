/**
 * The gateway's own WebSocket code, from listener to close frame, with an echo behind it in place of
 * a subprotocol: what a test suite of the bare protocol wants to talk to. The argument names the
 * engine. Prints its port.
 */

import { silentLogger } from '#millrace/base/logger';
import { NOBODY } from '#millrace/gateway/access/identity';
import { openEngine } from '#millrace/gateway/engine/open-engine';
import { OriginPolicy } from '#millrace/gateway/engine/origin-policy';
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

const engine = await openEngine({ engine: process.argv[2], host: HOST }, null, silentLogger);
new WebSocketServer(engine, {
  settings,
  origins: new OriginPolicy([], HOST),
  access: { isRequired: false, byCertificate: () => NOBODY, identify: () => NOBODY },
  authenticationMs: 0,
  isStopping: () => false,
  onDefect(thrown) {
    throw thrown;
  },
  onGone() {},
  handlerFor: (peer) => ({
    onMessage: (message, isBinary) => peer.sendRecords(new Uint8Array(message), isBinary),
    onRoom() {},
    onClosed() {},
  }),
});
await engine.listen(0);
process.stdout.write(`echo ready ${engine.port}\n`);
