import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startApp, type TestApp } from '../support/app.ts';
import { addUser, order } from '../support/control.ts';
import { setPrivileges } from '../support/live-query.ts';
import { scriptedKind } from '../support/scripted.ts';

/** Readers who share results get, byte for byte, what each of them would get alone. */

const EVENT = 'cursor jobId at from to command commandId reason error actor { kind name }';
const SELECTIONS = [EVENT, `__typename ${EVENT} job { id description userName typeName type blockedBy { id } }`];
const LAST = 'the last of round';
const FILTERS = [
  {},
  { to: { in: ['PAUSED', 'CANCELED'] } },
  { userName: { equals: 'ANN' } },
  { not: { actor: { equals: 'root' } } },
  { or: [{ jobId: { notIn: ['1'] }, command: { equals: 'PAUSE' } }, { type: { equals: 'IMPORT' } }] },
];
const whereOf = (filter: object) => ({ or: [{ description: { startsWith: `SCRIPTED ${LAST}` } }, filter] });

/** An operation whose field is in a fragment shares nothing. */
const shared = (selection: string) => `subscription ($where: JobEventFilter, $after: Cursor) {
  jobStatusChanged(where: $where, after: $after) { ${selection} }
}`;
const alone = (selection: string) => `subscription ($where: JobEventFilter, $after: Cursor) {
  ... on Subscription { jobStatusChanged(where: $where, after: $after) { ${selection} } }
}`;

/** Subscriptions on one socket, and the messages of each as they are on the wire. */
const openReader = async (app: TestApp, user: string) => {
  const socket = new WebSocket(app.url.replace('http', 'ws'), 'graphql-transport-ws');
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  socket.send(JSON.stringify({ type: 'connection_init', payload: { user } }));
  await new Promise((resolve) => socket.once('message', resolve));
  const messages = new Map<string, string[]>();
  const waiting = new Set<() => void>();
  socket.on('message', (data) => {
    const { id } = JSON.parse(String(data)) as { id: string };
    messages.get(id)?.push(String(data));
    for (const wake of waiting) wake();
    waiting.clear();
  });
  const of = (id: string) => messages.get(id) ?? [];
  return {
    of,
    subscribe: (id: string, query: string, variables: object) => {
      messages.set(id, []);
      socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query, variables } }));
    },
    has: async (id: string, cursor: string) => {
      while (!of(id).some((message) => message.includes(`"cursor":"${cursor}"`))) {
        const [refused] = of(id).filter((message) => !message.includes('"type":"next"'));
        if (refused !== undefined) throw new Error(refused);
        await new Promise<void>((resolve) => void waiting.add(resolve));
      }
    },
    close: () => socket.terminate(),
  };
};

const COMMANDS = ['PAUSE', 'RESUME', 'CANCEL'] as const;
const USERS = ['root', 'vic', 'con', 'ann'] as const;

test('an admin, a VIEWJOB, a CONTROLJOB and an owner get what each would have got alone', async () => {
  const { kind, script } = scriptedKind();
  const settings = { WORKERS: '2', MAX_REQUESTS_PER_SECOND: '100000' };
  await using app = await startApp({ kinds: [kind], settings });
  await addUser(app, 'ann', { privileges: ['CREATEJOB'] });
  await addUser(app, 'vic', { privileges: ['CREATEJOB', 'VIEWJOB'] });
  await addUser(app, 'con', { privileges: ['CREATEJOB', 'CONTROLJOB'] });

  const jobs: { id: string; name: string }[] = [];
  const pick = () => jobs[randomInt(jobs.length)] ?? { id: '1', name: '' };
  const act = async (n: number) => {
    const choice = Math.random();
    if (jobs.length < 5 || choice < 0.3) {
      const name = `job ${n} – “ü”`;
      jobs.push({ id: (await app.create('SCRIPTED', { name }, USERS[randomInt(4)] ?? 'root')).id, name });
    } else if (choice < 0.4) script(pick().name).act(Math.random() < 0.5 ? 'finish' : new Error(`failure ${n}`));
    else {
      const ids = Array.from({ length: 1 + randomInt(8) }, () => pick().id);
      await order(app, COMMANDS[randomInt(3)] ?? 'PAUSE', ids);
    }
  };

  const groups: { user: string; ids: string[]; readers: Awaited<ReturnType<typeof openReader>>[] }[] = [];
  /** For each user, two that share and one that does not. */
  const open = async (after: string) => {
    for (const user of USERS) {
      const readers = await Promise.all([openReader(app, user), openReader(app, user), openReader(app, user)]);
      const ids = FILTERS.flatMap((filter, n) =>
        SELECTIONS.map((selection, m) => {
          const id = `${n}-${m}`;
          for (const [at, reader] of readers.entries()) {
            reader.subscribe(id, at < 2 ? shared(selection) : alone(selection), { where: whereOf(filter), after });
          }
          return id;
        }),
      );
      groups.push({ user, ids, readers });
    }
  };
  const headOf = async () => String((await app.store.log()).head).padStart(16, '0');

  await open('0000000000000000');
  for (let round = 0; round < 3; round += 1) {
    await Promise.all(Array.from({ length: 40 }, (_, n) => act(round * 100 + n)));
    if (round > 0) await open(String(randomInt(Number(await headOf()))).padStart(16, '0'));
    // Everyone sees a job of ann's, except vic while he has no privilege: he sees one of his own.
    const last: string[] = [];
    for (const user of ['ann', 'vic']) {
      const { id } = await app.create('SCRIPTED', { name: `${LAST} ${round}` }, user);
      const { events } = await app.store.events(
        { direction: 'ascending', after: null, before: null, limit: 1 },
        { sees: 'all', controls: [], userName: '' },
        { jobId: id },
      );
      last.push(String(events[0]?.cursor).padStart(16, '0'));
    }
    for (const { user, ids, readers } of groups) {
      const cursor = (user === 'vic' ? last[1] : last[0]) ?? '';
      await Promise.all(readers.flatMap((reader) => ids.map((id) => reader.has(id, cursor))));
    }
    // Nothing happens now: nobody is between two events when what he may see changes.
    await setPrivileges(app, 'vic', round === 0 ? ['CREATEJOB'] : ['CREATEJOB', 'VIEWJOB']);
  }

  for (const { user, ids, readers } of groups) {
    for (const id of ids) {
      const [one, other, apart] = readers.map((reader) => reader.of(id));
      // Jobs go on: one of them may have an event that another does not have yet.
      const common = Math.min(one?.length ?? 0, other?.length ?? 0, apart?.length ?? 0);
      expect(common, `${user} ${id}`).toBeGreaterThan(0);
      expect(one?.slice(0, common), `${user} ${id}`).toEqual(apart?.slice(0, common));
      expect(other?.slice(0, common), `${user} ${id}`).toEqual(apart?.slice(0, common));
    }
    for (const reader of readers) reader.close();
  }
});
