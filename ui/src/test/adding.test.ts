import { screen, within } from '@testing-library/svelte';
import { expect, test, vi } from 'vitest';
import type { AccountField } from '../lib/backend/bindings/AccountField';
import { fresh } from '../lib/backend/memory/scenarios';
import { SECOND } from '../lib/time';
import { card, field, NOW, openPage, settled } from './page';

const PERSON = { name: 'work', client_id: 'app-id', redirect_uri: 'http://localhost:8080/callback' };
const JWT = { name: 'server', client_id: 'app-id', client_secret: 'hush-secret', assertion: 'hush.jwt' };

type Page = Awaited<ReturnType<typeof openPage>>;

async function choose({ user }: Page, way: RegExp) {
  await user.click(screen.getByRole('button', { name: 'Add account' }));
  await user.click(inDialog().getByRole('button', { name: way }));
  await settled();
}

async function fillIn({ user }: Page, values: Record<string, string>) {
  for (const [id, value] of Object.entries(values)) {
    await user.clear(field(id));
    await user.type(field(id), value);
  }
}

async function submit({ user }: Page) {
  await user.click(inDialog().getByRole('button', { name: 'Add account' }));
  await settled();
}

function inDialog() {
  return within(screen.getByRole('dialog'));
}

test('without an account it says what Tokenkeep does, and leads to the first sign-in', async () => {
  const { user } = await openPage();
  expect(screen.getByText(/keeps every access token fresh/)).toBeVisible();
  expect(screen.getByRole('button', { name: /^RingCentral, a person signs in/ })).toBeVisible();
  expect(screen.getByRole('button', { name: /^RingCentral with a JWT/ })).toBeVisible();
  expect(screen.getByRole('button', { name: /^From an \.env file/ })).toBeVisible();
  await user.click(screen.getByRole('button', { name: /^Practice provider/ }));
  expect(screen.getByRole('dialog', { name: 'Practice provider' })).toBeVisible();
});

test('what a person’s sign-in needs is sent as it was typed, without what was left empty', async () => {
  const page = await openPage([fresh('other', NOW)]);
  const addAccount = vi.spyOn(page.backend, 'addAccount');
  await choose(page, /a person signs in/);
  await fillIn(page, PERSON);
  await submit(page);
  expect(addAccount).toHaveBeenCalledExactlyOnceWith({
    name: 'work',
    provider: 'ringcentral',
    server: null,
    clientId: 'app-id',
    grant: 'code',
    redirectUri: 'http://localhost:8080/callback',
    clientSecret: null,
    assertion: null,
  });
});

test('an account that a person signs in to leads on to the sign-in', async () => {
  const page = await openPage();
  await choose(page, /a person signs in/);
  await fillIn(page, PERSON);
  await submit(page);
  expect(screen.getByRole('dialog', { name: 'Now sign in' })).toHaveTextContent('work is added.');
  expect(inDialog().getByRole('button', { name: 'Sign in' })).toHaveFocus();
  await page.user.keyboard('{Enter}');
  await settled();
  expect(screen.queryByRole('dialog')).toBeNull();
  expect(card('work').said()).toHaveTextContent('Finish in the sign-in window…');
  expect(card('work').item).toHaveFocus();
});

test('the sign-in can wait', async () => {
  const page = await openPage();
  await choose(page, /a person signs in/);
  await fillIn(page, PERSON);
  await submit(page);
  await page.user.click(inDialog().getByRole('button', { name: 'Later' }));
  await settled();
  expect(screen.queryByRole('dialog')).toBeNull();
  expect(card('work').state()).toHaveTextContent('signed out');
  expect(page.backend.signInWindows).toEqual([]);
});

test('an account with a JWT signs in by itself', async () => {
  const page = await openPage();
  const addAccount = vi.spyOn(page.backend, 'addAccount');
  await choose(page, /with a JWT/);
  await fillIn(page, JWT);
  await submit(page);
  expect(addAccount.mock.calls[0]?.[0]).toMatchObject({
    grant: 'jwt',
    clientSecret: 'hush-secret',
    assertion: 'hush.jwt',
    redirectUri: null,
  });
  expect(screen.queryByRole('dialog')).toBeNull();
  expect(screen.getByText('server is added. It signs in by itself now.')).toBeVisible();
  await page.pass(SECOND);
  expect(card('server').state()).toHaveTextContent('fresh');
});

test('the practice provider is filled in already', async () => {
  const page = await openPage();
  const addAccount = vi.spyOn(page.backend, 'addAccount');
  await choose(page, /Practice provider/);
  expect(inDialog().getByText('tokenkeep practice')).toBeVisible();
  await submit(page);
  expect(addAccount.mock.calls[0]?.[0]).toEqual({
    name: 'practice',
    provider: 'practice',
    server: 'http://127.0.0.1:8642',
    clientId: 'tokenkeep-practice-public-app',
    grant: 'code',
    redirectUri: 'http://localhost:8643/callback',
    clientSecret: null,
    assertion: null,
  });
});

test.each<AccountField>([
  'name',
  'server',
  'client_id',
  'client_secret',
  'assertion',
])('a refusal about %s is shown at its field, which gets the focus', async (id) => {
  const page = await openPage();
  await choose(page, /with a JWT/);
  await fillIn(page, JWT);
  page.backend.refuseNext('addAccount', 'This cannot be.', id);
  await submit(page);
  expect(field(id)).toHaveFocus();
  expect(field(id)).toBeInvalid();
  expect(field(id)).toHaveAccessibleDescription(/^This cannot be\./);
  expect(inDialog().getAllByText('This cannot be.')).toHaveLength(1);
});

test('a refusal about the redirect URI is shown at its field, which gets the focus', async () => {
  const page = await openPage();
  await choose(page, /a person signs in/);
  await fillIn(page, PERSON);
  page.backend.refuseNext('addAccount', 'This cannot be.', 'redirect_uri');
  await submit(page);
  expect(field('redirect_uri')).toHaveFocus();
  expect(field('redirect_uri')).toHaveAccessibleDescription(/^This cannot be\./);
});

test.each<[AccountField | null]>([[null], ['redirect_uri']])('a refusal about no field of the form (%s) is shown at the form', async (about) => {
  const page = await openPage();
  await choose(page, /with a JWT/);
  await fillIn(page, JWT);
  page.backend.refuseNext('addAccount', 'The keychain is locked. Unlock it first.', about);
  await submit(page);
  expect(inDialog().getByRole('alert')).toHaveTextContent('The keychain is locked. Unlock it first.');
  expect(document.querySelectorAll('[aria-invalid=true]')).toHaveLength(0);
});

test('what was typed stays for another try, apart from the secrets', async () => {
  const page = await openPage([fresh('server', NOW)]);
  await choose(page, /with a JWT/);
  await fillIn(page, JWT);
  await submit(page);
  expect(field('name')).toHaveAccessibleDescription(/There is an account called server already/);
  expect(field('client_id').value).toBe('app-id');
  expect(field('client_secret').value).toBe('');
  expect(field('assertion').value).toBe('');
  expect(field('assertion')).toHaveAccessibleDescription(/Enter it again/);
});

test('secrets are cleared while the keeper has yet to answer', async () => {
  const page = await openPage();
  await choose(page, /with a JWT/);
  await fillIn(page, JWT);
  vi.spyOn(page.backend, 'addAccount').mockReturnValue(new Promise(() => undefined));
  await submit(page);
  expect(field('client_secret').value).toBe('');
  expect(field('assertion').value).toBe('');
});

test('secrets are typed unseen, are not offered again, and are nowhere in the page', async () => {
  const page = await openPage();
  await choose(page, /with a JWT/);
  for (const id of ['client_secret', 'assertion']) {
    expect(field(id)).toHaveAttribute('type', 'password');
    expect(field(id)).toHaveAttribute('autocomplete', 'off');
  }
  await fillIn(page, JWT);
  expect(document.documentElement.outerHTML).not.toContain('hush');
  await submit(page);
  expect(document.documentElement.outerHTML).not.toContain('hush');
  expect(localStorage).toHaveLength(0);
  expect(sessionStorage).toHaveLength(0);
});

test('a field that is needed and empty is not sent', async () => {
  const page = await openPage();
  const addAccount = vi.spyOn(page.backend, 'addAccount');
  await choose(page, /a person signs in/);
  await fillIn(page, { ...PERSON, client_id: ' ' });
  await page.user.clear(field('client_id'));
  await submit(page);
  expect(addAccount).not.toHaveBeenCalled();
});

test('Enter in a field adds the account, once', async () => {
  const page = await openPage();
  const addAccount = vi.spyOn(page.backend, 'addAccount');
  await choose(page, /a person signs in/);
  await fillIn(page, PERSON);
  field('name').focus();
  await page.user.keyboard('{Enter}{Enter}');
  await settled();
  expect(addAccount).toHaveBeenCalledOnce();
});

test('the form opens with the focus in its first field, and goes back to the choices', async () => {
  const page = await openPage();
  await choose(page, /a person signs in/);
  expect(field('name')).toHaveFocus();
  await page.user.click(inDialog().getByRole('button', { name: 'Back' }));
  await settled();
  expect(screen.getByRole('dialog', { name: 'Add an account' })).toBeVisible();
  expect(inDialog().getByRole('button', { name: /a person signs in/ })).toHaveFocus();
});

test('a form that is closed leaves the focus in the page', async () => {
  const page = await openPage();
  await choose(page, /with a JWT/);
  await page.user.click(inDialog().getByRole('button', { name: 'Close' }));
  await settled();
  expect(screen.getByRole('button', { name: 'Add account' })).toHaveFocus();
});

test.each([['Close'], ['Cancel']])('%s leaves all as it was', async (label) => {
  const page = await openPage();
  await choose(page, /with a JWT/);
  await fillIn(page, JWT);
  await page.user.click(inDialog().getByRole('button', { name: label }));
  await settled();
  expect(screen.queryByRole('dialog')).toBeNull();
  expect(document.documentElement.outerHTML).not.toContain('hush');
  await choose(page, /with a JWT/);
  expect(field('name').value).toBe('');
});
