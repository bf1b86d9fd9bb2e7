import { screen } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import type { PageAccount } from '../lib/backend/bindings/PageAccount';
import { fresh, ringCentral } from '../lib/backend/memory/scenarios';
import { NOW, openPage, settled } from './page';

function customers(count: number): PageAccount[] {
  return Array.from({ length: count }, (_, index) => fresh(`customer-${String(index).padStart(3, '0')}`, NOW));
}

test('a filter is there from eight accounts on', async () => {
  const { backend } = await openPage(customers(8));
  expect(screen.getByRole('searchbox', { name: 'Filter accounts' })).toBeVisible();
  await backend.remove('customer-000');
  await settled();
  expect(screen.queryByRole('searchbox')).toBeNull();
  expect(screen.getAllByRole('listitem')).toHaveLength(7);
});

test('a hundred accounts are filtered by name, and by how they stand', async () => {
  const { user } = await openPage([...customers(99), { ...ringCentral('helpdesk'), state: 'sign_in_needed' }]);
  expect(screen.getAllByRole('listitem')).toHaveLength(100);
  const filter = screen.getByRole('searchbox', { name: 'Filter accounts' });
  await user.type(filter, 'Customer-04');
  expect(screen.getAllByRole('listitem')).toHaveLength(10);
  expect(screen.getByText('10 of 100 accounts')).toBeVisible();
  await user.clear(filter);
  await user.type(filter, 'sign in again');
  expect(screen.getAllByRole('listitem').map((item) => item.dataset['account'])).toEqual(['helpdesk']);
  await user.clear(filter);
  await user.type(filter, 'nobody');
  expect(screen.getByText('No account matches “nobody”.')).toBeVisible();
});

test('a change to one of a hundred accounts leaves the other cards as they are', async () => {
  const { backend } = await openPage(customers(100));
  const before = screen.getAllByRole('listitem');
  const changed: Node[] = [];
  const observer = new MutationObserver((mutations) => changed.push(...mutations.map((mutation) => mutation.target)));
  observer.observe(document.body, { subtree: true, childList: true, characterData: true });
  backend.change('customer-042', { state: 'failing', problem: 'It cannot be reached.' });
  await settled();
  observer.disconnect();
  expect(screen.getAllByRole('listitem')).toEqual(before);
  const touched = before.filter((item) => changed.some((node) => item.contains(node)));
  expect(touched.map((item) => item.dataset['account'])).toEqual(['customer-042']);
});
