/** Where a task belongs in a queue. */
export interface Ticket {
  /** Tasks marked `first` run before all others, in the order in which they arrive. */
  readonly first?: boolean;
  /** Tasks of different lines take turns. Those of one line run in the order in which they arrive. */
  readonly line?: string;
  /** A task that has not begun when the signal is aborted does not run, and rejects. */
  readonly signal?: AbortSignal;
}

type Task = () => Promise<void>;

/** Returns a function that runs tasks one after the other, or up to so many at the same time. */
export const createQueue = (width = 1) => {
  const urgent: Task[] = [];
  /** In the order of their turns. */
  const lines = new Map<string, Task[]>();
  let running = 0;

  const next = (): Task | undefined => {
    const task = urgent.shift();
    if (task !== undefined) return task;
    for (const [name, line] of lines) {
      const first = line.shift();
      lines.delete(name);
      if (line.length > 0) lines.set(name, line);
      return first;
    }
    return undefined;
  };
  const go = async () => {
    running += 1;
    for (let task = next(); task !== undefined; task = next()) await task();
    running -= 1;
  };
  return <T>({ first = false, line = '', signal }: Ticket, task: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const run = async () => {
        if (signal?.aborted) return reject(new Error('the caller has left'));
        await task().then(resolve, reject);
      };
      if (first) urgent.push(run);
      else if (lines.has(line)) lines.get(line)?.push(run);
      else lines.set(line, [run]);
      if (running < width) void go();
    });
};
