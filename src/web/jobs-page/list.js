/** The jobs that are shown, as the server reports them, and their rows in the table. */

/** More jobs than this make a browser slow. The newest are kept. */
const MOST = 500;

const find = (id) => document.getElementById(id);

/**
 * A list begins with RESET and the existing jobs (CURRENT), up to CAUGHT_UP. Until then the previous content stays, so that
 * neither a reconnect nor a filter change empties the table for a moment. Updates are drawn once per frame.
 */
export const createList = ({ makeRow, onChanged, onDrawn }) => {
  const jobs = new Map();
  const fresh = new Set();
  const table = createTable(makeRow);
  /** The jobs received since the list began; null once it has caught up. */
  let received = new Set();
  let isDrawing = false;
  /** Whether something that affects the counts has changed: a status, or the set of jobs. */
  let isOther = false;

  const draw = () => {
    isDrawing = false;
    const ids = [...jobs.keys()].sort((a, b) => Number(b) - Number(a));
    for (const id of ids.splice(MOST)) jobs.delete(id);
    table.draw(ids, jobs, fresh);
    fresh.clear();
    onDrawn({ isEmpty: received === null && ids.length === 0, isOther });
    isOther = false;
  };
  const drawSoon = () => {
    if (!isDrawing) requestAnimationFrame(draw);
    isDrawing = true;
  };
  const catchUp = () => {
    for (const id of jobs.keys()) if (received?.has(id) === false) jobs.delete(id);
    received = null;
    isOther = true;
  };
  const put = (job) => {
    isOther ||= jobs.get(job.id)?.status !== job.status;
    jobs.set(job.id, job);
    fresh.add(job.id);
    received?.add(job.id);
    onChanged(job);
  };
  const begin = () => {
    received = new Set();
  };

  return {
    jobs,
    begin,
    select: table.select,
    take: ({ kind, jobId, job }) => {
      if (kind === 'RESET') begin();
      else if (kind === 'CAUGHT_UP') catchUp();
      else if (job !== null) put(job);
      else isOther = jobs.delete(jobId) || isOther;
      drawSoon();
    },
    /** Advances the displayed times when no update arrives. */
    tick: () => {
      for (const [id, job] of jobs) if (job.estimatedFinishAt) fresh.add(id);
      if (fresh.size > 0) drawSoon();
    },
  };
};

/** Existing rows stay in place and new ones are inserted between them, so that focus and scroll position are kept. */
const createTable = (makeRow) => {
  const rows = new Map();
  const drop = (kept) => {
    for (const [id, { row }] of rows) {
      if (kept.has(id)) continue;
      row.remove();
      rows.delete(id);
    }
  };
  return {
    /** Shows the jobs with these ids, in this order. Among existing rows, only the `fresh` ones are updated. */
    draw: (ids, jobs, fresh) => {
      drop(new Set(ids));
      find('jobs').hidden = ids.length === 0;
      let place = find('rows').firstElementChild;
      for (const id of ids) {
        if (!rows.has(id)) rows.set(id, makeRow(id));
        const { row, show } = rows.get(id);
        if (fresh.has(id)) show(jobs.get(id));
        if (row === place) place = place.nextElementSibling;
        else find('rows').insertBefore(row, place);
      }
    },
    select: (isSelected) => {
      for (const [id, { select }] of rows) select(isSelected(id));
    },
  };
};
