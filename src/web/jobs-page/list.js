/** The jobs that are shown, kept as the server tells, and their rows in the table. */

/** More jobs than these make a browser slow. The newest stay. */
const MOST = 500;

const find = (id) => document.getElementById(id);

/**
 * A list begins with what there is (CURRENT), up to CAUGHT_UP: until then what was there before stays, so that neither a
 * reconnect nor a filter empties the table for a moment. Updates are drawn once a frame.
 */
export const createList = ({ makeRow, onChanged, onDrawn }) => {
  const jobs = new Map();
  const fresh = new Set();
  const table = createTable(makeRow);
  /** The jobs told since the list began; null once it has caught up. */
  let told = new Set();
  let isDrawing = false;
  /** Something that counts has changed: a status, or which jobs there are. */
  let isOther = false;

  const draw = () => {
    isDrawing = false;
    const ids = [...jobs.keys()].sort((a, b) => Number(b) - Number(a));
    for (const id of ids.splice(MOST)) jobs.delete(id);
    table.draw(ids, jobs, fresh);
    fresh.clear();
    onDrawn({ isEmpty: told === null && ids.length === 0, isOther });
    isOther = false;
  };
  const drawSoon = () => {
    if (!isDrawing) requestAnimationFrame(draw);
    isDrawing = true;
  };
  const catchUp = () => {
    for (const id of jobs.keys()) if (told?.has(id) === false) jobs.delete(id);
    told = null;
    isOther = true;
  };
  const put = (job) => {
    isOther ||= jobs.get(job.id)?.status !== job.status;
    jobs.set(job.id, job);
    fresh.add(job.id);
    told?.add(job.id);
    onChanged(job);
  };
  const begin = () => {
    told = new Set();
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
    /** Time goes on where no update arrives. */
    tick: () => {
      for (const [id, job] of jobs) if (job.estimatedFinishAt) fresh.add(id);
      if (fresh.size > 0) drawSoon();
    },
  };
};

/** Rows stay where they are, and only what is new is put between them: focus and scroll stay too. */
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
    /** Shows the jobs with these ids, in this order. Of those that have a row, only the `fresh` are written again. */
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
