import type { Ports } from '../../databases/port-of.ts';
import type { FeedPort } from './port.ts';
import { sqliteFeed } from './sqlite/port.ts';

/** An engine is added here, and nowhere else in this kind. */
export const PORTS: Ports<FeedPort> = { sqlite: sqliteFeed };
