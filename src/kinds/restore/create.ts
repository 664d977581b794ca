/** Validates a request. Creates nothing. */

import { type Backup, openBackup } from '../../backup-format/backup.ts';
import { describeAbsence } from '../../backup-format/in-progress-marker.ts';
import type { Manifest } from '../../backup-format/manifest.ts';
import { PassphraseError } from '../../backup-format/sealing.ts';
import { portOf } from '../../databases/port-of.ts';
import { quote } from '../../databases/quote.ts';
import { show } from '../../databases/show.ts';
import { badInput, cutText, messageOf, SignalboxError, unavailable } from '../../errors.ts';
import { type Creation, type Environment, Transient } from '../../jobs/kind.ts';
import { openFolder } from '../../storage/open.ts';
import { probe } from '../../storage/probe.ts';
import { redact } from '../../storage/url.ts';
import { type Details, PASSPHRASE, SECRET } from './details.ts';
import { parseInput, type RestoreInput, redactRestore } from './input.ts';
import { NameConflictError, PlanError, type RestorePort, type Wanted } from './port.ts';
import { PORTS } from './ports.ts';

export const create = async (input: RestoreInput, environment: Environment): Promise<Creation<Details>> => {
  const { source, tables: requested = null, as: otherNames, database, ...options } = parseInput(input);
  const { encryptionPassphrase = null } = options;
  const { verifyOnly, maxBytesPerSecond = null } = options;
  const { manifest, sha256 } = await findBackup(source, environment, encryptionPassphrase);
  const port = portOf(PORTS, environment);
  const tables = findTables(port, manifest, requested, source);
  const isAll = requested === null;
  const as = findRenamed(port, tables, otherNames ?? []);
  // Nothing in the target matters to a verification.
  const makesDatabase = environment.database === null || verifyOnly;
  await check(
    port,
    manifest,
    { tables, isAll, as, database },
    verifyOnly ? { ...environment, database: null } : environment,
  );
  return {
    details: {
      source: redact(source),
      sha256,
      database,
      makesDatabase,
      tables,
      isAll,
      snapshotBytes: manifest.sizeBytes,
      rows: manifest.tables.reduce((sum, { name, rows }) => sum + (tables.includes(name) ? (rows ?? 0) : 0), 0),
      verifyOnly,
      maxBytesPerSecond,
      as,
    },
    input: redactRestore(input),
    ...secretsOf(source, encryptionPassphrase),
    description: describe({ database, tables, isAll, as, verifyOnly }, source),
    database: verifyOnly && environment.database === null ? null : database,
    holds: verifyOnly
      ? []
      : tables.map((table) => ({
          table: port.fold(as.find((one) => one.table === table)?.to ?? table),
          mode: 'make' as const,
        })),
    ...(makesDatabase && !verifyOnly ? { makesDatabase } : {}),
  };
};

const secretsOf = (source: string, passphrase: string | null) => {
  const secrets = {
    ...(redact(source) === source ? {} : { [SECRET]: source }),
    ...(passphrase === null ? {} : { [PASSPHRASE]: passphrase }),
  };
  return Object.keys(secrets).length === 0 ? {} : { secrets };
};

const findBackup = (source: string, environment: Environment, passphrase: string | null): Promise<Backup> =>
  probe('input.source', async (signal) => {
    const backup = await openBackup(source, environment, '', signal, passphrase).catch((error: unknown) => {
      throw error instanceof PassphraseError ? badInput('input.encryptionPassphrase', error.message) : error;
    });
    if (backup === null) throw badInput('input.source', await describeAbsence(openFolder(source, environment), signal));
    return backup;
  });

/** The names as spelled in the backup, in its order. */
const findTables = (
  { fold }: Pick<RestorePort, 'fold'>,
  { tables }: Manifest,
  requested: readonly string[] | null,
  source: string,
): readonly string[] => {
  const names = tables.flatMap(({ name, shadowOf }) => (shadowOf === null ? [name] : []));
  if (requested === null) return names;
  const seen = new Set<string>();
  for (const [i, name] of requested.entries()) {
    const field = `input.tables.${i}`;
    if (!names.some((known) => fold(known) === fold(name))) {
      throw badInput(field, `the backup at ${redact(source)} has no table ${show(name)}`);
    }
    if (seen.has(fold(name))) throw badInput(field, `table ${show(name)} is named twice`);
    seen.add(fold(name));
  }
  return names.filter((name) => seen.has(fold(name)));
};

/** The tables that get other names, as the backup spells them. */
const findRenamed = (
  { fold }: Pick<RestorePort, 'fold'>,
  tables: readonly string[],
  requested: Wanted['as'],
): Wanted['as'] => {
  const [seen, names] = [new Set<string>(), new Set<string>()];
  const found = requested.map(({ table, to }, i) => {
    const field = `input.as.${i}`;
    const known = tables.find((name) => fold(name) === fold(table));
    if (known === undefined) throw badInput(`${field}.table`, `table ${show(table)} is not among the restored tables`);
    if (seen.has(known)) throw badInput(`${field}.table`, `table ${show(table)} is named twice`);
    if (names.has(fold(to))) throw badInput(`${field}.to`, `two tables are to get the name ${show(to)}`);
    seen.add(known);
    names.add(fold(to));
    return { table: known, to };
  });
  for (const [i, { to }] of found.entries()) {
    const other = tables.find((name) => fold(name) === fold(to) && !seen.has(name));
    if (other !== undefined) throw badInput(`input.as.${i}.to`, `table ${show(other)} is restored under this name`);
  }
  return found.filter(({ table, to }) => table !== to);
};

const check = async (port: RestorePort, manifest: Manifest, wanted: Wanted, environment: Environment) => {
  try {
    await port.check(manifest, wanted, environment);
  } catch (error) {
    if (error instanceof SignalboxError) throw error;
    if (error instanceof PlanError) throw badInput('input.source', error.message);
    if (error instanceof NameConflictError) {
      const at = wanted.as.findIndex(({ to }) => port.fold(to) === port.fold(error.conflict));
      throw badInput(at === -1 ? 'input.database' : `input.as.${at}.to`, error.message);
    }
    if (error instanceof Transient) throw unavailable(error.message);
    throw badInput('input.database', messageOf(error));
  }
};

const describe = (
  { database, tables, isAll, as, verifyOnly }: Wanted & { readonly verifyOnly: boolean },
  source: string,
): string => {
  const db = quoteIfNeeded(database);
  const under = ({ table, to }: Wanted['as'][number]) => `${db}.${quoteIfNeeded(table)} AS ${quoteIfNeeded(to)}`;
  const named = (table: string) => {
    const other = as.find((one) => one.table === table);
    return other === undefined ? `${db}.${quoteIfNeeded(table)}` : under(other);
  };
  const objects = isAll ? [`${db}.*`, ...as.map(under)].join(', ') : tables.map(named).join(', ');
  const options = verifyOnly ? ' WITH verify_backup_table_data' : '';
  return cutText(`RESTORE ${objects} FROM '${redact(source).replaceAll("'", "''")}'${options}`);
};

const quoteIfNeeded = (name: string): string => (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : quote(name));
