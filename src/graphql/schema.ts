import { builder } from './builder.ts';
import './node.ts';
import './job.ts';
import './jobs.ts';
import './import.ts';
import './backup.ts';
import './events.ts';
import './live.ts';
import './control.ts';
import './create.ts';
import './databases.ts';
import './users.ts';

export const schema = builder.toSchema();
