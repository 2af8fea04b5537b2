import { randomUUID } from 'node:crypto';

/** A random UUID in Kafka's text form: base64url without padding, 22 characters. */
export function randomUuid(): string {
  for (;;) {
    const text = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url');
    // Kafka's tools take an argument with a leading dash for an option.
    if (!text.startsWith('-')) return text;
  }
}
