import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const MAIN = new URL('./main.mjs', import.meta.url).pathname;

export interface Outcome {
  readonly code: number;
  readonly text: string;
}

/**
 * Runs of the simulator in a process of their own: it takes the clock and the timers of the one it
 * is in.
 */
export async function simulate(...words: string[]): Promise<Outcome> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...words]);
    return { code: 0, text: stdout };
  } catch (thrown) {
    const { code, stdout, stderr } = thrown as { code: number; stdout: string; stderr: string };
    return { code, text: stdout + stderr };
  }
}

/** The hashes of the histories of runs with `--hash`. */
export function hashesOf({ text }: Outcome): readonly string[] | null {
  return text.match(/^\d+ [0-9a-f]{40}$/gm);
}
