/** Talks to the server that the page came from: requests by fetch, the live list by graphql-transport-ws. */

const HTTP = new URL('/graphql', location.href);
const SOCKET = new URL(HTTP.href.replace(/^http/, 'ws'));
/** `/?user=grace`: as whom, where the server asks for no token. */
const USER = new URLSearchParams(location.search).get('user');

const QUIET_MS = 10_000;
const LONGEST_WAIT_MS = 15_000;
/** Closes that would come again and again. */
const LASTING_CLOSES = [4400, 4401, 4406, 4409, 4429];
const PASSING_ERRORS = ['UNAVAILABLE', 'TOO_MANY', 'INTERNAL_SERVER_ERROR'];

/** An error that the API answers with; `code` is one of its closed list. */
class ApiError extends Error {
  constructor({ message, extensions }) {
    super(message);
    this.code = extensions?.code;
  }
}

export const ask = async (query, variables = {}) => {
  const response = await fetch(HTTP, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(USER && { 'x-signalbox-user': USER }) },
    body: JSON.stringify({ query, variables }),
  }).catch(() => {
    throw new Error('The server cannot be reached.');
  });
  const { data, errors } = await response.json();
  if (errors) throw new ApiError(errors[0]);
  return data;
};

/**
 * One subscription that stays: it connects again by itself, and from then on begins anew. `onState` is told
 * 'connecting', 'live', 'lost' (with what went wrong; it tries again) and 'refused' (it does not).
 */
export const openLive = ({ query, onData, onState }) => {
  let socket = null;
  let variables = null;
  let operation = 0;
  let failures = 0;
  let retry;
  let pulse;
  let waitsForPong = false;

  const send = (message) => socket?.readyState === WebSocket.OPEN && socket.send(JSON.stringify(message));

  const connect = () => {
    clearTimeout(retry);
    const own = new WebSocket(SOCKET, 'graphql-transport-ws');
    const mine = (take) => (event) => socket === own && take(event);
    socket = own;
    own.onopen = mine(() => send({ type: 'connection_init', payload: USER ? { user: USER } : {} }));
    own.onmessage = mine(({ data }) => take(JSON.parse(data)));
    own.onclose = mine(({ code, reason }) => {
      if (LASTING_CLOSES.includes(code)) refuse(reason || `The server closed the connection with ${code}.`);
      else lose(reason || 'The server cannot be reached.');
    });
    waitsForPong = false;
    pulse = setInterval(beat, QUIET_MS);
  };

  /** After a sleep, or behind a network that drops silently, nobody else would say that the socket is dead. */
  const beat = () => {
    if (waitsForPong) return lose('The server does not answer.');
    waitsForPong = true;
    send({ type: 'ping' });
  };

  const leave = () => {
    clearInterval(pulse);
    const old = socket;
    socket = null;
    old?.close(1000);
  };
  const lose = (message) => {
    leave();
    onState('lost', message);
    const wait = Math.min(LONGEST_WAIT_MS, 500 * 2 ** failures) * (0.5 + Math.random() / 2);
    failures += 1;
    retry = setTimeout(connect, wait);
  };
  const refuse = (message) => {
    leave();
    onState('refused', message);
  };

  const subscribe = () => {
    operation += 1;
    send({ type: 'subscribe', id: String(operation), payload: { query, variables } });
  };
  const fail = ([error]) => (PASSING_ERRORS.includes(error.extensions?.code) ? lose : refuse)(error.message);

  const take = ({ type, id, payload }) => {
    waitsForPong = false;
    if (type === 'ping') return send({ type: 'pong' });
    if (type === 'connection_ack') {
      failures = 0;
      onState('live');
      return subscribe();
    }
    // What still arrives for an earlier filter is nobody's any more.
    if (id !== String(operation)) return;
    if (type === 'error') return fail(payload);
    if (type === 'complete') return lose('The server ended the list.');
    if (type === 'next') return payload.errors ? fail(payload.errors) : onData(payload.data);
  };

  // The wait may be long by now, and both say that it may work again.
  addEventListener('online', () => socket ?? connect());
  document.addEventListener('visibilitychange', () => !document.hidden && variables && (socket ?? connect()));

  return {
    /** Subscribes with these variables, instead of with those before. */
    watch: (next) => {
      variables = next;
      if (socket === null) {
        onState('connecting');
        return connect();
      }
      send({ type: 'complete', id: String(operation) });
      if (socket.readyState === WebSocket.OPEN && operation > 0) subscribe();
    },
  };
};
