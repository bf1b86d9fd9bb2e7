import type { StartAtLogin } from "./StartAtLogin";
import type { Vault } from "./Vault";

/**
 * The keeper as a whole.
 */
export type Keeper = { version: string, vault: Vault, problems: Array<string>, startAtLogin: StartAtLogin, };
