/** `signalbox torture`: the kind contract, inline, in work processes, and in workers. Exit code 1 for a violation. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import type { Command } from 'commander';
import { messageOf } from '../errors.ts';
import { checkKind, type KindReport, type KindScene } from '../testing/check-kind.ts';
import { print, UsageError } from './server-options.ts';

const PLACES = ['inline', 'process', 'remote'] as const;
type Place = (typeof PLACES)[number];

interface Options {
  readonly where: readonly Place[];
  readonly points?: number;
  readonly steps?: number;
}

export const addTorture = (program: Command): void => {
  program
    .command('torture')
    .description('interrupt the jobs of your kind at each checkpoint, and compare what they leave')
    .argument('<file>', 'a module that exports a scene: { kind, input, reset(), observe() }')
    .option('--where <places>', 'inline, process, remote, separated by commas', placesIn, PLACES)
    .option('--points <number>', 'interrupt at most so many checkpoints of a job', numberIn)
    .option('--steps <number>', 'go on until so many steps have been taken in each place', numberIn)
    .action(torture);
};

const placesIn = (text: string): readonly Place[] =>
  text.split(',').map((name) => {
    const place = PLACES.find((known) => known === name.trim());
    if (place === undefined) throw new UsageError(`--where ${name}: must be inline, process or remote`);
    return place;
  });

const numberIn = (text: string): number => {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new UsageError(`${text}: must be a whole number from 1`);
};

const torture = async (file: string, { where, points, steps }: Options): Promise<void> => {
  const { href: url } = pathToFileURL(resolve(file));
  const exported = (await import(url).catch((error: unknown) => {
    throw new UsageError(`${file} cannot be loaded: ${messageOf(error)}`);
  })) as Readonly<Record<string, unknown>>;
  const scenes = Object.entries(exported).filter((entry): entry is [string, KindScene] => isScene(entry[1]));
  if (scenes.length === 0) {
    throw new UsageError(`${file} exports no scene: export { kind, input, reset(), observe() }`);
  }
  const options = { ...(points === undefined ? {} : { points }), ...(steps === undefined ? {} : { steps }) };
  for (const [exportName, scene] of scenes) {
    for (const place of where) {
      const report =
        place === 'inline'
          ? await checkKind(scene, options)
          : await (await import('./torture-server.ts')).checkOnServer(place, scene, { url, exportName }, options);
      printReport(`${scene.kind.typeName}, ${place}`, report);
      if (report.violations.length > 0) process.exitCode = 1;
    }
  }
};

const printReport = (name: string, { checkpoints, interruptions, steps, violations }: KindReport): void => {
  const verdict = violations.length === 0 ? 'no violation' : `${violations.length} violations`;
  print(`${name}: ${checkpoints} checkpoints, ${interruptions} interruptions, ${steps} steps: ${verdict}`);
  for (const { interruption, message, expected, found } of violations) {
    print(`  ${interruption}: ${message}`);
    if (expected !== null || found !== null)
      print(`    expected ${inspected(expected)}\n    found    ${inspected(found)}`);
  }
};

const inspected = (value: unknown) => inspect(value, { breakLength: Number.POSITIVE_INFINITY, maxStringLength: 200 });

const isScene = (value: unknown): value is KindScene => {
  const scene = (typeof value === 'object' ? (value ?? {}) : {}) as Partial<KindScene>;
  return (
    typeof scene.kind?.typeName === 'string' &&
    typeof scene.input === 'object' &&
    typeof scene.reset === 'function' &&
    typeof scene.observe === 'function'
  );
};
