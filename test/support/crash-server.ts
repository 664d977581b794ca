// A server that kills its own process, as by kill -9, at one point of its work: CRASH_AT names a call of the store, and
// whether it dies before or after that call is carried out. CRASH_COUNT: at which call of that name.
import { pino } from 'pino';
import { startApp } from '../../src/app/app.ts';
import { readConfig } from '../../src/config.ts';
import type { Store } from '../../src/store/store.ts';

const [when, name] = (process.env.CRASH_AT ?? '').split(' ') as [
  'before' | 'after',
  'save' | 'settle' | 'markCommitting',
];
let left = Number(process.env.CRASH_COUNT ?? 1);

const app = await startApp({
  config: readConfig({ ...process.env, CRASH_AT: undefined }),
  log: pino({ level: 'silent' }),
  onLost: () => process.exit(1),
});
const store = app.store as { -readonly [K in keyof Store]: Store[K] };
const call = store[name] as (...args: unknown[]) => Promise<unknown>;
const die = () => process.kill(process.pid, 'SIGKILL');
const crashing = async (...args: unknown[]) => {
  left -= 1;
  if (left === 0 && when === 'before') die();
  const result = await call(...args);
  if (left === 0) die();
  return result;
};
Object.assign(store, { [name]: crashing });
process.stdout.write(`Signalbox ready at ${app.url}\n`);
