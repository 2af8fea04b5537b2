/** Those of the largest identity providers are some tens of kilobytes. */
const BYTES_MAX = 1024 * 1024;

/**
 * Asks an identity provider for its keys. It may have moved them: redirects are followed, as Kafka
 * does, but not from TLS to an address without it.
 */
export async function fetchKeySet(url: string, options: RequestInit): Promise<Response> {
  const answer = await fetch(url, { ...options, redirect: 'follow' });
  if (url.startsWith('https:') && !answer.url.startsWith('https:')) {
    throw new Error('it was moved to an address without TLS');
  }
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of answer.body ?? []) {
    bytes += part.length;
    if (bytes > BYTES_MAX) throw new Error(`it answered with more than ${BYTES_MAX} bytes`);
    parts.push(part);
  }
  return new Response(Buffer.concat(parts), { status: answer.status });
}
