import { screen } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import type { State } from '../lib/backend/bindings/State';
import { fresh, ringCentral } from '../lib/backend/memory/scenarios';
import { DAY, MINUTE, SECOND } from '../lib/time';
import { card, NOW, openPage, settled } from './page';

test.each<[State, string]>([
  ['loading', 'loading'],
  ['signed_out', 'signed out'],
  ['fresh', 'fresh'],
  ['renewing', 'renewing'],
  ['in_doubt', 'in doubt'],
  ['failing', 'failing'],
  ['misconfigured', 'misconfigured'],
  ['sign_in_needed', 'sign in again'],
  ['removing', 'removing'],
])('an account that is %s says so by a word', async (state, word) => {
  await openPage([fresh('work', NOW, 0, { state })]);
  expect(card('work').state()).toHaveTextContent(word);
  expect(card('work').state()).toHaveAttribute('data-state', state);
});

test('every state has a shape of its own, so that none is told by colour alone', async () => {
  const states: State[] = ['loading', 'signed_out', 'fresh', 'renewing', 'in_doubt', 'failing', 'misconfigured', 'sign_in_needed', 'removing'];
  await openPage(states.map((state) => fresh(state, NOW, 0, { state })));
  const shapes = states.map((state) => card(state).item.querySelector('path')?.getAttribute('d'));
  expect(new Set(shapes).size).toBe(states.length);
});

test('an account tells its provider, how it signs in, and its server', async () => {
  await openPage([fresh('me', NOW), fresh('server', NOW, 0, { grant: 'jwt' })]);
  expect(card('me').getByText("RingCentral · person's sign-in · platform.ringcentral.com")).toBeVisible();
  expect(card('server').getByText('RingCentral · JWT · platform.ringcentral.com')).toBeVisible();
});

test('accounts stand in the order of their names, also those that come later', async () => {
  const { backend } = await openPage([fresh('work', NOW), fresh('archive', NOW)]);
  await backend.addAccount({
    name: 'front-desk', provider: 'ringcentral', server: null, clientId: 'id', grant: 'code', redirectUri: null,
    clientSecret: null, assertion: null,
  });
  await settled();
  const names = screen.getAllByRole('listitem').map((item) => item.dataset['account']);
  expect(names).toEqual(['archive', 'front-desk', 'work']);
});

test('the bar and the words move as time passes, and start again with a new token', async () => {
  const { pass } = await openPage([fresh('work', NOW, 0)]);
  expect(card('work').meter()).toBe(100);
  await pass(15 * MINUTE);
  expect(card('work').meter()).toBe(75);
  expect(card('work').bar()).toBe('scaleX(0.7500)');
  expect(card('work').getByText('45 min left')).toBeVisible();
  expect(card('work').getByText('renews in 35 min')).toBeVisible();
  await pass(15 * MINUTE);
  expect(card('work').meter()).toBe(50);
  await pass(20 * MINUTE);
  expect(card('work').state()).toHaveTextContent('renewing');
  await pass(SECOND);
  expect(card('work').state()).toHaveTextContent('fresh');
  expect(card('work').meter()).toBe(100);
});

test('an account without a token has no bar', async () => {
  await openPage([ringCentral('work')]);
  expect(card('work').queryByRole('meter')).toBeNull();
});

test('a problem is shown as the keeper words it, until it is over', async () => {
  const problem = 'RingCentral cannot be reached. Check the network; it is tried again by itself.';
  const { backend } = await openPage([fresh('work', NOW, 0, { state: 'failing', problem })]);
  expect(card('work').getByText(problem)).toBeVisible();
  backend.change('work', { state: 'fresh', problem: null });
  await settled();
  expect(card('work').queryByText(problem)).toBeNull();
});

test('a lapse within a week, a token that is not saved, and who uses it are shown', async () => {
  const { pass } = await openPage([
    fresh('work', NOW, 0, {
      unsaved: true,
      lapse: { at: NOW + 2 * DAY, cause: 'session_ends' },
      leases: [{ holder: 'curl', since: NOW - MINUTE, until: NOW + 2 * MINUTE }],
    }),
    fresh('later', NOW, 0, { lapse: { at: NOW + 8 * DAY, cause: 'session_ends' } }),
  ]);
  expect(card('work').getByText('The session ends: sign in again within 2 d.')).toBeVisible();
  expect(card('work').getByText(/^Not saved in the keychain yet/)).toBeVisible();
  expect(card('work').getByText('in use by curl, 1 min')).toBeVisible();
  expect(card('later').queryByText(/sign in again within/)).toBeNull();
  await pass(3 * MINUTE);
  expect(card('work').queryByText(/in use by/)).toBeNull();
});

test('an account that was removed elsewhere goes', async () => {
  const { backend } = await openPage([fresh('work', NOW), fresh('archive', NOW)]);
  await backend.remove('work');
  await settled();
  expect(screen.getAllByRole('listitem')).toHaveLength(1);
});
