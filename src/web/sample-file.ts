import { writeFileSync } from 'node:fs';

const FIRST = ['Ada', 'Edsger', 'Grace', 'Barbara', 'Ken', 'Frances', 'Donald', 'Radia', 'Niklaus', 'Margaret'];
const LAST = ['Lovelace', 'Dijkstra', 'Hopper', 'Liskov', 'Thompson', 'Allen', 'Knuth', 'Perlman', 'Wirth', 'Hamilton'];
const CITIES = ['Lisbon', 'Kraków', 'Aarhus', '"The Hague"', 'Zürich', '"Washington, D.C."', 'Porto', 'Ghent'];
const ROWS = 20_000;

/** Writes a CSV file of fictional people with which to try an import: 20,000 rows, the same each time. */
export const writeSample = (file: string): void => {
  const of = <T>(list: readonly T[], n: number) => list[n % list.length];
  const rows = Array.from({ length: ROWS }, (_, n) => {
    const [first, last] = [of(FIRST, n), of(LAST, Math.floor(n / FIRST.length))];
    const email = `${first}.${last}.${n + 1}@example.org`.toLowerCase();
    const joined = new Date(Date.UTC(2015, 0, 1 + (n % 3_650))).toISOString().slice(0, 10);
    return `${n + 1},${first} ${last},${email},${of(CITIES, n)},${((n * 7_919) % 1_000_000) / 100},${joined}`;
  });
  writeFileSync(file, `id,name,email,city,balance,joined\n${rows.join('\n')}\n`, { mode: 0o600 });
};
