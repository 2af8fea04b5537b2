import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ControlClient } from '../../../bench/load/control-client.ts';

describe('the control client', () => {
  it('rejects what is asked after the broker is gone', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', () => socket.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address() as { port: number };
    const client = await ControlClient.connect('127.0.0.1', address.port);
    const ask = () => client.request('metadata', () => {});
    await expect(ask()).rejects.toThrow();
    await expect(ask()).rejects.toThrow('metadata: ');
    server.close();
  });

  it('rejects what is asked after it was closed', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address() as { port: number };
    const client = await ControlClient.connect('127.0.0.1', address.port);
    const waiting = client.request('metadata', () => {});
    client.close();
    await expect(waiting).rejects.toThrow('closed before');
    await expect(client.request('metadata', () => {})).rejects.toThrow('closed before');
    server.close();
  });
});
