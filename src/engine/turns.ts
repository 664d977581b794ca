/**
 * The turns of users: each may have so many tasks running at the same time, and the rest of that user's tasks wait. The
 * many slow tasks of one user therefore leave room for those of others.
 */
type Task = () => Promise<void>;

/** Runs a task in the turn of a user. */
export type TakeTurn = <T>(userName: string, task: () => Promise<T>) => Promise<T>;

export const createTurns = (atOnce: number): TakeTurn => {
  const users = new Map<string, { running: number; readonly waiting: Task[] }>();
  const go = async (userName: string, first: Task) => {
    const user = users.get(userName) ?? { running: 0, waiting: [] };
    users.set(userName, user);
    if (user.running === atOnce) return void user.waiting.push(first);
    user.running += 1;
    for (let task: Task | undefined = first; task !== undefined; task = user.waiting.shift()) await task();
    user.running -= 1;
    if (user.running === 0) users.delete(userName);
  };
  return (userName, task) =>
    new Promise((resolve, reject) => {
      void go(userName, () => task().then(resolve, reject));
    });
};
