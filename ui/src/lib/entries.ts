/** The forms by which an account is typed in, as a table. */
import type { AccountField } from './backend/bindings/AccountField';
import type { AccountForm } from './backend/bindings/AccountForm';
import type { Way } from './ways';

export type FieldEntry = {
  /** Also its element's id in the page. */
  id: AccountField;
  label: string;
  hint?: string;
  initial?: string;
  optional?: true;
  secret?: true;
};

type Entry = Pick<AccountForm, 'provider' | 'grant'> & { words: string; fields: FieldEntry[] };

export const NAME: FieldEntry = { id: 'name', label: 'Name', hint: 'What you and your programs call it, such as work.' };

const CLIENT_ID: FieldEntry = { id: 'client_id', label: 'Client ID' };
const SERVER: FieldEntry = {
  id: 'server',
  label: 'Server',
  hint: 'Only if it is not https://platform.ringcentral.com.',
  optional: true,
};

export const ENTRIES: Record<Exclude<Way, 'env_file'>, Entry> = {
  person: {
    provider: 'ringcentral',
    grant: 'code',
    words: 'What the developer console shows for the app. Its setting “Issue refresh tokens” has to be on.',
    fields: [
      NAME,
      CLIENT_ID,
      { id: 'client_secret', label: 'Client secret', hint: 'Only if the app has one.', optional: true, secret: true },
      {
        id: 'redirect_uri',
        label: 'Redirect URI',
        hint: 'Exactly as it is registered with the app. Nothing needs to be served there.',
      },
      SERVER,
    ],
  },
  jwt: {
    provider: 'ringcentral',
    grant: 'jwt',
    words: 'What the developer console shows for the app, and a JWT from there, under Credentials.',
    fields: [
      NAME,
      CLIENT_ID,
      { id: 'client_secret', label: 'Client secret', secret: true },
      { id: 'assertion', label: 'JWT', secret: true },
      SERVER,
    ],
  },
  practice: {
    provider: 'practice',
    grant: 'code',
    words: 'A provider on this machine that behaves as RingCentral does. It is started with:',
    fields: [
      { ...NAME, initial: 'practice' },
      { id: 'server', label: 'Server', initial: 'http://127.0.0.1:8642' },
      { ...CLIENT_ID, initial: 'tokenkeep-practice-public-app' },
      { id: 'redirect_uri', label: 'Redirect URI', initial: 'http://localhost:8643/callback' },
    ],
  },
};
