import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startSession } from '../../src/engine/session.ts';

const LEASE_MS = 12_000;

/** A session whose store answers a heartbeat as the test says, under a clock that the test moves. */
const open = async () => {
  const started: string[] = [];
  let lost = 0;
  let heartbeat: () => Promise<boolean> = async () => true;
  const session = await startSession({
    store: {
      startSession: async ({ id }) => void started.push(id),
      heartbeat: () => heartbeat(),
      endSession: async () => undefined,
    },
    log: pino({ level: 'silent' }),
    name: 'test',
    types: [],
    node: null,
    version: '0.1.0',
    leaseMs: LEASE_MS,
    isDraining: () => false,
    now: () => 0,
    onLost: () => {
      lost += 1;
    },
    onBeat: () => undefined,
  });
  return {
    session,
    started,
    lost: () => lost,
    answer: (next: typeof heartbeat) => {
      heartbeat = next;
    },
  };
};

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }));
afterEach(() => void vi.useRealTimers());

describe('a worker whose heartbeats the store does not answer', () => {
  test.each([
    ['fail', async () => Promise.reject(new Error('the network is down'))],
    ['hang', () => new Promise<boolean>(() => undefined)],
  ])('stops its jobs and claims nothing after two thirds of a lease, when they %s', async (_, heartbeat) => {
    const { session, answer, lost } = await open();
    const first = session.id;
    answer(heartbeat);

    await vi.advanceTimersByTimeAsync(LEASE_MS / 2);
    expect(session.id).toBe(first);
    expect(lost()).toBe(0);

    await vi.advanceTimersByTimeAsync(LEASE_MS / 4);
    expect(session.id).toBeNull();
    expect(lost()).toBe(1);
    await vi.advanceTimersByTimeAsync(LEASE_MS);
    expect(lost()).toBe(1);
  });

  test('goes on under a new session when the store answers again', async () => {
    const { session, started, answer, lost } = await open();
    answer(async () => Promise.reject(new Error('the network is down')));
    await vi.advanceTimersByTimeAsync(LEASE_MS);
    expect(session.id).toBeNull();

    answer(async () => true);
    await vi.advanceTimersByTimeAsync(LEASE_MS / 4);
    expect(started).toHaveLength(2);
    expect(session.id).toBe(started[1]);
    expect(lost()).toBe(1);
  });
});

test('a worker that was declared dead stops its jobs at once, and goes on under a new session', async () => {
  const { session, started, answer, lost } = await open();
  answer(async () => false);
  await vi.advanceTimersByTimeAsync(LEASE_MS / 4);
  expect(lost()).toBe(1);
  expect(session.id).toBe(started[1]);
});
