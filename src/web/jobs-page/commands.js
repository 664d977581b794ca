/**
 * Commands for jobs: sent immediately for one job, and after a preview for many. The preview is exactly what is
 * executed.
 */
import { ask } from './api.js';
import { badge, element } from './rows.js';

const MUTATIONS = { PAUSE: 'pauseJobs', RESUME: 'resumeJobs', CANCEL: 'cancelJobs' };
export const VERBS = { PAUSE: 'Pause', RESUME: 'Resume', CANCEL: 'Cancel' };
const CHANGED_MEANWHILE = ['COUNT_MISMATCH', 'CHANGED_SINCE'];

const jobs = (count) => (count === 1 ? '1 job' : `${count.toLocaleString()} jobs`);

const send = async (command, variables) => {
  const mutation = `mutation ($jobs: JobSelector!, $reason: String, $dryRun: Boolean!, $expectedCount: Int, $unchangedSince: Cursor) {
    outcome: ${MUTATIONS[command]}(
      jobs: $jobs, reason: $reason, dryRun: $dryRun, expectedCount: $expectedCount, unchangedSince: $unchangedSince
    ) {
      selectedCount changedCount unchangedCount refusedCount cursor
      changed(first: 1000) { from to }
      refusals(first: 100) { jobId message }
    }
  }`;
  return (await ask(mutation, variables)).outcome;
};

const sentenceOf = (command, { changedCount, unchangedCount, refusedCount, refusals }) => {
  if (changedCount + unchangedCount === 0 && refusedCount === 1) return `Refused: ${refusals[0].message}.`;
  const refused = refusedCount > 0 ? `, ${jobs(refusedCount)} refused` : '';
  return `${VERBS[command]}: ${jobs(changedCount)} changed${refused}.`;
};

/** Sends a command for one job, without a confirmation. */
export const commandOne = async (command, id) =>
  sentenceOf(command, await send(command, { jobs: { ids: [id] }, dryRun: false }));

const groupsOf = (changed) => {
  const groups = new Map();
  for (const { from, to } of changed) {
    const group = groups.get(from + to) ?? { from, to, count: 0 };
    group.count += 1;
    groups.set(from + to, group);
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
};

const showPreview = ({ selectedCount, changedCount, unchangedCount, refusedCount, changed, refusals }) => {
  const figure = (count, word) =>
    element('li', { className: count === 0 ? 'zero' : '' }, element('b', {}, count.toLocaleString()), ` ${word}`);
  const moves = groupsOf(changed).map(({ from, to, count }) =>
    element(
      'li',
      {},
      badge(from),
      element('span', { className: 'arrow', 'aria-label': 'to' }, '→'),
      badge(to),
      element('span', { className: 'times' }, `${count.toLocaleString()}`),
    ),
  );
  const list = refusals.map(({ jobId, message }) => element('li', { 'data-id': jobId }, message));
  const more = refusedCount > refusals.length ? `and ${jobs(refusedCount - refusals.length)} more` : '';
  return [
    element(
      'ul',
      { className: 'tally' },
      figure(selectedCount, 'selected'),
      figure(changedCount, 'will change'),
      figure(unchangedCount, 'already so'),
      figure(refusedCount, 'will refuse'),
    ),
    changed.length === changedCount ? element('ul', { className: 'moves' }, ...moves) : '',
    list.length > 0
      ? element(
          'ul',
          { className: 'refusals', tabindex: 0, 'aria-label': 'Refusals' },
          ...list,
          more && element('li', {}, more),
        )
      : '',
  ];
};

const find = (id) => document.getElementById(id);

/** The dialog that previews a command and confirms it. `onDone` receives a sentence. */
export const createCommandDialog = (onDone) => {
  const [dialog, confirm, reason] = [find('command'), find('confirm'), find('reason')];
  /** The command and its jobs, and the preview once it has arrived. */
  let asked = null;
  let seen = null;

  const preview = async () => {
    const own = asked;
    const outcome = await send(own.command, { jobs: own.jobs, dryRun: true });
    if (asked !== own) return;
    seen = outcome;
    find('preview').replaceChildren(...showPreview(seen));
    const isIdle = seen.changedCount === 0;
    confirm.textContent = isIdle ? 'Nothing to change' : `${VERBS[own.command]} ${jobs(seen.changedCount)}`;
    confirm.disabled = isIdle;
  };
  const act = async () => {
    const guards = { expectedCount: seen.selectedCount, unchangedSince: seen.cursor };
    const why = reason.value.trim() || null;
    const outcome = await send(asked.command, { jobs: asked.jobs, reason: why, dryRun: false, ...guards });
    dialog.close();
    onDone(sentenceOf(asked.command, outcome));
  };
  const lookAgain = async (error) => {
    if (!CHANGED_MEANWHILE.includes(error.code)) throw error;
    complain('The jobs have changed since this preview, so nothing was done. This is how it stands now:');
    await preview();
  };
  const begin = (work) => {
    confirm.disabled = true;
    complain('');
    work().catch((error) => {
      complain(error.message);
      confirm.disabled = seen === null;
    });
  };
  confirm.addEventListener('click', () => begin(() => act().catch(lookAgain)));
  reason.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    confirm.click();
  });

  return {
    open: (command, selector, what) => {
      asked = { command, jobs: selector };
      seen = null;
      find('command-title').textContent = `${VERBS[command]} ${what}`;
      find('preview').replaceChildren(element('p', { className: 'muted' }, 'Looking at what would happen…'));
      dialog.dataset.command = command;
      confirm.textContent = VERBS[command];
      reason.value = '';
      dialog.showModal();
      reason.focus();
      begin(preview);
    },
  };
};

const complain = (text) => {
  find('command-notice').textContent = text;
  find('command-notice').hidden = text === '';
};
