import type { OptionTable } from './command.ts';

/** What all commands take that ask brokers. */
export const CLIENT: OptionTable = {
  'bootstrap-server': {
    value: 'HOST:PORT',
    short: 'b',
    help: 'brokers to ask, with commas; else $MILLRACE_BOOTSTRAP_SERVERS, 127.0.0.1:9092',
  },
  'timeout-ms': { value: 'N', help: 'how long to wait for a broker; 30000' },
  'command-config': {
    value: 'FILE',
    short: 'F',
    repeatable: true,
    help: 'properties of the client, TLS and SASL among them',
  },
  'command-property': {
    value: 'NAME=VALUE',
    short: 'X',
    repeatable: true,
    help: 'a property of the client',
  },
};
