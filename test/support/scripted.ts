import type { Kind, Step, Work } from '../../src/jobs/kind.ts';

type Act = Step<number> | 'finish' | Error;

/**
 * A kind that does what a test orders: each job waits for its next act. `acts` are taken in order by whatever
 * runs or reverts the job; one that is asked to stop does so while it waits, unless it `lingers`.
 */
export const scriptedKind = (typeName = 'SCRIPTED', rules: { pausable?: boolean; cancelable?: boolean } = {}) => {
  const jobs = new Map<string, Script>();
  const script = (name: string) => {
    const known = jobs.get(name) ?? createScript();
    jobs.set(name, known);
    return known;
  };
  async function* perform(
    name: string,
    log: Script['runs'],
    phase: 'run' | 'revert',
    signal: AbortSignal,
    from: number | null,
  ) {
    log.push({ phase, from });
    try {
      for (;;) {
        const act = await script(name).take(signal);
        if (act === 'finish') return;
        if (act instanceof Error) throw act;
        yield act;
      }
    } finally {
      script(name).closed += 1;
    }
  }
  const kind: Kind<{ name: string }, { name: string }, number> = {
    type: 'CUSTOM',
    typeName,
    pausable: rules.pausable ?? true,
    cancelable: rules.cancelable ?? true,
    inline: true,
    create: async ({ name }) => ({ details: { name }, description: `${typeName} ${name}`, database: null }),
    acquireFence: ({ details, claim }) => script(details.name).acquireFence(claim),
    run: ({ details, checkpoint }, { signal }) =>
      perform(details.name, script(details.name).runs, 'run', signal, checkpoint),
    revert: ({ details, checkpoint }, { signal }) =>
      perform(details.name, script(details.name).runs, 'revert', signal, checkpoint),
  };
  return { kind: kind as Kind, script };
};

const createScript = () => {
  const acts: Act[] = [];
  let taker: ((act: Act) => void) | undefined;
  let lingering = false;
  let stopLate: (() => void) | undefined;
  return {
    /** How often its generators began, and from which checkpoint. */
    runs: [] as { phase: 'run' | 'revert'; from: number | null }[],
    /** How often its generators were closed. */
    closed: 0,
    /** What it does when it enters a claim: a test may put its own in the place. */
    acquireFence: async (_claim: Work<unknown, unknown>['claim']): Promise<void> => undefined,
    act: (...more: Act[]) => {
      for (const act of more) {
        if (taker === undefined) acts.push(act);
        else taker(act);
      }
    },
    /** From now on it goes on waiting for its next act when it is asked to stop, until it is released. */
    lingers: (): Disposable => {
      lingering = true;
      return {
        [Symbol.dispose]: () => {
          lingering = false;
          stopLate?.();
        },
      };
    },
    take: (signal: AbortSignal): Promise<Act> =>
      new Promise((resolve, reject) => {
        const next = acts.shift();
        if (next !== undefined) return resolve(next);
        const take = (act: Act) => {
          taker = undefined;
          signal.removeEventListener('abort', stop);
          resolve(act);
        };
        const stop = () => {
          if (taker !== take) return;
          stopLate = stop;
          if (lingering) return;
          taker = undefined;
          reject(signal.reason);
        };
        taker = take;
        if (signal.aborted) stop();
        else signal.addEventListener('abort', stop, { once: true });
      }),
  };
};
type Script = ReturnType<typeof createScript>;
