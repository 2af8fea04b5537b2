import { describe, expect, it } from 'vitest';
import { JsonScan, NotJson } from '../../../src/gateway/stream/json-scan.ts';
import { Random } from '../../records/random.ts';

const scan = new JsonScan();

function isTaken(bytes: Buffer, start = 0, end = bytes.length): boolean {
  try {
    scan.run(bytes, start, end, () => scan.skip());
    return true;
  } catch (thrown) {
    if (!(thrown instanceof NotJson)) throw thrown;
    return false;
  }
}

function isParsed(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString());
    return true;
  } catch {
    return false;
  }
}

const SOUND = [
  'null',
  ' true\n',
  '-0',
  '1.5e-7',
  '12E+3',
  '""',
  '"\\u00e9\\n\\"ä"',
  '[]',
  '[ ]',
  '{ }',
  '[1,[2,{"a":[]}],"x"]',
  '{"a":{"b":[{},[],null]},"c" : -1.0e2}',
];
const UNSOUND = [
  '',
  ' ',
  'nul',
  'nullx',
  'True',
  '01',
  '-',
  '1.',
  '.5',
  '1e',
  '+1',
  '"',
  '"\n"',
  '"\\x"',
  '"\\u12g4"',
  '"\\u12',
  '[1,]',
  '[,1]',
  '[1 2]',
  '[1}',
  '{"a":1]',
  '{"a"}',
  '{a:1}',
  '{"a":1,}',
  '{,}',
  '1 2',
  '[',
  '{"a":',
  '\ufeff1',
  '\u00a01',
  '1\0',
];

describe('a scan of JSON', () => {
  it('takes what JSON.parse takes', () => {
    for (const text of SOUND) expect([text, isTaken(Buffer.from(text))]).toEqual([text, true]);
    for (const text of UNSOUND) expect([text, isTaken(Buffer.from(text))]).toEqual([text, false]);
    for (const text of SOUND) expect(isParsed(Buffer.from(text))).toBe(true);
    for (const text of UNSOUND) expect(isParsed(Buffer.from(text))).toBe(false);
  });

  it('takes what JSON.parse takes, of bytes changed at random too', () => {
    const random = new Random(20261121);
    const bytes = Buffer.from('{}[],:"\\/bfnrtu0123456789.-+eEtruefalsn \n\tä\xff', 'latin1');
    for (let i = 0; i < 40_000; i++) {
      const text = Buffer.from(SOUND[random.below(SOUND.length)]!);
      for (let changes = random.below(3); changes >= 0 && text.length > 0; changes--) {
        text[random.below(text.length)] = bytes[random.below(bytes.length)]!;
      }
      expect([text.toString('latin1'), isTaken(text)]).toEqual([
        text.toString('latin1'),
        isParsed(text),
      ]);
    }
  });

  it('looks at nothing beyond its end', () => {
    const bytes = Buffer.from('12345"]}');
    for (let end = 1; end <= 5; end++) expect(isTaken(bytes, 0, end)).toBe(true);
    expect(isTaken(bytes, 5, 6)).toBe(false);
    expect(isTaken(Buffer.from('truefalse'), 0, 4)).toBe(true);
    expect(isTaken(Buffer.from('true'), 0, 3)).toBe(false);
    expect(isTaken(Buffer.from('"\\u1234"'), 0, 5)).toBe(false);
  });

  it('does not mind how deep it goes', () => {
    const depth = 500_000;
    const text = `${'[{"a":'.repeat(depth)}1${'}]'.repeat(depth)}`;
    expect(isTaken(Buffer.from(text))).toBe(true);
    expect(isTaken(Buffer.from(text.slice(0, -1)))).toBe(false);
  });
});
