import type { Kind, Step } from '../../src/jobs/kind.ts';

type Act = Step<number> | 'finish' | Error;

/**
 * A kind that does what a test tells it to: each job waits for its next act. `acts` are taken in order by whatever
 * runs or reverts the job; `reached` resolves when the job waits for its nth act.
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
    inPlace: true,
    create: async ({ name }) => ({ details: { name }, description: `${typeName} ${name}`, database: null }),
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
  return {
    /** How often its generators began, and from which checkpoint. */
    runs: [] as { phase: 'run' | 'revert'; from: number | null }[],
    /** How often its generators were closed. */
    closed: 0,
    act: (act: Act) => {
      if (taker === undefined) acts.push(act);
      else taker(act);
    },
    take: (signal: AbortSignal): Promise<Act> =>
      new Promise((resolve, reject) => {
        const next = acts.shift();
        if (next !== undefined) return resolve(next);
        if (signal.aborted) return reject(signal.reason);
        const stop = () => {
          taker = undefined;
          reject(signal.reason);
        };
        signal.addEventListener('abort', stop, { once: true });
        taker = (act) => {
          taker = undefined;
          signal.removeEventListener('abort', stop);
          resolve(act);
        };
      }),
  };
};
type Script = ReturnType<typeof createScript>;
