/**
 * Appends with acks=all that wait, oldest first, without an object each: five numbers an append in
 * one growing array.
 */
const FIELDS = 5;
const TICKET = 0;
const INDEX = 1;
const BASE_OFFSET = 2;
const APPEND_TIME = 3;
const REQUIRED = 4;

export class PendingAcks {
  #fields = new Float64Array(64 * FIELDS);
  #head = 0;
  #tail = 0;

  get count(): number {
    return (this.#tail - this.#head) / FIELDS;
  }

  push(ticket: number, index: number, baseOffset: number, appendTimeMs: number, required: number) {
    if (this.#tail === this.#fields.length) this.#makeRoom();
    const fields = this.#fields;
    const at = this.#tail;
    fields[at + TICKET] = ticket;
    fields[at + INDEX] = index;
    fields[at + BASE_OFFSET] = baseOffset;
    fields[at + APPEND_TIME] = appendTimeMs;
    fields[at + REQUIRED] = required;
    this.#tail = at + FIELDS;
  }

  /** What the high watermark must reach before the oldest may be acknowledged. */
  get required(): number {
    return this.#fields[this.#head + REQUIRED]!;
  }

  get ticket(): number {
    return this.#fields[this.#head + TICKET]!;
  }

  get index(): number {
    return this.#fields[this.#head + INDEX]!;
  }

  get baseOffset(): number {
    return this.#fields[this.#head + BASE_OFFSET]!;
  }

  get appendTimeMs(): number {
    return this.#fields[this.#head + APPEND_TIME]!;
  }

  shift(): void {
    this.#head += FIELDS;
    if (this.#head === this.#tail) {
      this.#head = 0;
      this.#tail = 0;
    }
  }

  #makeRoom(): void {
    const used = this.#tail - this.#head;
    const roomy = used * 2 > this.#fields.length;
    const target = roomy ? new Float64Array(this.#fields.length * 2) : this.#fields;
    target.set(this.#fields.subarray(this.#head, this.#tail));
    this.#fields = target;
    this.#head = 0;
    this.#tail = used;
  }
}
