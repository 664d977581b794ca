import { PRIVILEGES, type Privilege, ROOT, type User, type Viewer } from '../auth/viewer.ts';
import { badInput, cutText, forbidden, notFound } from '../errors.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { findByPrefix, NodeInterface } from './node.ts';

type UserNode = User & { readonly nodeId: string };
const userNode = (user: User): UserNode => ({ ...user, nodeId: `user:${user.name}` });

const PrivilegeEnum = builder.enumType('Privilege', { values: PRIVILEGES });

const UserType = builder.objectRef<UserNode>('User').implement({
  interfaces: [NodeInterface],
  isTypeOf: (node) => String((node as Partial<UserNode>).nodeId).startsWith('user:'),
  fields: (t) => ({
    name: t.exposeString('name'),
    isAdmin: t.exposeBoolean('isAdmin'),
    privileges: t.field({ type: [PrivilegeEnum], resolve: ({ privileges }) => privileges }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
  }),
});

const ViewerType = builder.objectRef<Viewer>('Viewer').implement({
  fields: (t) => ({
    name: t.exposeString('name'),
    isAdmin: t.exposeBoolean('isAdmin'),
    privileges: t.field({ type: [PrivilegeEnum], resolve: ({ privileges }) => privileges }),
  }),
});

const adminOnly = (context: Context, what: string) => {
  const viewer = context.viewer();
  if (!viewer.isAdmin) throw forbidden(`user ${viewer.name} is not an admin: only admins ${what}`);
};

findByPrefix('user', async (name, context) => {
  const viewer = context.viewer();
  if (!viewer.isAdmin && viewer.name !== name) return null;
  const user = (await context.store.users()).find((known) => known.name === name);
  return user === undefined ? null : userNode(user);
});

builder.queryFields((t) => ({
  viewer: t.field({ type: ViewerType, resolve: (_, __, context) => context.viewer() }),
  users: t.field({
    type: [UserType],
    nullable: true,
    resolve: async (_, __, context) => {
      adminOnly(context, 'list users');
      return (await context.store.users()).map(userNode);
    },
  }),
}));

const CreateUserInput = builder.inputType('CreateUserInput', {
  fields: (t) => ({
    name: t.string({ required: true }),
    admin: t.boolean({ required: true, defaultValue: false }),
    privileges: t.field({ type: [PrivilegeEnum], required: true, defaultValue: [] as Privilege[] }),
  }),
});

const UserPayload = builder.objectRef<{ user: UserNode }>('UserPayload').implement({
  fields: (t) => ({ user: t.expose('user', { type: UserType }) }),
});

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}$/;

builder.mutationField('createUser', (t) =>
  t.field({
    type: UserPayload,
    nullable: true,
    description: 'CONFLICT when the name is taken.',
    args: { input: t.arg({ type: CreateUserInput, required: true }) },
    resolve: async (_, { input }, context) => {
      adminOnly(context, 'create users');
      if (!NAME.test(input.name)) {
        throw badInput(
          'input.name',
          `name ${JSON.stringify(input.name)} must have 1 to 64 letters, digits, and _ . @ -`,
        );
      }
      const user = { name: input.name, isAdmin: input.admin, privileges: [...new Set(input.privileges)] };
      const created = await context.store.createUser(user, context.now());
      // Whoever reads this answer may come as the new user at once.
      await context.viewers.refresh();
      return { user: userNode(created) };
    },
  }),
);

const UpdateUserInput = builder.inputType('UpdateUserInput', {
  description: 'What is left out, or null, stays as it is.',
  fields: (t) => ({
    name: t.string({ required: true }),
    admin: t.boolean(),
    privileges: t.field({ type: [PrivilegeEnum], description: 'All that the user then has.' }),
  }),
});

builder.mutationField('updateUser', (t) =>
  t.field({
    type: UserPayload,
    nullable: true,
    description: 'What the user may do from now on, in streams that are open too. NOT_FOUND when there is none.',
    args: { input: t.arg({ type: UpdateUserInput, required: true }) },
    resolve: async (_, { input: { name, admin, privileges } }, context) => {
      adminOnly(context, 'change users');
      if (admin == null && privileges == null) throw badInput('input', 'input has neither admin nor privileges');
      if (name === ROOT && admin === false) throw badInput('input.admin', `${ROOT} is an admin, and stays one`);
      const updated = await context.store.updateUser({
        name,
        ...(admin == null ? {} : { isAdmin: admin }),
        ...(privileges == null ? {} : { privileges: [...new Set(privileges)] }),
      });
      if (updated === null) throw notFound(`user ${cutText(name, 100)} does not exist`);
      await context.viewers.refresh();
      return { user: userNode(updated) };
    },
  }),
);
