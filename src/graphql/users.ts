import { checkUserChange, checkUserName, PRIVILEGES, type Privilege, type User, type Viewer } from '../auth/viewer.ts';
import { cutText, notFound } from '../errors.ts';
import { maySeeUser, requireAdmin } from '../jobs/access.ts';
import { builder } from './builder.ts';
import { DatabaseAccess, FileAccess, readGrants } from './grants.ts';
import { describeValues } from './inputs.ts';
import { findByPrefix, NodeInterface } from './node.ts';
import { TokenScopeEnum, TokenType } from './tokens.ts';

type UserNode = User & { readonly nodeId: string };
const userNode = (user: User): UserNode => ({ ...user, nodeId: `user:${user.name}` });

const PrivilegeEnum = builder.enumType('Privilege', {
  description: 'What a user who is not an admin may do besides seeing their own jobs. Admins may do everything.',
  values: describeValues(PRIVILEGES, {
    CREATEJOB: 'May create jobs, and read databases and backups, as far as they are granted.',
    VIEWJOB: 'Sees the jobs of all users.',
    CONTROLJOB: 'Sees the jobs of all users, and controls those of users who are not admins.',
    TRIGGERS: 'May restore triggers and views. Without it they are left out of a restore, with a warning.',
  }),
});

const UserType = builder.objectRef<UserNode>('User').implement({
  interfaces: [NodeInterface],
  description: 'A user of this server. The user `root` always exists and is an admin.',
  isTypeOf: (node) => String((node as Partial<UserNode>).nodeId).startsWith('user:'),
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The unique name.' }),
    isAdmin: t.exposeBoolean('isAdmin', { description: 'Whether the user is an admin.' }),
    privileges: t.field({
      type: [PrivilegeEnum],
      description: 'The privileges that were granted. Admins need none.',
      resolve: ({ privileges }) => privileges,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the user was created.' }),
    tokens: t.field({
      type: [TokenType],
      description: 'The tokens of the user, newest first. Expired ones are listed until the user gets another.',
      // Users are visible to admins and to themselves only, and so are their tokens.
      resolve: async ({ name }, _, { store }) => (await store.tokens()).filter(({ userName }) => userName === name),
    }),
    allDatabases: t.boolean({
      description: "Whether the user's jobs may use every database, as those of admins may.",
      resolve: ({ isAdmin, databases }) => isAdmin || databases === 'all',
    }),
    databases: t.stringList({
      description: "The databases that were granted to the user's jobs one by one. Empty with `allDatabases`.",
      resolve: ({ isAdmin, databases }) => (isAdmin || databases === 'all' ? [] : [...databases]),
    }),
    allFiles: t.boolean({
      description: "Whether the user's `nodelocal:` URLs may name every file, as those of admins may.",
      resolve: ({ isAdmin, files }) => isAdmin || files === 'all',
    }),
    filesFolder: t.string({
      nullable: true,
      description:
        "The folder below `files/` that the user's `nodelocal:` URLs are confined to. Null: all files, or, without " +
        '`allFiles`, none.',
      resolve: ({ isAdmin, files }) => (isAdmin || typeof files !== 'object' ? null : files.folder),
    }),
  }),
});

const ViewerType = builder.objectRef<Viewer>('Viewer').implement({
  description: 'The user who sends the request.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name of the user.' }),
    isAdmin: t.exposeBoolean('isAdmin', { description: 'Whether the user is an admin.' }),
    privileges: t.field({
      type: [PrivilegeEnum],
      description: 'The privileges that were granted. Admins need none.',
      resolve: ({ privileges }) => privileges,
    }),
    user: t.field({
      type: UserType,
      description: 'The user.',
      resolve: async ({ name }, _, { viewers }) => {
        const user = viewers.find(name);
        if (user === undefined) throw notFound(`user ${name} does not exist`);
        return userNode(user);
      },
    }),
    scope: t.field({
      type: TokenScopeEnum,
      description: 'What the token of the request permits. FULL without a token.',
      resolve: (_, __, { identity }) => identity.scope,
    }),
  }),
});

findByPrefix('user', async (name, context) => {
  if (!maySeeUser(context.viewer(), name)) return null;
  const user = context.viewers.find(name);
  return user === undefined ? null : userNode(user);
});

builder.queryFields((t) => ({
  viewer: t.field({
    type: ViewerType,
    description: 'The user who sends the request.',
    resolve: (_, __, context) => context.viewer(),
  }),
  users: t.field({
    type: [UserType],
    nullable: true,
    description: 'All users. For admins; FORBIDDEN for others.',
    resolve: async (_, __, context) => {
      requireAdmin(context.viewer(), 'list users');
      return (await context.store.users()).map(userNode);
    },
  }),
}));

const CreateUserInput = builder.inputType('CreateUserInput', {
  description: 'A user to create.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description: 'From 1 to 64 letters, digits, `_`, `.`, `@` and `-`; the first is a letter, a digit or `_`.',
    }),
    admin: t.boolean({ required: true, defaultValue: false, description: 'Whether the user is an admin.' }),
    privileges: t.field({
      type: [PrivilegeEnum],
      required: true,
      defaultValue: [] as Privilege[],
      description: 'The privileges of the user.',
    }),
    databases: t.field({ type: DatabaseAccess, description: "What the user's jobs may use. None if omitted." }),
    files: t.field({ type: FileAccess, description: "What the user's URLs may name. None if omitted." }),
    idempotencyKey: t.string({
      description:
        'A text of 1 to 255 characters that makes it safe to repeat the request: the same key from the same viewer ' +
        'returns the same user, as they are now, as long as they exist. With another input it is IDEMPOTENCY_CONFLICT.',
    }),
  }),
});

const UserPayload = builder.objectRef<{ user: UserNode }>('UserPayload').implement({
  description: 'The result of `createUser` and `updateUser`.',
  fields: (t) => ({ user: t.expose('user', { type: UserType, description: 'The user.' }) }),
});

builder.mutationField('createUser', (t) =>
  t.field({
    type: UserPayload,
    nullable: true,
    description: 'Creates a user. For admins; FORBIDDEN for others. CONFLICT if the name is in use.',
    args: { input: t.arg({ type: CreateUserInput, required: true, description: 'The user.' }) },
    resolve: async (_, { input: { idempotencyKey, ...input } }, context) => {
      const viewer = context.viewer();
      requireAdmin(viewer, 'create users');
      checkUserName(input.name);
      const { name, admin: isAdmin } = input;
      const grants = { databases: [], files: 'none' as const, ...readGrants(input) };
      const user = { name, isAdmin, privileges: [...new Set(input.privileges)], ...grants };
      const key = await context.keyOf('createUser', idempotencyKey, input);
      const of = key === null ? null : { ...key, userName: viewer.name };
      const created = await context.store.createUser(user, context.now(), context.by(), of);
      // A client that has read this answer may connect as the new user immediately.
      await context.viewers.refresh();
      return { user: userNode(created) };
    },
  }),
);

const UpdateUserInput = builder.inputType('UpdateUserInput', {
  description:
    'A change of a user. A field that is omitted stays as it is; so do `admin` and `privileges` if they are null.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'The name of the user to change.' }),
    admin: t.boolean({ description: 'Whether the user is an admin. root stays one.' }),
    privileges: t.field({ type: [PrivilegeEnum], description: 'Replaces all privileges of the user.' }),
    databases: t.field({ type: DatabaseAccess, description: "Replaces what the user's jobs may use." }),
    files: t.field({ type: FileAccess, description: "Replaces what the user's URLs may name." }),
  }),
});

builder.mutationField('updateUser', (t) =>
  t.field({
    type: UserPayload,
    nullable: true,
    description:
      'Changes what a user may do, in open streams as well. For admins; FORBIDDEN for others. NOT_FOUND if there is no ' +
      'such user.',
    args: { input: t.arg({ type: UpdateUserInput, required: true, description: 'The change.' }) },
    resolve: async (_, { input }, context) => {
      requireAdmin(context.viewer(), 'change users');
      const { name, admin, privileges } = input;
      const grants = readGrants(input);
      checkUserChange({ name, admin, privileges, ...grants });
      const change = {
        name,
        ...(admin == null ? {} : { isAdmin: admin }),
        ...(privileges == null ? {} : { privileges: [...new Set(privileges)] }),
        ...grants,
      };
      const updated = await context.store.updateUser(change, context.by());
      if (updated === null) throw notFound(`user ${cutText(name, 100)} does not exist`);
      await context.viewers.refresh();
      return { user: userNode(updated) };
    },
  }),
);
