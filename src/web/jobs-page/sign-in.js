/** Signs in with a token or a JWT, which the browser keeps until the tab is closed, and signs out. */
import { dropToken, hasToken, keepToken } from './api.js';

const find = (id) => document.getElementById(id);

/** Shows the form. `reason` is the server's answer to the token that was sent. */
export const offerSignIn = (reason) => {
  const problem = hasToken() ? `The server refuses the token: ${reason}.` : '';
  find('sign-in-problem').textContent = problem;
  find('sign-in-problem').hidden = problem === '';
  for (const id of ['filter', 'jobs', 'none', 'more']) find(id).hidden = true;
  find('sign-in').hidden = false;
  find('token').focus();
};

/** Shows who has signed in. */
export const showViewer = ({ name, scope }) => {
  find('viewer').textContent = scope === 'FULL' ? name : `${name} (${scope})`;
  find('sign-out').hidden = !hasToken();
};

// Everything on the page belongs to the previous user, so the page is loaded again.
find('sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  keepToken(find('token').value.trim());
  location.reload();
});
find('sign-out').addEventListener('click', () => {
  dropToken();
  location.reload();
});
