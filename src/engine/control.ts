import { randomUUID } from 'node:crypto';
import type { Access } from '../jobs/access.ts';
import { refusedByType } from '../jobs/control.ts';
import type { EventCursor, Instant } from '../jobs/job.ts';
import type { Registry } from '../jobs/registry.ts';
import type { JobCommand } from '../jobs/status.ts';
import type { ControlOutcome, Selection, Store } from '../store/store.ts';

/** A user's command for a selection of jobs. */
export interface Order {
  readonly command: JobCommand;
  readonly jobs: Selection;
  readonly reason: string | null;
  readonly abortOnRefusal: boolean;
  readonly dryRun: boolean;
  readonly expectedCount: number | null;
  readonly unchangedSince: EventCursor | null;
  readonly list: { readonly changed: number; readonly refusals: number };
}

export type Control = (
  order: Order,
  access: Access,
  tokenId: string | null,
) => Promise<ControlOutcome & { readonly commandId: string | null }>;

/** Pauses, resumes and cancels jobs. Each command is decided and written in one transaction of the store. */
export const createControl =
  (store: Store, registry: Registry, now: () => Instant): Control =>
  async (order, access, tokenId) => {
    const commandId = randomUUID();
    const refusingTypes = registry.kinds
      .filter((kind) => refusedByType(order.command, kind) !== null)
      .map((kind) => kind.typeName);
    const actor = { kind: 'USER', name: access.userName, tokenId } as const;
    const outcome = await store.control({ ...order, access, actor, commandId, refusingTypes }, now());
    return { ...outcome, commandId: outcome.applied ? commandId : null };
  };
