"""It needs a module that is not there."""

from __future__ import annotations

import a_module_nobody_has  # type: ignore[import-not-found]  # noqa: F401
