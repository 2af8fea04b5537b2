import type { ReceivedRecord, SendMessage } from '../diagnostics/client-channels.ts';

/** Writes a context into the headers of a record; what was there under the name goes. */
export const headerSetter = {
  set(headers: SendMessage['headers'], name: string, value: string): void {
    const at = headers.findIndex(([each]) => each === name);
    if (at >= 0) headers.splice(at, 1);
    headers.push([name, value]);
  },
};

/** Reads a context out of the headers of a record. */
export const headerGetter = {
  keys(carrier: ReadonlyMap<string, string>): string[] {
    return [...carrier.keys()];
  },
  get(carrier: ReadonlyMap<string, string>, name: string): string | undefined {
    return carrier.get(name);
  },
};

/** The headers as text, the last of each name. */
export function carrierOf({ headers }: ReceivedRecord): Map<string, string> {
  const decoder = new TextDecoder();
  const carrier = new Map<string, string>();
  for (const [name, value] of headers) if (value !== null) carrier.set(name, decoder.decode(value));
  return carrier;
}
