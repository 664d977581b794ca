/** The rows of the table, and the words and formats in which a job is shown. */

/** Creates an element. Text becomes text nodes only: the text of a description is never markup. */
export const element = (tag, { className, ...properties } = {}, ...children) => {
  const made = document.createElement(tag);
  if (className) made.className = className;
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ''));
  return made;
};

/** How a status is shown: a word, and the colour that table.css defines for it. */
const STATUSES = {
  PENDING: ['Pending', 'waiting'],
  RUNNING: ['Running', 'running'],
  PAUSE_REQUESTED: ['Pausing', 'paused asked'],
  PAUSED: ['Paused', 'paused'],
  CANCEL_REQUESTED: ['Canceling', 'undoing asked'],
  REVERTING: ['Reverting', 'undoing'],
  SUCCEEDED: ['Succeeded', 'succeeded'],
  FAILED: ['Failed', 'failed'],
  CANCELED: ['Canceled', 'canceled'],
};
export const wordOf = (status) => STATUSES[status]?.[0] ?? status;
const toneOf = (status) => STATUSES[status]?.[1] ?? 'waiting';
const ENDED = ['SUCCEEDED', 'FAILED', 'CANCELED'];

export const badge = (status) => element('span', { className: `badge ${toneOf(status)}` }, wordOf(status));

const number = new Intl.NumberFormat();
const percent = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 0 });
const day = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});
const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });

const bytes = (value) => {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, value)) / 3));
  return `${number.format(Number((value / 1000 ** power).toPrecision(3)))} ${units[power]}`;
};
/** Counters that are zero are omitted. */
const countersOf = ({ counters }) =>
  counters
    .filter(({ value }) => value > 0)
    .map(({ name, value }) => (name === 'bytes' ? bytes(value) : `${number.format(value)} ${name}`))
    .join(' · ');

/** A short form, with the full time in the title. */
export const time = (at) => {
  if (at === null) return '';
  const date = new Date(at);
  const isToday = date.toDateString() === new Date().toDateString();
  return element('time', { datetime: at, title: full.format(date) }, (isToday ? clock : day).format(date));
};

export const span = (ms) => {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
};

const tookOf = ({ startedAt, finishedAt }) =>
  startedAt && finishedAt ? `took ${span(new Date(finishedAt) - new Date(startedAt))}` : '';

/** The progress, the estimated finish, and the counters. */
export const showProgress = ({ status, fractionCompleted, estimatedFinishAt, counters }) => {
  const left =
    estimatedFinishAt && !ENDED.includes(status) ? `${span(new Date(estimatedFinishAt) - Date.now())} left` : '';
  const bar =
    fractionCompleted === null
      ? ''
      : element('progress', { className: toneOf(status), max: 1, value: fractionCompleted, 'aria-label': 'Progress' });
  const done = fractionCompleted === null ? 'no end' : percent.format(Math.floor(fractionCompleted * 100) / 100);
  return [
    bar,
    element('span', { className: 'figures' }, element('span', {}, done), element('span', { className: 'left' }, left)),
    element('span', { className: 'muted counters' }, countersOf({ counters })),
  ];
};

const ACTIONS = { PAUSE: 'Pause', RESUME: 'Resume', CANCEL: 'Cancel' };

/** A row that is kept as long as its job is shown, so that it keeps the focus while the rows around it change. */
export const createRow = (id, { onOpen, onSelect, onCommand }) => {
  const check = element('input', { type: 'checkbox', onchange: () => onSelect(id, check.checked) });
  const title = element('button', { type: 'button', className: 'title', onclick: () => onOpen(id, title) });
  const cells = Object.fromEntries(
    ['type', 'database', 'status', 'progress', 'user', 'time'].map((name) => [
      name,
      element('td', { className: name }),
    ]),
  );
  const buttons = Object.entries(ACTIONS).map(([command, word]) =>
    element(
      'button',
      { type: 'button', className: 'quiet', value: command, onclick: () => onCommand(command, id) },
      word,
    ),
  );
  const row = element(
    'tr',
    { 'data-id': id },
    element('td', { className: 'check' }, check),
    element('td', { className: 'job' }, title, element('span', { className: 'muted id' }, id)),
    ...Object.values(cells),
    element('td', { className: 'actions' }, ...buttons),
  );
  return {
    row,
    select: (on) => {
      check.checked = on;
      row.classList.toggle('selected', on);
    },
    show: (job) => {
      title.textContent = job.description;
      title.title = job.description;
      check.setAttribute('aria-label', `Select job ${id}, ${job.description}`);
      cells.type.textContent = job.typeName.toLowerCase().replaceAll('_', ' ');
      cells.database.textContent = job.database ?? '';
      cells.user.textContent = job.userName;
      cells.status.replaceChildren(badge(job.status), element('span', { className: 'muted' }, lineOf(job)));
      cells.progress.replaceChildren(...showProgress(job));
      cells.time.replaceChildren(time(job.createdAt), element('span', { className: 'muted' }, tookOf(job)));
      for (const button of buttons) {
        button.hidden = !job.availableCommands.includes(button.value);
        button.setAttribute('aria-label', `${ACTIONS[button.value]} job ${id}`);
      }
    },
  };
};

const lineOf = ({ status, error, statusMessage, pauseReason }) => {
  if (status === 'FAILED' || status === 'REVERTING') return error ?? statusMessage ?? '';
  if (ENDED.includes(status)) return '';
  return (status === 'PAUSED' ? pauseReason : null) ?? statusMessage ?? '';
};
