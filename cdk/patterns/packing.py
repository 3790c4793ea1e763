"""What the layer holds, and no more. Knows nothing of the CDK, so that a test can pack it for its own machine."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

LAYER = Path(__file__).parents[2] / "layers/common"
LAMBDA = ("--python-platform", "aarch64-manylinux_2_34", "--python-version", "3.13")
THIS_MACHINE = ("--python", sys.executable)
# boto3 is in Lambda's runtime, and the X-Ray SDK drags a second botocore in. The rest is for compilers, type checkers,
# shells, and a page that we do not serve.
NOT_SHIPPED = (
    *("boto3*", "botocore*", "s3transfer*", "dateutil", "python_dateutil*", "six*"),
    *("cffi*", "pycparser*", "wrapt-stubs", "bin", "*.dist-info/RECORD", "**/*.pyi", "**/*.c"),
    "aws_lambda_powertools/event_handler/openapi/swagger_ui/*.min.*",
    *("babel/locale-data/[!der]*", "babel/locale-data/[de][!en]*", "babel/locale-data/r[!o]*"),  # but de, en and root
)


def pack_layer(target: Path, machine: Sequence[str] = LAMBDA) -> None:
    """Fill `target` with layers/common and its packages: without Docker, the same bytes each time."""
    subprocess.run(
        [
            *(sys.executable, "-m", "uv", "pip", "install", "--quiet", "--target", str(target), *machine),
            *("--only-binary", ":all:", "--no-deps", "--require-hashes"),
            *("-r", str(LAYER / "requirements.lock")),
        ],
        check=True,
    )
    for pattern in NOT_SHIPPED:
        for path in list(target.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(LAYER / "python/common", target / "common", ignore=ignore)


if __name__ == "__main__":  # python -m cdk.patterns.packing <folder> <the Python of this machine that it is for>
    pack_layer(Path(sys.argv[1]), ("--python", sys.argv[2]))
