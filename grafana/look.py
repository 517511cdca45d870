"""How things look everywhere: colours of streams and of words, thresholds, money, links to one stream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol, TypeVar

from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.models import dashboard as model

# the colours of report.palette(), by slot: a test compares them
PALETTE: Final = (
    "#56a64b",
    "#3274d9",
    "#ff780a",
    "#a352cc",
    "#e0b400",
    "#1f9e9e",
    "#e02f44",
    "#8ab8ff",
    "#96d98d",
    "#b8527f",
    "#c9a27e",
    "#5f6fd1",
    "#ffb357",
    "#2e7d62",
    "#ca95e5",
    "#7a8b99",
    "#f2a3b3",
    "#9aa832",
    "#00b5d8",
    "#8c5a2b",
    "#c15c17",
    "#37872d",
    "#705da0",
    "#d8d05a",
)
QUALITY: Final[Mapping[str, str]] = {
    "exact": "green",
    "estimated": "yellow",
    "spread": "blue",
    "partial": "orange",
    "stale": "red",
}
HEALTH: Final[Mapping[str, str]] = {
    "growing": "green",
    "stable": "blue",
    "volatile": "yellow",
    "declining": "orange",
    "stalled": "red",
    "stale": "red",
    "unknown": "text",
}
TREND: Final[Mapping[str, str]] = {"growing": "green", "flat": "blue", "declining": "orange", "unknown": "text"}
STATE: Final[Mapping[str, str]] = {
    "healthy": "green",
    "new": "blue",
    "partial": "orange",
    "failing": "red",
    "needs_reauth": "red",
    "misconfigured": "red",
}


class Overridable(Protocol):
    """A panel whose lines can be looked after one by one."""

    def override_by_regexp(self, regexp: str, properties: list[model.DynamicConfigValue]) -> object:
        """Add properties for the lines whose name fits."""


P = TypeVar("P", bound=Overridable)


def painted(panel: P) -> P:
    """Every line in the colour of its stream or group, whichever of them are chosen.

    The query gives, beside `time`, `metric` and `value`, the column `paint` of report.colour. Both texts become labels,
    so Grafana calls the line `value {metric="Salary", paint="03"}` until the override names it by `metric` alone.
    """
    for slot, colour in enumerate(PALETTE, start=1):
        panel.override_by_regexp(
            f'/paint="{slot:02}"/',
            [
                prop("displayName", "${__field.labels.metric}"),
                prop("color", {"mode": "fixed", "fixedColor": colour}),
            ],
        )
    return panel


def prop(name: str, value: object) -> model.DynamicConfigValue:
    """One property of an override."""
    return model.DynamicConfigValue(id_val=name, value=value)


def money(decimals: int = 2) -> list[model.DynamicConfigValue]:
    """A column of amounts; which currency, a column or the title says."""
    return [prop("unit", "none"), prop("decimals", decimals)]


def share(decimals: int = 1) -> list[model.DynamicConfigValue]:
    """A column of shares, shown as per cent."""
    return [prop("unit", "percentunit"), prop("decimals", decimals)]


def signed(decimals: int = 1) -> list[model.DynamicConfigValue]:
    """A column of changes as per cent: red below zero, green above, quiet within two per cent."""
    return [
        *share(decimals),
        prop("custom.cellOptions", {"type": "color-text"}),
        prop("thresholds", steps((None, "red"), (-0.02, "text"), (0.02, "green")).build()),
    ]


def gained(decimals: int = 2) -> list[model.DynamicConfigValue]:
    """A column of amounts that rise and fall: red below zero, green above."""
    return [
        *money(decimals),
        prop("custom.cellOptions", {"type": "color-text"}),
        prop("thresholds", steps((None, "red"), (0, "text"), (0.005, "green")).build()),
    ]


def coloured(colour: str) -> model.DynamicConfigValue:
    """One colour for one line, whatever else is drawn."""
    return prop("color", {"mode": "fixed", "fixedColor": colour})


def filled(decimals: int = 1) -> list[model.DynamicConfigValue]:
    """A column of shares, each as a bar that is full at 100 per cent.

    Without these ends Grafana would measure the bars by the largest number of the whole table.
    """
    return [
        *share(decimals),
        prop("custom.cellOptions", {"type": "gauge", "mode": "basic"}),
        prop("min", 0),
        prop("max", 1),
        prop("thresholds", steps((None, "blue")).build()),
    ]


def words(colours: Mapping[str, str]) -> list[model.DynamicConfigValue]:
    """A column of words of flowd's own, each in its colour."""
    return [prop("mappings", mapped(colours)), prop("custom.cellOptions", {"type": "color-text"})]


def width(pixels: int) -> model.DynamicConfigValue:
    """How wide a column is."""
    return prop("custom.width", pixels)


def hidden() -> list[model.DynamicConfigValue]:
    """A column that is there for links only."""
    # the first until Grafana 12, the second since
    return [prop("custom.hidden", True), prop("custom.hideFrom.viz", True)]


def linked(title: str, url: str) -> model.DynamicConfigValue:
    """A link on every cell of a column; `url` may say ${__data.fields.NAME:percentencode}."""
    return prop("links", [{"title": title, "url": url}])


# what a table of streams puts on the name, where the hidden column `stream` holds the key
# without the time range: that page shows the time to come too
TO_STREAM: Final = (
    "/d/flowd-stream/stream?${tenant:queryparam}&${currency:queryparam}&var-one=${__data.fields.stream:percentencode}"
)
# the same from a page without the choice of a currency
TO_STREAM_ALONE: Final = "/d/flowd-stream/stream?${tenant:queryparam}&var-one=${__data.fields.stream:percentencode}"


def mapped(colours: Mapping[str, str]) -> list[model.ValueMapping]:
    """Each word in its colour."""
    return [
        model.ValueMap(
            options={
                word: model.ValueMappingResult(text=word, color=colour, index=place)
                for place, (word, colour) in enumerate(colours.items())
            }
        )
    ]


def steps(*bounds: tuple[float | None, str]) -> build.ThresholdsConfig:
    """Colours by value: from each bound on (None is from the bottom) its colour."""
    first, colour = bounds[0]
    if first is None and colour not in {"text", "transparent"}:
        # Grafana colours what is not there like the lowest step, and what nobody knows is neither bad nor good
        bounds = ((None, "text"), (-1e15, colour), *bounds[1:])
    return (
        build.ThresholdsConfig()
        .mode(model.ThresholdsMode.ABSOLUTE)
        .steps([model.Threshold(value=bound, color=color) for bound, color in bounds])
    )
