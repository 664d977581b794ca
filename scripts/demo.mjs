// `npm run demo`: an import that is killed and goes on. `npm run demo -- backup`: a backup, and what is restored from it.
import { rmSync } from 'node:fs';

const [name = 'import'] = process.argv.slice(2);
if (!['import', 'backup'].includes(name)) throw new Error(`there is no demo ${name}: there are import and backup`);
const { data } = await import('./demo-scene.mjs');
const { run } = await import(`./demo-${name}.mjs`);

run().then(
  (right) => {
    rmSync(data, { recursive: true, force: true });
    process.exitCode = right ? 0 : 1;
  },
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
