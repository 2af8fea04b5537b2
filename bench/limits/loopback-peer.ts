/** Another process on the loopback: it takes all that comes, or sends each byte back. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** The first byte of a connection says what the peer does with the rest: echo it, or count it. */
const PROGRAM = `
const { createServer } = require('node:net');
let received = 0;
const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  socket.once('data', (first) => {
    if (first[0] === 101) { socket.on('data', (bytes) => socket.write(bytes)); socket.write('e'); return; }
    received += first.length;
    socket.on('data', (bytes) => { received += bytes.length; });
  });
});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('message', () => process.send(received));
process.once('disconnect', () => process.exit(0));
`;

export class LoopbackPeer {
  readonly #child: ChildProcess;
  readonly #port: number;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.#port = port;
  }

  static async start(): Promise<LoopbackPeer> {
    const stdio = ['ignore', 'ignore', 'inherit', 'ipc'] as const;
    const child = spawn(process.execPath, ['-e', PROGRAM], { stdio: [...stdio] });
    const [port] = await once(child, 'message');
    return new LoopbackPeer(child, port as number);
  }

  async connect(): Promise<Socket> {
    const socket = connect({ host: '127.0.0.1', port: this.#port, noDelay: true });
    await once(socket, 'connect');
    return socket;
  }

  async echo(socket: Socket): Promise<void> {
    socket.write('e');
    await once(socket, 'data');
  }

  async untilReceived(bytes: number): Promise<void> {
    for (let received = 0; received < bytes; ) {
      this.#child.send('received?');
      [received] = await once(this.#child, 'message');
    }
  }

  stop(): void {
    this.#child.disconnect();
  }
}
