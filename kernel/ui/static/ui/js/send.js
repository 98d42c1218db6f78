// Posting by scripts: with the token, in a form that says what went wrong, and again while the server
// is busy.
import { all, token } from "./dom.js";
import { pauseOf } from "./merge.js";
import * as indicator from "./saved.js";

/** The network did not carry the request; what was sent must be sent again. */
export class Lost extends Error {}

/** The session has ended or the rights are gone; the text stays on the page. */
export class Closed extends Error {}

/**
 * Post form-encoded values the way htmx does, until the server has taken or refused them.
 *
 * A stale token (another tab signed in again) is renewed once. A server that says it is busy (503 or
 * 429 with Retry-After: somebody else holds the row, nothing was written) is asked again after the
 * pause it named, for as long as it takes; the indicator says so.
 * Throws Lost for no network or a failing server, Closed for an ended session.
 * @param {string} url
 * @param {URLSearchParams} values
 * @param {Record<string, string>} [headers]
 */
export async function post(url, values, headers = {}) {
  for (;;) {
    let answer = await send(url, values, headers);
    if (answer.status === 403 && (await renewToken())) answer = await send(url, values, headers);
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403)
      throw new Closed(String(answer.status));
    if (answer.status < 500 && answer.status !== 429) return answer;
    const pause = [503, 429].includes(answer.status) ? pauseOf(answer.headers.get("Retry-After"), Date.now(), Math.random()) : null;
    if (pause === null) throw new Lost(String(answer.status));
    indicator.busy();
    await new Promise((ready) => setTimeout(ready, pause));
  }
}

/**
 * @param {string} url
 * @param {URLSearchParams} values
 * @param {Record<string, string>} headers
 */
async function send(url, values, headers) {
  try {
    return await fetch(url, {
      method: "POST",
      body: values,
      credentials: "same-origin",
      redirect: "manual",
      headers: { "X-CSRFToken": token(), "HX-Request": "true", ...headers },
    });
  } catch (error) {
    throw new Lost(String(error));
  }
}

async function renewToken() {
  try {
    const page = await fetch(location.href, { credentials: "same-origin", redirect: "manual" });
    if (!page.ok) return false;
    const parsed = new DOMParser().parseFromString(await page.text(), "text/html");
    const fresh = parsed.querySelector('meta[name="csrf-token"]')?.getAttribute("content");
    const meta = document.querySelector('meta[name="csrf-token"]');
    if (!fresh || !meta) return false;
    meta.setAttribute("content", fresh);
    for (const input of all('input[name="csrfmiddlewaretoken"]')) if (input instanceof HTMLInputElement) input.value = fresh;
    return true;
  } catch {
    return false;
  }
}
