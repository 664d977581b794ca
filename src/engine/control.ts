import { randomUUID } from 'node:crypto';
import type { Access } from '../jobs/access.ts';
import { refusedByType } from '../jobs/control.ts';
import type { EventCursor, Instant } from '../jobs/job.ts';
import type { Registry } from '../jobs/registry.ts';
import type { JobCommand } from '../jobs/status.ts';
import type { ControlOutcome, Selection, Store } from '../store/store.ts';
import { repeatInDoubt } from './in-doubt.ts';
import type { RemoteKinds } from './remote-kinds.ts';

/** A user's command for a selection of jobs. */
export interface Order {
  readonly command: JobCommand;
  readonly jobs: Selection;
  readonly reason: string | null;
  readonly abortOnRefusal: boolean;
  readonly dryRun: boolean;
  readonly expectedCount: number | null;
  readonly unchangedSince: EventCursor | null;
  readonly list: { readonly changed: number; readonly refusals: number; readonly selected?: number };
  /** The plan that this command carries out. A command that is repeated with the same id gets the same answer. */
  readonly confirms?: { readonly plannedBy: string; readonly commandId: string };
}

/** How the viewer signed in, and from where. */
export interface ControlBy {
  readonly tokenId: string | null;
  readonly remoteAddress?: string | undefined;
}

export type Control = (
  order: Order,
  access: Access,
  by: ControlBy,
) => Promise<ControlOutcome & { readonly commandId: string | null }>;

/** Pauses, resumes and cancels jobs. Each command is decided and written in one transaction of the store. */
export const createControl =
  (store: Store, registry: Registry, remoteKinds: RemoteKinds, isShared: boolean, now: () => Instant): Control =>
  async ({ confirms, ...order }, access, { tokenId, remoteAddress }) => {
    // A kind may have been registered at another server, with other rules.
    if (isShared) await remoteKinds.refresh();
    const commandId = confirms?.commandId ?? randomUUID();
    const refusingTypes = registry
      .all()
      .filter((kind) => refusedByType(order.command, kind) !== null)
      .map((kind) => kind.typeName);
    const actor = { kind: 'USER', name: access.userName, tokenId } as const;
    const plan = confirms === undefined ? {} : { confirms: { plannedBy: confirms.plannedBy } };
    const complete = { ...order, ...plan, access, actor, commandId, refusingTypes, remoteAddress };
    const outcome = await repeatInDoubt(isShared, () => store.control(complete, now()));
    return { ...outcome, commandId: outcome.applied ? commandId : null };
  };
