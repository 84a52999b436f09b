"""`python -m starter.sdk_download FOLDER`: has the SDK download its dev server into a folder."""

from __future__ import annotations

import asyncio
import sys

from temporalio.testing import WorkflowEnvironment


async def _main(folder: str) -> None:
    # The SDK downloads on the way to a running server; there is no call for the download alone.
    environment = await WorkflowEnvironment.start_local(download_dest_dir=folder)
    await environment.shutdown()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))
