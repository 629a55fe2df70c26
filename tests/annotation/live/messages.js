// What travels as text on the live socket, by type, in JSON: TypeScript holds it against messages.d.ts and
// tests/annotation/web/test_messages.py against annotation/live/messages.py, so both say the same.

/** @import { News, Wishes } from "../../../annotation/live/static/messages.js" */

/** @type {{ wishes: Wishes[] }} */
export const fromBrowser = {
  "wishes": [{}, {"model": "rvm"}, {"plate": false}, {"model": "modnet", "plate": false}]
};

/** @type {{ [T in News["type"]]: (News & { type: T })[] }} */
export const fromServer = {
  "size": [{"type": "size", "width": 320, "height": 192}],
  "dropped": [{"type": "dropped", "number": 7}],
  "plate": [{"type": "plate", "text": ""}],
  "refused": [{"type": "refused", "text": "a frame must be a JPEG"}],
  "full": [{"type": "full", "text": "All 4 live seats are taken. This page tries again by itself."}],
  "idle": [{"type": "idle", "text": "No picture came for a while."}]
};
