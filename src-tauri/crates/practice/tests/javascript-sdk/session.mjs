// RingCentral's official SDK, as a developer uses it: sign in, call the resource, refresh, sign out.
// The Rust test starts this with the practice provider's `.env` as its environment.
import assert from "node:assert/strict";
import { SDK } from "@ringcentral/sdk";

const {
  RC_SERVER_URL: server,
  RC_APP_CLIENT_ID: clientId,
  RC_APP_CLIENT_SECRET: clientSecret,
  RC_USER_JWT: jwt,
  RC_REDIRECT_URL: redirectUri,
  TOKENKEEP_PUBLIC_CLIENT_ID: publicClientId,
} = process.env;

const RESOURCE = "/restapi/v1.0/account/~/extension/~";

/** What a person does in the browser; returns the URL that the app gets back. */
const signInAsAPerson = async (loginUrl) => {
  const hidden = (page) => page.match(/name="request" value="([^"]+)"/)[1];
  const post = (path, fields) =>
    fetch(server + path, { method: "POST", body: new URLSearchParams(fields), redirect: "manual" });
  const signInPage = await (await fetch(loginUrl)).text();
  const signedIn = await post("/practice/sign-in", {
    request: hidden(signInPage),
    name: "practice",
    password: "practice",
  });
  const consentPage = await (await fetch(server + signedIn.headers.get("location"))).text();
  const decided = await post("/practice/consent", { request: hidden(consentPage), decision: "allow" });
  return decided.headers.get("location");
};

const asBearer = (token) => fetch(server + RESOURCE, { headers: { Authorization: `Bearer ${token}` } });

/** From a fresh sign-in to the sign-out. */
const liveASession = async (platform) => {
  const signedIn = await platform.auth().data();
  assert.equal(signedIn.token_type, "bearer");
  assert.equal((await (await platform.get(RESOURCE)).json()).name, "Practice User");

  await platform.refresh();
  const refreshed = await platform.auth().data();
  assert.notEqual(refreshed.access_token, signedIn.access_token);
  assert.notEqual(refreshed.refresh_token, signedIn.refresh_token);
  assert.equal((await platform.get(RESOURCE)).status, 200);
  const previous = await asBearer(signedIn.access_token);
  assert.equal(previous.status, 401);
  assert.equal((await previous.json()).errors[0].errorCode, "OAU-129");

  await platform.logout();
  assert.equal((await asBearer(refreshed.access_token)).status, 401);
  await assert.rejects(platform.get(RESOURCE), /Refresh token is missing/);
};

/** A code by way of the pages, for a client with or without a secret. */
const signInByCode = async (options, loginOptions) => {
  const platform = new SDK({ server, redirectUri, cachePrefix: options.clientId, ...options }).platform();
  const back = new URL(await signInAsAPerson(platform.loginUrl({ state: "as sent", ...loginOptions })));
  assert.equal(back.origin + back.pathname, redirectUri);
  const { code, state } = platform.parseLoginRedirect(back.search);
  assert.equal(state, "as sent");
  await platform.login({ code });
  return platform;
};

const byJwt = new SDK({ server, clientId, clientSecret }).platform();
await byJwt.login({ jwt });
await liveASession(byJwt);
console.log("JWT: signed in, called, refreshed, signed out");

await liveASession(await signInByCode({ clientId, clientSecret }, {}));
console.log("code: signed in, called, refreshed, signed out");

await liveASession(await signInByCode({ clientId: publicClientId }, { usePKCE: true }));
console.log("code with PKCE: signed in, called, refreshed, signed out");
