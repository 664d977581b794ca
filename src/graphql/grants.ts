import { checkFolder, type Grants } from '../auth/viewer.ts';
import { badInput } from '../errors.ts';
import { builder } from './builder.ts';

export const DatabaseAccess = builder.inputType('DatabaseAccess', {
  description:
    'The databases that the jobs of a user may use. Admins may use all, and everyone those that their jobs created.',
  isOneOf: true,
  fields: (t) => ({
    all: t.boolean({ description: 'true: every database, those that are created later included. false: none.' }),
    names: t.stringList({ description: 'The names of existing databases. An empty list: none.' }),
  }),
});

export const FileAccess = builder.inputType('FileAccess', {
  description: 'The files that the `nodelocal:` URLs of a user may name. Admins may name all.',
  isOneOf: true,
  fields: (t) => ({
    all: t.boolean({ description: 'true: all files. false: none.' }),
    folder: t.string({ description: 'A folder below `files/`, such as `team/ann`: the files in it, at any depth.' }),
  }),
});

interface GivenGrants {
  readonly databases?: { readonly all?: boolean | null; readonly names?: readonly string[] | null } | null | undefined;
  readonly files?: { readonly all?: boolean | null; readonly folder?: string | null } | null | undefined;
}

/**
 * What an input grants; what it omits is omitted.
 * @throws BAD_USER_INPUT for a null: a variable that is not set must not look like a decision
 */
export const readGrants = ({ databases, files }: GivenGrants): Partial<Grants> => {
  for (const [name, given] of Object.entries({ databases, files })) {
    if (given === null) throw badInput(`input.${name}`, `${name} is null: omit it, or give what is granted`);
  }
  return {
    ...(databases == null ? {} : { databases: databases.all ? 'all' : [...new Set(databases.names ?? [])] }),
    ...(files == null ? {} : { files: filesOf(files) }),
  };
};

const filesOf = ({ all, folder }: NonNullable<GivenGrants['files']>): Grants['files'] => {
  if (folder == null) return all ? 'all' : 'none';
  checkFolder(folder);
  return { folder };
};
