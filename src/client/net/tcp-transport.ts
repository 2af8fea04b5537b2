import { connect, isIP, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions as TlsOptions } from 'node:tls';
import type { BrokerAddress } from '../broker-address.ts';
import type { OpenTransport, Transport, TransportEvents } from './transport.ts';

const KEEP_ALIVE_MS = 60_000;

/** TCP. Reads go straight into the connection's own buffers. */
export const openTcp: OpenTransport = (address, events) => {
  const { host, port } = address;
  return new SocketTransport(connect({ host, port, ...readInto(events) }), 'connect', events);
};

/** TLS, with a certificate of the client's own where `options` hold one. */
export function tlsOpener(options: TlsOptions): OpenTransport {
  return (address: BrokerAddress, events: TransportEvents) => {
    const { host, port } = address;
    // TLS names no addresses. The certificate is checked against the address all the same.
    const names = isIP(host) === 0 ? { servername: host } : {};
    const socket = connectTls({ ...names, ...options, host, port, ...readInto(events) });
    return new SocketTransport(socket, 'secureConnect', events);
  };
}

/** TLS where it is asked for, by true or by its options. */
export function tcpOpener(ssl: boolean | TlsOptions): OpenTransport {
  if (ssl === false) return openTcp;
  return tlsOpener(ssl === true ? {} : ssl);
}

function readInto(events: TransportEvents): { onread: OnReadOpts } {
  return {
    onread: {
      buffer: () => events.target(),
      callback: (length, target) => {
        events.onBytes(target, length);
        return true;
      },
    },
  };
}

class SocketTransport implements Transport {
  readonly #socket: Socket;
  #corked = false;

  constructor(socket: Socket, opened: 'connect' | 'secureConnect', events: TransportEvents) {
    this.#socket = socket;
    let cause: unknown = null;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.once(opened, () => events.onOpen());
    socket.on('error', (error) => {
      cause = error;
    });
    socket.on('end', () => socket.destroy());
    socket.once('close', () => events.onClosed(cause));
  }

  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  write(bytes: Uint8Array, onTaken?: () => void): void {
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
    }
    if (onTaken === undefined) this.#socket.write(bytes);
    else this.#socket.write(bytes, () => onTaken());
  }

  flush(): void {
    if (!this.#corked) return;
    this.#corked = false;
    this.#socket.uncork();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
