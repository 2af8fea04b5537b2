import { connect } from 'node:net';
import { WebSocketServer } from 'ws';

/** Bridges the subprotocol `kafka` to a listener of a broker, byte for byte. */
export class TcpBridge {
  #server = new WebSocketServer({ host: '127.0.0.1', port: 0 });

  static async start(port) {
    const bridge = new TcpBridge();
    bridge.#server.on('connection', (peer) => {
      const socket = connect(port, '127.0.0.1');
      peer.on('message', (data) => socket.write(data));
      peer.on('close', () => socket.destroy());
      socket.on('data', (bytes) => peer.send(bytes));
      socket.on('error', () => peer.close());
      socket.on('close', () => peer.close());
    });
    await new Promise((resolve) => bridge.#server.once('listening', resolve));
    return bridge;
  }

  get url() {
    return `ws://127.0.0.1:${this.#server.address().port}/`;
  }

  close() {
    for (const peer of this.#server.clients) peer.terminate();
    this.#server.close();
  }
}
