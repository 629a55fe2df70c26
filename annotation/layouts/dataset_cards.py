"""The documents of an exported dataset: the Hub's dataset card, and Croissant, metadata for search engines."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from annotation.layouts.base import Item, Items
from annotation.layouts.provenance_records import record_of

SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
TYPES: dict[type, str] = {str: "sc:Text", int: "sc:Integer", float: "sc:Float"}
NOTES = {
    "image": "The photo, 8-bit sRGB.",
    "alpha": "The share of each pixel the subject covers: 8-bit grey, 0 to 255. Not a binary mask.",
    "alpha16": "The same with all its bits: 16-bit grey, 0 to 65535. Pillow's convert would clip it to white.",
    "foreground": "The subject's own colour, straight (not premultiplied), estimated where it is mixed.",
    "trimap": "0 background, 128 unknown, 255 foreground.",
}


def licences_of(items: Items) -> list[str]:
    """The licences of the samples, sorted."""
    return sorted({item.sample.licence for item in items if item.sample.licence})


def dataset_card(items: Items) -> bytes:
    """The README.md the Hub shows, with the fields it searches by."""
    licences = licences_of(items)
    tag = licences[0].lower() if len(licences) == 1 else "other"
    size = next((name for limit, name in SIZES if len(items) < limit), "n>1M")
    counts = Counter(item.sample.split for item in items)
    configs = [
        f"  - split: {split}\n    path: data/{split}/**" for split in ("train", "validation", "test") if counts[split]
    ]
    head = [
        "---",
        f"license: {tag}",
        "task_categories:\n- image-segmentation",
        "tags:\n- image-matting\n- alpha-matte",
        f"size_categories:\n- {size}",
        *(["configs:\n- config_name: default\n  data_files:", *configs] if configs else []),
        "---",
    ]
    body = [
        "# Alpha mattes",
        f"{len(items)} photos with hand-corrected alphas: "
        + ", ".join(f"{counts[split]} {split}" for split in ("train", "validation", "test"))
        + ".",
        "",
        *(f"* `{part}`: {note}" for part, note in NOTES.items()),
        "",
        "Pictures of one group never straddle two splits, and no sample ever changes its split. A picture that is "
        "recognised as a copy (mirrored, turned, cropped) of another shares its split; not every copy is recognised.",
        "",
        "Licences of the photos: " + (", ".join(licences) if licences else "not stated") + ".",
        "",
        '```python\nfrom datasets import load_dataset\n\nsamples = load_dataset("imagefolder", data_dir=".")\n```',
        "",
    ]
    return "\n".join([*head, *body]).encode()


def croissant(items: Items, lists: Mapping[str, str]) -> bytes:
    """The Croissant 1.0 description: the lists with their sha256 (by path), their columns with types."""
    example = next(iter(items), None)
    files = [
        {
            "@type": "cr:FileObject",
            "@id": path.split("/")[1],
            "name": path.split("/")[1],
            "contentUrl": path,
            "encodingFormat": "application/jsonlines",
            "sha256": sha256,
        }
        for path, sha256 in sorted(lists.items())
    ]
    description: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": "alpha-mattes",
        "description": f"{len(items)} photos with hand-corrected alpha mattes.",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "url": "https://huggingface.co/datasets",
        "version": "1.0.0",
        "isLiveDataset": True,
        "license": [f"https://spdx.org/licenses/{name}.html" for name in licences_of(items)],
        "distribution": files,
        "recordSet": [record_set(file["@id"], example) for file in files] if example else [],
    }
    return json.dumps(description, indent=1).encode() + b"\n"


def record_set(split: str, example: Item) -> dict[str, Any]:
    """The columns of one split's list."""
    columns: dict[str, Any] = {f"{part}_file_name": part for part in NOTES} | record_of(example)
    return {
        "@type": "cr:RecordSet",
        "@id": f"{split}-samples",
        "name": f"{split}-samples",
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{split}-samples/{name}",
                "name": f"{split}-samples/{name}",
                "description": NOTES.get(name.removesuffix("_file_name"), ""),
                "dataType": TYPES[type(value)],
                "source": {"fileObject": {"@id": split}, "extract": {"column": name}},
            }
            for name, value in columns.items()
        ],
    }


CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "sc": "https://schema.org/",
    "dct": "http://purl.org/dc/terms/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""The JSON-LD context of Croissant's words; the format requires it in every file."""
