/** Says by its exit whether a file of rows is whole. A damaged one may end the process. */
import { isWholeFile } from './lmdb/check-file.ts';

const WHOLE = 0;
const NOT_WHOLE = 1;

const [path] = process.argv.slice(2);
process.exitCode = path !== undefined && isWholeFile(path) ? WHOLE : NOT_WHOLE;
