import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/jobs/status.ts';
import { jobNow, order } from '../support/control.ts';
import { startStandings } from '../support/standings.ts';

/**
 * Section 2 of the design, by hand: where PAUSE, RESUME and CANCEL take a job. `=`: already so, nothing is written;
 * anything in lower case: the refusal, ID standing for the job's.
 */
const TABLE: Readonly<Record<string, readonly [pause: string, resume: string, cancel: string]>> = {
  'PENDING, never run': ['PAUSED', '=', 'CANCELED'],
  'PENDING, has run': ['PAUSED', '=', 'CANCEL_REQUESTED'],
  'PENDING, has run, waits': ['PAUSED', 'PENDING', 'CANCEL_REQUESTED'],
  'PENDING, committing': [
    'cannot pause job ID: it is already being published',
    '=',
    'cannot cancel job ID: it is already being published',
  ],
  'PENDING, committing, waits': [
    'cannot pause job ID: it is already being published',
    'PENDING',
    'cannot cancel job ID: it is already being published',
  ],
  RUNNING: ['PAUSE_REQUESTED', '=', 'CANCEL_REQUESTED'],
  'RUNNING, committing': [
    'cannot pause job ID: it is already being published',
    '=',
    'cannot cancel job ID: it is already being published',
  ],
  PAUSE_REQUESTED: ['=', 'RUNNING', 'CANCEL_REQUESTED'],
  'PAUSE_REQUESTED while reverting by cancel': ['=', 'REVERTING', '='],
  'PAUSE_REQUESTED while reverting by failure': [
    '=',
    'REVERTING',
    'cannot cancel job ID: it is being reverted after a failure',
  ],
  'PAUSED, never run': ['=', 'PENDING', 'CANCELED'],
  'PAUSED, has run': ['=', 'PENDING', 'CANCEL_REQUESTED'],
  'PAUSED while reverting by cancel': ['=', 'REVERTING', '='],
  'PAUSED while reverting by failure': ['=', 'REVERTING', 'cannot cancel job ID: it is being reverted after a failure'],
  'CANCEL_REQUESTED, held': ['cannot pause cancel-requested job ID', 'cannot resume cancel-requested job ID', '='],
  'CANCEL_REQUESTED, not held': ['cannot pause cancel-requested job ID', 'cannot resume cancel-requested job ID', '='],
  'REVERTING by cancel, held': ['PAUSE_REQUESTED', '=', '='],
  'REVERTING by cancel, not held': ['PAUSED', '=', '='],
  'REVERTING by cancel, waits': ['PAUSED', 'REVERTING', '='],
  'REVERTING by failure, held': ['PAUSE_REQUESTED', '=', 'cannot cancel job ID: it is being reverted after a failure'],
  'REVERTING by failure, not held': ['PAUSED', '=', 'cannot cancel job ID: it is being reverted after a failure'],
  'REVERTING by failure, waits': ['PAUSED', 'REVERTING', 'cannot cancel job ID: it is being reverted after a failure'],
  SUCCEEDED: ['cannot pause succeeded job ID', 'cannot resume succeeded job ID', 'cannot cancel succeeded job ID'],
  FAILED: ['cannot pause failed job ID', 'cannot resume failed job ID', 'cannot cancel failed job ID'],
  CANCELED: ['cannot pause canceled job ID', 'cannot resume canceled job ID', '='],
};
const STANDS = Object.keys(TABLE);
const changes = (cell: string) => /^[A-Z]/.test(cell);

const cellOf = (stand: string, column: number) => TABLE[stand]?.[column] ?? '';

type Standings = Awaited<ReturnType<typeof startStandings>>;
const idsOf = ({ ids }: Standings) => STANDS.map((stand) => ids[stand] ?? '');
const rowsOf = async ({ app, ids }: Standings) =>
  Object.fromEntries(await Promise.all(STANDS.map(async (stand) => [stand, await jobNow(app, ids[stand] ?? '')])));

test('every standing offers exactly the commands that would change it', async () => {
  await using standings = await startStandings();

  const rows = await rowsOf(standings);

  for (const stand of STANDS) {
    const wanted = COMMANDS.filter((_, column) => changes(cellOf(stand, column)));
    expect([stand, rows[stand]?.availableCommands]).toEqual([stand, wanted]);
  }
});

test.each(COMMANDS)('%s does in every standing what the table defines, and nothing else', async (command) => {
  await using standings = await startStandings();
  const { app, ids } = standings;
  const column = COMMANDS.indexOf(command);
  const before = await rowsOf(standings);

  const outcome = await order(app, command, idsOf(standings), { reason: 'because' });

  const answers = STANDS.map((stand) => {
    const id = ids[stand] ?? '';
    const refusal = outcome.refusals.find(({ jobId }) => jobId === id);
    if (refusal !== undefined) {
      expect(refusal.code).toBe('INVALID_STATUS');
      return [stand, refusal.message.replace(id, 'ID')];
    }
    const change = outcome.changed.find(({ jobId }) => jobId === id);
    if (change !== undefined) expect(change.from).toBe(before[stand]?.status);
    return [stand, change?.to ?? '='];
  });
  expect(Object.fromEntries(answers)).toEqual(
    Object.fromEntries(STANDS.map((stand) => [stand, cellOf(stand, column)])),
  );

  const after = await rowsOf(standings);
  for (const stand of STANDS) {
    const cell = cellOf(stand, column);
    if (!changes(cell)) expect([stand, after[stand]]).toEqual([stand, before[stand]]);
    else expect([stand, after[stand]?.status]).toEqual([stand, cell]);
  }
});

test.each(COMMANDS)('%s writes one event a change of status, with who ordered it and why', async (command) => {
  await using standings = await startStandings();
  const before = await rowsOf(standings);

  const { commandId } = await order(standings.app, command, idsOf(standings), { reason: 'because' });

  const after = await rowsOf(standings);
  for (const stand of STANDS) {
    const was = before[stand];
    const to = cellOf(stand, COMMANDS.indexOf(command));
    const news = after[stand]?.events.nodes.slice(was?.events.nodes.length);
    const event = {
      from: was?.status,
      to,
      command,
      commandId,
      reason: 'because',
      error: null,
      actor: { kind: 'USER', name: 'root' },
    };
    expect([stand, news]).toMatchObject([stand, changes(to) && to !== was?.status ? [event] : []]);
  }
});

test.each(COMMANDS)('%s for every standing, with ABORT changes nothing: each refusal is listed', async (command) => {
  await using standings = await startStandings();
  const column = COMMANDS.indexOf(command);
  const count = (like: (cell: string) => boolean) => STANDS.filter((stand) => like(cellOf(stand, column))).length;
  const before = await rowsOf(standings);

  const outcome = await order(standings.app, command, idsOf(standings), { onRefusal: 'ABORT' });

  expect(outcome).toMatchObject({
    applied: false,
    commandId: null,
    selectedCount: STANDS.length,
    changedCount: count(changes),
    unchangedCount: count((cell) => cell === '='),
    refusedCount: count((cell) => cell.startsWith('cannot')),
  });
  expect([outcome.changed.length, outcome.refusals.length]).toEqual([outcome.changedCount, outcome.refusedCount]);
  expect(await rowsOf(standings)).toEqual(before);
});
