import { afterEach, describe, expect, it, vi } from 'vitest';
import { execute } from '../../src/engine/execute.ts';
import { Fenced, type Kind, PauseAsked, type Step, Transient } from '../../src/jobs/kind.ts';
import type { JobStatus } from '../../src/jobs/status.ts';
import type { Saved } from '../../src/store/store.ts';
import { environmentOf } from '../support/places.ts';

/** The engine's part of a job, driven without a server: the kind and the store are what a test says. */

afterEach(() => vi.restoreAllMocks());

type Act = Step<number> | Error | (() => void | Promise<void>);

interface Given {
  readonly acts?: readonly Act[];
  readonly task?: 'run' | 'revert' | 'release';
  readonly acquireFence?: () => Promise<void>;
  /** What the store answers to each save in turn; the last one is answered from then on. */
  readonly statuses?: readonly (JobStatus | null)[];
  /** What it answers when the job wants to commit. */
  readonly mayCommit?: boolean;
  readonly stop?: AbortController;
  readonly more?: object;
}

const CLAIM = { jobId: '7', epoch: 3, sessionId: 'a session' };
const ENVIRONMENT = environmentOf({ filesDir: '/nowhere/files' });

const drive = async (given: Given) => {
  const { acts = [], task = 'run', mayCommit = true, stop = new AbortController() } = given;
  const statuses = [...(given.statuses ?? [task === 'revert' ? 'REVERTING' : 'RUNNING'])];
  const saves: Saved[] = [];
  const commits: Saved[] = [];
  const warnings: string[] = [];
  const calls: string[] = [];
  let work: unknown;
  const perform = async function* (phase: string, asked: unknown) {
    work = asked;
    calls.push(phase);
    try {
      for (const act of acts) {
        if (act instanceof Error) throw act;
        if (typeof act === 'function') await act();
        else yield act;
      }
    } finally {
      calls.push('closed');
    }
  };
  const kind: Kind = {
    type: 'CUSTOM',
    typeName: 'DRIVEN',
    pausable: true,
    cancelable: true,
    create: () => Promise.reject(new Error('it is there already')),
    acquireFence: async () => {
      calls.push('fence');
      await given.acquireFence?.();
    },
    run: (asked) => perform('run', asked),
    revert: (asked) => perform('revert', asked),
  };
  const claimed = {
    claim: CLAIM,
    typeName: 'DRIVEN',
    task,
    details: { name: 'x' },
    checkpoint: 41,
    database: null,
    committing: false,
    fractionCompleted: null,
    storeId: null,
    began: false,
    attempts: 0,
    ...given.more,
  };
  const claimedJob = {
    save: async (saved: Saved) => {
      saves.push(saved);
      return (statuses.length > 1 ? statuses.shift() : statuses[0]) ?? null;
    },
    markCommitting: async (saved: Saved) => {
      commits.push(saved);
      return mayCommit;
    },
    isCurrent: async () => statuses[0] !== null,
    markBegan: async () => statuses[0] !== null,
    usedBackups: async () => [],
    warn: (message: string) => void warnings.push(message),
    log: () => undefined,
  };
  const outcome = await execute(kind, claimed, ENVIRONMENT, claimedJob, stop.signal);
  return { outcome, saves, commits, warnings, calls, work };
};

const step = (checkpoint: number, more: Partial<Step<number>> = {}): Step<number> => ({ checkpoint, ...more });
const saved = (checkpoint: number) => ({ checkpoint: String(checkpoint) });

/** The clock stands still, but for what passes. */
const stopClock = () => {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  return {
    passes: (ms: number) => () => {
      now += ms;
    },
  };
};

describe('a job that comes to its end', () => {
  it('has finished or was reverted; the report carries the last step, which was not saved', async () => {
    for (const [task, report] of [
      ['run', 'finished'],
      ['revert', 'reverted'],
    ] as const) {
      const driven = await drive({ task, acts: [step(1), step(2), step(3)] });
      expect(driven.outcome).toEqual({ report, saved: saved(3) });
      // The first step is saved at once; the next ones come within 400 ms of it.
      expect(driven.saves).toEqual([saved(1)]);
      expect(driven.calls).toEqual(['fence', task, 'closed']);
    }
  });

  it('without a step has nothing to save', async () => {
    expect(await drive({})).toMatchObject({ outcome: { report: 'finished' }, saves: [] });
  });

  it('is given its details, its checkpoint and its claim, and secrets only when there are some', async () => {
    const { jobId, epoch } = CLAIM;
    const work = {
      details: { name: 'x' },
      checkpoint: 41,
      claim: { jobId, epoch, storeId: null },
      began: false,
      attempt: 1,
    };
    expect((await drive({})).work).toEqual(work);
    expect((await drive({ more: { secrets: { key: 'hush' } } })).work).toEqual({ ...work, secrets: { key: 'hush' } });
  });

  it('saves a step with all of its fields, at most one every 400 ms', async () => {
    const { passes } = stopClock();
    const first = step(1, { fractionCompleted: 0.25, message: 'copying', counters: { rows: 5, bytes: 70 } });
    const acts = [first, passes(399), step(2), passes(1), step(3), passes(500), step(4)];
    const { saves, outcome } = await drive({ acts });
    const counters = [
      { name: 'rows', value: 5 },
      { name: 'bytes', value: 70 },
    ];
    const shown = { checkpoint: '1', fractionCompleted: 0.25, message: 'copying', counters };
    expect(saves).toEqual([shown, saved(3), saved(4)]);
    expect(outcome).toEqual({ report: 'finished' });
  });

  it('reports a fraction from 0 to 1 and logs a warning if the kind yields another', async () => {
    for (const [given, kept] of [
      [1.5, 1],
      [-0.1, 0],
      [Number.NaN, 0],
      [Number.POSITIVE_INFINITY, 1],
    ] as const) {
      const { saves, warnings } = await drive({ acts: [step(1, { fractionCompleted: given })] });
      expect(saves).toEqual([{ checkpoint: '1', fractionCompleted: kept }]);
      expect(warnings).toEqual([`fractionCompleted ${given} is outside 0 to 1`]);
    }
    for (const fractionCompleted of [0, 1]) {
      expect((await drive({ acts: [step(1, { fractionCompleted })] })).warnings).toEqual([]);
    }
  });
});

describe('a job that is asked to stop', () => {
  it('stops at its next step, which goes with that, and its generator is closed', async () => {
    const stop = new AbortController();
    const { outcome, saves, calls } = await drive({ stop, acts: [step(1), () => stop.abort(), step(2), step(3)] });
    expect(outcome).toEqual({ report: 'stopped', saved: saved(2) });
    expect(saves).toEqual([saved(1)]);
    expect(calls).toEqual(['fence', 'run', 'closed']);
  });

  it('before it has begun does not begin, but has entered its claim', async () => {
    const stop = new AbortController();
    const { outcome, calls } = await drive({ stop, acquireFence: async () => stop.abort(), acts: [step(1)] });
    expect(outcome).toEqual({ report: 'stopped' });
    expect(calls).toEqual(['fence']);
  });

  it('in the midst of a step has stopped when it throws the reason, or an AbortError, and failed when it throws another error', async () => {
    const reason = new Error('the server is stopping');
    const aborted = Object.assign(new Error('gone'), { name: 'AbortError' });
    for (const [thrown, expected] of [
      [reason, { report: 'stopped', saved: saved(2) }],
      [aborted, { report: 'stopped', saved: saved(2) }],
      [new Error('wrong'), { report: 'failed', error: 'wrong', saved: saved(2) }],
    ] as const) {
      const stop = new AbortController();
      const { outcome } = await drive({ stop, acts: [step(1), step(2), () => stop.abort(reason), thrown] });
      expect(outcome).toEqual(expected);
    }
    expect((await drive({ acts: [aborted] })).outcome).toEqual({ report: 'failed', error: 'gone' });
  });

  it.each<readonly ['run' | 'revert', JobStatus]>([
    ['run', 'PAUSE_REQUESTED'],
    ['run', 'CANCEL_REQUESTED'],
    ['revert', 'PAUSE_REQUESTED'],
  ])('learns that too from the answer to a save: %s, %s', async (task, status) => {
    const { outcome, calls } = await drive({ task, statuses: [status], acts: [step(1), step(2)] });
    expect(outcome).toEqual({ report: 'stopped' });
    expect(calls).toEqual(['fence', task, 'closed']);
  });

  it('is heard although it never waits for anything', async () => {
    const stop = new AbortController();
    setImmediate(() => stop.abort());
    const endless = function* () {
      for (let n = 0; ; n += 1) yield step(n);
    };
    expect((await drive({ stop, acts: endless() as unknown as readonly Act[] })).outcome?.report).toBe('stopped');
  });
});

describe('a job whose claim was lost', () => {
  it('learns it from the answer to a save, reports nothing, and its generator is closed', async () => {
    const { outcome, calls } = await drive({ statuses: [null], acts: [step(1), step(2)] });
    expect(outcome).toBeNull();
    expect(calls).toEqual(['fence', 'run', 'closed']);
  });

  it('learns it from its target: it reports nothing if the store confirms it, and is tried again otherwise', async () => {
    const acts = [new Fenced('a newer claim')];
    expect((await drive({ acts, statuses: [null] })).outcome).toBeNull();
    expect((await drive({ acts, statuses: ['RUNNING'] })).outcome).toEqual({ report: 'retry', error: 'a newer claim' });
    const acquireFence = () => Promise.reject(new Fenced('a newer claim'));
    expect((await drive({ acquireFence, statuses: [null] })).outcome).toBeNull();
    expect((await drive({ acquireFence })).outcome).toEqual({
      report: 'retry',
      error: 'a newer claim',
      fenceAcquired: false,
    });
  });
});

describe('a job that commits', () => {
  it('has its step kept with that, and ends, whatever comes in between', async () => {
    const stop = new AbortController();
    const acts = [step(1), step(2, { commit: true }), () => stop.abort(), step(3)];
    const { outcome, commits, saves } = await drive({ stop, acts, statuses: ['RUNNING'] });
    expect(commits).toEqual([saved(2)]);
    expect(saves).toEqual([saved(1)]);
    expect(outcome).toEqual({ report: 'finished', saved: saved(3) });
  });

  it('and may not has stopped before it, and its generator never goes on', async () => {
    let wentOn = false;
    const went = () => {
      wentOn = true;
    };
    const { outcome, calls } = await drive({ mayCommit: false, acts: [step(2, { commit: true }), went] });
    expect(outcome).toEqual({ report: 'stopped', saved: saved(2) });
    expect(calls).toEqual(['fence', 'run', 'closed']);
    expect(wentOn).toBe(false);
  });
});

describe('a job that fails', () => {
  it.each([
    [new Transient('busy'), 'retry'],
    [new PauseAsked('look at this'), 'pauseAsked'],
    [new Error('wrong'), 'failed'],
  ] as const)('with %s reports that, with the step that was not saved', async (error, report) => {
    const { outcome } = await drive({ acts: [step(1), step(2), error] });
    expect(outcome).toEqual({ report, error: error.message, saved: saved(2) });
    // Undoing is tried again, whatever the error.
    expect((await drive({ task: 'revert', acts: [error] })).outcome).toEqual({
      report: 'revertFailed',
      error: error.message,
    });
  });

  it('before it has acquired the fence reports that', async () => {
    const acquireFence = () => Promise.reject(new Transient('locked'));
    const { outcome, calls } = await drive({ acquireFence });
    expect(outcome).toEqual({ report: 'retry', error: 'locked', fenceAcquired: false });
    expect(calls).toEqual(['fence']);
  });

  it('has its error cut to what is shown of it', async () => {
    const { outcome } = await drive({ acts: [new Error('x'.repeat(5_000))] });
    expect(outcome?.error).toMatch(/^x{1023}…$/);
  });
});

describe('a pause that a dead worker did not finish', () => {
  const locked = () => Promise.reject(new Transient('locked'));
  const MESSAGE = { message: 'waiting to be paused: locked' };

  it('is finished by entering the claim, and nothing is run', async () => {
    const { outcome, calls, saves } = await drive({ task: 'release' });
    expect(outcome).toEqual({ report: 'stopped' });
    expect([calls, saves]).toEqual([['fence'], []]);
  });

  it('waits while it cannot be acquired, and reports the reason', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      let tries = 0;
      const acquireFence = async () => {
        tries += 1;
        if (tries < 3) await locked();
      };
      const driving = drive({ task: 'release', acquireFence, statuses: ['PAUSE_REQUESTED'] });
      for (const wanted of [1, 2]) {
        while (vi.getTimerCount() === 0) await new Promise(setImmediate);
        expect(tries).toBe(wanted);
        await vi.advanceTimersByTimeAsync(999);
        expect(tries).toBe(wanted);
        await vi.advanceTimersByTimeAsync(1);
      }
      const { outcome, saves } = await driving;
      expect(outcome).toEqual({ report: 'stopped' });
      expect(saves).toEqual([MESSAGE, MESSAGE]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is left to the next worker when this one stops', async () => {
    const stop = new AbortController();
    const acquireFence = () => {
      stop.abort();
      return locked();
    };
    expect(await drive({ task: 'release', stop, acquireFence, statuses: ['PAUSE_REQUESTED'] })).toMatchObject({
      outcome: null,
      saves: [MESSAGE],
    });
  });

  it('is no longer wanted when the claim is lost, another command came, or the target has a newer claim', async () => {
    const release = (acquireFence: () => Promise<never>, status: JobStatus | null) =>
      drive({ task: 'release', acquireFence, statuses: [status] });
    expect((await release(locked, null)).outcome).toBeNull();
    expect((await release(locked, 'CANCEL_REQUESTED')).outcome).toEqual({ report: 'stopped' });
    const fenced = () => Promise.reject(new Fenced('a newer claim'));
    expect((await release(fenced, 'PAUSE_REQUESTED')).outcome).toEqual({ report: 'stopped' });
  });
});
