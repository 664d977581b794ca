/** Commands for jobs: at once for one, and for many after a preview that is then exactly what happens. */
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

/** Sends a command for one job, without a question. */
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

/** The dialog that previews a command and confirms it. `onDone` is told a sentence. */
export const createCommandDialog = (onDone) => {
  const dialog = find('command');
  const [confirm, reason, notice] = [find('confirm'), find('reason'), find('command-notice')];
  let asked = null;
  let seen = null;

  const tell = (text) => {
    notice.textContent = text;
    notice.hidden = text === '';
  };
  const preview = async () => {
    const own = asked;
    confirm.disabled = true;
    const outcome = await send(own.command, { jobs: own.jobs, dryRun: true });
    if (asked !== own) return;
    seen = outcome;
    find('preview').replaceChildren(...showPreview(seen));
    confirm.textContent =
      seen.changedCount === 0 ? 'Nothing to change' : `${VERBS[own.command]} ${jobs(seen.changedCount)}`;
    confirm.disabled = seen.changedCount === 0;
  };
  const act = async () => {
    confirm.disabled = true;
    tell('');
    try {
      const outcome = await send(asked.command, {
        jobs: asked.jobs,
        reason: reason.value.trim() || null,
        dryRun: false,
        expectedCount: seen.selectedCount,
        unchangedSince: seen.cursor,
      });
      dialog.close();
      onDone(sentenceOf(asked.command, outcome));
    } catch (error) {
      if (!CHANGED_MEANWHILE.includes(error.code)) throw error;
      tell('The jobs have changed since this preview, so nothing was done. This is how it stands now:');
      await preview();
    }
  };
  const orTell = (work) => () =>
    work().catch((error) => {
      tell(error.message);
      confirm.disabled = seen === null;
    });
  confirm.addEventListener('click', orTell(act));
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
      tell('');
      dialog.showModal();
      reason.focus();
      orTell(preview)();
    },
  };
};
