import { describe, expect, it } from 'vitest';
import { CommandError } from '../../../src/gateway/command/command-error.ts';
import { decodeToken, encodeToken } from '../../../src/gateway/stream/position-token.ts';

describe('a resume token', () => {
  it('holds positions as the README says', () => {
    const positions = [
      { topic: 'a', topicId: 'AAAAAAAAAAAAAAAAAAAAAQ', partition: 2, offset: 2 ** 50, epoch: 3 },
      { topic: 'ü', topicId: '', partition: 0, offset: 0, epoch: -1 },
    ];
    const token = encodeToken(positions, 'run.1');
    expect(decodeToken(token, 'token')).toEqual({ positions, stream: 'run.1' });
    expect(JSON.parse(Buffer.from(token, 'base64url').toString())).toEqual({
      v: 1,
      s: 'run.1',
      p: [
        ['a', 'AAAAAAAAAAAAAAAAAAAAAQ', 2, 2 ** 50, 3],
        ['ü', '', 0, 0, -1],
      ],
    });
  });

  it('that is not ours is refused by name', () => {
    const contents = [
      '{}',
      '{"v":2,"p":[]}',
      '{"v":1,"p":{}}',
      '{"v":1,"p":[1]}',
      '{"v":1,"p":[["t","",0,-1,0]]}',
      '{"v":1,"p":[["t","",0.5,1,0]]}',
      '{"v":1,"p":[["t",5,0,1,0]]}',
      'no JSON',
    ];
    for (const content of contents) {
      const token = Buffer.from(content).toString('base64url');
      expect(() => decodeToken(token, 'from.token')).toThrow(CommandError);
      expect(() => decodeToken(token, 'from.token')).toThrow('from.token is not a resume token');
    }
  });
});
