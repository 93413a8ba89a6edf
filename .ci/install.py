"""What tox installs packages with: uv, which takes a tenth of pip's time, and pip where uv may not reach them.

tox calls it as it calls `pip install`, with the Python of the environment. uv reads nothing of pip's configuration:
where that names another index, or none, pip installs; and what uv cannot install, whatever the reason, pip tries again.
"""

import importlib.util
import os
import subprocess
import sys

PIP = (sys.executable, "-I", "-m", "pip")
UV = (sys.executable, "-I", "-m", "uv", "pip", "install", "--python", sys.executable)
INDEXES = (".index-url=", ".no-index=")
IMPATIENT = {"UV_HTTP_RETRIES": "1", "UV_HTTP_CONNECT_TIMEOUT": "10"}


def main(arguments: list[str]) -> int:
    """Install what the arguments name; the exit status is that of who did it."""
    if has_uv() and subprocess.run([*UV, *arguments], env={**os.environ, **IMPATIENT}, check=False).returncode == 0:
        return 0
    return subprocess.run([*PIP, "install", *arguments], check=False).returncode


def has_uv() -> bool:
    """Whether uv is in this environment, or could be installed there."""
    if importlib.util.find_spec("uv") is not None:
        return True
    settings = subprocess.run([*PIP, "config", "list"], capture_output=True, text=True, check=False)
    if settings.returncode != 0 or any(name in settings.stdout for name in INDEXES):
        return False
    return subprocess.run([*PIP, "install", "--quiet", "uv>=0.9"], check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
