// What the editor keeps from visit to visit: the brush's size, as a share of the photo's, and how things look.

const KEY = "matting-studio-editor";
const BRUSH = 0.02; // the first radius, as a share of the photo's long side: the robot annotator's median on generated photos

/** {brush, opacity, colour} as they were left, or as they are at first. */
export function preferences() {
  const first = { brush: BRUSH, opacity: 0.45, colour: null };
  try {
    return { ...first, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
  } catch { return first; } // preferences are worth no error
}

export function keepPreferences({ brush, opacity, colour }) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ brush, opacity, colour }));
  } catch { /* likewise */ }
}
