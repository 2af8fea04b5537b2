import { extname } from 'node:path';
import {
  INDEX_SUFFIX,
  LOG_SUFFIX,
  SNAPSHOT_SUFFIX,
  TIME_INDEX_SUFFIX,
  TXN_INDEX_SUFFIX,
} from '../../log/file-names.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { write } from '../output.ts';
import { EXIT_FAILED, UsageError } from '../usage-error.ts';
import { DumpOptions } from './dump-options.ts';
import { Findings } from './findings.ts';
import { dumpOffsetIndex, dumpTimeIndex } from './index-files.ts';
import { dumpLogFile } from './log-file.ts';
import { dumpSnapshot } from './snapshot-file.ts';
import { dumpTransactionIndex } from './transaction-index-file.ts';

type Dump = (path: string, options: DumpOptions, findings: Findings) => Promise<void>;

const DUMPS = new Map<string, Dump>([
  [LOG_SUFFIX, dumpLogFile],
  [INDEX_SUFFIX, dumpOffsetIndex],
  [TIME_INDEX_SUFFIX, dumpTimeIndex],
  [TXN_INDEX_SUFFIX, dumpTransactionIndex],
  [SNAPSHOT_SUFFIX, dumpSnapshot],
]);

function dumpFor(path: string): Dump {
  const dump = DUMPS.get(extname(path));
  if (dump !== undefined) return dump;
  throw new UsageError(
    `dump-log ${path}: expected a file ending in ${[...DUMPS.keys()].join(', ')}`,
  );
}

/** Reads files of a partition without a broker. Exit code 1 where one of them is damaged. */
export async function dumpLog(given: CommandArguments): Promise<number> {
  const options = new DumpOptions(given);
  const paths = given.operands;
  if (paths.length === 0) throw new UsageError('dump-log: which files?');
  const dumps = paths.map((path) => ({ path, dump: dumpFor(path) }));
  const findings = new Findings();
  for (const { path, dump } of dumps) {
    if (!options.isJson && paths.length > 1) await write(`${path}\n`);
    await dump(path, options, findings);
  }
  return findings.count === 0 ? 0 : EXIT_FAILED;
}
