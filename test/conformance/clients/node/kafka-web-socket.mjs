/** A socket factory for KafkaJS: the gateway's subprotocol `kafka` in place of TCP. */

import { createWebSocketStream, WebSocket } from 'ws';

export function webSocketFactory(url) {
  return ({ onConnect }) => {
    const socket = new WebSocket(url, 'kafka');
    const stream = createWebSocketStream(socket);
    socket.once('open', onConnect);
    // What a TCP socket has besides.
    stream.setKeepAlive = () => stream;
    stream.setNoDelay = () => stream;
    stream.setTimeout = () => stream;
    stream.unref = () => stream;
    return stream;
  };
}
