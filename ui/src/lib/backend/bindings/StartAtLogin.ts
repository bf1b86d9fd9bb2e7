/**
 * Whether Tokenkeep starts at login, and whether to offer that it does.
 */
export type StartAtLogin = { enabled: boolean, offer: boolean, };
