// Why there is no live connection to the server, in sentences that say what to do.

const PATIENCE = 8000; // milliseconds in which a plain request must be answered

export const NOT_UNDERSTOOD = "The server sent something this page does not understand. Reload the page; " +
  "if it happens again, the server or a proxy in front of it is at fault, and the server's log may say more.";

export const NO_SOCKET = "The server answers, but the live connection (WebSocket) to it does not open. Whoever runs it: " +
  "pip install -r requirements.txt brings the WebSocket library, and a proxy or firewall in between must let WebSocket " +
  "upgrades pass. This page tries again by itself.";

/**
 * What is wrong with the app at `root` by a plain request; null if it is answered.
 * @param {URL | string} root
 * @returns {Promise<string | null>}
 */
export async function whatIsWrong(root) {
  let response;
  try {
    response = await fetch(new URL("correct/works", root), { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
  } catch {
    return "The server does not answer. Is it still running, and is the network up? This page tries again by itself.";
  }
  const said = await response.json().catch(() => undefined);
  return sentence(response.status, said);
}

/**
 * @param {number} status of a plain request to the app
 * @param {{ error?: string } | undefined} said its answer's JSON, undefined where it is none
 */
function sentence(status, said) {
  if (status === 401 || status === 403) {
    return `The server does not let this page in${said?.error ? `: ${said.error}` : ""}. Reload the page and log in again.`;
  }
  if (status >= 500) {
    return `The server answers with an error (${status}). Its log, or that of the proxy in front of it, says why. This page tries again by itself.`;
  }
  if (said !== undefined) return null;
  return `Something other than the studio answers at this address (${status}). If a proxy is in front of it, check the path ` +
    "it forwards. This page tries again by itself.";
}
