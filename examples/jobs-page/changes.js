/** The changes of a feed without a sink, as they are told. Looking acknowledges nothing: all of it is kept. */
import { openLive } from './api.js';
import { element, time } from './rows.js';

const CHANGES = `subscription ($id: ID!) {
  changefeed(jobId: $id) {
    ... on ChangefeedRow { cursor table key after deleted updated }
    ... on ChangefeedResolved { cursor resolved }
  }
}`;
/** So many are on the screen. */
const SHOWN = 50;

const find = (id) => document.getElementById(id);

const showChange = ({ table, key, after, deleted, updated, resolved }) =>
  resolved
    ? element('li', { className: 'muted' }, 'all told up to ', time(resolved))
    : element(
        'li',
        {},
        element('p', { className: 'move' }, `${table} ${key.join(', ')}`, updated ? time(updated) : ''),
        element('p', { className: deleted ? 'error' : 'quote' }, deleted ? 'deleted' : JSON.stringify(after ?? {})),
      );

export const createChanges = () => {
  const [place, button, list, state] = ['changes', 'changes-open', 'changes-list', 'changes-state'].map(find);
  let id = null;
  let live = null;
  let told = [];
  let count = 0;
  let isDrawn = true;

  const draw = () => {
    isDrawn = true;
    list.replaceChildren(...told.map(showChange));
    state.textContent = count === 0 ? 'Nothing yet.' : `${count.toLocaleString()} told, the newest first.`;
  };
  /** A scan tells thousands at once: they are drawn once a frame. */
  const drawSoon = () => {
    if (!isDrawn) return;
    isDrawn = false;
    requestAnimationFrame(draw);
  };
  const begin = () => {
    told = [];
    count = 0;
    drawSoon();
  };
  const stop = () => {
    live?.stop();
    live = null;
    button.textContent = 'Show them live';
  };
  const start = () => {
    button.textContent = 'Stop';
    const own = openLive({
      query: CHANGES,
      onData: ({ changefeed }) => {
        if (live !== own) return;
        count += 1;
        told = [changefeed, ...told].slice(0, SHOWN);
        drawSoon();
      },
      onState: (now, message = '') => {
        if (live !== own) return;
        if (now === 'live') begin();
        else state.textContent = message;
      },
      // The job has ended, or somebody else reads: to begin again would end their reading.
      onComplete: () => {
        if (live !== own) return;
        stop();
        state.textContent = 'It has ended, or somebody else reads it now.';
      },
    });
    live = own;
    own.watch({ id });
  };
  button.addEventListener('click', () => (live === null ? start() : stop()));

  return {
    /** Of a job that can be read so; null of any other. */
    offer: (jobId) => {
      if (jobId === id) return;
      stop();
      id = jobId;
      place.hidden = id === null;
      list.replaceChildren();
      state.textContent = 'One reader at a time: showing them ends whoever reads them now.';
    },
  };
};
