import { expect, test } from 'vitest';
import { checkScope, isWithin, type RootField, SCOPES, type Scope } from '../../src/auth/scope.ts';

const field = (operation: RootField['operation'], name: string, args = {}): RootField => ({ operation, name, args });

const FIELDS: Readonly<Record<string, RootField>> = {
  query: field('query', 'jobs'),
  viewer: field('query', 'viewer'),
  server: field('query', 'server'),
  subscription: field('subscription', 'jobUpdated'),
  mutation: field('mutation', 'createUser', { input: {} }),
  command: field('mutation', 'pauseJobs', { dryRun: false }),
  'dry run': field('mutation', 'pauseJobs', { dryRun: true }),
  'almost a dry run': field('mutation', 'pauseJobs', { dryRun: 'true' }),
};

/** Spelled out by hand: everything else is refused. */
const ALLOWED: Readonly<Record<Scope, readonly string[]>> = {
  FULL: Object.keys(FIELDS),
  READ: ['query', 'viewer', 'server', 'subscription'],
  PREVIEW: ['query', 'viewer', 'server', 'subscription', 'dry run'],
  WORKER: ['viewer', 'server'],
};

test.each(SCOPES)('a token of scope %s permits its own fields and no others', (scope) => {
  const isAllowed = (wanted: RootField) => {
    try {
      checkScope(scope, wanted);
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: 'FORBIDDEN' });
      expect(String(error)).toContain(`the scope of the token is ${scope}`);
      return false;
    }
  };
  const allowed = Object.entries(FIELDS).filter(([, wanted]) => isAllowed(wanted));
  expect(allowed.map(([name]) => name)).toEqual(ALLOWED[scope]);
});

test('a scope is within itself, within FULL, and READ within PREVIEW', () => {
  const within = SCOPES.flatMap((scope) => SCOPES.filter((of) => isWithin(scope, of)).map((of) => `${scope} ${of}`));
  expect(within).toEqual([
    'FULL FULL',
    'READ FULL',
    'READ READ',
    'READ PREVIEW',
    'PREVIEW FULL',
    'PREVIEW PREVIEW',
    'WORKER FULL',
    'WORKER WORKER',
  ]);
});
