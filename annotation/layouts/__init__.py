"""Export to and import from the folder formats of other people's training code; one file per layout."""

from annotation.layouts.aim import AIM
from annotation.layouts.base import Layout
from annotation.layouts.birefnet import BIREFNET
from annotation.layouts.fgr_pha import FGR_PHA
from annotation.layouts.gca import GCA
from annotation.layouts.imagefolder import IMAGEFOLDER
from annotation.layouts.mmagic import MMAGIC
from annotation.layouts.modnet import MODNET
from annotation.layouts.rgba import RGBA
from annotation.layouts.videomatte import VIDEOMATTE
from annotation.layouts.webdataset import WEBDATASET

# In the order in which a tree is tried as each layout: those with lists or names of their own come first.
LAYOUTS: dict[str, Layout] = {
    layout.name: layout
    for layout in (IMAGEFOLDER, MMAGIC, AIM, GCA, MODNET, FGR_PHA, VIDEOMATTE, BIREFNET, RGBA, WEBDATASET)
}

__all__ = ["LAYOUTS", "Layout"]
