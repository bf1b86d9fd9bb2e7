import { screen, within } from '@testing-library/svelte';
import { expect, test, vi } from 'vitest';
import { ENV_FILE, fresh } from '../lib/backend/memory/scenarios';
import { field, NOW, openPage, settled } from './page';

function inDialog() {
  return within(screen.getByRole('dialog'));
}

test('a file that is picked shows what is in it, and becomes an account', async () => {
  const { backend, user } = await openPage();
  backend.filesToPick.push(ENV_FILE);
  const add = vi.spyOn(backend, 'addFromEnvFile');
  await user.click(screen.getByRole('button', { name: /From an \.env file/ }));
  await user.click(inDialog().getByRole('button', { name: 'Choose a file…' }));
  await settled();
  expect(inDialog().getByText(ENV_FILE.clientId)).toBeVisible();
  await user.type(field('name'), 'work');
  await user.click(inDialog().getByRole('button', { name: 'Add account' }));
  await settled();
  expect(add).toHaveBeenCalledExactlyOnceWith(ENV_FILE.id, 'work', 'jwt');
  expect(screen.getByText('work is added. It signs in by itself now.')).toBeVisible();
});

test('where both are possible, a person can sign in instead', async () => {
  const { backend, user } = await openPage();
  const add = vi.spyOn(backend, 'addFromEnvFile');
  backend.drop(ENV_FILE);
  await settled();
  expect(inDialog().getByRole('radio', { name: 'With the JWT, by itself' })).toBeChecked();
  await user.click(inDialog().getByRole('radio', { name: 'A person signs in' }));
  await user.type(field('name'), 'work');
  await user.click(inDialog().getByRole('button', { name: 'Add account' }));
  await settled();
  expect(add).toHaveBeenCalledExactlyOnceWith(ENV_FILE.id, 'work', 'code');
  expect(screen.getByRole('dialog', { name: 'Now sign in' })).toBeVisible();
});

test('if one is possible, there is nothing to choose', async () => {
  const { backend, user } = await openPage();
  const add = vi.spyOn(backend, 'addFromEnvFile');
  backend.drop({ ...ENV_FILE, grants: ['code'], hasAssertion: false });
  await settled();
  expect(inDialog().queryByRole('radio')).toBeNull();
  await user.type(field('name'), 'work');
  await user.click(inDialog().getByRole('button', { name: 'Add account' }));
  await settled();
  expect(add).toHaveBeenCalledExactlyOnceWith(ENV_FILE.id, 'work', 'code');
});

test('a file that is of no use says why, and another can be picked', async () => {
  const { backend, user } = await openPage([fresh('work', NOW)]);
  backend.filesToPick.push(ENV_FILE);
  backend.dropRefused('notes.txt has no RC_APP_CLIENT_ID. Add it, and drop the file again.');
  await settled();
  expect(inDialog().getByRole('alert')).toHaveTextContent('notes.txt has no RC_APP_CLIENT_ID.');
  await user.click(inDialog().getByRole('button', { name: 'Choose a file…' }));
  await settled();
  expect(inDialog().queryByText(/notes\.txt/)).toBeNull();
  expect(inDialog().getByText(ENV_FILE.clientId)).toBeVisible();
});

test('a pick that is cancelled or refused leaves the choice open', async () => {
  const { backend, user } = await openPage();
  await user.click(screen.getByRole('button', { name: /From an \.env file/ }));
  await user.click(inDialog().getByRole('button', { name: 'Choose a file…' }));
  expect(inDialog().getByRole('button', { name: 'Choose a file…' })).toBeVisible();
  backend.refuseNext('pickEnvFile', 'The file cannot be read.');
  await user.click(inDialog().getByRole('button', { name: 'Choose a file…' }));
  await settled();
  expect(inDialog().getByRole('alert')).toHaveTextContent('The file cannot be read.');
});

test('a name that is taken is shown at its field, and the file stays', async () => {
  const { backend, user } = await openPage([fresh('work', NOW)]);
  backend.drop(ENV_FILE);
  await settled();
  await user.type(field('name'), 'work');
  await user.click(inDialog().getByRole('button', { name: 'Add account' }));
  await settled();
  expect(field('name')).toHaveFocus();
  expect(field('name')).toHaveAccessibleDescription(/There is an account called work already/);
  expect(inDialog().getByText(ENV_FILE.clientId)).toBeVisible();
});

test('a file is forgotten when the form is closed', async () => {
  const { backend, user } = await openPage();
  const forget = vi.spyOn(backend, 'forgetEnvFile');
  backend.drop(ENV_FILE);
  await settled();
  await user.click(inDialog().getByRole('button', { name: 'Cancel' }));
  await settled();
  expect(forget).toHaveBeenCalledExactlyOnceWith(ENV_FILE.id);
  await user.click(screen.getByRole('button', { name: /From an \.env file/ }));
  await settled();
  expect(inDialog().queryByText(ENV_FILE.clientId)).toBeNull();
});
