import { render, screen, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { tick } from 'svelte';
import App from '../App.svelte';
import type { PageAccount } from '../lib/backend/bindings/PageAccount';
import type { PageKeeper } from '../lib/backend/bindings/PageKeeper';
import { MemoryBackend } from '../lib/backend/memory';
import { Clock } from '../lib/clock.svelte';

/** When every test begins. */
export const NOW = Date.UTC(2026, 0, 5, 9);

/** The page, on a keeper with these accounts. */
export async function openPage(accounts: PageAccount[] = [], keeper: Partial<PageKeeper> = {}) {
  const backend = new MemoryBackend(NOW, accounts, keeper);
  const clock = new Clock(() => backend.now);
  render(App, { backend, clock });
  await tick();

  /** Time passes, for the keeper and for the page. */
  const pass = async (duration: number) => {
    backend.advance(duration);
    clock.tick();
    await settled();
  };
  return { backend, pass, user: userEvent.setup() };
}

/** What was asked of the keeper is answered, and the answer shown. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
  await tick();
}

/** One account's card. */
export function card(name: string) {
  const item = screen.getByRole('listitem', { name });
  const inside = within(item);
  return {
    item,
    ...inside,
    button: (label: string) => inside.getByRole('button', { name: label }),
    state: () => item.querySelector('[data-state]'),
    meter: () => Number(inside.getByRole('meter').getAttribute('aria-valuenow')),
    bar: () => item.querySelector<HTMLElement>('.rest')?.style.transform,
    said: () => inside.getByRole('status'),
  };
}

/** The field with this id, which the end-to-end tests know it by, too. */
export function field(id: string): HTMLInputElement {
  const input = document.getElementById(id);
  if (!(input instanceof HTMLInputElement)) throw new Error(`there is no field ${id}`);
  return input;
}
