"""The recorded day under other orchestrators, beside tipoff and the bare floor: docs/performance.md."""
