/** `signalbox users | databases`: lists, and what an administrator adds and removes. */
import type { Command } from 'commander';
import { print, printJson, type ServerOptions, withClient, withServer } from './server-options.ts';
import { tableOf } from './table.ts';

interface Options extends ServerOptions {
  readonly json?: boolean;
}

interface User {
  readonly name: string;
  readonly isAdmin: boolean;
  readonly privileges: readonly string[];
  readonly allDatabases: boolean;
  readonly databases: readonly string[];
}

interface Database {
  readonly name: string;
  readonly engine: string;
  readonly url: string;
  readonly error: string | null;
}

interface NewUser extends Options {
  readonly admin?: boolean;
  readonly privileges?: readonly string[];
  readonly databases?: readonly string[];
}

export const addAdministration = (program: Command): void => {
  const users = program.command('users').description('list users, or add and remove one');
  withList(users).action((options: Options) => listUsers(options));
  withServer(users.command('add <name>').description('add a user'))
    .option('--admin', 'the user may do everything')
    .option('--privileges <names...>', 'of CREATEJOB, VIEWJOB, CONTROLJOB and TRIGGERS')
    .option('--databases <names...>', 'the databases that jobs of the user may use, or ALL')
    .action((name: string, _: Options, command: Command) => addUser(name, command.optsWithGlobals()));
  withServer(users.command('remove <name>').description('remove a user, who must have no live jobs')).action(
    (name: string, _: Options, command: Command) =>
      send(command, 'mutation ($input: DeleteUserInput!) { deleteUser(input: $input) { name } }', { name }, 'removed'),
  );
  const databases = program.command('databases').description('list databases, or add and remove one');
  withList(databases).action((options: Options) => listDatabases(options));
  withServer(
    databases.command('add <name> [url]').description('register a database; without a URL, create one'),
  ).action((name: string, url: string | undefined, _: Options, command: Command) =>
    send(
      command,
      'mutation ($input: CreateDatabaseInput!) { createDatabase(input: $input) { database { name } } }',
      { name, ...(url !== undefined && { url }) },
      'added',
    ),
  );
  withServer(databases.command('remove <name>').description('forget a database; its file stays')).action(
    (name: string, _: Options, command: Command) =>
      send(
        command,
        'mutation ($input: DeleteDatabaseInput!) { deleteDatabase(input: $input) { name } }',
        { name },
        'removed',
      ),
  );
};

const withList = (command: Command) => withServer(command).option('--json', 'print each as a line of JSON');

const listUsers = ({ json, ...server }: Options) =>
  withClient(server, async (client) => {
    const query = '{ users { name isAdmin privileges allDatabases databases } }';
    const { users } = await client.request<{ readonly users: readonly User[] }>(query);
    if (json) return users.forEach(printJson);
    const rows = users.map(({ name, isAdmin, privileges, allDatabases, databases }) => [
      name,
      isAdmin ? 'ADMIN' : privileges.join(' '),
      allDatabases ? 'all' : databases.join(' '),
    ]);
    print(tableOf(['NAME', 'PRIVILEGES', 'DATABASES'], rows));
  });

const listDatabases = ({ json, ...server }: Options) =>
  withClient(server, async (client) => {
    const query = '{ databases { name engine url error } }';
    const { databases } = await client.request<{ readonly databases: readonly Database[] }>(query);
    if (json) return databases.forEach(printJson);
    const rows = databases.map(({ name, engine, url, error }) => [name, engine, url, error ?? '']);
    print(tableOf(['NAME', 'ENGINE', 'URL', 'ERROR'], rows));
  });

const addUser = (name: string, { admin = false, privileges = [], databases, ...server }: NewUser) =>
  withClient(server, async (client) => {
    const all = databases?.some((database) => database.toUpperCase() === 'ALL');
    const access = all ? { all: true } : { names: databases };
    const input = {
      name,
      admin,
      privileges: privileges.map((privilege) => privilege.toUpperCase()),
      ...(databases !== undefined && { databases: access }),
    };
    await client.request('mutation ($input: CreateUserInput!) { createUser(input: $input) { user { name } } }', {
      input,
    });
    print(`added ${name}`);
  });

const send = (command: Command, query: string, input: { readonly name: string }, done: string) =>
  withClient(command.optsWithGlobals<ServerOptions>(), async (client) => {
    await client.request(query, { input });
    print(`${done} ${input.name}`);
  });
