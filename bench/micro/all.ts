import { bench as append } from './append.bench.ts';
import { bench as authorizer } from './authorizer.bench.ts';
import { bench as compression } from './compression.bench.ts';
import { bench as crc } from './crc.bench.ts';
import { bench as framer } from './framer.bench.ts';
import { bench as locate } from './locate.bench.ts';
import type { MicroBench } from './micro-bench.ts';
import { bench as protocol } from './protocol.bench.ts';
import { bench as records } from './records.bench.ts';
import { bench as ring } from './ring.bench.ts';

export const MICRO_BENCHES: readonly MicroBench[] = [
  ring,
  crc,
  records,
  compression,
  protocol,
  framer,
  append,
  locate,
  authorizer,
];
