const SUITE = /^TLS_(.+)_WITH_(.+)$/;

/**
 * The name that OpenSSL has for a cipher suite of IANA's registry, whose names Kafka's settings
 * have: `ECDHE-RSA-AES128-GCM-SHA256` for `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`. Those of TLS 1.3
 * are the same, and other names stay as they are.
 */
export function openSslCipher(name: string): string {
  const [, exchange, cipher] = SUITE.exec(name) ?? [];
  if (exchange === undefined) return name;
  const parts = cipher!
    .replace(/^AES_(\d+)_CBC_/, 'AES$1_')
    .replace(/^AES_(\d+)_/, 'AES$1_')
    .replace(/CCM_8$/, 'CCM8')
    .replace(/^CHACHA20_POLY1305_SHA256$/, 'CHACHA20_POLY1305');
  const whole = exchange === 'RSA' ? parts : `${exchange}_${parts}`;
  return whole.replaceAll('_', '-');
}
