import type { CommandSpec, OptionSpec, OptionTable } from './command.ts';
import { COMMANDS } from './command-table.ts';
import { commandsOf } from './find-command.ts';

const GAP = 3;

function aligned(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length)) + GAP;
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}\n`).join('');
}

function commandRows(commands: readonly CommandSpec[]): string {
  return aligned(
    commands.map(({ name, operands, summary }) => [`${name} ${operands}`.trimEnd(), summary]),
  );
}

export function overview(): string {
  const usage = 'usage: millrace COMMAND [options]\n\n';
  const shown = COMMANDS.filter(({ isHidden }) => isHidden !== true);
  return `${usage}${commandRows(shown)}\nmillrace help COMMAND lists the options of a command\n`;
}

export function groupUsage(group: string): string {
  return `usage: millrace ${group} COMMAND [options]\n\n${commandRows(commandsOf(group))}`;
}

export function commandUsage(command: CommandSpec): string {
  const { name, operands, summary, options } = command;
  const entries = Object.entries(options).filter(([, { as }]) => as === undefined);
  const words = [`usage: millrace ${name}`];
  if (operands !== '') words.push(operands);
  if (entries.length > 0) words.push('[options]');
  const head = `${words.join(' ')}\n\n${summary}\n`;
  if (entries.length === 0) return head;
  const rows = entries.map(([key, option]) => [optionHead(key, option), option.help] as const);
  return `${head}\n${aligned(rows)}${otherNames(options)}`;
}

function optionHead(name: string, { value, short, repeatable }: OptionSpec): string {
  const abbreviated = short === undefined ? '' : `-${short}, `;
  const operand = value === undefined ? '' : ` ${value}`;
  return `${abbreviated}--${name}${operand}${repeatable === true ? ' …' : ''}`;
}

/** Names that other tools have for the same options. */
function otherNames(options: OptionTable): string {
  const rows = Object.entries(options).flatMap(([name, { as }]) => {
    return as === undefined ? [] : [[`--${name}`, `the same as --${as}`] as const];
  });
  return rows.length === 0 ? '' : `\n${aligned(rows)}`;
}
