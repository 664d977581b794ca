/** The filter above the table. It is kept in the page's address, so that a reload or a link shows the same filter. */
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

/** The statuses, in groups, each with its number of jobs. */
const createChips = (wanted, onChange) => {
  const chips = Object.entries(CHIPS).map(([name, [word, statuses]]) => {
    const box = element('input', { type: 'checkbox', name, onchange: onChange });
    box.checked = wanted.includes(name);
    const count = element('span', { className: 'count' });
    find('chips').append(element('label', { className: `chip ${name}` }, box, word, count));
    return { name, statuses, box, count };
  });
  const chosen = () => chips.filter(({ box }) => box.checked);
  const sum = (counts) => counts.reduce((total, { count }) => total + count, 0);
  return {
    names: () => chosen().map(({ name }) => name),
    statuses: () => chosen().flatMap(({ statuses }) => statuses),
    show: (counts) => {
      for (const { statuses, count } of chips) {
        const own = sum(counts.filter(({ status }) => statuses.includes(status)));
        count.textContent = own === 0 ? '' : own.toLocaleString();
      }
      const statuses = chosen().flatMap((chip) => chip.statuses);
      return sum(counts.filter(({ status }) => statuses.length === 0 || statuses.includes(status)));
    },
    clear: () => {
      for (const { box } of chips) box.checked = false;
    },
  };
};

const orNull = (where) => (Object.keys(where).length === 0 ? null : where);

/** The condition that the two boxes specify. A number may be an id. */
const whereOf = (part, name) => {
  const description = { description: { contains: part } };
  return {
    ...(part && (/^[1-9]\d{0,14}$/.test(part) ? { or: [description, { id: { equals: part } }] } : description)),
    ...(name && { userName: { contains: name } }),
  };
};

export const createFilter = (onChange) => {
  const [text, user] = [find('text'), find('user')];
  const address = new URL(location.href);
  text.value = address.searchParams.get('text') ?? '';
  user.value = address.searchParams.get('by') ?? '';
  const changed = () => {
    const values = { text: text.value.trim(), by: user.value.trim(), status: chips.names().join(',') };
    for (const [name, value] of Object.entries(values)) {
      if (value === '') address.searchParams.delete(name);
      else address.searchParams.set(name, value);
    }
    history.replaceState(null, '', address);
    onChange();
  };
  const chips = createChips((address.searchParams.get('status') ?? '').split(','), changed);
  const words = () => whereOf(text.value.trim(), user.value.trim());
  takeKeys([text, user], changed);
  return {
    /** The filter in the form that the API accepts; null for none. */
    where: () => orNull({ ...words(), ...(chips.names().length > 0 && { status: { in: chips.statuses() } }) }),
    whereOfCounts: () => orNull(words()),
    /** Shows the number of jobs for each chip, and returns how many match in total. */
    showCounts: chips.show,
    clear: () => {
      for (const input of [text, user]) input.value = '';
      chips.clear();
      changed();
    },
  };
};

/** Applies typed text after a short pause. A slash moves the focus to the first box. */
const takeKeys = (inputs, onTyped) => {
  let typing;
  for (const input of inputs) {
    input.addEventListener('input', () => {
      clearTimeout(typing);
      typing = setTimeout(onTyped, TYPING_MS);
    });
  }
  find('filter').addEventListener('submit', (event) => event.preventDefault());
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || /^(INPUT|TEXTAREA)$/.test(event.target.tagName)) return;
    event.preventDefault();
    inputs[0].focus();
  });
};
