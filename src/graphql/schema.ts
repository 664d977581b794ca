import { builder } from './builder.ts';
import './node.ts';
import './job.ts';
import './jobs.ts';
import './import.ts';
import './backup.ts';
import './changefeed.ts';
import './events.ts';
import './live.ts';
import './control.ts';
import './create-import.ts';
import './create-backup.ts';
import './schema-change.ts';
import './databases.ts';
import './users.ts';

export const schema = builder.toSchema();
