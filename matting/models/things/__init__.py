"""The things of one kind in a photo, each by itself: `find_things(image, "person")`."""

from matting.models.things.finding import Thing as Thing
from matting.models.things.finding import find_things as find_things
from matting.models.things.finding import joined as joined
from matting.models.things.finding import trimap_beside as trimap_beside
from matting.models.things.finding import trimaps_by_kind as trimaps_by_kind
from matting.models.things.finding import trimaps_of as trimaps_of
from matting.models.things.kinds import KINDS as KINDS
from matting.models.things.kinds import check_kind as check_kind
