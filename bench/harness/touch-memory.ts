import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A process of its own gives everything back when it ends. */
const PROGRAM = `
const pieces = [];
for (let left = Number(process.argv[1]); left > 0; left--) {
  const piece = Buffer.allocUnsafeSlow(2 ** 30);
  for (let at = 0; at < piece.length; at += 4096) piece[at] = 1;
  pieces.push(piece);
}
`;

/**
 * A byte is written to each page of so much memory. A virtual machine gets its memory page by page
 * from its host when it is first used, which costs more than everything that a broker does.
 */
export async function touchMemory(gib: number): Promise<void> {
  await promisify(execFile)(process.execPath, ['-e', PROGRAM, String(gib)]);
}
