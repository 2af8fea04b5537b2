import { describe, expect, it, vi } from 'vitest';
import { FakeServer, settled } from './fake-web-socket.ts';

interface Sent {
  readonly value: string;
}

describe('a connection', () => {
  it('names its subprotocol and asks for array buffers', async () => {
    const server = new FakeServer({ format: 'batch' });
    const socket = await server.accepted();
    expect(socket.protocols).toEqual(['millrace.batch']);
    expect(socket.binaryType).toBe('arraybuffer');
    server.client.close();
  });

  it('asks for a ticket for each socket', async () => {
    let asked = 0;
    const server = new FakeServer({ ticket: async () => `t&${++asked}` });
    const socket = await server.accepted();
    expect(socket.url).toBe('ws://test/ws?ticket=t%261');
    socket.lose();
    expect((await server.accepted(1)).url).toBe('ws://test/ws?ticket=t%262');
    server.client.close();
  });

  it('comes back when there is no ticket, and opens nothing once it is closed', async () => {
    const reasons: string[] = [];
    let asked = 0;
    const server = new FakeServer({
      ticket: async () => {
        if (++asked === 1) throw new Error('not now');
        return 'later';
      },
      onState: (_, reason) => reasons.push(reason),
    });
    await server.accepted();
    expect(reasons[0]).toContain('not now');
    let give: (ticket: string) => void = () => {};
    const late = new FakeServer({
      ticket: () => {
        return new Promise((resolve) => {
          give = resolve;
        });
      },
    });
    late.client.close();
    give('too late');
    await settled();
    expect(late.sockets).toHaveLength(0);
    server.client.close();
  });

  it('matches answers to commands, in whichever order they come', async () => {
    const server = new FakeServer();
    const one = server.client.topics('a');
    const other = server.client.topics('b');
    const socket = await server.accepted();
    const [first, second] = socket.all('topics');
    socket.say({ type: 'ok', id: second!.id, topics: ['b'] });
    socket.say({ type: 'ok', id: first!.id, topics: ['a'] });
    expect(await Promise.all([one, other])).toEqual([['a'], ['b']]);
    server.client.close();
  });

  it('does not come back when the close says so, and rejects everything with the reason', async () => {
    const states: string[] = [];
    const server = new FakeServer({ onState: (state) => states.push(state) });
    const loop = server.client.subscribe('t')[Symbol.asyncIterator]().next();
    const asked = server.client.ping();
    const socket = await server.accepted();
    socket.lose(4000, JSON.stringify({ code: 'protocol', reason: 'nonsense', retry: false }));
    await expect(asked).rejects.toMatchObject({ code: 'closed_4000', retry: false });
    await expect(loop).rejects.toThrow('connection closed: nonsense');
    await expect(server.client.ping()).rejects.toMatchObject({ code: 'closed_4000' });
    expect(states).toEqual(['open', 'closed']);
    expect(server.sockets).toHaveLength(1);
  });

  it.each([1003, 1009])('takes code %i without a word as final', async (code) => {
    const server = new FakeServer();
    const asked = server.client.ping();
    (await server.accepted()).lose(code);
    await expect(asked).rejects.toMatchObject({ retry: false });
  });

  it('keeps commands that were never sent for the next connection', async () => {
    const server = new FakeServer();
    const produced = server.client.produce('t', [{ value: 'x' }]);
    (await server.socket(0)).lose();
    const second = await server.accepted(1);
    second.answer('produce', { offsets: [{ partition: 0, base: 7, count: 1 }] });
    expect(await produced).toEqual([{ partition: 0, base: 7, count: 1 }]);
    server.client.close();
  });

  it('rejects a produce whose answer was lost: it may be in the log', async () => {
    const server = new FakeServer();
    const produced = server.client.produce('t', [{ value: 'x' }]);
    (await server.accepted()).lose();
    await expect(produced).rejects.toMatchObject({ code: 'closed_1006', retry: true });
    server.client.close();
  });

  it('refuses what the broker would close the socket for', async () => {
    const server = new FakeServer();
    const socket = await server.accepted();
    socket.say({ type: 'hello', limits: { frameBytes: 200, messagesPerSecond: 1000 } });
    const records = [{ value: 'ä'.repeat(80) }];
    const refusal = { code: 'too_big', retry: false };
    await expect(server.client.produce('t', records)).rejects.toMatchObject(refusal);
    const untold = server.client.produce('t', records, { acks: 0 });
    await expect(untold).rejects.toMatchObject(refusal);
    const small = server.client.produce('t', [{ value: 'ä'.repeat(40) }]);
    socket.answer('produce', { offsets: [] });
    expect(await small).toEqual([]);
    expect(socket.all('produce')).toHaveLength(1);
    server.client.close();
  });

  it('sends no more messages than the broker takes, in order', async () => {
    vi.useFakeTimers();
    try {
      const server = new FakeServer({ quietMs: 1e6 });
      const socket = await server.accepted();
      const frameBytes = 1_000_000;
      socket.say({ type: 'hello', limits: { frameBytes, messagesPerSecond: 10 } });
      const told = { acks: 0 } as const;
      for (let i = 0; i < 30; i++) {
        void server.client.produce('t', [{ value: `${i}` }], i % 2 === 0 ? told : {});
      }
      expect(socket.all('produce')).toHaveLength(8);
      vi.advanceTimersByTime(1000);
      expect(socket.all('produce')).toHaveLength(16);
      vi.advanceTimersByTime(5000);
      const values = socket.all('produce').map(({ records }) => (records as [Sent])[0].value);
      expect(values).toEqual(Array.from({ length: 30 }, (_, i) => `${i}`));
      for (const command of socket.all('produce')) {
        if (command.id !== undefined) socket.say({ type: 'ok', id: command.id, offsets: [] });
      }
      server.client.close();
    } finally {
      vi.useRealTimers();
    }
  });

  it('gives up a socket that is silent after a ping, and opens another', async () => {
    vi.useFakeTimers();
    try {
      const server = new FakeServer({ quietMs: 1000 });
      const socket = await server.accepted();
      vi.advanceTimersByTime(1000);
      expect(socket.all('ping')).toHaveLength(1);
      socket.answer('ping', { time: 0 });
      vi.advanceTimersByTime(1000);
      expect(server.sockets).toHaveLength(1);
      vi.advanceTimersByTime(1010);
      expect(server.sockets).toHaveLength(2);
      server.client.close();
    } finally {
      vi.useRealTimers();
    }
  });

  it('closes with its signal, and ends loops', async () => {
    const controller = new AbortController();
    const server = new FakeServer({ signal: controller.signal });
    const loop = server.client.subscribe('t')[Symbol.asyncIterator]().next();
    await server.accepted();
    controller.abort();
    expect(await loop).toMatchObject({ done: true });
    expect((await server.socket(0)).readyState).toBe(3);
  });
});
