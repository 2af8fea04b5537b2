import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StateDirectory } from '../../../../src/streams/state/disk/state-directory.ts';
import { TaskLocks } from '../../../../src/streams/state/disk/task-locks.ts';
import { TaskState } from '../../../../src/streams/state/disk/task-state.ts';

describe('the state directory of an application', () => {
  let base: string;

  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'millrace-state-'));
  });

  afterEach(() => rmSync(base, { recursive: true, force: true }));

  it('belongs to one holder at a time, and says to whom', () => {
    const first = new StateDirectory(base, 'app');
    const expected = expect.objectContaining({
      code: 'STATE_LOCKED',
      message: expect.stringMatching(
        new RegExp(`app is in use by process ${process.pid} on ${hostname()}: give each process`),
      ),
    });
    expect(() => new StateDirectory(base, 'app')).toThrow(expected);
    const other = new StateDirectory(base, 'other');
    first.close();
    new StateDirectory(base, 'app').close();
    other.close();
    expect(readdirSync(join(base, 'app'))).toEqual(['millrace-streams.json']);
  });

  it('is taken over from a process that is gone, with what that one was', () => {
    const path = new URL('../../../../dist/streams/state/disk/state-directory.js', import.meta.url);
    const script = `
      const { StateDirectory } = await import(${JSON.stringify(path.href)});
      const directory = new StateDirectory(${JSON.stringify(base)}, 'app');
      directory.rememberMember('member-1', 'classic');
      console.log(directory.identity.processId);
      process.kill(process.pid, 'SIGKILL');`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
    expect(child.signal).toBe('SIGKILL');
    const next = new StateDirectory(base, 'app');
    expect(next.identity).toMatchObject({
      memberId: 'member-1',
      processId: child.stdout.toString().trim(),
    });
    next.forgetMember();
    expect(next.identity.memberId).toBeUndefined();
    next.close();
    expect(readdirSync(join(base, 'app'))).toEqual(['millrace-streams.json']);
  });

  it('counts as held by another machine, which alone knows', () => {
    mkdirSync(join(base, 'app'));
    writeFileSync(join(base, 'app', 'lock'), '1 boot/1 elsewhere nonce');
    expect(() => new StateDirectory(base, 'app')).toThrow(/in use by process 1 on elsewhere/);
  });

  it('is refused where it is another application’s, of another form, or unreadable', () => {
    const file = join(base, 'app', 'millrace-streams.json');
    const foreign = expect.objectContaining({ code: 'STATE_FOREIGN' });
    new StateDirectory(base, 'app').close();
    const wrong = [
      '{"applicationId":"their-app","form":1,"processId":"p"}',
      '{"applicationId":"app","form":99,"processId":"p"}',
      '{"form":1}',
      'nonsense',
    ];
    for (const identity of wrong) {
      writeFileSync(file, identity);
      expect(() => new StateDirectory(base, 'app')).toThrow(foreign);
    }
    writeFileSync(file, wrong[0]!);
    expect(() => new StateDirectory(base, 'app')).toThrow(/belongs to application their-app/);
    expect(readdirSync(join(base, 'app'))).toEqual(['millrace-streams.json']);
  });

  it('knows the tasks that have state in it, and forgets one', () => {
    const directory = new StateDirectory(base, 'app');
    const [one, other] = [
      { subtopology: 0, partition: 3 },
      { subtopology: 12, partition: 0 },
    ];
    new TaskState('0_3', directory.taskDirectory(one), []).close();
    new TaskState('12_0', directory.taskDirectory(other), []).close();
    mkdirSync(join(directory.path, '1_1'));
    expect(directory.tasks()).toEqual(expect.arrayContaining([one, other]));
    expect(directory.tasks()).toHaveLength(2);
    directory.removeTask(one);
    expect(directory.tasks()).toEqual([other]);
    directory.close();
  });

  it('says so where it cannot be made', () => {
    writeFileSync(join(base, 'file'), '');
    const code = expect.objectContaining({ code: 'STATE_DISK' });
    expect(() => new StateDirectory(join(base, 'file'), 'app')).toThrow(code);
  });

  describe('without the state of tasks that are elsewhere', () => {
    const TASKS = [0, 1, 2].map((partition) => ({ subtopology: 0, partition }));

    /** With files that were written ten seconds ago, but for the last task's. */
    function filled(): StateDirectory {
      const directory = new StateDirectory(base, 'app');
      const before = new Date(Date.now() - 10_000);
      for (const task of TASKS) {
        const path = directory.taskDirectory(task);
        mkdirSync(path);
        writeFileSync(join(path, 'log-0000000001.state'), 'rows');
        if (task.partition === 2) continue;
        utimesSync(join(path, 'log-0000000001.state'), before, before);
        utimesSync(path, before, before);
      }
      return directory;
    }

    const left = () => readdirSync(join(base, 'app')).filter((name) => name.startsWith('0_'));

    it('keeps what is in use, and what was written to not long ago', () => {
      const directory = filled();
      directory.enterTask(TASKS[0]!);
      expect(directory.removeUnused(60_000)).toEqual([]);
      expect(directory.removeUnused(5_000)).toEqual([TASKS[1]]);
      expect(left()).toEqual(['0_0', '0_2']);
      directory.leaveTask(TASKS[0]!);
      expect(directory.removeUnused(5_000)).toEqual([TASKS[0]]);
      directory.close();
    });

    it('keeps what another thread uses', () => {
      const directory = filled();
      const locks = new TaskLocks(-1);
      const thread = new TaskLocks(1, locks.memory);
      thread.acquire(TASKS[1]!);
      expect(directory.removeUnused(5_000, locks)).toEqual([TASKS[0]]);
      expect(left()).toEqual(['0_1', '0_2']);
      thread.release(TASKS[1]!);
      expect(directory.removeUnused(5_000, locks)).toEqual([TASKS[1]]);
      thread.acquire(TASKS[1]!);
      expect(locks.tryAcquire(TASKS[1]!)).toBe(false);
      directory.close();
    });
  });
});
