/** Peers of listeners with SASL and TLS that cannot log in, or do not want to. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectSecured } from 'node:tls';
import { API } from '../../dist/protocol/index.js';
import { atRate, closeAll, frame, sleep } from './peers.mjs';

const MANY = 10_000;
const LOGINS_PER_SECOND = 1000;
const AT_ONCE = 100;
const MECHANISM = 'SCRAM-SHA-256';

const HANDSHAKE = frame(API.SASL_HANDSHAKE, 1, { mechanism: MECHANISM });
const FIRST = frame(API.SASL_AUTHENTICATE, 1, { authBytes: Buffer.from('n,,n=alice,r=abcdef') });

/** A socket that survives whatever the broker does to it. */
async function open({ securedPort: port, isTls }) {
  const address = { port, host: '127.0.0.1' };
  const socket = isTls
    ? connectSecured({ ...address, rejectUnauthorized: false })
    : connect(address);
  socket.on('error', () => socket.destroy());
  const opened = once(socket, isTls ? 'secureConnect' : 'connect');
  // The listener above has destroyed a socket that was refused, which the attack goes on with.
  await Promise.race([opened, once(socket, 'close')]).catch(() => {});
  return socket;
}

/** The next answer; nothing where the broker ends the connection. */
function answer(socket) {
  return Promise.race([
    once(socket, 'data').then(([bytes]) => bytes),
    once(socket, 'close').then(() => null),
  ]).catch(() => null);
}

/** All in the middle of their login: as much of the broker as a peer without a password may take. */
async function openMany(context) {
  const { peers } = context;
  while (peers.length < MANY) {
    const opening = Array.from({ length: AT_ONCE }, async () => {
      const socket = await open(context);
      socket.write(HANDSHAKE);
      await answer(socket);
      socket.write(FIRST);
      return socket;
    });
    peers.push(...(await Promise.all(opening)));
  }
}

/** A wrong proof: what the broker answers first has the nonce that it must repeat. */
async function failToLogIn(context) {
  const socket = await open(context);
  socket.write(HANDSHAKE);
  if ((await answer(socket)) === null) return;
  socket.write(FIRST);
  const challenge = await answer(socket);
  const nonce = /r=([^,]*),s=/.exec(challenge?.toString('latin1') ?? '')?.[1] ?? 'none';
  const proof = Buffer.alloc(32, 7).toString('base64');
  const authBytes = Buffer.from(`c=biws,r=${nonce},p=${proof}`);
  socket.write(frame(API.SASL_AUTHENTICATE, 1, { authBytes }));
  await answer(socket);
  socket.destroy();
}

function failAtRate(context) {
  return atRate(LOGINS_PER_SECOND, context.seconds, () => failToLogIn(context));
}

function attacksOn(secured) {
  const isTls = secured === 'SASL_SSL';
  const over = isTls ? ' over TLS' : '';
  const within = (act) => (context) => act({ ...context, isTls });
  return {
    [`unauthenticated${isTls ? '-tls' : ''}`]: {
      title: `10,000 connections in the middle of their login${over}`,
      secured,
      phases: {
        opening: within(openMany),
        open: ({ seconds }) => sleep(seconds * 1000),
        closing: async ({ peers }) => {
          closeAll(peers);
          await sleep(3000);
        },
      },
    },
    [`bad-logins${isTls ? '-tls' : ''}`]: {
      title: `1,000 wrong passwords a second${over}`,
      secured,
      phases: { '': within(failAtRate) },
    },
  };
}

export const SECURED_ATTACKS = { ...attacksOn('SASL_PLAINTEXT'), ...attacksOn('SASL_SSL') };
