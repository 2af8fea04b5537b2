import { describe, expect, it } from 'vitest';
import { formatAddress, parseBootstrapServers } from '../../src/client/broker-address.ts';

describe('parseBootstrapServers', () => {
  it('reads hosts, IPv4 and bracketed IPv6 addresses', () => {
    const text = 'kafka.example:9092, 127.0.0.1:1,[::1]:65535,';
    const addresses = parseBootstrapServers(text);
    expect(addresses).toEqual([
      { host: 'kafka.example', port: 9092 },
      { host: '127.0.0.1', port: 1 },
      { host: '::1', port: 65_535 },
    ]);
    expect(addresses.map(formatAddress).join(',')).toBe(
      'kafka.example:9092,127.0.0.1:1,[::1]:65535',
    );
  });

  it.each(['', ' , ', 'host', 'host:', ':9092', 'host:0', 'host:65536', '::1:9092', 'a b:1'])(
    'refuses %j',
    (text) => {
      expect(() => parseBootstrapServers(text)).toThrow('bootstrap server');
    },
  );
});
