import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';

const API_VERSIONS = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 255, 255]);

/** How an attempt to be served over TLS ended. */
export type Attempt =
  | { readonly kind: 'served'; readonly socket: TLSSocket }
  | { readonly kind: 'refused'; readonly reason: string }
  /** Nothing happened in time, and the client gave up. */
  | { readonly kind: 'silent' };

/** Connects and asks for the versions: in TLS 1.3 only an answer says that all went well. */
export function attempt(
  port: number,
  options: ConnectionOptions,
  patienceMs = 2_000,
): Promise<Attempt> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, ...options });
    const end = (how: Attempt) => {
      clearTimeout(timer);
      if (how.kind !== 'served') socket.destroy();
      resolve(how);
    };
    const timer = setTimeout(() => end({ kind: 'silent' }), patienceMs);
    socket.on('error', ({ message }) => end({ kind: 'refused', reason: message }));
    socket.once('close', () => end({ kind: 'refused', reason: 'closed' }));
    socket.once('data', () => end({ kind: 'served', socket }));
    socket.write(API_VERSIONS);
  });
}

/** The same, for whoever only wants to know. */
export async function isServed(port: number, options: ConnectionOptions): Promise<boolean> {
  const how = await attempt(port, options);
  if (how.kind === 'served') how.socket.destroy();
  return how.kind === 'served';
}
