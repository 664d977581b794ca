/**
 * The changes of a table, as emitted by a changefeed without a sink. A feed has one reader, and a newer reader ends the
 * older one. Reading therefore starts only on request, and acknowledges nothing, so that the feed's own reader loses
 * nothing.
 */
import { openLive } from './api.js';
import { element, time } from './rows.js';

/** The maximum number of changes that are shown, newest first. */
const SHOWN = 100;
const QUERY = `subscription ($id: ID!) {
  changefeed(jobId: $id) {
    __typename
    ... on ChangefeedRow { cursor table key after before deleted updated }
    ... on ChangefeedResolved { resolved }
  }
}`;
const ENDED = 'The feed has ended, or another reader has taken it over.';

export const isWatchable = ({ typeName, sink }) => typeName === 'CHANGEFEED' && sink === null;

/** A section of the drawer. `stop` ends the reading. */
export const createChanges = (id) => {
  const list = element('ol', { className: 'changes' });
  const said = element(
    'p',
    { className: 'muted', role: 'status' },
    'A feed has one reader: watching ends the one before.',
  );
  const button = element('button', { type: 'button' }, 'Watch the changes');
  let live = null;
  let count = 0;
  const tell = (text) => {
    said.textContent = text;
  };
  const take = ({ changefeed: message }) => {
    if (message.__typename === 'ChangefeedResolved') return;
    count += 1;
    list.prepend(showChange(message));
    if (list.children.length > SHOWN) list.lastChild.remove();
    tell(`${count.toLocaleString()} ${count === 1 ? 'change' : 'changes'}`);
  };
  const stop = () => {
    live?.stop();
    live = null;
    button.hidden = false;
  };
  button.addEventListener('click', () => {
    count = 0;
    list.replaceChildren();
    button.hidden = true;
    tell('Waiting for a change.');
    live = openLive({
      query: QUERY,
      onData: take,
      onEnd: () => {
        stop();
        tell(ENDED);
      },
      onState: (state, message = '') => {
        if (state !== 'live') tell(message);
        if (state === 'refused') stop();
      },
    });
    live.watch({ id });
  });
  return { section: element('section', {}, element('h3', {}, 'Changes'), said, button, list), stop };
};

const showChange = ({ table, key, after, deleted, updated }) =>
  element(
    'li',
    {},
    element(
      'p',
      { className: 'move' },
      element('b', {}, `${table} ${JSON.stringify(key)}`),
      element('span', { className: 'muted' }, deleted ? 'deleted' : 'written'),
      updated ? time(updated) : '',
    ),
    after === null ? '' : element('code', {}, JSON.stringify(after)),
  );
