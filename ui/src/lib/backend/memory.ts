import { HOUR, MINUTE, SECOND } from '../time';
import type { AccountField } from './bindings/AccountField';
import type { Backend } from './backend';
import type { PageAccount } from './bindings/PageAccount';
import type { AccountForm } from './bindings/AccountForm';
import type { Copied } from './bindings/Copied';
import type { PageEnvFile } from './bindings/PageEnvFile';
import type { Grant } from './bindings/Grant';
import type { PageKeeper } from './bindings/PageKeeper';
import type { CommandError } from './bindings/CommandError';
import type { StartAtLogin } from './bindings/StartAtLogin';
import type { Update } from './bindings/Update';

const LIFETIME = HOUR;
const MARGIN = 10 * MINUTE;
const ANSWER_TAKES = SECOND;
const CLIPBOARD_KEPT = 45;

/** A small keeper in memory, for component tests and for a plain browser. Its clock goes only when it is driven. */
export class MemoryBackend implements Backend {
  now: number;
  /** What the next picks of a file bring. */
  readonly filesToPick: (PageEnvFile | null)[] = [];
  readonly #accounts = new Map<string, PageAccount>();
  readonly #errors = new Map<keyof Backend, CommandError>();
  readonly #answers = new Map<string, Answer>();
  readonly #signInWindows = new Map<string, SignInWindow>();
  readonly #files = new Map<number, PageEnvFile>();
  #keeper: PageKeeper;
  #take: (update: Update) => void = () => undefined;

  constructor(now: number, accounts: PageAccount[] = [], keeper: Partial<PageKeeper> = {}) {
    this.now = now;
    for (const account of accounts) this.#accounts.set(account.name, account);
    this.#keeper = {
      version: '0.1.0',
      vault: { state: 'ready' },
      problems: [],
      startAtLogin: { enabled: false, offer: false },
      ...keeper,
    };
  }

  async watch(take: (update: Update) => void): Promise<void> {
    this.#mayBeRefused('watch');
    this.#take = take;
    take({ kind: 'all', accounts: [...this.#accounts.values()], keeper: this.#keeper });
  }

  async addAccount(form: AccountForm): Promise<void> {
    this.#mayBeRefused('addAccount');
    if (form.server && !URL.canParse(form.server)) {
      throw commandError('This is not an address. It has to be like https://example.com/path.', 'server');
    }
    const practice = form.provider === 'practice';
    const preset = practice ? '127.0.0.1:8642' : 'platform.ringcentral.com';
    const server = form.server ? new URL(form.server).host : preset;
    this.#add(form.name, practice ? 'Practice' : 'RingCentral', server, form.grant);
  }

  async pickEnvFile(): Promise<PageEnvFile | null> {
    this.#mayBeRefused('pickEnvFile');
    const file = this.filesToPick.shift() ?? null;
    if (file) this.#files.set(file.id, file);
    return file;
  }

  async addFromEnvFile(id: number, name: string, grant: Grant): Promise<void> {
    this.#mayBeRefused('addFromEnvFile');
    const file = this.#files.get(id);
    if (!file) throw commandError('This file is not known any more. Choose it again.');
    this.#add(name, file.provider, file.server, grant);
  }

  async forgetEnvFile(id: number): Promise<void> {
    this.#files.delete(id);
  }

  async signIn(name: string): Promise<void> {
    this.#mayBeRefused('signIn');
    const account = this.#account(name);
    if (account.grant === 'jwt') return this.#renew(account);
    return new Promise((resolve, reject) => {
      this.#signInWindows.get(name)?.close(commandError('The sign-in went on in another window.'));
      this.#signInWindows.set(name, { done: resolve, close: reject });
    });
  }

  async refresh(name: string): Promise<void> {
    this.#mayBeRefused('refresh');
    const account = this.#account(name);
    if (account.state === 'signed_out') {
      throw commandError(`There is no sign-in to ${name}, so there is nothing to refresh. Sign in first.`);
    }
    return this.#renew(account);
  }

  async copy(name: string, _what: Copied): Promise<number> {
    this.#mayBeRefused('copy');
    this.#account(name);
    return CLIPBOARD_KEPT;
  }

  async remove(name: string): Promise<void> {
    this.#mayBeRefused('remove');
    this.#account(name);
    this.#accounts.delete(name);
    this.#take({ kind: 'removed', name });
  }

  async unlock(): Promise<void> {
    this.#mayBeRefused('unlock');
    this.changeKeeper({ vault: { state: 'ready' } });
  }

  async setStartAtLogin(enabled: boolean): Promise<StartAtLogin> {
    this.#mayBeRefused('setStartAtLogin');
    const startAtLogin = { enabled, offer: false };
    this.#keeper = { ...this.#keeper, startAtLogin };
    return startAtLogin;
  }

  /** Lets time pass, second by second, and does what is due. */
  advance(duration: number): void {
    const end = this.now + duration;
    while (this.now < end) {
      this.now = Math.min(this.now + SECOND, end);
      for (const account of this.#accounts.values()) this.#live(account);
    }
  }

  /** Something happened to an account. */
  change(name: string, what: Partial<PageAccount>): void {
    const account = { ...this.#account(name), ...what };
    this.#accounts.set(name, account);
    this.#take({ kind: 'account', account });
  }

  /** Something happened to the keeper. */
  changeKeeper(what: Partial<PageKeeper>): void {
    this.#keeper = { ...this.#keeper, ...what };
    this.#take({ kind: 'keeper', keeper: this.#keeper });
  }

  /** The next call of a command is refused. */
  refuseNext(command: keyof Backend, message: string, field: AccountField | null = null): void {
    this.#errors.set(command, commandError(message, field));
  }

  /** The person signed in. */
  finishSignIn(name: string): void {
    const open = this.#signInWindows.get(name);
    if (!open) return;
    this.#signInWindows.delete(name);
    this.#changeToFresh(this.#account(name));
    open.done();
  }

  /** The sign-in window was closed before the person signed in. */
  cancelSignIn(name: string): void {
    const message = 'The sign-in window was closed, so nothing has changed. Sign in again when you like.';
    this.#signInWindows.get(name)?.close(commandError(message));
    this.#signInWindows.delete(name);
  }

  /** The accounts that have a sign-in window open. */
  get signInWindows(): string[] {
    return [...this.#signInWindows.keys()];
  }

  /** A file is dropped on the window. */
  drop(file: PageEnvFile): void {
    this.#files.set(file.id, file);
    this.#take({ kind: 'env_file', file });
  }

  /** A file that is of no use is dropped on the window. */
  dropRefused(message: string): void {
    this.#take({ kind: 'env_file_unusable', message });
  }

  /** The keeper ends. */
  end(): void {
    this.#take({ kind: 'gone', message: 'Tokenkeep has ended. Start it again to see your accounts.' });
  }

  #live(account: PageAccount): void {
    const leases = account.leases.filter((lease) => lease.until > this.now);
    if (leases.length < account.leases.length) this.change(account.name, { leases });
    const answer = this.#answers.get(account.name);
    if (answer && answer.at <= this.now) {
      this.#answers.delete(account.name);
      this.#changeToFresh(account);
      answer.take();
    } else if (account.state === 'fresh' && account.nextRenewal !== null && account.nextRenewal <= this.now) {
      void this.#renew(account);
    }
  }

  #renew(account: PageAccount): Promise<void> {
    this.change(account.name, { state: account.expiresAt === null ? 'loading' : 'renewing' });
    return new Promise((take) => this.#answers.set(account.name, { at: this.now + ANSWER_TAKES, take }));
  }

  #changeToFresh(account: PageAccount): void {
    this.change(account.name, {
      state: 'fresh',
      problem: null,
      issuedAt: this.now,
      expiresAt: this.now + LIFETIME,
      nextRenewal: this.now + LIFETIME - MARGIN,
    });
  }

  #add(name: string, provider: string, server: string | null, grant: Grant): void {
    if (this.#accounts.has(name)) {
      throw commandError(`There is an account called ${name} already. Choose another name.`, 'name');
    }
    const account = signedOut(name, provider, server, grant);
    this.#accounts.set(name, account);
    this.#take({ kind: 'account', account });
    if (grant === 'jwt') void this.#renew(account);
  }

  #account(name: string): PageAccount {
    const account = this.#accounts.get(name);
    if (!account) throw commandError(`There is no account called ${name}.`, 'name');
    return account;
  }

  #mayBeRefused(command: keyof Backend): void {
    const refused = this.#errors.get(command);
    this.#errors.delete(command);
    if (refused) throw refused;
  }
}

type Answer = { at: number; take: () => void };
type SignInWindow = { done: () => void; close: (why: CommandError) => void };

/** An account that nobody has signed in to. */
export function signedOut(name: string, provider: string, server: string | null, grant: Grant): PageAccount {
  return {
    name,
    provider,
    server,
    grant,
    state: 'signed_out',
    problem: null,
    issuedAt: null,
    expiresAt: null,
    expiryAssumed: false,
    nextRenewal: null,
    lapse: null,
    unsaved: false,
    leases: [],
  };
}

function commandError(message: string, field: AccountField | null = null): CommandError {
  return { message, field };
}
