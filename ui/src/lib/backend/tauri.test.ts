import { clearMocks, mockIPC } from '@tauri-apps/api/mocks';
import { afterEach, expect, test, vi } from 'vitest';
import { asCommandError } from './backend';
import type { AccountForm } from './bindings/AccountForm';
import { tauri } from './tauri';

afterEach(clearMocks);

const form: AccountForm = {
  name: 'work',
  provider: 'ringcentral',
  server: null,
  clientId: 'id',
  grant: 'jwt',
  redirectUri: null,
  clientSecret: 'secret',
  assertion: 'jwt',
};

test('every command is invoked by the name and with the arguments that the window has for it', async () => {
  const invoked: unknown[] = [];
  mockIPC((command, args) => {
    invoked.push([command, args]);
  });
  await tauri.addAccount(form);
  await tauri.pickEnvFile();
  await tauri.addFromEnvFile(7, 'work', 'code');
  await tauri.forgetEnvFile(7);
  await tauri.signIn('work');
  await tauri.refresh('work');
  await tauri.copy('work', 'authorization_header');
  await tauri.remove('work');
  await tauri.unlock();
  await tauri.setStartAtLogin(true);
  expect(invoked).toEqual([
    ['add_account', { form }],
    ['pick_env_file', {}],
    ['add_from_env_file', { id: 7, name: 'work', grant: 'code' }],
    ['forget_env_file', { id: 7 }],
    ['sign_in', { name: 'work' }],
    ['refresh', { name: 'work' }],
    ['copy', { name: 'work', what: 'authorization_header' }],
    ['remove', { name: 'work' }],
    ['unlock', {}],
    ['set_start_at_login', { enabled: true }],
  ]);
});

test('updates arrive through a channel, in their order', async () => {
  let channel = 0;
  mockIPC((command, args) => {
    expect(command).toBe('watch');
    channel = (args as { updates: { id: number } }).updates.id;
  });
  const take = vi.fn();
  await tauri.watch(take);
  const internals = (window as unknown as { __TAURI_INTERNALS__: { runCallback(id: number, sent: unknown): void } })
    .__TAURI_INTERNALS__;
  const updates = ['first', 'second'].map((name) => ({ kind: 'removed', name }));
  internals.runCallback(channel, { index: 1, message: updates[1] });
  internals.runCallback(channel, { index: 0, message: updates[0] });
  expect(take.mock.calls).toEqual([[updates[0]], [updates[1]]]);
});

test('a refusal keeps its words and its field, and anything else that is rejected becomes words', () => {
  expect(asCommandError({ message: 'Taken.', field: 'name' })).toEqual({ message: 'Taken.', field: 'name' });
  expect(asCommandError('command copy not found')).toEqual({
    message: 'Tokenkeep could not be asked: command copy not found',
    field: null,
  });
});
