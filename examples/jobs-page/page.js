/** The page: a filter, a live list of what matches, a selection, and what is done to it. */
import { ask, openLive } from './api.js';
import { commandOne, createCommandDialog } from './commands.js';
import { createDetails } from './details.js';
import { createFilter } from './filter.js';
import { createList } from './list.js';
import { createRow } from './rows.js';
import { createSelection } from './selection.js';

const FIRST = 200;
const THROTTLE_MS = 250;
const COUNTS_MS = 500;
const NOTICE_MS = 8_000;

const ROW = `id typeName description userName status statusMessage createdAt startedAt finishedAt fractionCompleted
  counters { name value } estimatedFinishAt error pauseReason availableCommands`;

const find = (id) => document.getElementById(id);
const show = (id, text) => {
  find(id).textContent = text;
  find(id).hidden = text === '';
};

/** Which types of job know their database: a server may have more of them than this page has heard of. */
const readSchema = async () => {
  const { viewer } = await ask('{ viewer { name } }');
  const { __type: job } = await ask('{ __type(name: "Job") { possibleTypes { name fields { name } } } }').catch(
    () => ({}),
  );
  const types = (job?.possibleTypes ?? []).filter(({ fields }) => fields.some(({ name }) => name === 'database'));
  return { viewer, fields: `${ROW} ${types.map(({ name }) => `... on ${name} { database }`).join(' ')}` };
};

const start = async () => {
  const { viewer, fields } = await readSchema();
  find('viewer').textContent = viewer.name;
  let notice;
  const tell = (text) => {
    clearTimeout(notice);
    show('notice', text);
    notice = setTimeout(() => show('notice', ''), NOTICE_MS);
  };
  const fail = (error) => tell(error.message);
  const dialog = createCommandDialog(tell);
  const filter = createFilter(() => watch());
  const selection = createSelection({
    jobs: () => list.jobs,
    onCommand: (command, ids, what) => {
      const where = filter.where();
      dialog.open(command, ids ? { ids } : where ? { where } : { all: true }, what);
    },
  });
  const act = (command, id) =>
    command === 'CANCEL' ? dialog.open(command, { ids: [id] }, `job ${id}`) : commandOne(command, id).then(tell, fail);
  const details = createDetails({
    fields,
    onCommand: (command, id) => dialog.open(command, { ids: [id] }, `job ${id}`),
    onProblem: fail,
  });
  const list = createList({
    onChanged: details.update,
    onShown: (ids) => {
      selection.keepOnly(ids);
      countSoon();
    },
    row: (id) =>
      createRow(id, {
        onOpen: (_, opener) => details.open(list.jobs.get(id), opener),
        onSelect: selection.toggle,
        onCommand: act,
      }),
  });
  selection.draw = list.select;

  let counting;
  const countSoon = () => {
    counting ??= setTimeout(() => count().catch(() => undefined), COUNTS_MS);
  };
  const count = async () => {
    counting = undefined;
    const where = filter.whereOfCounts();
    const { jobCounts } = await ask('query ($where: JobFilter) { jobCounts(where: $where) { status count } }', {
      where,
    });
    const total = filter.showCounts(jobCounts);
    selection.showTotal(total);
    const shown = list.jobs.size;
    show(
      'more',
      total > shown ? `The newest ${shown} of ${total.toLocaleString()} are shown. A filter finds the others.` : '',
    );
  };

  const live = openLive({
    query: `subscription ($where: JobFilter) {
      jobUpdated(where: $where, first: ${FIRST}, throttleMs: ${THROTTLE_MS}) { kind jobId job { ${fields} } }
    }`,
    onData: ({ jobUpdated }) => list.take(jobUpdated),
    onState: (state, message = '') => {
      find('connection').className = `connection ${state}`;
      find('connection').textContent = {
        connecting: 'Connecting',
        live: 'Live',
        lost: 'Reconnecting',
        refused: 'Not live',
      }[state];
      show('problem', message);
      if (state === 'live') list.begin();
    },
  });
  const watch = () => {
    selection.clear();
    show('problem', '');
    list.begin();
    list.isFiltered = filter.where() !== null;
    live.watch({ where: filter.where() });
    countSoon();
  };
  find('clear').addEventListener('click', filter.clear);
  setInterval(() => list.tick(), 1_000);
  watch();
};

start().catch((error) => show('problem', error.message));
