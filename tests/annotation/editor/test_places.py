"""The key `N` goes from place to place, and not back to those that were looked at while there are others."""

import pytest

pytestmark = pytest.mark.browser

WALK = """async ([news, presses]) => {
  const { Uncertainty } = await import("/controls/uncertainty.js");
  const looked = [];
  const places = new Uncertainty({
    view: { width: 800, height: 600, zoom: 1, fitZoom: () => 1, centre: (x, y) => looked.push([x, y]) },
    source: {}, toolbar: { refresh() {} }, redraw() {}, stage: { pulse() {} },
  });
  for (const each of news) {
    if (each === "another photo") { places.reset(); continue; }
    places.hear({ width: 1, height: 1, pixels: new Uint8Array(1), places: each });
    for (let press = 0; press < presses; press++) places.next();
  }
  return looked;
}"""
FIRST, NEAR, SECOND, THIRD = [100, 100], [110, 95], [400, 300], [700, 500]


def test_places_come_in_their_order_and_begin_again(scripts):
    assert scripts.evaluate(WALK, [[[FIRST, SECOND]], 3]) == [FIRST, SECOND, FIRST]
    assert scripts.evaluate(WALK, [[[]], 1]) == []


def test_after_a_stroke_those_that_were_seen_come_last(scripts):
    again = [[FIRST, SECOND, THIRD], [NEAR, SECOND, THIRD], [SECOND, THIRD, NEAR]]
    assert scripts.evaluate(WALK, [again, 1]) == [FIRST, SECOND, THIRD]
    assert scripts.evaluate(WALK, [[[FIRST], [NEAR]], 1]) == [FIRST, NEAR]  # nothing else is left


def test_another_photo_begins_anew(scripts):
    assert scripts.evaluate(WALK, [[[FIRST, SECOND], "another photo", [FIRST, SECOND]], 1]) == [FIRST, FIRST]
