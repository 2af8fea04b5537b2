import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SecureContextOptions } from 'node:tls';

/** As uWebSockets.js calls them. */
interface KeyFiles {
  readonly key_file_name: string;
  readonly cert_file_name: string;
  readonly passphrase?: string;
}

/** Only who runs the broker may read keys. */
const MODE = 0o600;

/**
 * Hands a key and its certificates to uWebSockets.js, which reads them from files and at once. They
 * lie in a folder that nobody else may enter, and are gone when this returns.
 */
export function withKeyFiles<Made>(
  { cert, key, passphrase }: SecureContextOptions,
  make: (files: KeyFiles) => Made,
): Made {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-tls-'));
  try {
    const [certificates, keys] = [join(folder, 'certificates.pem'), join(folder, 'key.pem')];
    writeFileSync(certificates, String(cert), { mode: MODE });
    writeFileSync(keys, String(key), { mode: MODE });
    const files = { cert_file_name: certificates, key_file_name: keys };
    return make(passphrase === undefined ? files : { ...files, passphrase });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
