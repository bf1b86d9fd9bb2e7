import { asCommandError, type Backend } from './backend/backend';
import type { Copied } from './backend/bindings/Copied';
import type { Clock } from './clock.svelte';
import { inWords, SECOND } from './time';

/** How long a success is worth reading. */
const SUCCESS_SHOWN = 30 * SECOND;

type Outcome = { ok: boolean; words: string; until: number };

/** What this window does to one account, and what came of it. */
export class Activity {
  readonly name: string;
  readonly #backend: Backend;
  readonly #clock: Clock;
  #doing = $state<'copy' | 'refresh' | 'remove' | null>(null);
  #signingIn = $state(false);
  #outcome = $state.raw<Outcome | null>(null);

  constructor(name: string, backend: Backend, clock: Clock) {
    this.name = name;
    this.#backend = backend;
    this.#clock = clock;
  }

  get doing() {
    return this.#doing;
  }

  /** A sign-in stays open for minutes, so it holds up nothing else. */
  get signingIn(): boolean {
    return this.#signingIn;
  }

  /** What came of the last action, as long as it is worth reading. */
  get outcome(): Outcome | null {
    return this.#outcome && this.#clock.now < this.#outcome.until ? this.#outcome : null;
  }

  async copy(what: Copied): Promise<void> {
    await this.#do('copy', async () => {
      const cleared = (await this.#backend.copy(this.name, what)) * SECOND;
      this.#succeed(`Copied. It is taken out of the clipboard after ${inWords(cleared)}.`, cleared);
    });
  }

  async refresh(): Promise<void> {
    await this.#do('refresh', async () => {
      await this.#backend.refresh(this.name);
      this.#succeed('Refreshed.');
    });
  }

  async signIn(): Promise<void> {
    if (this.#signingIn) {
      // Asked again, the keeper brings the window that is open to the front; the first request tells how it ends.
      await this.#backend.signIn(this.name).catch(() => undefined);
      return;
    }
    this.#signingIn = true;
    this.#outcome = null;
    try {
      await this.#backend.signIn(this.name);
      this.#succeed('Signed in.');
    } catch (rejected) {
      this.#fail(rejected);
    } finally {
      this.#signingIn = false;
    }
  }

  /** Says whether it is done. */
  async remove(): Promise<boolean> {
    let removed = false;
    await this.#do('remove', async () => {
      await this.#backend.remove(this.name);
      removed = true;
    });
    return removed;
  }

  async #do(what: NonNullable<typeof this.doing>, act: () => Promise<void>): Promise<void> {
    if (this.#doing) return;
    this.#doing = what;
    this.#outcome = null;
    try {
      await act();
    } catch (rejected) {
      this.#fail(rejected);
    } finally {
      this.#doing = null;
    }
  }

  #succeed(words: string, shown = SUCCESS_SHOWN): void {
    this.#outcome = { ok: true, words, until: this.#clock.now + shown };
  }

  #fail(rejected: unknown): void {
    this.#outcome = { ok: false, words: asCommandError(rejected).message, until: Infinity };
  }
}
