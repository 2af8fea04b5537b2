import { randomBytes } from 'node:crypto';

/** A random UUID in Kafka's text form: base64url without padding, 22 characters. */
export function randomUuid(): string {
  for (;;) {
    const bytes = randomBytes(16);
    bytes[6] = (bytes[6]! & 0x0f) | 0x40;
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    const text = bytes.toString('base64url');
    // Kafka's tools would take a leading dash for an option.
    if (!text.startsWith('-')) return text;
  }
}
