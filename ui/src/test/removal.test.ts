import { screen } from '@testing-library/svelte';
import { expect, test, vi } from 'vitest';
import { fresh, ringCentral } from '../lib/backend/memory/scenarios';
import { card, NOW, openPage, settled } from './page';

test('before it removes an account it says what that does, and the focus is on keeping it', async () => {
  const { backend, user } = await openPage([fresh('work', NOW)]);
  const remove = vi.spyOn(backend, 'remove');
  await user.click(card('work').button('Remove'));
  expect(card('work').getByRole('alertdialog', { name: 'Remove work?' })).toHaveAccessibleDescription(
    /ends the session at RingCentral, and forgets the account and its secrets/,
  );
  await settled();
  expect(card('work').button('Keep account')).toHaveFocus();
  expect(remove).not.toHaveBeenCalled();
});

test('a confirmed removal takes the card away, says so, and leaves the focus in the page', async () => {
  const { user } = await openPage([fresh('work', NOW), fresh('archive', NOW)]);
  await user.click(card('work').button('Remove'));
  await user.click(card('work').button('Remove account'));
  await settled();
  expect(screen.queryByRole('listitem', { name: 'work' })).toBeNull();
  expect(screen.getByText('work is removed.')).toBeVisible();
  expect(screen.getByRole('heading', { name: 'Accounts' })).toHaveFocus();
});

test('Escape keeps the account, and gives the focus back', async () => {
  const { user } = await openPage([fresh('work', NOW)]);
  await user.click(card('work').button('Remove'));
  await settled();
  await user.keyboard('{Escape}');
  await settled();
  expect(card('work').queryByRole('alertdialog')).toBeNull();
  expect(card('work').button('Remove')).toHaveFocus();
});

test('a removal that is refused keeps the card, and says why', async () => {
  const { backend, user } = await openPage([fresh('work', NOW)]);
  backend.refuseNext('remove', 'The keychain is locked. Unlock it, and remove work again.');
  await user.click(card('work').button('Remove'));
  await user.click(card('work').button('Remove account'));
  await settled();
  expect(card('work').said()).toHaveTextContent('The keychain is locked.');
  expect(card('work').button('Remove')).toHaveFocus();
});

test('if nobody is signed in, there is no session to end', async () => {
  const { user } = await openPage([ringCentral('work')]);
  await user.click(card('work').button('Remove'));
  expect(card('work').getByRole('alertdialog')).toHaveAccessibleDescription(
    'This forgets the account and its secrets. It cannot be undone.',
  );
});
