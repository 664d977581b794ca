// `npm run bench`: runs every measurement in bench/, or those named, ROUNDS times (3) in turn. Each is a ratio within
// one run; the spread of the ratios over several runs shows how reliable it is. Prints a table, or with --json a list of
// { name, ratio, spread, target, met }, and writes the results of each round to .tmp/bench.json.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import '../scripts/build.mjs';
import { median, type Result } from './support/server.ts';

interface Bench {
  readonly measure: () => Promise<readonly Result[]>;
}

interface Summary {
  readonly bench: string;
  readonly name: string;
  readonly target: string;
  readonly ratio: { readonly min: number; readonly median: number; readonly max: number };
  /** The number of rounds in which the target was met. */
  readonly met: number;
  readonly rounds: readonly Result[];
}

const all = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts')
  .map((file) => file.slice(0, -'.ts'.length));
const isJson = process.argv.includes('--json');
const named = process.argv.slice(2).filter((word) => word !== '--json');
/** With --json, only the list is written to the standard output. */
const log = isJson ? console.error : console.log;
const rounds = Number(process.env.ROUNDS ?? 3);

const refuse = (message: string): never => {
  console.error(message);
  process.exit(1);
};
for (const name of named) if (!all.includes(name)) refuse(`there is no bench ${name}: there are ${all.join(', ')}`);
if (!Number.isInteger(rounds) || rounds < 1) refuse(`ROUNDS=${process.env.ROUNDS}: must be a whole number from 1`);

const summaryOf = (bench: string, results: readonly Result[]): Summary[] => {
  const [last] = results.slice(-1);
  if (last === undefined) return [];
  const ratios = results.map(({ ratio }) => ratio);
  return [
    {
      bench,
      name: last.name,
      target: last.target,
      ratio: { min: Math.min(...ratios), median: median(ratios), max: Math.max(...ratios) },
      met: results.filter(({ met }) => met).length,
      rounds: results,
    },
  ];
};

/** The results of each round so far, by bench. */
const results = new Map<string, (readonly Result[])[]>();

const report = () => {
  const summaries = [...results].flatMap(([bench, ofRounds]) =>
    (ofRounds[0] ?? []).flatMap((_, row) =>
      summaryOf(
        bench,
        ofRounds.flatMap((round) => round.slice(row, row + 1)),
      ),
    ),
  );
  mkdirSync('.tmp', { recursive: true });
  writeFileSync('.tmp/bench.json', `${JSON.stringify(summaries, null, 2)}\n`);
  return summaries;
};

for (let round = 1; round <= rounds; round += 1) {
  for (const name of named.length > 0 ? named : all) {
    const { measure } = (await import(`./${name}.ts`)) as Bench;
    const found = await measure();
    results.set(name, [...(results.get(name) ?? []), found]);
    for (const { name: what, measured, against, ratio } of found) {
      log(`round ${round}, ${name}: ${what}: ${measured}; ${against}; ratio ${ratio.toFixed(2)}`);
    }
    // Results are kept if a later bench fails.
    report();
  }
}
const summaries = report();
if (isJson) {
  const rows = summaries.map(({ name, ratio, target, met, rounds: { length } }) => ({
    name,
    ratio: ratio.median,
    spread: [ratio.min, ratio.max],
    target,
    // In most rounds.
    met: 2 * met > length,
  }));
  console.log(JSON.stringify(rows, null, 2));
} else {
  console.table(
    summaries.map(({ bench, name, target, ratio, met, rounds: { length } }) => ({
      bench,
      measured: name,
      target,
      min: ratio.min.toFixed(2),
      median: ratio.median.toFixed(2),
      max: ratio.max.toFixed(2),
      met: `${met} of ${length}`,
    })),
  );
}
