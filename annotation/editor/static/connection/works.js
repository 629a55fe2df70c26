// A work of this browser, fetched: the photo, the trimap's history and the alpha so far.

import { History } from "../strokes/history.js";
import { AnswerError, get, inflated } from "./link.js";
import { Photo } from "../drawing/photo.js";

/** The pixels of one plane of a work, "alpha" or "start/NAME": `count` bytes, a row after the other. AnswerError for less. */
export async function fetchPlane(root, work, plane, count) {
  const response = await get(root, `correct/works/${work}/${plane}`);
  const pixels = await inflated(new Uint8Array(await response.arrayBuffer())).catch(() => []);
  if (pixels.length !== count) {
    throw new AnswerError(`The server sent ${pixels.length} pixels of "${plane}" instead of ${count}; a proxy in between may have changed them.`);
  }
  return pixels;
}

/** {photo, history, alpha} of a work whose size and strokes the server told. */
export async function fetchWork(root, work, { width, height, strokes }) {
  const blob = get(root, `correct/works/${work}/photo`).then(response => response.blob());
  blob.catch(() => { /* told below, unless a plane is missing, too */ });
  const names = strokes.filter(stroke => stroke.kind === "start").map(stroke => stroke.target);
  const planes = ["start/automatic", "alpha", ...names.map(name => `start/${name}`)];
  const [automatic, alpha, ...starts] = await Promise.all(planes.map(plane => fetchPlane(root, work, plane, width * height)));
  const photo = await Photo.load(await blob);
  if (photo.width !== width || photo.height !== height) {
    throw new AnswerError(`The server sent a photo of ${photo.width} × ${photo.height} pixels instead of ${width} × ${height}.`);
  }
  const history = new History(width, height, automatic, new Map(names.map((name, at) => [name, starts[at]])));
  strokes.forEach((stroke, at) => history.receive(stroke, at + 1));
  return { photo, history, alpha };
}
