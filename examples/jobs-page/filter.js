/** The filter above the table. It is kept in the page's address, so that a reload and a link show the same. */
import { element } from './rows.js';

const CHIPS = {
  pending: ['Pending', ['PENDING']],
  running: ['Running', ['RUNNING', 'PAUSE_REQUESTED']],
  paused: ['Paused', ['PAUSED']],
  reverting: ['Reverting', ['CANCEL_REQUESTED', 'REVERTING']],
  succeeded: ['Succeeded', ['SUCCEEDED']],
  failed: ['Failed', ['FAILED']],
  canceled: ['Canceled', ['CANCELED']],
};
const TYPING_MS = 200;

const find = (id) => document.getElementById(id);

export const createFilter = (onChange) => {
  const [text, user] = [find('text'), find('user')];
  const address = new URL(location.href);
  text.value = address.searchParams.get('text') ?? '';
  user.value = address.searchParams.get('by') ?? '';
  const wanted = (address.searchParams.get('status') ?? '').split(',');
  const chips = Object.entries(CHIPS).map(([name, [word, statuses]]) => {
    const box = element('input', { type: 'checkbox', name, onchange: () => changed() });
    box.checked = wanted.includes(name);
    const count = element('span', { className: 'count' });
    find('chips').append(element('label', { className: `chip ${name}` }, box, word, count));
    return { name, statuses, box, count };
  });

  let typing;
  const changed = () => {
    const values = {
      text: text.value.trim(),
      by: user.value.trim(),
      status: chosen()
        .map(({ name }) => name)
        .join(','),
    };
    for (const [name, value] of Object.entries(values)) {
      if (value === '') address.searchParams.delete(name);
      else address.searchParams.set(name, value);
    }
    history.replaceState(null, '', address);
    onChange();
  };
  const chosen = () => chips.filter(({ box }) => box.checked);
  const typed = () => {
    clearTimeout(typing);
    typing = setTimeout(changed, TYPING_MS);
  };
  for (const input of [text, user]) input.addEventListener('input', typed);
  find('filter').addEventListener('submit', (event) => event.preventDefault());
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || /^(INPUT|TEXTAREA)$/.test(event.target.tagName)) return;
    event.preventDefault();
    text.focus();
  });

  /** What the two boxes ask for; null for everything. */
  const words = () => {
    const [part, name] = [text.value.trim(), user.value.trim()];
    const description = { description: { contains: part } };
    return {
      ...(part && (/^[1-9]\d{0,14}$/.test(part) ? { or: [description, { id: { equals: part } }] } : description)),
      ...(name && { userName: { contains: name } }),
    };
  };
  const statuses = () => chosen().flatMap((chip) => chip.statuses);
  const orNull = (where) => (Object.keys(where).length === 0 ? null : where);

  return {
    /** The filter as the API takes it; null for none. */
    where: () => orNull({ ...words(), ...(statuses().length > 0 && { status: { in: statuses() } }) }),
    whereOfCounts: () => orNull(words()),
    /** Shows how many there are behind each chip, and answers how many match all in all. */
    showCounts: (counts) => {
      for (const chip of chips) {
        const sum = counts
          .filter(({ status }) => chip.statuses.includes(status))
          .reduce((total, { count }) => total + count, 0);
        chip.count.textContent = sum === 0 ? '' : sum.toLocaleString();
      }
      const included = statuses();
      return counts
        .filter(({ status }) => included.length === 0 || included.includes(status))
        .reduce((total, { count }) => total + count, 0);
    },
    clear: () => {
      for (const input of [text, user]) input.value = '';
      for (const { box } of chips) box.checked = false;
      changed();
    },
  };
};
