import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/base/logger.ts';
import { GuardedEngine } from '../../../src/gateway/engine/guarded-engine.ts';
import { openEngine } from '../../../src/gateway/engine/open-engine.ts';
import type { SocketHost } from '../../../src/gateway/engine/socket-host.ts';
import { ENGINES } from '../../support/http-engines.ts';
import { WebSocketClient } from '../../support/web-socket-client.ts';

function broken(): never {
  throw new Error('a defect');
}

describe.each(ENGINES)('before the engine %s', (name) => {
  let engine: GuardedEngine;
  let defects: string[];

  beforeEach(async () => {
    defects = [];
    const address = { engine: name, host: '127.0.0.1', port: 0 };
    const open = { isSecure: false, isGuarded: false, openPaths: [] };
    const opened = await openEngine({ ...address, ...open }, null, silentLogger);
    engine = new GuardedEngine(opened, (what, thrown) => {
      defects.push(`${what}: ${(thrown as Error).message}`);
    });
  });

  afterEach(() => engine.close());

  async function listening(): Promise<string> {
    await engine.listen(0);
    return `127.0.0.1:${engine.port}`;
  }

  describe('a route that throws', () => {
    it('cuts its connection, and the next request is answered', async () => {
      engine.get('/broken', broken);
      engine.get('/sound', (response) => void response.end('here'));
      const address = await listening();
      await expect(fetch(`http://${address}/broken`)).rejects.toThrow('fetch failed');
      expect(await (await fetch(`http://${address}/sound`)).text()).toBe('here');
      expect(defects).toEqual(['/broken: a defect']);
    });

    it('after its answer changes nothing for the client', async () => {
      engine.otherwise((response) => {
        response.end('answered');
        broken();
      });
      const address = await listening();
      expect(await (await fetch(`http://${address}/any`)).text()).toBe('answered');
      expect(defects).toEqual(['an unknown path: a defect']);
    });
  });

  describe('a WebSocket whose host throws', () => {
    function host(changes: Partial<SocketHost<string>>): SocketHost<string> {
      return {
        frameBytesMax: 1000,
        unreadBytesMax: 1000,
        accept: () => ({ subprotocol: '', toldSubprotocol: '', host: '', client: null }),
        createSession: () => 'session',
        onOpen() {},
        onMessage() {},
        onDrain() {},
        onPong() {},
        onClosed() {},
        ...changes,
      };
    }

    it('is cut, at a message as well as at its end', async () => {
      const closed: string[] = [];
      const onClosed = (session: string): void => {
        closed.push(session);
        broken();
      };
      engine.sockets('/ws', host({ onMessage: broken, onClosed }));
      const client = await WebSocketClient.open(`ws://${await listening()}/ws`);
      client.tell({ type: 'anything' });
      expect((await client.closed).status).toBe(1006);
      expect(closed).toEqual(['session']);
      expect(defects).toEqual(['/ws: a defect', '/ws: a defect']);
    });

    it('is refused when it cannot be accepted', async () => {
      engine.sockets('/ws', host({ accept: broken }));
      const opening = WebSocketClient.open(`ws://${await listening()}/ws`);
      await expect(opening).rejects.toThrow('500');
      expect(defects).toEqual(['/ws: a defect']);
    });
  });
});
