/** Validates a request. Creates nothing. */

import { randomUUID } from 'node:crypto';
import { openBackup } from '../../backup-format/backup.ts';
import { describeAbsence, findOwn } from '../../backup-format/in-progress-marker.ts';
import { MAX_GENERATION } from '../../backup-format/manifest.ts';
import { newKeyParameters, PassphraseError } from '../../backup-format/sealing.ts';
import { portOf } from '../../databases/port-of.ts';
import { quote } from '../../databases/quote.ts';
import { badInput, cutText } from '../../errors.ts';
import type { Creation, Environment } from '../../jobs/kind.ts';
import { openFolder } from '../../storage/open.ts';
import { probe } from '../../storage/probe.ts';
import { redact, withoutKeys } from '../../storage/url.ts';
import { type Details, PASSPHRASE, type SECRET } from './details.ts';
import { type BackupInput, parseInput, redactBackup } from './input.ts';
import { patternOf } from './keep.ts';
import { PORTS } from './ports.ts';

export const create = async (input: BackupInput, environment: Environment): Promise<Creation<Details>> => {
  const { database, tables: requested = null, destination, incrementalFrom = null, ...others } = parseInput(input);
  const passphrase = others.encryptionPassphrase ?? null;
  const keep = others.keep ?? null;
  if (keep !== null && patternOf(destination) === null) {
    const message =
      'keep needs a destination with a number in its name, such as a date: the backups that belong together differ in it';
    throw badInput('input.keep', message);
  }
  const tables = await portOf(PORTS, environment).findTables(environment, database, requested);
  const id = randomUUID();
  await probe('input.destination', async (signal) => findOwn(openFolder(destination, environment), '', id, signal));
  const parent = incrementalFrom === null ? null : await findParent(incrementalFrom, environment, passphrase);
  return {
    details: {
      id,
      database,
      tables,
      isAll: requested === null,
      destination: redact(destination),
      incrementalFrom: parent === null ? null : { url: parent.url, sha256: parent.sha256 },
      encryption: passphrase === null ? null : (parent?.encryption ?? newKeyParameters()),
      integrityCheck: others.integrityCheck,
      maxBytesPerSecond: others.maxBytesPerSecond ?? null,
      keep,
    },
    input: redactBackup(input),
    ...secretsOf({ destination, incrementalFrom }, passphrase),
    description: describe(database, requested === null ? null : tables, destination, incrementalFrom),
    database,
  };
};

const findParent = (url: string, environment: Environment, passphrase: string | null) =>
  probe('input.incrementalFrom', async (signal) => {
    const parent = await openBackup(url, environment, '', signal, passphrase).catch((error: unknown) => {
      throw error instanceof PassphraseError ? badInput('input.encryptionPassphrase', error.message) : error;
    });
    if (parent === null)
      throw badInput('input.incrementalFrom', await describeAbsence(openFolder(url, environment), signal));
    if (parent.manifest.generation === MAX_GENERATION) {
      const message = `the backup at ${parent.url} is incremental on ${MAX_GENERATION} others: create a full one`;
      throw badInput('input.incrementalFrom', message);
    }
    // The manifest names it: a restore has to find it there.
    return { url: withoutKeys(url), sha256: parent.sha256, encryption: parent.sealing.parameters };
  });

const secretsOf = (urls: Readonly<Record<keyof typeof SECRET, string | null>>, passphrase: string | null) => {
  const kept = Object.entries(urls).filter((entry): entry is [string, string] => {
    const [, url] = entry;
    return url !== null && redact(url) !== url;
  });
  if (passphrase !== null) kept.push([PASSPHRASE, passphrase]);
  return kept.length === 0 ? {} : { secrets: Object.fromEntries(kept) };
};

const describe = (database: string, tables: readonly string[] | null, destination: string, parent: string | null) => {
  const object =
    tables === null
      ? `DATABASE ${quote(database)}`
      : `TABLE ${tables.map((table) => `${quote(database)}.${quote(table)}`).join(', ')}`;
  const from = parent === null ? '' : ` INCREMENTAL FROM ${textOf(redact(parent))}`;
  return cutText(`BACKUP ${object} INTO ${textOf(redact(destination))}${from}`);
};

const textOf = (text: string) => `'${text.replaceAll("'", "''")}'`;
