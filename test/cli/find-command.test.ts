import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/command-table.ts';
import { findCommand } from '../../src/cli/find-command.ts';
import { commandUsage, groupUsage, overview } from '../../src/cli/usage-text.ts';

describe('findCommand', () => {
  it('finds every command of the table and leaves the words behind it', () => {
    for (const command of COMMANDS) {
      const found = findCommand([...command.name.split(' '), 'x', '--y']);
      expect(found.command).toBe(command);
      expect(found.rest).toEqual(['x', '--y']);
    }
  });

  it.each([
    [['topcs'], "no command 'topcs'; did you mean 'topics'?"],
    [['topics', 'crate'], "no command 'topics crate'; did you mean 'topics create'?"],
    [['frobnicate'], "no command 'frobnicate'; 'millrace help' lists them"],
    [['groups'], 'groups: expected one of list, describe, delete, delete-offsets, reset-offsets'],
    [['configs', '--topic', 'x'], 'configs: expected one of describe, alter'],
  ])('refuses %j', (words, message) => {
    expect(() => findCommand(words)).toThrow(message);
  });
});

describe('the usage text', () => {
  it('names every command and every option', () => {
    for (const command of COMMANDS) {
      const isShown = overview().includes(`  ${command.name} `);
      expect(isShown).toBe(command.isHidden !== true);
      const usage = commandUsage(command);
      expect(usage).toContain(`usage: millrace ${command.name}`);
      for (const option of Object.keys(command.options)) expect(usage).toContain(`--${option}`);
    }
    expect(groupUsage('groups')).toContain('groups reset-offsets NAME');
  });

  it('loads every command that it names', async () => {
    // The broker itself is started by other tests.
    const light = COMMANDS.filter(({ name }) => name !== 'serve');
    for (const command of light) expect(await command.load()).toBeTypeOf('function');
  });
});
