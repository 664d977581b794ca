/**
 * Where settings come from: the environment precedes the settings file, and in each the prefixed name precedes the
 * plain one.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { type Config, ConfigError, configOf, lineOf, parseVariables, redactedValue } from './config.ts';
import { NAMES } from './config-variables.ts';

export interface Settings {
  readonly config: Config;
  /** One line for each variable that looks like a setting but is not one. */
  readonly warnings: readonly string[];
  /** The effective settings as text, without secrets: lists are separated by commas, and unset settings are ''. */
  readonly effective: Readonly<Record<string, string>>;
  /** The same, as the lines of a settings file that also name the source of each value. */
  readonly report: readonly string[];
  /** Formats one line about a setting, under the name by which it was given. */
  lineOf(name: string, value: string, message: string): string;
}

export interface SettingsOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The settings file that was named on the command line. */
  readonly file?: string | undefined;
}

const PREFIX = 'SIGNALBOX_';
const FILE_VARIABLE = 'SIGNALBOX_CONFIG';
/** Read from the working directory when no other file is named. */
const DEFAULT_FILE = 'signalbox.env';
/** Variables for clients, which may be set in the same shell. */
const OF_CLIENTS = ['SIGNALBOX_USER', 'SIGNALBOX_TOKEN'];

/** Throws a ConfigError with one line for each invalid setting. */
export const readSettings = ({ environment, file }: SettingsOptions): Settings => {
  const entries = givenBy(environment, 'environment');
  const path = file ?? (environment[FILE_VARIABLE] || undefined);
  const inFile = readFile(path, file === undefined ? FILE_VARIABLE : '--config');
  const found = new Map(
    NAMES.map((name) => {
      const all = [...entries, ...inFile].filter((one) => plainOf(one.name) === name && one.value !== '');
      return [name, all.toSorted((a, b) => rankOf(a) - rankOf(b))] as const;
    }),
  );
  const line = (name: string, value: string | undefined, message: string) => {
    const [first] = found.get(name) ?? [];
    const text = lineOf(first?.name ?? name, value, message);
    return first === undefined || first.from === 'environment' ? text : `${first.from}: ${text}`;
  };
  const values = Object.fromEntries([...found].map(([name, all]) => [name, all[0]?.value]));
  const variables = parseVariables(values, line);
  const config = configOf(variables);
  const effective = Object.fromEntries(
    NAMES.map((name) => [name, redactedValue(name, String(variables[name] ?? ''))] as const).map(([name, value]) =>
      name === 'DATA_DIR' ? [name, config.dataDir] : [name, value],
    ),
  );
  effective.DATABASE_URL = redactedValue('DATABASE_URL', config.storeUrl);
  return {
    config,
    warnings: Object.keys(environment).filter(isUnknown).map(warningOf),
    effective,
    report: NAMES.map((name) => `${name}=${effective[name]}  # ${sourceOf(found.get(name) ?? [], effective[name])}`),
    lineOf: line,
  };
};

interface Given {
  readonly name: string;
  readonly value: string;
  /** `environment`, or the path of the settings file. */
  readonly from: string;
}

const givenBy = (values: Readonly<Record<string, string | undefined>>, from: string): readonly Given[] =>
  Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value, from }]));

/**
 * The setting's own name. A name without the prefix, or with the prefix as part of its own name, is returned unchanged.
 */
const plainOf = (name: string) => (name.startsWith(PREFIX) && !NAMES.includes(name) ? name.slice(PREFIX.length) : name);

const rankOf = ({ name, from }: Given) => (from === 'environment' ? 0 : 2) + (name.startsWith(PREFIX) ? 0 : 1);

const sourceOf = ([first, ...others]: readonly Given[], value: string | undefined): string => {
  if (first === undefined) return value === '' ? 'not set' : 'default';
  const place = ({ name, from }: Given) => `${name} in ${from === 'environment' ? 'the environment' : from}`;
  const differing = others.filter((other) => other.value !== first.value);
  const unused = differing.map((other) => `, instead of ${redactedValue(other.name, other.value)} of ${place(other)}`);
  return `${place(first)}${unused.join('')}`;
};

const isUnknown = (name: string) =>
  name.startsWith(PREFIX) && name !== FILE_VARIABLE && !OF_CLIENTS.includes(name) && !NAMES.includes(plainOf(name));

const warningOf = (name: string) => `${name} is not a setting of Signalbox${suggestion(name)}`;

/**
 * A file of lines `NAME=value`, in the format that Node, Docker and systemd read. Unlike in the environment, every name
 * in it is a setting.
 */
const readFile = (named: string | undefined, by: string): readonly Given[] => {
  const path = resolve(named ?? DEFAULT_FILE);
  if (named === undefined && !existsSync(path)) return [];
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(lineOf(by, named, `the settings file cannot be read: ${(error as Error).message}`));
  }
  const malformed = text
    .split(/\r?\n/)
    .flatMap((content, index) => (IS_LINE.test(content) ? [] : [`${path}:${index + 1}: must be NAME=value`]));
  if (malformed.length > 0) throw new ConfigError(malformed.join('\n'));
  const entries = givenBy(parseEnv(text) as Record<string, string>, path);
  const unknown = entries
    .filter(({ name }) => !NAMES.includes(plainOf(name)))
    .map(({ name }) => `${path}: ${name} is not a setting${suggestion(name)}`);
  if (unknown.length > 0) throw new ConfigError(unknown.join('\n'));
  return entries;
};

const IS_LINE = /^\s*(#.*|(export\s+)?[A-Za-z_]\w*\s*=.*)?$/;

/** The known name that needs the fewest edits, if the number of edits is small. */
const suggestion = (name: string): string => {
  const plain = plainOf(name).toUpperCase();
  const [best] = NAMES.map((known) => ({ known, edits: editsBetween(plain, plainOf(known)) }))
    .filter(({ known, edits }) => edits <= Math.max(2, known.length / 3))
    .toSorted((a, b) => a.edits - b.edits);
  return best === undefined ? '' : `: did you mean ${withPrefixOf(name, best.known)}?`;
};

const withPrefixOf = (name: string, known: string) =>
  name.startsWith(PREFIX) && !known.startsWith(PREFIX) ? PREFIX + known : known;

/** The Levenshtein distance. */
const editsBetween = (one: string, other: string): number => {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1];
    for (const [j, against] of [...other].entries()) {
      const substituted = (row[j] ?? 0) + (letter === against ? 0 : 1);
      next.push(Math.min(substituted, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
};
