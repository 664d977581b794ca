/** Communicates with the page's own server: requests use fetch, and the live list uses graphql-transport-ws. */

const HTTP = new URL('graphql', location.href);
const SOCKET = new URL(HTTP.href.replace(/^http/, 'ws'));
/** `/?user=grace` selects the user if the server requires no token. */
const USER = new URLSearchParams(location.search).get('user');

/** The token of this tab: the browser forgets it with the tab. The playground uses the same name. */
const TOKEN = 'signalbox:token';
export const hasToken = () => sessionStorage.getItem(TOKEN) !== null;
export const keepToken = (token) => sessionStorage.setItem(TOKEN, token);
export const dropToken = () => sessionStorage.removeItem(TOKEN);
/** Whether a token could help: not if the address of the page names a user who does not exist. */
export const mayNeedToken = () => USER === null || hasToken();

/** What identifies the user: in the headers of a request, and in the parameters of a socket. */
const proofOf = (userName) => {
  if (hasToken()) return { authorization: `Bearer ${sessionStorage.getItem(TOKEN)}` };
  return USER ? { [userName]: USER } : {};
};

const QUIET_MS = 10_000;
const LONGEST_WAIT_MS = 15_000;
/** Close codes that a retry would only repeat. */
const LASTING_CLOSES = [4400, 4401, 4406, 4409, 4429];
/** The token has expired or was revoked. */
const FORBIDDEN = 4403;
const PASSING_ERRORS = ['UNAVAILABLE', 'TOO_MANY', 'INTERNAL_SERVER_ERROR'];

/** An error that the API returned; `code` is from its closed list. */
class ApiError extends Error {
  constructor({ message, extensions }) {
    super(message);
    this.code = extensions?.code;
  }
}

export const ask = async (query, variables = {}) => {
  const response = await fetch(HTTP, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...proofOf('x-signalbox-user') },
    body: JSON.stringify({ query, variables }),
  }).catch(() => {
    throw new Error('The server cannot be reached.');
  });
  const { data, errors } = await response.json();
  if (errors) throw new ApiError(errors[0]);
  return data;
};

/**
 * A persistent subscription: it reconnects by itself and then starts again. `onState` receives 'connecting', 'live',
 * 'lost' (with the reason; it retries), 'refused' (it does not retry) and 'signed-out' (its token is no longer valid). If the server ends the subscription, `onEnd`
 * is called; without an `onEnd` the subscription starts again.
 */
export const openLive = ({ query, onData, onState, onEnd = () => connection.lose('The server ended the list.') }) => {
  let variables = null;
  let operation = 0;
  const subscribe = () => {
    operation += 1;
    connection.send({ type: 'subscribe', id: String(operation), payload: { query, variables } });
  };
  const fail = ([error]) => {
    if (PASSING_ERRORS.includes(error.extensions?.code)) connection.lose(error.message);
    else connection.refuse(error.message);
  };
  const connection = createConnection({
    onState,
    onReady: subscribe,
    onMessage: ({ type, id, payload }) => {
      // Results that still arrive for an earlier filter are ignored.
      if (id !== String(operation)) return;
      if (type === 'complete') onEnd();
      else if (type === 'error') fail(payload);
      else if (payload.errors) fail(payload.errors);
      else onData(payload.data);
    },
  });
  return {
    /** Subscribes with these variables instead of the previous ones. */
    watch: (next) => {
      variables = next;
      if (!connection.isReady()) return connection.open();
      connection.send({ type: 'complete', id: String(operation) });
      subscribe();
    },
    /** Ends the subscription permanently. */
    stop: connection.close,
  };
};

/** A socket that is reopened after increasing delays, until it is refused permanently. */
const createConnection = ({ onState, onReady, onMessage }) => {
  let socket = null;
  let isReady = false;
  let failures = 0;
  let waitsForPong = false;
  let [retry, pulse] = [];

  const leave = () => {
    clearTimeout(retry);
    clearInterval(pulse);
    const old = socket;
    socket = null;
    isReady = false;
    old?.close(1000);
  };
  const lose = (message) => {
    leave();
    onState('lost', `${message} Trying again.`);
    const wait = Math.min(LONGEST_WAIT_MS, 500 * 2 ** failures) * (0.5 + Math.random() / 2);
    failures += 1;
    retry = setTimeout(open, wait);
  };
  const refuse = (message) => {
    leave();
    onState('refused', message);
  };
  const signedOut = (reason) => {
    leave();
    onState('signed-out', reason);
  };
  const send = (message) => socket.send(JSON.stringify(message));
  /** After a sleep, or behind a network that drops packets silently, nothing else reveals that the socket is dead. */
  const beat = () => {
    if (waitsForPong || !isReady) return lose('The server does not answer.');
    waitsForPong = true;
    send({ type: 'ping' });
  };
  const take = (message) => {
    waitsForPong = false;
    if (message.type === 'ping') return send({ type: 'pong' });
    if (message.type !== 'connection_ack') return onMessage(message);
    failures = 0;
    isReady = true;
    onState('live');
    onReady();
  };
  const open = () => {
    if (socket !== null) return;
    clearTimeout(retry);
    waitsForPong = false;
    const own = new WebSocket(SOCKET, 'graphql-transport-ws');
    const mine = (act) => (event) => socket === own && act(event);
    socket = own;
    own.onopen = mine(() => send({ type: 'connection_init', payload: proofOf('user') }));
    own.onmessage = mine(({ data }) => take(JSON.parse(data)));
    own.onclose = mine(({ code, reason }) => {
      if (code === FORBIDDEN) signedOut(reason);
      else if (LASTING_CLOSES.includes(code)) refuse(reason || `The server closed the connection with ${code}.`);
      else lose(reason ? sentence(reason) : 'The server cannot be reached.');
    });
    pulse = setInterval(beat, QUIET_MS);
  };
  // The delay may be long by now, and both events suggest that a retry may succeed.
  const again = () => document.hidden || open();
  addEventListener('online', open);
  document.addEventListener('visibilitychange', again);
  const close = () => {
    removeEventListener('online', open);
    document.removeEventListener('visibilitychange', again);
    leave();
  };
  return { open, close, send, lose, refuse, isReady: () => isReady };
};

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}.`;
