import { isTauri } from '@tauri-apps/api/core';
import type { Backend } from './backend';
import { tauri } from './tauri';

/** The real keeper; in a plain browser, while developing, the one in memory. */
export async function chooseBackend(): Promise<{ backend: Backend; now: () => number }> {
  if (import.meta.env.DEV && !isTauri()) {
    const { inBrowser } = await import('./memory/browser');
    return inBrowser(new URLSearchParams(location.search));
  }
  return { backend: tauri, now: Date.now };
}
