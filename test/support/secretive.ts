import type { Kind, Secrets } from '../../src/jobs/kind.ts';
import { scriptedKind } from './scripted.ts';

export const SECRETS = { key: 'hush, hush' };

/** A kind whose jobs have a secret and report it. */
export const secretiveKind = () => {
  const { kind, script } = scriptedKind('SECRETIVE');
  const given: (Secrets | undefined)[] = [];
  const secretive: Kind = {
    ...kind,
    create: async (input, environment) => ({ ...(await kind.create(input, environment)), secrets: SECRETS }),
    run: (work, io) => {
      given.push(work.secrets);
      return kind.run(work, io);
    },
  };
  return { kind: secretive, script, given };
};
