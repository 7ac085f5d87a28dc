#!/usr/bin/env python3
"""Writes HuaweiCatalogue+APIs.swift from ocr-apis.json. Run it in this folder after a change to the JSON."""

import json
import pathlib

here = pathlib.Path(__file__).parent
data = json.loads((here / "ocr-apis.json").read_text())


def text(value):
    return json.dumps(value, ensure_ascii=False)


def texts(values):
    return "[" + ", ".join(text(value) for value in values) + "]"


def parameter(p):
    parts = [text(p["name"]), "." + p["kind"]]
    if p.get("values"):
        parts.append("values: " + texts(p["values"]))
    if "minimum" in p:
        parts.append(f"minimum: {p['minimum']}")
    if "maximum" in p:
        parts.append(f"maximum: {p['maximum']}")
    if p.get("required"):
        parts.append("isRequired: true")
    return "APIParameter(" + ", ".join(parts) + ")"


def limits(image):
    if image is None:
        return "nil"
    formats = "[" + ", ".join("." + name for name in image["formats"]) + "]"
    pixels = f", maxPixels: {image['max_pixels']}" if image["max_pixels"] else ""
    return (
        f"ImageLimits(formats: {formats}, minSide: {image['min_side_px']}, maxSide: {image['max_side_px']}{pixels}, "
        f"maxBase64Bytes: {image['max_base64_bytes']})"
    )


def constant(name, values, render):
    """Equal values are built once; returns where each one is found again."""
    distinct = []
    for value in values:
        if value not in distinct:
            distinct.append(value)
    lines = [f"    let {name}{i} = {render(value)}" for i, value in enumerate(distinct)]
    return lines, lambda value: f"{name}{distinct.index(value)}"


parameters, parameter_name = constant("p", [p for a in data["apis"] for p in a["parameters"]], parameter)
images, image_name = constant("i", [a["image"] for a in data["apis"] if "image" in a], limits)
regions, region_name = constant("r", [a["regions"] for a in data["apis"]], lambda v: texts(v) if v else "[String]()")
groups, group_name = constant(
    "g", [a["exactly_one_of"] for a in data["apis"]],
    lambda v: "[" + ", ".join(map(texts, v)) + "]" if v else "[[String]]()")

calls = []
for api in data["apis"]:
    fields = [
        text(api["name"]), text(api["operation"]), "[" + ", ".join(map(parameter_name, api["parameters"])) + "]",
        group_name(api["exactly_one_of"]), image_name(api["image"]) if "image" in api else "nil",
        region_name(api["regions"]),
    ]
    calls.append(f"    add({', '.join(fields)})")

swift = "\n".join([
    "// Made by generate.py from ocr-apis.json; change that file, not this one.",
    "",
    "// swift-format-ignore-file",
    "",
    "import RelayCore",
    "",
    "extension HuaweiCatalogue {",
    "  /// All APIs, ordered by name.",
    "  static func makeAPIs() -> [APIDescription] {",
    *parameters, *images, *regions, *groups,
    "    var apis: [APIDescription] = []",
    f"    apis.reserveCapacity({len(calls)})",
    "    func add(",
    "      _ name: String, _ operation: String, _ parameters: [APIParameter], _ groups: [[String]], _ image: ImageLimits?,",
    "      _ regions: [String]",
    "    ) {",
    "      apis.append(",
    "        APIDescription(",
    "          name: name, operation: operation, pathTemplate: " + text(data["path"]).replace("{name}", "\\(name)") + ",",
    "          parameters: parameters, exactlyOneOf: groups, image: image, regions: regions))",
    "    }",
    *calls,
    "    return apis",
    "  }",
    "}",
    "",
])
(here / "HuaweiCatalogue+APIs.swift").write_text(swift)
