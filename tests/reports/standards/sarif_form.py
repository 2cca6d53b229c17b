"""The form of the SARIF objects that reports use, by the sections of the specification.

A schema of its own beside that of OASIS, for machines without npm, and a stricter one: an object may
hold nothing but what is listed here, and a location of a record always has its line.
"""

from typing import Any

Schema = dict[str, Any]


def closed(required: str, /, **properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


def several(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": items, **more}


TEXT: Schema = {"type": "string", "minLength": 1}
INDEX: Schema = {"type": "integer", "minimum": 0}
URI: Schema = {"type": "string", "format": "uri-reference", "pattern": r"^[!-~]+$"}
LEVEL: Schema = {"enum": ["none", "note", "warning", "error"]}
BAG: Schema = {"type": "object"}  # 3.8

MESSAGE = closed("text", text=TEXT)  # 3.11; of a descriptor 3.12
ARTIFACT_LOCATION = closed("uri", uri=URI)  # 3.4
LOCATION = closed(  # 3.28, 3.29, 3.30
    "physicalLocation",
    physicalLocation=closed(
        "artifactLocation",
        artifactLocation=ARTIFACT_LOCATION,
        region=closed("startLine", startLine={"type": "integer", "minimum": 1}),
    ),
)
DESCRIPTOR = closed(  # 3.49
    "id shortDescription help",
    id=TEXT,
    name=TEXT,
    shortDescription=MESSAGE,
    fullDescription=MESSAGE,
    help=MESSAGE,
    defaultConfiguration=closed("level", level=LEVEL),  # 3.50
    properties=BAG,
)
TAXON_REFERENCE = closed(  # 3.52, 3.54
    "id index toolComponent",
    id=TEXT,
    index=INDEX,
    toolComponent=closed("name index", name=TEXT, index=INDEX),
)
RESULT = closed(  # 3.27
    "ruleId ruleIndex level message locations partialFingerprints properties",
    ruleId=TEXT,
    ruleIndex=INDEX,
    level=LEVEL,
    message=MESSAGE,
    locations=several(LOCATION),
    partialFingerprints={
        "type": "object",
        "propertyNames": {"pattern": r"^[a-z]+/v[0-9]+$"},
        "additionalProperties": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    },
    occurrenceCount={"type": "integer", "minimum": 1},
    taxa=several(TAXON_REFERENCE, uniqueItems=True),
    properties=BAG,
)
NOTIFICATION = closed("level message", level=LEVEL, message=MESSAGE)  # 3.58
ARTIFACT = closed(  # 3.24
    "location roles",
    location=ARTIFACT_LOCATION,
    mimeType={"type": "string", "pattern": "^[^/]+/.+$"},
    roles=several({"enum": ["analysisTarget"]}, uniqueItems=True),
    length=INDEX,
    hashes={"type": "object", "additionalProperties": TEXT},
)
TAXONOMY = closed(  # 3.19
    "name taxa",
    name=TEXT,
    shortDescription=MESSAGE,
    isComprehensive={"type": "boolean"},
    taxa=several(DESCRIPTOR, uniqueItems=True),
)
RUN = closed(  # 3.14
    "tool invocations artifacts taxonomies results",
    tool=closed(  # 3.18
        "driver",
        driver=closed(
            "name version rules",
            name=TEXT,
            version=TEXT,
            rules=several(DESCRIPTOR, uniqueItems=True),
        ),
    ),
    automationDetails=closed("id", id=TEXT),  # 3.17
    invocations=several(  # 3.20
        closed(
            "executionSuccessful",
            executionSuccessful={"type": "boolean"},
            toolExecutionNotifications=several(NOTIFICATION),
        )
    ),
    artifacts=several(ARTIFACT, uniqueItems=True),
    taxonomies=several(TAXONOMY, uniqueItems=True),
    results=several(RESULT),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    properties=BAG,
)
LOG = closed(  # 3.13
    "version runs",
    **{"$schema": {"type": "string", "format": "uri"}},
    version={"const": "2.1.0"},
    runs=several(RUN, minItems=1, maxItems=1),
)
