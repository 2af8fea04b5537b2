import { API } from '../../src/protocol/api-keys.ts';
import { decodeResponse, encodeRequest } from '../../src/protocol/frames.ts';
import { frame, type RawPeer } from '../support/raw-peer.ts';
import { type ScramName, ScramSteps } from '../support/scram-steps.ts';
import { mutated } from './frame-mutator.ts';
import type { FrameSource } from './frame-source.ts';

/** What the clients of the fuzzer know, right and wrong. */
export interface Secrets {
  readonly user: string;
  readonly password: string;
  /** Tokens of OAUTHBEARER, one of them good. */
  readonly tokens: readonly string[];
}

const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'] as const;
const ODD_MECHANISMS = ['', 'GSSAPI', 'plain', 'PLAIN\0', 'x'.repeat(3000), '😀', 'SCRAM-SHA-1'];
const ODD_TOKENS: readonly Buffer[] = [
  Buffer.alloc(0),
  Buffer.from('\0'),
  Buffer.from('\0\0'),
  Buffer.from('\x01'),
  Buffer.from('n,,'),
  Buffer.from('n,,n=,r='),
  Buffer.from('n,a=other,n=user,r=x'),
  Buffer.from('p=tls-unique,,n=user,r=x'),
  Buffer.from('c=biws,r=,p='),
  Buffer.from('n,,\x01auth=Bearer \x01\x01'),
  Buffer.from('n,,\x01auth=Bearer a.b.c\x01\x01'),
  Buffer.from(`n,,\x01auth=Bearer ${'a'.repeat(60_000)}\x01\x01`),
  Buffer.from(`n,,\x01${'a=b\x01'.repeat(20_000)}\x01`),
  Buffer.alloc(300_000, ','),
  Buffer.alloc(600_000),
];
const STEPS_MAX = 9;
const ANSWER_MS = 60;

/** One client that logs in, rightly more often than not, and says whatever comes to its mind. */
export class SaslDialogue {
  readonly #peer: RawPeer;
  readonly #random: () => number;
  readonly #secrets: Secrets;
  readonly #requests: FrameSource;
  #mechanism: string = 'PLAIN';
  /** Of SaslHandshake: after version 0 the tokens are bare frames. */
  #version = 1;
  #scram: ScramSteps | null = null;
  #challenge: Buffer = Buffer.alloc(0);
  /** How far an honest client would be by now. */
  #stage: 'new' | 'chosen' | 'challenged' | 'done' = 'new';
  #readBytes = 0;

  constructor(peer: RawPeer, random: () => number, secrets: Secrets, requests: FrameSource) {
    this.#peer = peer;
    this.#random = random;
    this.#secrets = secrets;
    this.#requests = requests;
  }

  /** Answers how many messages it sent. */
  async run(): Promise<number> {
    const count = 2 + Math.floor(this.#random() * STEPS_MAX);
    for (let step = 0; step < count; step++) {
      const bytes = this.#next();
      await this.#peer.send(this.#damaged(bytes));
      // Some do not wait for their answers.
      if (this.#random() < 0.15) continue;
      await Promise.race([
        this.#peer.receives(this.#readBytes + 4, ANSWER_MS),
        this.#peer.closed,
      ]).catch(() => 'no answer');
      if (this.#peer.socket.destroyed) return step + 1;
      this.#takeAnswer();
    }
    return count;
  }

  #pick<Choice>(from: readonly Choice[]): Choice {
    return from[Math.floor(this.#random() * from.length)]!;
  }

  #damaged(bytes: Buffer): Buffer {
    const shape = this.#random();
    if (shape < 0.05) return mutated(bytes, this.#random);
    if (shape < 0.1) return frame(mutated(bytes.subarray(4), this.#random));
    if (shape < 0.13) return Buffer.concat([bytes, bytes]);
    if (shape < 0.15) return bytes.subarray(0, Math.floor(this.#random() * bytes.length));
    return bytes;
  }

  #next(): Buffer {
    const surprise = this.#random();
    if (surprise < 0.08) return this.#requests.take();
    if (surprise < 0.12) return this.#versions();
    if (surprise < 0.16) return this.#handshake();
    if (surprise < 0.2) return this.#token(this.#oddToken());
    if (this.#stage === 'new') return this.#random() < 0.4 ? this.#versions() : this.#handshake();
    if (this.#stage !== 'done') return this.#token(this.#rightToken());
    return this.#random() < 0.25 ? this.#handshake() : this.#requests.take();
  }

  #versions(): Buffer {
    const names = { clientSoftwareName: 'fuzz', clientSoftwareVersion: '1' };
    return this.#request(API.API_VERSIONS, this.#pick([0, 1, 3, 4]), names);
  }

  #handshake(): Buffer {
    // Another mechanism than that of the session is refused for good.
    const isAgain = this.#stage === 'done' && this.#random() < 0.8;
    if (!isAgain) this.#mechanism = this.#pick(this.#random() < 0.9 ? MECHANISMS : ODD_MECHANISMS);
    this.#version = this.#random() < 0.75 ? 1 : 0;
    this.#stage = 'chosen';
    const request = { mechanism: this.#mechanism };
    return this.#request(API.SASL_HANDSHAKE, this.#version, request);
  }

  #token(authBytes: Buffer): Buffer {
    if (this.#version === 0) return frame(authBytes);
    return this.#request(API.SASL_AUTHENTICATE, this.#pick([0, 1, 2]), { authBytes });
  }

  #rightToken(): Buffer {
    const { user, password, tokens } = this.#secrets;
    const shown = this.#random() < 0.85 ? password : `${password}!`;
    const isScram = /^SCRAM-SHA-(256|512)$/.test(this.#mechanism);
    if (isScram && this.#stage === 'challenged') {
      this.#stage = 'done';
      return this.#scram!.final(this.#challenge);
    }
    if (isScram) {
      this.#stage = 'challenged';
      this.#scram = new ScramSteps(this.#mechanism as ScramName, user, shown);
      return this.#scram.first();
    }
    this.#stage = 'done';
    if (this.#mechanism !== 'OAUTHBEARER') return Buffer.from(`\0${user}\0${shown}`);
    return Buffer.from(`n,,\x01auth=Bearer ${this.#pick(tokens)}\x01\x01`);
  }

  #oddToken(): Buffer {
    if (this.#random() < 0.5) return this.#pick(ODD_TOKENS);
    return mutated(this.#rightToken(), this.#random);
  }

  #request(key: number, version: number, body: object): Buffer {
    const header = { correlationId: 1, clientId: 'fuzz' };
    const highest = { [API.SASL_HANDSHAKE]: 1, [API.SASL_AUTHENTICATE]: 2 }[key] ?? version;
    const at = Math.min(version, highest);
    return frame(encodeRequest(key as never, at, header, body as never));
  }

  /** What a client of SCRAM has to prove its password by: the last answer, if it is one. */
  #takeAnswer(): void {
    const { received } = this.#peer;
    this.#readBytes = received.length;
    for (let at = 0; received.length - at >= 4; ) {
      const end = at + 4 + received.readInt32BE(at);
      if (end > received.length) return;
      this.#challenge = this.#challengeIn(received.subarray(at + 4, end));
      at = end;
    }
  }

  #challengeIn(answer: Buffer): Buffer {
    if (this.#version === 0) return Buffer.from(answer);
    // Whatever else the broker has answered is no challenge, and is proved wrongly.
    try {
      return Buffer.from(decodeResponse(API.SASL_AUTHENTICATE, 1, answer).body.authBytes);
    } catch {
      return answer;
    }
  }
}
