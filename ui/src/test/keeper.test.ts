import { screen } from '@testing-library/svelte';
import { expect, test, vi } from 'vitest';
import { fresh } from '../lib/backend/memory/scenarios';
import { card, NOW, openPage, settled } from './page';

test('a locked keychain is told, and can be unlocked', async () => {
  const { user } = await openPage([fresh('work', NOW)], { vault: { state: 'locked' } });
  expect(screen.getByRole('heading', { name: 'The keychain is locked' })).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Unlock' }));
  await settled();
  expect(screen.queryByRole('heading', { name: 'The keychain is locked' })).toBeNull();
});

test('a keychain that stays locked says why', async () => {
  const { backend, user } = await openPage([], { vault: { state: 'locked' } });
  backend.refuseNext('unlock', 'The question was dismissed, so the keychain is still locked.');
  await user.click(screen.getByRole('button', { name: 'Unlock' }));
  expect(screen.getByText(/The question was dismissed/)).toBeVisible();
  expect(screen.getByRole('button', { name: 'Unlock' })).toBeEnabled();
});

test('a missing keychain, secrets in memory only, and other problems are told', async () => {
  const why = 'There is no Secret Service on the session bus.';
  const { backend } = await openPage([], { vault: { state: 'absent', why }, problems: ['config.toml cannot be read.'] });
  expect(screen.getByText(why)).toBeVisible();
  expect(screen.getByText('config.toml cannot be read.')).toBeVisible();
  backend.changeKeeper({ vault: { state: 'memory_only' }, problems: [] });
  await settled();
  expect(screen.queryByText(why)).toBeNull();
  expect(screen.queryByText('config.toml cannot be read.')).toBeNull();
  expect(screen.getByRole('heading', { name: 'Secrets are kept in memory only' })).toBeVisible();
});

test.each([
  ['Start at login', true],
  ['Not now', false],
])('the offer to start at login is answered once by %s', async (label, enabled) => {
  const { backend, user } = await openPage([fresh('work', NOW)], { startAtLogin: { enabled: false, offer: true } });
  const set = vi.spyOn(backend, 'setStartAtLogin');
  expect(screen.getByText('A keeper that is off for a week loses its sign-ins.')).toBeVisible();
  await user.click(screen.getByRole('button', { name: label }));
  expect(set).toHaveBeenCalledExactlyOnceWith(enabled);
  await settled();
  expect(screen.queryByText('A keeper that is off for a week loses its sign-ins.')).toBeNull();
  const box = screen.getByRole<HTMLInputElement>('checkbox', { name: 'Start when I log in' });
  expect(box.checked).toBe(enabled);
});

test('an offer that could not be taken up stays, and says why', async () => {
  const { backend, user } = await openPage([], { startAtLogin: { enabled: false, offer: true } });
  backend.refuseNext('setStartAtLogin', 'The folder for programs that start at login cannot be written.');
  await user.click(screen.getByRole('button', { name: 'Start at login' }));
  expect(screen.getByText(/cannot be written/)).toBeVisible();
  expect(screen.getByRole('button', { name: 'Start at login' })).toBeEnabled();
});

test('starting at login can be changed later, and a change that is refused is not shown as made', async () => {
  const { backend, user } = await openPage();
  const box = screen.getByRole<HTMLInputElement>('checkbox', { name: 'Start when I log in' });
  await user.click(box);
  await settled();
  expect(box.checked).toBe(true);
  backend.refuseNext('setStartAtLogin', 'It cannot be written.');
  await user.click(box);
  await settled();
  expect(box.checked).toBe(true);
  expect(screen.getByText('It cannot be written.')).toBeVisible();
});

test('when the keeper is gone it says so at once, and nothing can be pressed', async () => {
  const { backend } = await openPage([fresh('work', NOW)], { vault: { state: 'locked' } });
  backend.end();
  await settled();
  expect(screen.getByRole('alert')).toHaveTextContent('Tokenkeep has ended. Start it again to see your accounts.');
  for (const control of [...screen.getAllByRole('button'), ...screen.getAllByRole('checkbox')]) {
    expect(control).toBeDisabled();
  }
  expect(card('work').state()).toHaveTextContent('fresh');
});

test('a keeper that ends while an account is being added closes the form', async () => {
  const { backend, user } = await openPage([fresh('work', NOW)]);
  await user.click(screen.getByRole('button', { name: 'Add account' }));
  backend.end();
  await settled();
  expect(screen.queryByRole('dialog')).toBeNull();
});
