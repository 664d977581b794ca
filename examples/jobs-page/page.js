/** The page: a filter, a live list of what matches, a selection, and what is done to it. */
import { ask, openLive } from './api.js';
import { commandOne, createCommandDialog } from './commands.js';
import { createDetails } from './details.js';
import { createFilter } from './filter.js';
import { createRow } from './rows.js';
import { createSelection } from './selection.js';

/** So many rows at the start of a list; it may grow to twice as many. */
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
const byAge = (a, b) => Number(b) - Number(a);

/** Which types of job know their database: a server may have more of them than this page has heard of. */
const readSchema = async () => {
  const { viewer } = await ask('{ viewer { name } }');
  const { __type: job } = await ask('{ __type(name: "Job") { possibleTypes { name fields { name } } } }').catch(() => ({}));
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
  const details = createDetails({ fields, onCommand: (command, id) => dialog.open(command, { ids: [id] }, `job ${id}`), onProblem: fail });
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
    const { jobCounts } = await ask('query ($where: JobFilter) { jobCounts(where: $where) { status count } }', { where });
    const total = filter.showCounts(jobCounts);
    selection.showTotal(total);
    const shown = list.jobs.size;
    show('more', total > shown ? `The newest ${shown} of ${total.toLocaleString()} are shown. A filter finds the others.` : '');
  };

  const live = openLive({
    query: `subscription ($where: JobFilter) {
      jobUpdated(where: $where, first: ${FIRST}, throttleMs: ${THROTTLE_MS}) { kind jobId job { ${fields} } }
    }`,
    onData: ({ jobUpdated }) => list.take(jobUpdated),
    onState: (state, message = '') => {
      find('connection').className = `connection ${state}`;
      find('connection').textContent = { connecting: 'Connecting', live: 'Live', lost: 'Reconnecting', refused: 'Not live' }[state];
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

/**
 * The jobs that are shown. A list begins with what there is (CURRENT), up to CAUGHT_UP: until then what was there before
 * stays, so that neither a reconnect nor a filter empties the table for a moment.
 */
const createList = ({ row: makeRow, onChanged, onShown }) => {
  const jobs = new Map();
  const rows = new Map();
  const fresh = new Set();
  let told = null;
  let frame = null;

  const put = (job) => {
    const oldest = [...jobs.keys()].at(-1);
    if (jobs.size >= 2 * FIRST && !jobs.has(job.id) && Number(job.id) < Number(oldest)) return;
    jobs.set(job.id, job);
    fresh.add(job.id);
    told?.add(job.id);
    onChanged(job);
  };
  const draw = () => {
    frame = null;
    const ids = [...jobs.keys()].sort(byAge).slice(0, 2 * FIRST);
    const kept = new Set(ids);
    for (const id of jobs.keys()) if (!kept.has(id)) jobs.delete(id);
    for (const [id, { row }] of rows) {
      if (kept.has(id)) continue;
      row.remove();
      rows.delete(id);
    }
    let place = find('rows').firstElementChild;
    for (const id of ids) {
      if (!rows.has(id)) rows.set(id, makeRow(id));
      const { row, show: showJob } = rows.get(id);
      if (fresh.has(id)) showJob(jobs.get(id));
      if (row === place) place = place.nextElementSibling;
      else find('rows').insertBefore(row, place);
    }
    fresh.clear();
    find('jobs').hidden = ids.length === 0;
    const isKnown = told === null && ids.length === 0;
    find('none').hidden = !isKnown || list.isFiltered;
    find('no-match').hidden = !isKnown || !list.isFiltered;
    onShown(kept);
  };
  const drawSoon = () => {
    frame ??= requestAnimationFrame(draw);
  };
  const list = {
    jobs,
    isFiltered: false,
    begin: () => {
      told = new Set();
    },
    take: ({ kind, jobId, job }) => {
      if (kind === 'RESET') list.begin();
      else if (kind === 'CAUGHT_UP') {
        for (const id of jobs.keys()) if (told && !told.has(id)) jobs.delete(id);
        told = null;
      } else if (job) put(job);
      else jobs.delete(jobId);
      drawSoon();
    },
    select: (isSelected) => {
      for (const [id, { select }] of rows) select(isSelected(id));
    },
    /** Time goes on where nothing is told. */
    tick: () => {
      for (const [id, job] of jobs) if (job.estimatedFinishAt) fresh.add(id);
      if (fresh.size > 0) drawSoon();
    },
  };
  return list;
};

start().catch((error) => show('problem', error.message));
