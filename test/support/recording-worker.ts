import type { CommandHandler } from '../../src/exchange/worker-adapter.ts';

/** A handler that writes down what it is told. */
export class RecordingWorker implements CommandHandler {
  readonly told: unknown[][] = [];

  onAppend(
    slot: number,
    ticket: number,
    index: number,
    acks: number,
    version: number,
    memory: Buffer,
    at: number,
    length: number,
  ): void {
    const records = memory.toString('latin1', at, at + length);
    this.told.push(['append', slot, ticket, index, acks, version, records]);
  }

  onAppendMarker(...words: unknown[]): void {
    this.told.push(['append-marker', ...words]);
  }

  onControl(ticket: number, command: object): void {
    this.told.push(['control', ticket, command]);
  }

  onCoordinate(ticket: number, call: { readonly body: Buffer }): void {
    this.told.push(['coordinate', ticket, { ...call, body: call.body.toString('latin1') }]);
  }

  onSynced(slot: number, errno: number): void {
    this.told.push(['synced', slot, errno]);
  }
}
