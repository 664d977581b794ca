/**
 * Everything in the API except the kinds, one subject per file. Importing this module declares it all to the builder.
 */
import './node.ts';
import './job.ts';
import './jobs.ts';
import './events.ts';
import './live.ts';
import './control.ts';
import './delete.ts';
import './audit.ts';
import './databases.ts';
import './files.ts';
import './tokens.ts';
import './users.ts';
import './rerun.ts';
import './kinds.ts';
import './schedules.ts';
import './schedule-mutations.ts';
import './server.ts';
import './statements.ts';
