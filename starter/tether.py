"""Runs a command that dies with its parent: `python -I tether.py PARENT_PID COMMAND…`.

A script of its own, without imports of ours, instead of a `preexec_fn`: Python code between fork and exec
can deadlock in a process with threads, and the Temporal client has some. Where there is no `prctl`
the command simply runs.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ask for the death signal, make sure that the parent still lives, and become the command."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main()
