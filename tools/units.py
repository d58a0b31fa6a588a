"""Units of measure: one value in another unit of the same kind."""

from typing import Annotated

from pydantic import Field

from agentflow.toolbox import ToolFailed

# Each unit in the base unit of its kind; exact by definition (SI brochure, 9th edition; NIST SP 811, appendix B).
KINDS: dict[str, dict[str, float]] = {
    "length": {"m": 1, "km": 1e3, "cm": 1e-2, "mm": 1e-3, "um": 1e-6, "nm": 1e-9, "in": 0.0254, "ft": 0.3048, "yd": 0.9144, "mi": 1609.344, "nmi": 1852},
    "mass": {"kg": 1, "g": 1e-3, "mg": 1e-6, "t": 1e3, "lb": 0.45359237, "oz": 0.028349523125},
    "time": {"s": 1, "ms": 1e-3, "us": 1e-6, "min": 60, "h": 3600, "d": 86_400, "week": 604_800, "year": 31_557_600},
    "area": {"m2": 1, "km2": 1e6, "cm2": 1e-4, "ha": 1e4, "acre": 4046.8564224, "ft2": 0.09290304},
    "volume": {"l": 1, "ml": 1e-3, "m3": 1e3, "gal": 3.785411784, "floz": 0.0295735295625},
    "speed": {"m/s": 1, "km/h": 1 / 3.6, "mph": 0.44704, "kn": 1852 / 3600},
    "energy": {"j": 1, "kj": 1e3, "cal": 4.184, "kcal": 4184, "wh": 3600, "kwh": 3.6e6, "ev": 1.602176634e-19},
    "pressure": {"pa": 1, "kpa": 1e3, "bar": 1e5, "atm": 101_325, "psi": 6894.757293168},
    "data": {"b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40},
}  # fmt: skip
NAMES = {
    "meter": "m", "metre": "m", "kilometer": "km", "kilometre": "km", "centimeter": "cm", "centimetre": "cm", "millimeter": "mm", "millimetre": "mm",
    "inch": "in", "inches": "in", "foot": "ft", "feet": "ft", "yard": "yd", "mile": "mi", "kilogram": "kg", "gram": "g", "tonne": "t",
    "pound": "lb", "ounce": "oz", "second": "s", "minute": "min", "hour": "h", "day": "d", "hectare": "ha", "liter": "l", "litre": "l",
    "gallon": "gal", "knot": "kn", "joule": "j", "calorie": "cal", "pascal": "pa", "byte": "b", "kilobyte": "kb", "megabyte": "mb",
    "gigabyte": "gb", "terabyte": "tb", "celsius": "c", "fahrenheit": "f", "kelvin": "k", "°c": "c", "°f": "f",
}  # fmt: skip
TEMPERATURES = {"c": (1.0, 273.15), "f": (5 / 9, 459.67 * 5 / 9), "k": (1.0, 0.0)}  # kelvin = slope * value + offset

_SYMBOLS = {*TEMPERATURES, *(unit for table in KINDS.values() for unit in table)}


def units(
    value: Annotated[float, "the number"],
    source: Annotated[str, Field(max_length=20, description="its unit, for example mi, kg, km/h, F")],
    target: Annotated[str, Field(max_length=20, description="the unit wanted")],
) -> float:
    """Convert a value to another unit: length, mass, time, area, volume, speed, energy, pressure, data, temperature."""
    old, new = symbol(source), symbol(target)
    if old in TEMPERATURES and new in TEMPERATURES:
        slope, offset = TEMPERATURES[old]
        wanted_slope, wanted_offset = TEMPERATURES[new]
        return _tidy((slope * value + offset - wanted_offset) / wanted_slope)
    for table in KINDS.values():
        if old in table and new in table:
            return _tidy(value * table[old] / table[new])
    missing = next((unit for unit in (old, new) if unit not in _SYMBOLS), "")
    if missing:
        raise ToolFailed(f"unknown unit '{missing}'", f"known: {', '.join(sorted(_SYMBOLS))}")
    raise ToolFailed(f"{source} and {target} measure different things", "convert within one kind")


def symbol(unit: str) -> str:
    """The short form of a unit that is written out, also in the plural."""
    name = unit.strip().lower()
    for form in (name, name.removesuffix("s"), name.removeprefix("degrees ")):
        if form in NAMES or form in _SYMBOLS:
            return NAMES.get(form, form)
    return name


def _tidy(value: float) -> float:
    """12 significant digits: binary noise is no information."""
    return float(f"{value:.12g}")
