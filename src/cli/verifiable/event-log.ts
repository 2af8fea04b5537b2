/** One event of kafkatest's contract: a line of JSON with its time and name in front. */
export function logEvent(name: string, fields: Readonly<Record<string, unknown>> = {}): void {
  process.stdout.write(`${JSON.stringify({ timestamp: Date.now(), name, ...fields })}\n`);
}
