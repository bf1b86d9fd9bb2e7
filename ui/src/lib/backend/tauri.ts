import { Channel, invoke } from '@tauri-apps/api/core';
import type { Backend } from './backend';

/** The real keeper, behind the window's process. */
export const tauri: Backend = {
  watch: (take) => invoke('watch', { updates: new Channel(take) }),
  addAccount: (form) => invoke('add_account', { form }),
  pickEnvFile: () => invoke('pick_env_file'),
  addFromEnvFile: (id, name, grant) => invoke('add_from_env_file', { id, name, grant }),
  forgetEnvFile: (id) => invoke('forget_env_file', { id }),
  signIn: (name) => invoke('sign_in', { name }),
  refresh: (name) => invoke('refresh', { name }),
  copy: (name, what) => invoke('copy', { name, what }),
  remove: (name) => invoke('remove', { name }),
  unlock: () => invoke('unlock'),
  setStartAtLogin: (enabled) => invoke('set_start_at_login', { enabled }),
};
