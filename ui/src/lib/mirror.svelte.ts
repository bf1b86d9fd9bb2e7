import { Activity } from './activity.svelte';
import { asCommandError, type Backend } from './backend/backend';
import type { PageAccount } from './backend/bindings/PageAccount';
import type { PageEnvFile } from './backend/bindings/PageEnvFile';
import type { PageKeeper } from './backend/bindings/PageKeeper';
import type { Update } from './backend/bindings/Update';
import type { Clock } from './clock.svelte';

/** An `.env` file that was picked, or dropped on the window: what is in it, or why it is of no use. */
type ChosenFile = { file: PageEnvFile } | { refused: string };

/** What this window knows of the keeper. It changes by the keeper's updates, and holds no secret. */
export class Mirror {
  readonly backend: Backend;
  readonly clock: Clock;
  #accounts = $state.raw<PageAccount[]>([]);
  #keeper = $state.raw<PageKeeper | null>(null);
  #gone = $state<string | null>(null);
  #chosenFile = $state.raw<ChosenFile | null>(null);
  readonly #activities = new Map<string, Activity>();

  constructor(backend: Backend, clock: Clock) {
    this.backend = backend;
    this.clock = clock;
  }

  /** By name. */
  get accounts(): PageAccount[] {
    return this.#accounts;
  }

  /** Null until the keeper has answered. */
  get keeper(): PageKeeper | null {
    return this.#keeper;
  }

  /** Why the keeper cannot be asked any more. */
  get gone(): string | null {
    return this.#gone;
  }

  /** The file that is to become an account. */
  get chosenFile(): ChosenFile | null {
    return this.#chosenFile;
  }

  async watch(): Promise<void> {
    try {
      await this.backend.watch((update) => this.#take(update));
    } catch (rejected) {
      this.#gone = asCommandError(rejected).message;
    }
  }

  activity(name: string): Activity {
    let activity = this.#activities.get(name);
    if (!activity) {
      activity = new Activity(name, this.backend, this.clock);
      this.#activities.set(name, activity);
    }
    return activity;
  }

  async pickFile(): Promise<void> {
    try {
      const file = await this.backend.pickEnvFile();
      if (file) this.#chosenFile = { file };
    } catch (rejected) {
      this.#chosenFile = { refused: asCommandError(rejected).message };
    }
  }

  forgetFile(): void {
    const chosen = this.#chosenFile;
    this.#chosenFile = null;
    // One that the window's process has forgotten by itself is forgotten, too.
    if (chosen && 'file' in chosen) void this.backend.forgetEnvFile(chosen.file.id).catch(() => undefined);
  }

  /** The answer says how it stands now; no update needs to follow. */
  async setStartAtLogin(enabled: boolean): Promise<void> {
    const startAtLogin = await this.backend.setStartAtLogin(enabled);
    if (this.#keeper) this.#keeper = { ...this.#keeper, startAtLogin };
  }

  #take(update: Update): void {
    this.clock.tick();
    switch (update.kind) {
      case 'all':
        this.#accounts = update.accounts.toSorted(byName);
        this.#keeper = update.keeper;
        this.#gone = null;
        break;
      case 'account':
        this.#accounts = [...this.#without(update.account.name), update.account].sort(byName);
        break;
      case 'removed':
        this.#accounts = this.#without(update.name);
        this.#activities.delete(update.name);
        break;
      case 'keeper':
        this.#keeper = update.keeper;
        break;
      case 'env_file':
        this.#chosenFile = { file: update.file };
        break;
      case 'env_file_unusable':
        this.#chosenFile = { refused: update.message };
        break;
      case 'gone':
        this.#gone = update.message;
        break;
    }
  }

  #without(name: string): PageAccount[] {
    return this.#accounts.filter((account) => account.name !== name);
  }
}

function byName(one: PageAccount, other: PageAccount): number {
  return one.name < other.name ? -1 : Number(one.name > other.name);
}
