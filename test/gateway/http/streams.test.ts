import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../../../src/gateway/socket/commands.ts';
import { GatewayFixture, numbered, valuesOf } from '../gateway-fixture.ts';

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await GatewayFixture.start();
  await gateway.broker.createTopic('lines', { partitions: 2 });
  await gateway.fill('lines', 3, 'a', 0);
  await gateway.fill('lines', 2, 'b', 1);
});
afterAll(() => gateway.close());

async function lines(path: string): Promise<Record<string, unknown>[]> {
  const text = await (await fetch(gateway.broker.httpUrl + path)).text();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** Reads events until there are enough, then closes the connection. */
function events(path: string, count: number, headers: Record<string, string> = {}) {
  return new Promise<string[]>((resolve, reject) => {
    const call = request(gateway.broker.httpUrl + path, { headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
        const found = text.split('\n\n').filter((event) => event.includes('data: '));
        if (found.length < count || !text.endsWith('\n\n')) return;
        call.destroy();
        resolve(found);
      });
      response.on('error', () => call.destroy());
    });
    call.on('error', reject);
    call.end();
  });
}

function dataOf(event: string): Record<string, unknown> {
  return JSON.parse(event.slice(event.indexOf('data: ') + 6));
}

describe('GET /topics/:name/records', () => {
  it('streams what is there and ends', async () => {
    const records = await lines('/topics/lines/records');
    expect(valuesOf(records)).toEqual(['a0', 'a1', 'a2', 'b0', 'b1']);
    expect(records[4]).toMatchObject({ partition: 1, offset: 1 });
  });

  it('takes partition, offset and limit', async () => {
    const records = await lines('/topics/lines/records?partition=0&from=1&limit=1');
    expect(valuesOf(records)).toEqual(['a1']);
    expect(await lines('/topics/lines/records?from=latest')).toEqual([]);
    const last = await lines('/topics/lines/records?from=last:3');
    expect(valuesOf(last)).toEqual(['a1', 'a2', 'b1']);
  });

  it('streams many records at the pace of the reader', async () => {
    await gateway.broker.createTopic('long');
    await gateway.fill('long', 20_000);
    expect(valuesOf(await lines('/topics/long/records'))).toEqual(numbered('v', 0, 20_000));
    const followed = await lines('/topics/long/records?follow=true&limit=20000');
    expect(followed.length).toBe(20_000);
  });

  it('answers errors as JSON', async () => {
    for (const [path, status] of [
      ['/topics/none/records', 404],
      ['/topics/lines/records?from=x', 400],
      ['/topics/lines/records?limit=-1', 400],
      ['/topics/lines/events?lastEventId=zero', 400],
    ] as const) {
      const response = await fetch(gateway.broker.httpUrl + path);
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({ retry: false });
    }
  });
});

describe('POST /topics/:name/records', () => {
  it('appends one record a line', async () => {
    await gateway.broker.createTopic('posted');
    const body = `${numbered('p', 0, 2500)
      .map((value) => JSON.stringify({ value }))
      .join('\n')}\n`;
    const url = `${gateway.broker.httpUrl}/topics/posted/records`;
    const response = await fetch(url, { method: 'POST', body });
    expect(await response.json()).toEqual({ offsets: [{ partition: 0, base: 0, count: 2500 }] });
    expect(valuesOf(await lines('/topics/posted/records'))).toEqual(numbered('p', 0, 2500));
  });

  it('takes in a body of many chunks at the pace of the log', async () => {
    await gateway.broker.createTopic('large');
    const count = 30_000;
    const pad = 'y'.repeat(200);
    const rows = numbered(pad, 0, count).map((value) => JSON.stringify({ value }));
    const url = `${gateway.broker.httpUrl}/topics/large/records`;
    const response = await fetch(url, { method: 'POST', body: rows.join('\n') });
    expect(await response.json()).toEqual({ offsets: [{ partition: 0, base: 0, count }] });
    const [last] = await lines(`/topics/large/records?from=${count - 1}`);
    expect(last).toMatchObject({ value: `${pad}${count - 1}` });
  });

  it('divides records without a key evenly', async () => {
    await gateway.broker.createTopic('even', { partitions: 2 });
    const count = 20_000;
    const rows = numbered('z'.repeat(300), 0, count).map((value) => JSON.stringify({ value }));
    const url = `${gateway.broker.httpUrl}/topics/even/records`;
    await fetch(url, { method: 'POST', body: rows.join('\n') });
    const ofFirst = await lines('/topics/even/records?partition=0&values=none');
    expect(ofFirst.length).toBeGreaterThan(count / 4);
    expect(ofFirst.length).toBeLessThan((count * 3) / 4);
  });

  it('names the line that is wrong and what was appended before it', async () => {
    await gateway.broker.createTopic('half');
    const url = `${gateway.broker.httpUrl}/topics/half/records`;
    const response = await fetch(url, { method: 'POST', body: '{"value":"a"}\n{oops\n' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'bad_json', line: 2 });
    const bytes = Buffer.concat([Buffer.from('{"value":"'), Buffer.of(0xff), Buffer.from('"}')]);
    const garbled = await fetch(url, { method: 'POST', body: bytes });
    expect(await garbled.json()).toMatchObject({ code: 'bad_json', reason: 'line 1 is no UTF-8' });
  });

  it('names it at once where more is to come, which is dropped', async () => {
    const { hostname, port } = new URL(gateway.broker.httpUrl);
    for (const path of ['half', 'nowhere']) {
      const socket = connect(Number(port), hostname);
      let text = '';
      socket.on('data', (bytes: Buffer) => {
        text += bytes;
      });
      const head = `POST /topics/${path}/records HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n`;
      socket.write(`${head}\r\n{oops\n${' '.repeat(9000)}`);
      while (!text.includes('"code"')) await once(socket, 'data');
      expect(text).toMatch(/^HTTP\/1\.1 40[04] /);
      socket.write(' '.repeat(50_000));
      socket.destroy();
    }
    expect(await lines('/topics/lines/records')).toHaveLength(5);
  });

  it('is refused to foreign web pages, and allowed to the own one', async () => {
    const url = `${gateway.broker.httpUrl}/topics/lines/records`;
    const foreign = { method: 'POST', body: '{}', headers: { origin: 'http://evil.example' } };
    expect((await fetch(url, foreign)).status).toBe(403);
    const own = { headers: { origin: gateway.broker.httpUrl } };
    const response = await fetch(url, own);
    expect(response.headers.get('access-control-allow-origin')).toBe(gateway.broker.httpUrl);
    await response.text();
  });
});

describe('GET /topics/:name/events', () => {
  it('sends records as events and goes on after the last id', async () => {
    const first = await events('/topics/lines/events?from=earliest', 5);
    expect(valuesOf(first.map(dataOf)).sort()).toEqual(['a0', 'a1', 'a2', 'b0', 'b1']);
    const place = first.findIndex((event) => dataOf(event).value === 'a1');
    const id = /^id: (.*)$/m.exec(first[place]!)![1]!;
    const rest = first.slice(place + 1).map((event) => dataOf(event).value);
    const again = await events('/topics/lines/events', rest.length, { 'last-event-id': id });
    expect(valuesOf(again.map(dataOf))).toEqual(rest);
  });

  it('tells of gaps', async () => {
    const [gap] = await events('/topics/lines/events', 1, { 'last-event-id': '0:99,1:2' });
    expect(gap).toContain('event: gap');
    expect(dataOf(gap!)).toMatchObject({ from: 3, to: 99, reason: 'truncation' });
  });
});

describe('streams over HTTP', () => {
  it('are as many as there may be sockets, and make room when they are over', async () => {
    const few = await GatewayFixture.start({ config: { 'millrace.websocket.max.sockets': 2 } });
    await few.broker.createTopic('t');
    const url = `${few.broker.httpUrl}/topics/t`;
    const hangUp = new AbortController();
    const open = () => fetch(`${url}/events`, { signal: hangUp.signal });
    expect((await open()).status).toBe(200);
    expect((await open()).status).toBe(200);
    const third = await open();
    expect(third.status).toBe(503);
    expect(await third.json()).toMatchObject({ code: 'busy', retry: true });
    hangUp.abort();
    let status = 503;
    while (status === 503) status = (await fetch(`${url}/records`)).status;
    for (let i = 0; i < 5; i++) expect((await fetch(`${url}/records`)).status).toBe(200);
    await few.close();
  });
});

describe('what describes the gateway', () => {
  it('lists topics and gives an AsyncAPI document', async () => {
    const listed = await (await fetch(`${gateway.broker.httpUrl}/topics`)).json();
    const { topics } = listed as { topics: { topic: string }[] };
    expect(topics.map(({ topic }) => topic)).toContain('lines');
    const text = await (await fetch(`${gateway.broker.httpUrl}/asyncapi.yaml`)).text();
    expect(text).toMatch(/^asyncapi: "3\.0\.0"\n/);
    expect(text).toContain(`host: "${new URL(gateway.broker.httpUrl).host}"`);
    expect(text).toContain('"#/channels/lines/messages/records"');
    for (const type of Object.keys(commands)) expect(text).toContain(`const: "${type}"`);
  });
});
