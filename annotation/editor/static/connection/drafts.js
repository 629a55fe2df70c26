// A draft of this browser, fetched: the photo, the trimap's history and the alpha so far.

/** @import { Opened } from "./messages.js" */

import { Photo } from "../drawing/photo.js";
import { History } from "../strokes/history.js";
import { AnswerError, get, inflated } from "./requests.js";

/**
 * The pixels of one plane of a draft: `count` bytes, row by row. AnswerError for fewer.
 * @param {string} root the app's address
 * @param {string} draft
 * @param {string} plane "alpha" or "start/NAME"
 * @param {number} count
 */
export async function fetchPlane(root, draft, plane, count) {
  const response = await get(root, `correct/works/${draft}/${plane}`);
  const pixels = await inflated(new Uint8Array(await response.arrayBuffer())).catch(() => new Uint8Array(0));
  if (pixels.length !== count) {
    throw new AnswerError(`The server sent ${pixels.length} pixels of "${plane}" instead of ${count}; a proxy in between may have changed them.`);
  }
  return pixels;
}

/**
 * The photo, history and alpha of a draft with the size and strokes that the server sent.
 * @param {string} root the app's address
 * @param {string} draft
 * @param {Opened} opened
 */
export async function fetchDraft(root, draft, { width, height, strokes }) {
  const blob = get(root, `correct/works/${draft}/photo`).then(response => response.blob());
  blob.catch(() => { /* told below, unless a plane is missing, too */ });
  const names = strokes.filter(stroke => stroke.kind === "start").map(stroke => stroke.target);
  const planes = ["start/automatic", "alpha", ...names.map(name => `start/${name}`)];
  const [automatic, alpha, ...starts] = await Promise.all(planes.map(plane => fetchPlane(root, draft, plane, width * height)));
  const photo = await Photo.load(await blob);
  if (photo.width !== width || photo.height !== height) {
    throw new AnswerError(`The server sent a photo of ${photo.width} × ${photo.height} pixels instead of ${width} × ${height}.`);
  }
  const history = new History(width, height, automatic, new Map(names.map((name, at) => [name, starts[at]])));
  for (const [at, stroke] of strokes.entries()) history.receive(stroke, at + 1);
  return { photo, history, alpha };
}
