// Plain requests to the server, with the secret that this browser's drafts belong to.

import { kept } from "./storage.js";
import { randomName } from "../strokes/wire.js";

const SECRET = "matting-studio-secret";

/** The secret that this browser's drafts belong to; made once. */
export function secret() {
  const known = kept.get(SECRET);
  if (known) return known;
  const made = randomName(24);
  kept.set(SECRET, made);
  return made;
}

/** The server's answer is not what was requested; the message is a sentence for a person. */
export class AnswerError extends Error {}

/**
 * Fetch something of this browser's drafts. AnswerError if the server does not give it.
 * @param {string} root the app's address
 * @param {string} path
 * @param {RequestInit} [options]
 */
export async function get(root, path, options = {}) {
  let response;
  try {
    response = await fetch(new URL(path, root), { ...options, headers: { "x-secret": secret() } });
  } catch {
    throw new AnswerError("The server does not answer. Is it still running, and is the network up?");
  }
  if (response.ok) return response;
  const said = await response.json().catch(() => ({}));
  throw new AnswerError(said?.error ?? `The server answered with an error (${response.status}); its log may say why.`);
}

/**
 * Inflate what zlib has deflated.
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
export async function inflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
