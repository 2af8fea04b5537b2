import { fileURLToPath } from 'node:url';

/** The command line of this very build. This file is as deep as the chunks of the bundle are. */
export const CLI_PROGRAM = fileURLToPath(new URL('../cli/main.js', import.meta.url));
