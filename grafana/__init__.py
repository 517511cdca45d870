"""The dashboards as code: one module per dashboard, one function per panel; `python -m grafana` writes the JSON."""
