import { beforeEach, describe, expect, it } from 'vitest';
import { OPCODE } from '../../../../src/gateway/engine/node/frame-head.ts';
import {
  MessageReader,
  type MessageTaker,
} from '../../../../src/gateway/engine/node/message-reader.ts';

const BYTES_MAX = 100_000;
const MASK = Buffer.from([0x12, 0x34, 0x56, 0x78]);

class Taker implements MessageTaker {
  readonly said: string[] = [];
  readonly messages: Buffer[] = [];
  onMessage(bytes: ArrayBuffer, isBinary: boolean): void {
    this.said.push(isBinary ? 'binary' : 'text');
    this.messages.push(Buffer.from(bytes));
  }
  onPing(payload: Buffer): void {
    this.said.push(`ping ${payload}`);
  }
  onPong(): void {
    this.said.push('pong');
  }
  onClose(payload: Buffer): void {
    this.said.push(`close ${payload.toString('hex')}`);
  }
  onViolation(): void {
    this.said.push('violation');
  }
}

let taker: Taker;
let reader: MessageReader;
beforeEach(() => {
  taker = new Taker();
  reader = new MessageReader(BYTES_MAX, taker);
});

/** A frame as a client sends it; `first` is the byte with the bits and the opcode. */
function frame(first: number, payload: Uint8Array): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = first;
  head[1] = 0x80 | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, MASK, payload.map((byte, i) => byte ^ MASK[i & 3]!)]);
}

const whole = (opcode: number, payload: Uint8Array | string): Buffer =>
  frame(0x80 | opcode, Buffer.from(payload));

describe('messages', () => {
  it('are the same however the bytes are cut', () => {
    const payloads = [0, 1, 63, 64, 125, 126, 1000, 65_535, 65_536].map((length) =>
      Buffer.from(Array.from({ length }, (_, i) => (i * 7 + length) & 0xff)),
    );
    const sent = Buffer.concat(payloads.map((payload) => whole(OPCODE.BINARY, payload)));
    for (const step of [1, 2, 3, 5, 7, 13, 1021, 65_536, sent.length]) {
      taker = new Taker();
      reader = new MessageReader(BYTES_MAX, taker);
      for (let at = 0; at < sent.length; at += step) reader.feed(sent.subarray(at, at + step));
      expect(Buffer.concat(taker.messages).equals(Buffer.concat(payloads)), `step ${step}`).toBe(
        true,
      );
      expect(taker.messages.map(({ length }) => length)).toEqual(payloads.map((p) => p.length));
    }
  });

  it('are put together from their frames, with control frames between them', () => {
    const half = Buffer.from('grüße').subarray(0, 3);
    const rest = Buffer.from('grüße').subarray(3);
    reader.feed(frame(OPCODE.TEXT, half));
    reader.feed(whole(OPCODE.PING, 'p'));
    reader.feed(whole(OPCODE.PONG, ''));
    reader.feed(frame(OPCODE.CONTINUATION, Buffer.alloc(0)));
    reader.feed(whole(OPCODE.CONTINUATION, rest));
    reader.feed(whole(OPCODE.TEXT, 'next'));
    expect(taker.said).toEqual(['ping p', 'pong', 'text', 'text']);
    expect(taker.messages.map(String)).toEqual(['grüße', 'next']);
  });

  it('are those of the client alone: what the reader gave away is not written again', () => {
    reader.feed(whole(OPCODE.BINARY, 'first'));
    reader.feed(whole(OPCODE.BINARY, 'other'));
    expect(taker.messages.map(String)).toEqual(['first', 'other']);
  });
});

describe('a frame that RFC 6455 forbids', () => {
  const close = (code: number): Buffer => {
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    return whole(OPCODE.CLOSE, payload);
  };
  const unmasked = Buffer.from([0x81, 0x01, 0x41, 0, 0, 0, 0]);
  it.each([
    ['with a reserved bit', frame(0xc1, Buffer.from('x'))],
    ['with an unknown opcode', whole(3, '')],
    ['with an unknown control opcode', whole(11, '')],
    ['without a mask', unmasked],
    ['that continues nothing', whole(OPCODE.CONTINUATION, 'x')],
    ['that is a ping in parts', frame(OPCODE.PING, Buffer.from('x'))],
    ['that is a ping of over 125 bytes', whole(OPCODE.PING, Buffer.alloc(126))],
    ['with text that is not UTF-8', whole(OPCODE.TEXT, Buffer.from([0xc0, 0x80]))],
    ['that closes with half a code', whole(OPCODE.CLOSE, Buffer.alloc(1))],
    ['that closes with 1005', close(1005)],
    ['that closes with 999', close(999)],
    ['that closes with 2000', close(2000)],
    ['that closes with 5000', close(5000)],
    ['that closes with a broken reason', whole(OPCODE.CLOSE, Buffer.from([3, 0xe8, 0xff]))],
  ])('%s is told as a violation', (_, bytes) => {
    reader.feed(bytes);
    expect(taker.said).toEqual(['violation']);
  });

  it('is one that begins a message within another', () => {
    reader.feed(frame(OPCODE.TEXT, Buffer.from('a')));
    reader.feed(whole(OPCODE.TEXT, 'b'));
    expect(taker.said).toEqual(['violation']);
  });
});

describe('the limit', () => {
  it('lets the largest message through, also in parts', () => {
    reader.feed(whole(OPCODE.BINARY, Buffer.alloc(BYTES_MAX)));
    reader.feed(frame(OPCODE.BINARY, Buffer.alloc(BYTES_MAX - 1)));
    reader.feed(whole(OPCODE.CONTINUATION, Buffer.alloc(1)));
    expect(taker.messages.map(({ length }) => length)).toEqual([BYTES_MAX, BYTES_MAX]);
  });

  it('refuses a longer one by its head alone, and reads nothing after it', () => {
    reader.feed(whole(OPCODE.BINARY, Buffer.alloc(BYTES_MAX + 1)).subarray(0, 14));
    reader.feed(whole(OPCODE.TEXT, 'x'));
    expect(taker.said).toEqual(['violation']);
  });

  it('refuses parts that together are longer', () => {
    reader.feed(frame(OPCODE.BINARY, Buffer.alloc(BYTES_MAX)));
    reader.feed(frame(OPCODE.CONTINUATION, Buffer.alloc(0)));
    reader.feed(frame(OPCODE.CONTINUATION, Buffer.alloc(1)));
    expect(taker.said).toEqual(['violation']);
  });

  it('refuses a length that no number holds', () => {
    const head = Buffer.alloc(14, 0xff);
    head[0] = 0x82;
    reader.feed(head);
    expect(taker.said).toEqual(['violation']);
  });
});

it('reads a close frame with a code and a reason, or with neither', () => {
  reader.feed(whole(OPCODE.CLOSE, Buffer.from([0x03, 0xe8, 0x6f, 0x6b])));
  reader.feed(whole(OPCODE.CLOSE, ''));
  expect(taker.said).toEqual(['close 03e86f6b', 'close ']);
});

it('says nothing more once it is stopped', () => {
  reader.feed(whole(OPCODE.TEXT, 'x').subarray(0, 3));
  reader.stop();
  reader.feed(whole(OPCODE.TEXT, 'x'));
  expect(taker.said).toEqual([]);
});
