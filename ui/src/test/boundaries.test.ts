// @vitest-environment node
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Rollup } from 'vite';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

const SOURCES = join(import.meta.dirname, '..');

function sources(): { path: string; text: string }[] {
  return readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ts|svelte)$/.test(path))
    .map((path) => ({ path: path.replaceAll('\\', '/'), text: readFileSync(join(SOURCES, path), 'utf8') }));
}

test('only the backend’s folder knows Tauri', () => {
  const knowing = sources().filter(({ text }) => /from\s+['"]@tauri-apps\//.test(text));
  expect(knowing.map(({ path }) => path).filter((path) => !path.startsWith('lib/backend/'))).toEqual([]);
  expect(knowing.length).toBeGreaterThan(0);
});

let built: Rollup.RollupOutput['output'];

beforeAll(async () => {
  // What is true of the tests' own mode must not get into the build.
  vi.stubEnv('NODE_ENV', 'production');
  const root = join(SOURCES, '..');
  const result = await build({ root, mode: 'production', logLevel: 'silent', build: { write: false } });
  built = (result as Rollup.RollupOutput).output;
}, 60_000);

afterAll(() => {
  vi.unstubAllEnvs();
});

function shipped(words: string): boolean {
  return built.some((file) => (file.type === 'chunk' ? file.code : String(file.source)).includes(words));
}

test('what is shipped holds no keeper in memory', () => {
  expect(['The sign-in window was closed', 'front-desk'].filter(shipped)).toEqual([]);
  expect(shipped('add_from_env_file')).toBe(true);
});

test('what is shipped obeys the content security policy: no script, style or address of elsewhere in the page', () => {
  const file = built.find(({ fileName }) => fileName === 'index.html');
  const page = file?.type === 'asset' ? String(file.source) : '';
  expect(page).toMatch(/<script type="module" crossorigin src="\.\/assets\/[^"]+"><\/script>/);
  expect(page).not.toMatch(/<style|\sstyle=|<script(?![^>]*\ssrc=)|https?:|data:/);
});

test('no markup has a style of its own, which the policy would not apply', () => {
  const styled = sources().filter(({ path, text }) => path.endsWith('.svelte') && /\sstyle="/.test(text));
  expect(styled.map(({ path }) => path)).toEqual([]);
});
