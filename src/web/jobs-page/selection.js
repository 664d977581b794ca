/** The selected jobs: those with a checked box, or all that match the filter, including jobs that are not shown. */
const find = (id) => document.getElementById(id);
const nounOf = (count) => (count === 1 ? '1 job' : `${count.toLocaleString()} jobs`);

/** `jobs` returns the jobs that are shown; `onCommand` receives ids, or null for all that match. */
export const createSelection = ({ jobs, onCommand }) => {
  const bar = find('selection');
  const buttons = [...bar.querySelectorAll('[data-command]')];
  const box = find('shown');
  const ids = new Set();
  let isAll = false;
  let total = 0;

  const show = () => {
    const shown = jobs();
    const isSelected = (id) => isAll || ids.has(id);
    bar.hidden = !isAll && ids.size === 0;
    find('count').textContent = isAll ? `All ${nounOf(total)} that match` : `${nounOf(ids.size)} selected`;
    find('all').textContent = `Select all ${total.toLocaleString()} that match`;
    find('all').hidden = isAll || total <= 1;
    box.checked = shown.size > 0 && [...shown.keys()].every(isSelected);
    box.indeterminate = !box.checked && ids.size > 0;
    const chosen = [...shown.values()].filter(({ id }) => isSelected(id));
    for (const button of buttons) {
      const applies = ({ availableCommands }) => availableCommands.includes(button.dataset.command);
      // The available commands of jobs that are not shown are unknown; the preview shows them.
      button.disabled = !chosen.some(applies) && !(isAll && total > shown.size);
    }
    selection.draw(isSelected);
  };
  const set = (all, some) => {
    isAll = all;
    ids.clear();
    for (const id of some) ids.add(id);
    show();
  };
  box.addEventListener('change', () => set(false, box.checked ? jobs().keys() : []));
  find('all').addEventListener('click', () => set(true, []));
  find('nothing').addEventListener('click', () => set(false, []));
  for (const button of buttons) {
    button.addEventListener('click', () => {
      const what = isAll ? `all ${nounOf(total)} that match` : nounOf(ids.size);
      onCommand(button.dataset.command, isAll ? null : [...ids], what);
    });
  }

  const selection = {
    draw: () => undefined,
    /** Deselecting one of all matching jobs leaves only the other shown jobs selected. */
    toggle: (id, on) => {
      const next = new Set(isAll ? jobs().keys() : ids);
      if (on) next.add(id);
      else next.delete(id);
      set(false, next);
    },
    keepOnly: (shown) => {
      for (const id of ids) if (!shown.has(id)) ids.delete(id);
      show();
    },
    showTotal: (count) => {
      total = count;
      show();
    },
    clear: () => set(false, []),
  };
  return selection;
};
