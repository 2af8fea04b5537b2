import { expectMatch } from './kafka-tools.mjs';
import { millraceCommand } from './millrace-command.mjs';
import { mustExecute } from './process.mjs';

/** The arguments that millrace itself says the controllers want. */
export async function formatArguments() {
  const [node, ...args] = millraceCommand('cluster', 'format-help');
  const { stdout } = await mustExecute(node, args);
  const line = expectMatch(stdout, /--cluster-id ID (--.*) --config/, 'format-help');
  return line[1].split(' ');
}
