/** The drawer: one job with its history. The list reports progress; the rest is read when the status changes. */
import { ask } from './api.js';
import { createChanges, isWatchable } from './changes.js';
import { badge, element, showProgress, span, time } from './rows.js';

const JOB = (fields) => `query ($id: ID!) {
  job(id: $id) {
    ${fields}
    attempts nextAttemptAt coordinator
    executionErrors { at attempt message }
    blockedBy { id description }
    events(last: 100) {
      nodes { cursor at actor { kind name } ... on JobStatusChange { from to command reason error } }
      pageInfo { hasPreviousPage }
    }
  }
}`;

const factsOf = (job) => [
  ['Id', job.id],
  ['Type', job.typeName.toLowerCase().replaceAll('_', ' ')],
  ['Database', job.database],
  ['User', job.userName],
  ['Created', time(job.createdAt)],
  ['Started', job.startedAt && time(job.startedAt)],
  ['Finished', job.finishedAt && time(job.finishedAt)],
  ['Took', job.startedAt && job.finishedAt && span(new Date(job.finishedAt) - new Date(job.startedAt))],
  ['Attempts', job.attempts > 1 && String(job.attempts)],
  ['Next attempt', job.nextAttemptAt && time(job.nextAttemptAt)],
  ['Worker', job.coordinator],
  ['Paused because', job.pauseReason],
  ['Waits for', job.blockedBy.map(({ description }) => description).join(', ')],
];

const section = (title, ...children) => element('section', {}, element('h3', {}, title), ...children);

const actorOf = (command, { kind, name }) => {
  if (command) return `${command.toLowerCase()} by ${name}`;
  return kind === 'WORKER' ? `worker ${name}` : name;
};

const showEvent = ({ at, actor, from, to, command, reason, error }) =>
  element(
    'li',
    {},
    element(
      'p',
      { className: 'move' },
      badge(to),
      from ? '' : element('span', { className: 'muted' }, 'created'),
      time(at),
    ),
    element('p', { className: 'muted' }, actorOf(command, actor)),
    reason ? element('p', { className: 'quote' }, reason) : '',
    error ? element('p', { className: 'error' }, error) : '',
  );

const showRest = (job) => [
  job.error ? section('Error', element('p', { className: 'error' }, job.error)) : '',
  element(
    'dl',
    {},
    ...factsOf(job)
      .filter(([, value]) => value)
      .map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
  ),
  job.executionErrors.length === 0
    ? ''
    : section(
        'Attempts that failed',
        element(
          'ol',
          { className: 'attempts' },
          ...job.executionErrors.map(({ at, attempt, message }) =>
            element(
              'li',
              {},
              element('p', { className: 'move' }, `Attempt ${attempt}`, time(at)),
              element('p', { className: 'error' }, message),
            ),
          ),
        ),
      ),
  section(
    'History, newest first',
    element(
      'ol',
      { className: 'events' },
      ...job.events.nodes
        .filter(({ to }) => to)
        .reverse()
        .map(showEvent),
    ),
    job.events.pageInfo.hasPreviousPage ? element('p', { className: 'muted' }, 'Earlier events are left out.') : '',
  ),
];

const find = (id) => document.getElementById(id);

/** `fields` are the fields of a row; `onCommand` receives a command and the job's id. */
export const createDetails = ({ fields, onCommand, onProblem }) => {
  const drawer = find('details');
  const buttons = [...drawer.querySelectorAll('[data-command]')];
  let id = null;
  let opener = null;
  let shown = '';
  let changes = null;

  /** The properties of a job whose change means that the history has changed. */
  const versionOf = ({ status, error, statusMessage }) => JSON.stringify([status, error, statusMessage]);
  const load = async () => {
    const own = id;
    const { job } = await ask(JOB(fields), { id });
    if (id !== own) return;
    if (job === null) return close();
    show(job);
    if (changes === null && isWatchable(job)) changes = createChanges(id);
    find('details-rest').replaceChildren(changes?.section ?? '', ...showRest(job));
  };
  const endChanges = () => {
    changes?.stop();
    changes = null;
  };
  const show = (job) => {
    shown = versionOf(job);
    find('details-title').textContent = job.description;
    find('details-live').replaceChildren(
      element(
        'p',
        { className: 'status' },
        badge(job.status),
        element('span', { className: 'muted' }, job.statusMessage ?? ''),
      ),
      element('div', { className: 'progress' }, ...showProgress(job)),
    );
    for (const button of buttons) button.disabled = !job.availableCommands.includes(button.dataset.command);
  };
  const close = () => {
    endChanges();
    drawer.hidden = true;
    id = null;
    if (opener?.isConnected) opener.focus();
  };
  find('details-close').addEventListener('click', close);
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && id !== null && !document.querySelector('dialog[open]')) close();
  });
  for (const button of buttons) button.addEventListener('click', () => onCommand(button.dataset.command, id));

  return {
    open: (job, from) => {
      endChanges();
      id = job.id;
      opener = from;
      find('details-rest').replaceChildren();
      show(job);
      drawer.hidden = false;
      find('details-title').focus();
      load().catch(onProblem);
    },
    /** The list reports nothing about a job that it does not show. */
    keepUp: (shown) => {
      if (id !== null && !shown.has(id)) load().catch(() => undefined);
    },
    /** Applies an update from the list. */
    update: (job) => {
      if (job.id !== id) return;
      const isOther = versionOf(job) !== shown;
      show(job);
      if (isOther) load().catch(onProblem);
    },
  };
};
