#!/usr/bin/env node
/** What isolated-check starts: `isolated(context)` of a module; the steps are its last line. */

import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Context } from './context.mjs';

const WHOLE = '(the check itself)';
const [, , module, kind] = process.argv;
const { isolated } = await import(pathToFileURL(module));
const context = new Context(kind, { started: [] }, basename(module, '.mjs'));
const isDone = await context.step(WHOLE, () => isolated(context));
const steps = context.results;
if (isDone) delete steps[WHOLE];
process.stdout.write(`${JSON.stringify({ steps })}\n`, () => process.exit(0));
