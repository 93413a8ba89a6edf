"""docs/control-port.md: its commands do what it says, in a shell, on a server that `reference-server exec` starts."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "control-port.md"


def test_every_command_of_the_page_succeeds(tmp_path: Path) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    script = tmp_path / "page.sh"
    script.write_text("set -euo pipefail\n" + "".join(blocks), encoding="utf-8")
    paths = os.pathsep.join(str(ROOT / face) for face in ("contract", "server"))

    ended = subprocess.run(
        [sys.executable, "-P", "-m", "entity_server", "exec", "--", "bash", str(script)],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": paths, "TMPDIR": str(tmp_path)},
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    assert re.findall(r"^[0-9]{3}$", ended.stdout, re.MULTILINE) == ["429", "429", "200"]
    assert len(blocks) == 6
