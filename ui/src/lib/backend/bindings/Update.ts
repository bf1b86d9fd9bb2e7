import type { Account } from "./Account";
import type { EnvFile } from "./EnvFile";
import type { Keeper } from "./Keeper";

/**
 * What has changed since the last update.
 */
export type Update = { "kind": "all", accounts: Array<Account>, keeper: Keeper, } | { "kind": "account", account: Account, } | { "kind": "removed", name: string, } | { "kind": "keeper", keeper: Keeper, } | { "kind": "env_file", file: EnvFile, } | { "kind": "env_file_refused", message: string, } | { "kind": "gone", message: string, };
