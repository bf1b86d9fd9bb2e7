import type { AccountForm } from './bindings/AccountForm';
import type { Copied } from './bindings/Copied';
import type { PageEnvFile } from './bindings/PageEnvFile';
import type { Grant } from './bindings/Grant';
import type { CommandError } from './bindings/CommandError';
import type { StartAtLogin } from './bindings/StartAtLogin';
import type { Update } from './bindings/Update';

/** The keeper, as this window can ask it. What is not done rejects with a `CommandError`. */
export interface Backend {
  /** Tells everything once, then what changes. A later call takes the place of an earlier one. */
  watch(take: (update: Update) => void): Promise<void>;
  addAccount(form: AccountForm): Promise<void>;
  /** Lets the user choose a file, and says what is in it; null when none was chosen. */
  pickEnvFile(): Promise<PageEnvFile | null>;
  addFromEnvFile(id: number, name: string, grant: Grant): Promise<void>;
  /** A file that is of no use any more: its secrets are wiped from the window's process. */
  forgetEnvFile(id: number): Promise<void>;
  /** Is done when the sign-in is over. */
  signIn(name: string): Promise<void>;
  refresh(name: string): Promise<void>;
  /** Copies in the tray's process; says in how many seconds the clipboard is cleared. */
  copy(name: string, what: Copied): Promise<number>;
  remove(name: string): Promise<void>;
  /** Has the keychain ask for its password. */
  unlock(): Promise<void>;
  setStartAtLogin(enabled: boolean): Promise<StartAtLogin>;
}

/** What was rejected, as a refusal: a command that could not even be asked rejects with a bare string. */
export function asCommandError(rejected: unknown): CommandError {
  if (isCommandError(rejected)) return { message: rejected.message, field: rejected.field ?? null };
  return { message: `Tokenkeep could not be asked: ${String(rejected)}`, field: null };
}

function isCommandError(rejected: unknown): rejected is CommandError {
  return (
    typeof rejected === 'object' &&
    rejected !== null &&
    'message' in rejected &&
    typeof rejected.message === 'string' &&
    'field' in rejected
  );
}
