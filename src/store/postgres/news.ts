/** What the listeners of a store learn: each commit of this server, and of others once it is noticed. */
import type { Commit } from '../store.ts';
import type { Log } from './events.ts';

type Listener = (commit: Commit) => void;

export const createNews = (start: Log) => {
  const listeners = new Set<Listener>();
  let seen = start;
  /** An answer may arrive after that to a later question: numbers never decrease. */
  const report = (log: Log, isOwn: boolean) => {
    const users = log.usersRevision > seen.usersRevision;
    const removed = log.removals > seen.removals;
    const isNew = users || removed || log.head > seen.head || log.revision > seen.revision;
    if (!isNew && !isOwn) return;
    seen = {
      head: Math.max(log.head, seen.head),
      end: Math.max(log.end, seen.end),
      horizon: Math.max(log.horizon, seen.horizon),
      revision: Math.max(log.revision, seen.revision),
      usersRevision: Math.max(log.usersRevision, seen.usersRevision),
      removals: Math.max(log.removals, seen.removals),
      lost: log.lost,
    };
    for (const listener of listeners) listener({ head: seen.head, revision: seen.revision, users, removed });
  };
  return {
    committed: (log: Log) => report(log, true),
    polled: (log: Log) => report(log, false),
    /** A session was declared dead: its jobs can be taken over, which no event reports. */
    sessionsEnded: () => {
      for (const listener of listeners)
        listener({ head: seen.head, revision: seen.revision, users: true, removed: false });
    },
    onCommit: (listener: Listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};
