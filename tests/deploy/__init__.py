"""The production topology's files: compose, dashboards, alerts."""
