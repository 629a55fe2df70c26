import { messageOf } from "../../correct/static/elements.js";

/** By the name of what getUserMedia throws. */
const WORDS = new Map([
  ["NotAllowedError", "The browser does not let this page use the camera. Allow it in the address bar, then try again."],
  ["NotFoundError", "No camera was found. Connect one, then try again."],
  ["NotReadableError", "Another program is using the camera. Close it there, then try again."],
  ["OverconstrainedError", "The chosen camera is no longer there. Choose another, then try again."],
]);

/**
 * Start the camera in `video`; an Error with a sentence for the person if that fails.
 * @param {HTMLVideoElement} video
 * @param {{ device: string, lines: number }} wanted the camera's id, "" for any, and the height of its picture
 */
export async function start(video, { device, lines }) {
  if (!navigator.mediaDevices) throw new Error("Browsers give the camera only to pages on https or localhost.");
  /** @type {MediaTrackConstraints} */
  const wish = { width: { ideal: Math.round(lines * 16 / 9) }, height: { ideal: lines }, frameRate: { ideal: 30 } };
  if (lines === 480) wish.width = { ideal: 640 };
  if (device) wish.deviceId = { exact: device };
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: wish });
  } catch (error) {
    const known = error instanceof Error ? WORDS.get(error.name) : undefined;
    throw new Error(known ?? `The camera could not be started: ${messageOf(error)}`);
  }
  video.srcObject = stream;
  await video.play();
  return stream;
}

/** @param {HTMLVideoElement} video */
export function stop(video) {
  if (video.srcObject instanceof MediaStream) for (const track of video.srcObject.getTracks()) track.stop();
  video.srcObject = null;
}

export async function cameras() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter((device) => device.kind === "videoinput" && device.deviceId);
}

/** Whether the camera may be used without asking. */
export async function isAllowed() {
  try {
    return (await navigator.permissions.query({ name: "camera" })).state === "granted";
  } catch { return false; }
}
