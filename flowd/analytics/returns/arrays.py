"""The kinds of arrays that returns are computed over."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

#: Numbers, one per day or flow; NaN where one is not known.
Floats: TypeAlias = NDArray[np.float64]
#: Days as counts from any fixed day, such as `date.toordinal()`.
Days: TypeAlias = NDArray[np.int64]
#: Yes or no, one per day.
Flags: TypeAlias = NDArray[np.bool_]
