import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/bundle/cli/main.js', import.meta.url));

export interface CliOutcome {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string;
}

export interface CliSurroundings {
  /** MILLRACE_BOOTSTRAP_SERVERS */
  readonly servers?: string;
  readonly input?: string | Uint8Array;
}

/** Runs `millrace …` as a process of its own and waits for its end. */
export function runCli(
  words: readonly string[],
  { servers, input }: CliSurroundings = {},
): Promise<CliOutcome> {
  const env = { ...process.env, MILLRACE_BOOTSTRAP_SERVERS: servers ?? '' };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...words], { env });
    let out = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, errors }));
    child.stdin.end(input ?? '');
  });
}

/** Starts `millrace …` for a test that talks to it while it runs. */
export function startCli(words: readonly string[], servers: string) {
  const env = { ...process.env, MILLRACE_BOOTSTRAP_SERVERS: servers };
  return spawn(process.execPath, [MAIN, ...words], { env });
}
