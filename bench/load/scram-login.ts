/** SCRAM-SHA-256 on a connection that has just been opened. */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import type { LoadConnection } from './load-connection.ts';
import { checkError, LoadError } from './load-error.ts';
import { RequestWriter } from './request-writer.ts';
import { ResponseReader } from './response-reader.ts';

const HANDSHAKE = 17;
const AUTHENTICATE = 36;
const VERSION = 1;
const MECHANISM = 'SCRAM-SHA-256';
const HASH = 'sha256';
const HASH_BYTES = 32;
const NONCE_BYTES = 18;

/** Clients keep the salted password: to salt it anew takes milliseconds, by design. */
const salted = new Map<string, Buffer>();

export async function logIn(
  connection: LoadConnection,
  { user, password }: { readonly user: string; readonly password: string },
): Promise<void> {
  const shake = new RequestWriter(HANDSHAKE, VERSION, 0, false).string(MECHANISM);
  checkError((await ask(connection, shake)).int16(), 'SaslHandshake');
  const bare = `n=${user},r=${randomBytes(NONCE_BYTES).toString('base64')}`;
  const challenge = await authenticate(connection, `n,,${bare}`);
  const proof = proofOf(bare, challenge, password);
  await authenticate(connection, proof);
}

async function authenticate(connection: LoadConnection, message: string): Promise<string> {
  const bytes = Buffer.from(message);
  const writer = new RequestWriter(AUTHENTICATE, VERSION, 0, false);
  const reader = await ask(connection, writer.int32(bytes.length).raw(bytes));
  const error = reader.int16();
  const reason = reader.string();
  checkError(error, `SaslAuthenticate ${reason}`);
  return reader.bytes().toString();
}

function ask(connection: LoadConnection, writer: RequestWriter): Promise<ResponseReader> {
  return new Promise((resolve, reject) => {
    connection.onClosed = (reason) => reject(new LoadError(reason));
    connection.onFrame = (bytes, at, end) => {
      resolve(new ResponseReader(Buffer.from(bytes.subarray(at, end)), 4));
    };
    connection.socket.write(writer.finish());
  });
}

function proofOf(bare: string, challenge: string, password: string): string {
  const [, nonce = '', salt = '', count = ''] =
    /^r=([^,]*),s=([^,]*),i=(\d+)$/.exec(challenge) ?? [];
  const hmac = (key: Buffer, text: string) => createHmac(HASH, key).update(text).digest();
  const clientKey = hmac(saltedBy(salt, Number(count), password), 'Client Key');
  const storedKey = createHash(HASH).update(clientKey).digest();
  const final = `c=biws,r=${nonce}`;
  const signature = hmac(storedKey, `${bare},${challenge},${final}`);
  const proof = Buffer.from(clientKey.map((byte, i) => byte ^ signature[i]!));
  return `${final},p=${proof.toString('base64')}`;
}

function saltedBy(salt: string, iterations: number, password: string): Buffer {
  const known = salted.get(salt);
  if (known !== undefined) return known;
  const bytes = pbkdf2Sync(password, Buffer.from(salt, 'base64'), iterations, HASH_BYTES, HASH);
  salted.set(salt, bytes);
  return bytes;
}
