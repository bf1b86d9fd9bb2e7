import { expect, test, vi } from 'vitest';
import { fresh, ringCentral } from '../lib/backend/memory/scenarios';
import { HOUR, MINUTE, SECOND } from '../lib/time';
import { card, NOW, openPage, settled } from './page';

test.each([
  ['Copy access token', 'access_token'],
  ['Copy Authorization header', 'authorization_header'],
])('%s has it copied, and says when the clipboard is cleared', async (label, what) => {
  const { backend, user, pass } = await openPage([fresh('work', NOW)]);
  const copy = vi.spyOn(backend, 'copy');
  await user.click(card('work').button(label));
  expect(copy).toHaveBeenCalledExactlyOnceWith('work', what);
  expect(card('work').said()).toHaveTextContent('Copied. It is taken out of the clipboard after 45 s.');
  await pass(45 * SECOND);
  expect(card('work').said()).toHaveTextContent(/^$/);
});

test('what came of an action is said politely to those who cannot see it', async () => {
  await openPage([fresh('work', NOW)]);
  expect(card('work').said()).toHaveAttribute('role', 'status');
});

test('a refused copy is told in the refusal’s words', async () => {
  const { backend, user } = await openPage([fresh('work', NOW)]);
  backend.refuseNext('copy', 'There is no clipboard to copy to.');
  await user.click(card('work').button('Copy access token'));
  expect(card('work').said()).toHaveTextContent('There is no clipboard to copy to.');
});

test('a refresh says that it is under way, and that it is done', async () => {
  const { user, pass } = await openPage([fresh('work', NOW, 20 * MINUTE)]);
  await user.click(card('work').button('Refresh now'));
  expect(card('work').said()).toHaveTextContent('Refreshing…');
  expect(card('work').state()).toHaveTextContent('renewing');
  await pass(SECOND);
  expect(card('work').said()).toHaveTextContent('Refreshed.');
  expect(card('work').meter()).toBe(100);
});

test('a refresh that is pressed twice is asked for once, and the button keeps the focus', async () => {
  const { backend, user } = await openPage([fresh('work', NOW)]);
  const refresh = vi.spyOn(backend, 'refresh');
  await user.dblClick(card('work').button('Refresh now'));
  expect(refresh).toHaveBeenCalledOnce();
  expect(card('work').button('Refresh now')).toHaveFocus();
});

test('a refused refresh is told, until the next action', async () => {
  const { backend, user, pass } = await openPage([fresh('work', NOW)]);
  backend.refuseNext('refresh', 'RingCentral cannot be reached. It is tried again by itself.');
  await user.click(card('work').button('Refresh now'));
  await pass(10 * MINUTE);
  expect(card('work').said()).toHaveTextContent('RingCentral cannot be reached.');
  await user.click(card('work').button('Copy access token'));
  expect(card('work').said()).not.toHaveTextContent('cannot be reached');
});

test('a sign-in points to its window, and says how it ended', async () => {
  const { backend, user } = await openPage([ringCentral('work')]);
  await user.click(card('work').button('Sign in…'));
  expect(card('work').said()).toHaveTextContent('Finish in the sign-in window…');
  backend.finishSignIn('work');
  await settled();
  expect(card('work').said()).toHaveTextContent('Signed in.');
  expect(card('work').state()).toHaveTextContent('fresh');
  expect(card('work').button('Sign in again…')).toBeEnabled();
});

test('a sign-in that was cancelled is told in the refusal’s words', async () => {
  const { backend, user } = await openPage([ringCentral('work')]);
  await user.click(card('work').button('Sign in…'));
  backend.cancelSignIn('work');
  await settled();
  expect(card('work').said()).toHaveTextContent('The sign-in window was closed, so nothing has changed.');
  expect(card('work').said()).not.toHaveTextContent('Finish in');
});

test('asked again for a sign-in that is open, it asks for its window, and tells one outcome', async () => {
  const { backend, user } = await openPage([ringCentral('work')]);
  const signIn = vi.spyOn(backend, 'signIn');
  await user.click(card('work').button('Sign in…'));
  backend.refuseNext('signIn', 'This sign-in is open already.');
  await user.click(card('work').button('Sign in…'));
  expect(signIn).toHaveBeenCalledTimes(2);
  expect(card('work').said()).toHaveTextContent('Finish in the sign-in window…');
  expect(card('work').said()).not.toHaveTextContent('open already');
});

test('an open sign-in does not keep the token from being copied', async () => {
  const { user } = await openPage([fresh('work', NOW)]);
  await user.click(card('work').button('Sign in again…'));
  await user.click(card('work').button('Copy access token'));
  expect(card('work').said()).toHaveTextContent('Finish in the sign-in window…');
  expect(card('work').said()).toHaveTextContent('Copied.');
});

test('an account with a JWT signs in without a window', async () => {
  const { user, pass } = await openPage([ringCentral('server', 'jwt')]);
  await user.click(card('server').button('Sign in…'));
  expect(card('server').said()).toHaveTextContent('Signing in with the JWT…');
  await pass(SECOND);
  expect(card('server').said()).toHaveTextContent('Signed in.');
});

test('what makes no sense for an account cannot be pressed', async () => {
  await openPage([ringCentral('out'), fresh('in', NOW)]);
  for (const label of ['Copy access token', 'Copy Authorization header', 'Refresh now']) {
    expect(card('out').button(label)).toBeDisabled();
    expect(card('in').button(label)).toBeEnabled();
  }
});

test('all of a card can be reached and pressed by keyboard, in the order that it is read', async () => {
  const { user } = await openPage([fresh('work', NOW)]);
  await user.tab();
  const reached: (string | undefined)[] = [];
  for (let stop = 0; stop < 5; stop += 1) {
    await user.tab();
    reached.push(document.activeElement?.textContent?.trim());
  }
  expect(reached).toEqual(['Copy access token', 'Copy Authorization header', 'Refresh now', 'Sign in again…', 'Remove']);
  await user.tab({ shift: true });
  await user.keyboard('{Enter}');
  expect(card('work').said()).toHaveTextContent('Finish in the sign-in window…');
});

test('a token that has just expired can be copied all the same while the next one comes by itself', async () => {
  await openPage([fresh('work', NOW, HOUR)]);
  expect(card('work').button('Copy access token')).toBeEnabled();
});
