// What travels on the editor's socket, by type, in JSON: TypeScript holds it against messages.d.ts and
// tests/annotation/web/test_messages.py against annotation/editor/messages.py, so both say the same. Of a message that
// travels as bytes this is the header.

/** @import { Message, News } from "../../../annotation/editor/static/connection/messages.js" */

/** @type {{ [T in Message["type"]]: (Message & { type: T })[] }} */
export const fromBrowser = {
  "open": [{"type": "open", "work": "w1", "secret": "s", "tab": "t1", "after": 3}],
  "stroke": [
    {
      "type": "stroke",
      "stroke": {
        "id": "a", "kind": "brush", "label": "foreground", "radius": 12, "points": [10, 20, 1, -1], "target": "",
        "time": 1764424800000, "author": "t1"
      }
    }
  ],
  "prepare": [{"type": "prepare", "download": false}, {"type": "prepare", "download": true}],
  "select": [{"type": "select", "id": "b"}],
  "click": [
    {"type": "click", "id": "c", "point": [10, 20], "label": "foreground"},
    {"type": "click", "id": "d", "point": [0, 0], "label": "background"}
  ]
};

/** @type {{ [T in News["type"]]: Omit<News & { type: T }, "pixels">[] }} */
export const fromServer = {
  "opened": [
    {
      "type": "opened", "name": "photo.jpg", "width": 640, "height": 480, "after": 1,
      "strokes": [
        {
          "id": "a", "kind": "undo", "label": "unknown", "radius": 0, "points": [], "target": "z", "time": 0,
          "author": "t1"
        }
      ]
    }
  ],
  "painted": [
    {
      "type": "painted", "number": 2,
      "stroke": {
        "id": "b", "kind": "island", "label": "automatic", "radius": 0, "points": [5, 5], "target": "", "time": 0,
        "author": "t2"
      }
    }
  ],
  "unsaved": [
    {"type": "unsaved", "id": "a", "reason": "the disk is full", "lasting": false},
    {"type": "unsaved", "id": null, "reason": "a stroke needs an id and a kind", "lasting": true}
  ],
  "problem": [{"type": "problem", "id": "", "reason": "there is no foreground yet"}],
  "clicking": [
    {"type": "clicking", "state": "absent", "share": 0.0, "text": "MobileSAM, 40 MB"},
    {"type": "clicking", "state": "downloading", "share": 0.5, "text": ""},
    {"type": "clicking", "state": "encoding", "share": 0.0, "text": ""},
    {"type": "clicking", "state": "ready", "share": 0.0, "text": ""},
    {"type": "clicking", "state": "failed", "share": 0.0, "text": "the disk is full"}
  ],
  "refused": [{"type": "refused", "reason": "a message must be text, but got bytes"}],
  "tabs": [{"type": "tabs", "count": 2}],
  "patch": [
    {"type": "patch", "left": 0, "top": 1, "right": 2, "bottom": 3, "quality": "coarse", "number": 4},
    {"type": "patch", "left": 0, "top": 1, "right": 2, "bottom": 3, "quality": "fine", "number": 4},
    {"type": "patch", "left": 0, "top": 1, "right": 2, "bottom": 3, "quality": "idle", "number": 4}
  ],
  "unsure": [{"type": "unsure", "places": [[3, 4], [1, 2]], "width": 64, "height": 48}]
};
