"""Executes one notebook and prints what it put out: `python -m tests.notebooks.execute FILE`.

A program of its own, so that the kernel client's own warnings and sockets end with it.
"""

import asyncio
import sys
from pathlib import Path

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient


def main(path: Path) -> None:
    """Execute and print the outputs; ends with a traceback where a cell fails."""
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    kernel = AsyncKernelManager(kernel_name="python3", transport="ipc")
    asyncio.run(NotebookClient(notebook, km=kernel, timeout=120).async_execute())
    print([cell.outputs for cell in notebook.cells if cell.cell_type == "code"])  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
