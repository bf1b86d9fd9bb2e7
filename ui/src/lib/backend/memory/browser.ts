import { SECOND } from '../../time';
import type { Backend } from '../backend';
import { ENV_FILE, SCENARIOS } from './scenarios';

const SIGN_IN_TAKES = 4 * SECOND;

/** A scenario that lives by the browser's own time: `?scenario=trouble`, at sixty times its pace with `&speed=60`. */
export function inBrowser(query: URLSearchParams): { backend: Backend; now: () => number } {
  const scenario = query.get('scenario') ?? 'fresh';
  const speed = Number(query.get('speed') ?? 1);
  const keeper = (SCENARIOS[scenario] ?? SCENARIOS['fresh']!)(Date.now());
  keeper.filesToPick.push(ENV_FILE, ENV_FILE, ENV_FILE);
  setInterval(() => {
    keeper.advance(SECOND * speed);
    for (const name of keeper.signInWindows) setTimeout(() => keeper.finishSignIn(name), SIGN_IN_TAKES);
  }, SECOND);
  if (scenario === 'gone') setTimeout(() => keeper.end(), SECOND / 2);
  return { backend: keeper, now: () => keeper.now };
}
