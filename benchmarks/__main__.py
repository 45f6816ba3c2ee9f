"""Everything, about ten minutes: `python -m benchmarks` prints the figures and writes them to benchmarks/RESULTS.md."""

import subprocess
import sys
from pathlib import Path

PARTS = (
    ("The public workload", "benchmarks.run"),
    ("Mixed traffic", "benchmarks.mix"),
    ("Three upstreams", "benchmarks.federated"),
)
HEAD = "# Results\n\nWritten by `python -m benchmarks`. How they are taken: [README.md](README.md).\n"


def main() -> None:
    text = HEAD
    for title, module in PARTS:
        print(f"\n## {title}\n", flush=True)
        text += f"\n## {title}\n\n"
        with subprocess.Popen([sys.executable, "-m", module], stdout=subprocess.PIPE, text=True) as part:
            assert part.stdout is not None
            for line in part.stdout:
                print(line, end="", flush=True)
                text += line
        if part.returncode:
            sys.exit(f"{module} ended with status {part.returncode}; nothing is written")
    (Path(__file__).parent / "RESULTS.md").write_text(text)


if __name__ == "__main__":
    main()
