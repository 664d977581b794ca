/** The rows that are shown, kept as the server tells. */

/** More jobs than these make a browser slow. The newest stay. */
const MOST = 500;

const find = (id) => document.getElementById(id);
const byAge = (a, b) => Number(b) - Number(a);

/**
 * The jobs that are shown. A list begins with what there is (CURRENT), up to CAUGHT_UP: until then what was there before
 * stays, so that neither a reconnect nor a filter empties the table for a moment.
 */
export const createList = ({ row: makeRow, onChanged, onShown }) => {
  const jobs = new Map();
  const rows = new Map();
  const fresh = new Set();
  let told = null;
  let frame = null;

  const put = (job) => {
    jobs.set(job.id, job);
    fresh.add(job.id);
    told?.add(job.id);
    onChanged(job);
  };
  const draw = () => {
    frame = null;
    const ids = [...jobs.keys()].sort(byAge).slice(0, MOST);
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
