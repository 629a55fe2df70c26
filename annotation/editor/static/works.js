// A work of this browser, fetched: the photo, the trimap's history and the alpha so far.

import { History } from "./history.js";
import { get, inflated } from "./link.js";
import { Photo } from "./photo.js";

/** The pixels of one plane of a work, "alpha" or "start/NAME": bytes, a row after the other. */
export async function fetchPlane(root, work, plane) {
  const response = await get(root, `correct/works/${work}/${plane}`);
  return inflated(new Uint8Array(await response.arrayBuffer()));
}

/** {photo, history, alpha} of a work whose size and strokes the server told. */
export async function fetchWork(root, work, { width, height, strokes }) {
  const blob = get(root, `correct/works/${work}/photo`).then(response => response.blob());
  const names = strokes.filter(stroke => stroke.kind === "start").map(stroke => stroke.target);
  const planes = ["start/automatic", "alpha", ...names.map(name => `start/${name}`)];
  const [automatic, alpha, ...starts] = await Promise.all(planes.map(plane => fetchPlane(root, work, plane)));
  const photo = await Photo.load(await blob);
  const history = new History(width, height, automatic, new Map(names.map((name, at) => [name, starts[at]])));
  strokes.forEach((stroke, at) => history.receive(stroke, at + 1));
  return { photo, history, alpha };
}
