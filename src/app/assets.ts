/** Locates the files that the server reads at run time, whether it runs from src/ or from the build in dist/. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const ROOT = new URL(import.meta.url.endsWith('.ts') ? '../../' : '../', import.meta.url);
const folder = (path: string) => fileURLToPath(new URL(path, ROOT));

export const MIGRATIONS = folder('prisma');
export const JOBS_PAGE = folder('src/web/jobs-page/');
/** The version of this server, from package.json. */
export const VERSION = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(folder('package.json'), 'utf8'))).version;
