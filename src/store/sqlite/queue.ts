/**
 * Returns a function that runs tasks one after the other, in the order in which they arrive, those marked `first`
 * before others.
 */
export const createQueue = () => {
  const waiting: { readonly first: boolean; run(): Promise<void> }[] = [];
  let running = false;
  const go = async () => {
    running = true;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await next.run();
    running = false;
  };
  return <T>(first: boolean, task: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const after = first ? waiting.findLastIndex((other) => other.first) + 1 : waiting.length;
      waiting.splice(after, 0, { first, run: () => task().then(resolve, reject) });
      if (!running) void go();
    });
};
