// `npm run demo`: an import that is paused, killed and resumed. `npm run demo -- backup`: a backup that is killed
// partway, and restored. `--svg FILE` also writes the output as an animation.
import { rmSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { drawLines } from './demo-svg.mjs';

const { values, positionals } = parseArgs({ options: { svg: { type: 'string' } }, allowPositionals: true });
const [name = 'import'] = positionals;
if (!['import', 'backup'].includes(name)) throw new Error(`there is no demo ${name}: there are import and backup`);
const { data, printed } = await import('./demo-scene.mjs');
const { run } = await import(`./demo-${name}.mjs`);

run().then(
  (isRight) => {
    rmSync(data, { recursive: true, force: true });
    if (values.svg !== undefined) writeFileSync(values.svg, drawLines(printed));
    process.exitCode = isRight ? 0 : 1;
  },
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
