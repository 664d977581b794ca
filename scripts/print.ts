// Writes the generated files that are checked in: schema.graphql and docs/status-machine.md.
import { writeFileSync } from 'node:fs';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from '../src/app/schema.ts';
import { COMMANDS, type Move, REPORTS, STANDINGS, type Standing, TRANSITIONS } from '../src/jobs/status.ts';

writeFileSync('schema.graphql', `${printSchema(lexicographicSortSchema(schema))}\n`);

const table = (moves: readonly Move[]) => {
  const used = (Object.keys(STANDINGS) as Standing[]).filter((standing) =>
    moves.some((move) => standing in TRANSITIONS[move]),
  );
  const cell = (move: Move, standing: Standing) =>
    (TRANSITIONS[move] as Partial<Record<Standing, string>>)[standing] ?? '-';
  return [
    `| standing | ${moves.join(' | ')} |`,
    `|---|${moves.map(() => '---').join('|')}|`,
    ...used.map((standing) => `| ${standing} | ${moves.map((move) => cell(move, standing)).join(' | ')} |`),
  ].join('\n');
};

writeFileSync(
  'docs/status-machine.md',
  `# The status machine

Printed from \`src/jobs/status.ts\` by \`npm run generate\`; do not edit. A row is a standing: a status and the facts that
matter to it. \`=\`: already so, nothing is written. \`-\`: refused.

## Commands of people

${table(COMMANDS)}

A job that has ended refuses every command, but for CANCEL of one that is canceled.

## Reports of workers

${table(REPORTS)}
`,
);
