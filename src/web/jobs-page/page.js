/** The page: a filter, a live list of the matching jobs, a selection, and the commands for it. */
import { ask, mayNeedToken, openLive } from './api.js';
import { commandOne, createCommandDialog } from './commands.js';
import { createDetails } from './details.js';
import { createFilter } from './filter.js';
import { createList } from './list.js';
import { createRow } from './rows.js';
import { createSelection } from './selection.js';
import { offerSignIn, showViewer } from './sign-in.js';

/** The number of rows at the start of a list. */
const FIRST = 200;
const THROTTLE_MS = 250;
const COUNTS_MS = 500;
/** Jobs that are not shown may change unnoticed, so the counts are refreshed at this interval. */
const RECOUNT_MS = 10_000;
const NOTICE_MS = 8_000;

const ROW = `id typeName description userName status statusMessage createdAt startedAt finishedAt fractionCompleted
  counters { name value } estimatedFinishAt error pauseReason availableCommands`;
const COUNTS = 'query ($where: JobFilter) { jobCounts(where: $where) { status count } }';
const TYPES = '{ __type(name: "Job") { possibleTypes { name fields { name } } } }';

const find = (id) => document.getElementById(id);
const show = (id, text) => {
  find(id).textContent = text;
  find(id).hidden = text === '';
};

let notice;
const tell = (text) => {
  clearTimeout(notice);
  show('notice', text);
  notice = setTimeout(() => show('notice', ''), NOTICE_MS);
};
const fail = (error) => tell(error.message);

/** The additional fields of some job types. A server may have more types than this page knows. */
const readFields = async () => {
  const { __type: job } = await ask(TYPES).catch(() => ({}));
  const more = (job?.possibleTypes ?? []).flatMap(({ name, fields }) => {
    const known = fields.map((field) => field.name).filter((field) => ['database', 'sink'].includes(field));
    return known.length === 0 ? [] : [`... on ${name} { ${known.join(' ')} }`];
  });
  return `${ROW} ${more.join(' ')}`;
};

const start = async () => {
  const { viewer } = await ask('{ viewer { name scope } }');
  showViewer(viewer);
  const fields = await readFields();
  const filter = createFilter(() => watch());
  const dialog = createCommandDialog(tell);
  const selection = createSelection({
    jobs: () => list.jobs,
    onCommand: (command, ids, what) => dialog.open(command, selectorOf(ids, filter.where()), what),
  });
  const previewOne = (command, id) => dialog.open(command, { ids: [id] }, `job ${id}`);
  const details = createDetails({ fields, onCommand: previewOne, onProblem: fail });
  const onCommand = (command, id) =>
    command === 'CANCEL' ? previewOne(command, id) : commandOne(command, id).then(tell, fail);
  const onOpen = (id, opener) => details.open(list.jobs.get(id), opener);
  const list = createList({
    makeRow: (id) => createRow(id, { onOpen, onSelect: selection.toggle, onCommand }),
    onChanged: details.update,
    onDrawn: ({ isEmpty, isOther }) => {
      find('none').hidden = !isEmpty || filter.where() !== null;
      find('no-match').hidden = !isEmpty || filter.where() === null;
      selection.keepOnly(list.jobs);
      if (isOther) countSoon();
    },
  });
  selection.draw = list.select;
  const countSoon = createCounts(filter, list, selection);
  const live = openList(fields, list);
  const watch = () => {
    selection.clear();
    list.begin();
    live.watch({ where: filter.where() });
  };
  find('clear').addEventListener('click', filter.clear);
  setInterval(list.tick, 1_000);
  setInterval(() => document.hidden || countSoon(), RECOUNT_MS);
  setInterval(() => details.keepUp(list.jobs), 1_000);
  watch();
};

const selectorOf = (ids, where) => {
  if (ids !== null) return { ids };
  return where === null ? { all: true } : { where };
};

const CONNECTION = { live: 'Live', lost: 'Reconnecting', refused: 'Not live', 'signed-out': 'Signed out' };

const openList = (fields, list) =>
  openLive({
    query: `subscription ($where: JobFilter) {
      jobUpdated(where: $where, first: ${FIRST}, throttleMs: ${THROTTLE_MS}) { kind jobId job { ${fields} } }
    }`,
    onData: ({ jobUpdated }) => list.take(jobUpdated),
    onState: (state, message = '') => {
      find('connection').className = `connection ${state}`;
      find('connection').textContent = CONNECTION[state];
      if (state === 'signed-out') return offerSignIn(message);
      show('problem', message);
      if (state === 'live') list.begin();
    },
  });

/** Counts the matching jobs soon after a change, but not after every change. */
const createCounts = (filter, list, selection) => {
  let isSoon = false;
  let wait = 0;
  const count = async () => {
    const { jobCounts } = await ask(COUNTS, { where: filter.whereOfCounts() });
    const total = filter.showCounts(jobCounts);
    const shown = list.jobs.size;
    selection.showTotal(total);
    const more = `The newest ${shown} of ${total.toLocaleString()} are shown. A filter finds the others.`;
    show('more', total > shown ? more : '');
  };
  return () => {
    if (isSoon) return;
    isSoon = true;
    setTimeout(() => {
      isSoon = false;
      // The page works without counts, and the connection state already shows the error.
      count().catch(() => undefined);
    }, wait);
    wait = COUNTS_MS;
  };
};

start().catch((error) => {
  if (error.code === 'UNAUTHENTICATED' && mayNeedToken()) offerSignIn(error.message);
  else show('problem', error.message);
});
