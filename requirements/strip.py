"""Leave out of the image's packages what this program never uses there. Run as `python strip.py <site-packages>`.

Of botocore stays the data of those services alone that its chain of credentials asks: 28 MB become 2. What this program
writes to (Secrets Manager, Parameter Store) is asked without botocore's data: only its signature and its list of
endpoints are used. pyasn1 serves google-auth's signatures where cryptography is missing, which is there; PyYAML reads
without its compiled half too.
"""

import shutil
import sys
from pathlib import Path

KEPT = {"signin", "sso", "sso-oidc", "sts"}
UNUSED = ("pyasn1", "pyasn1_modules")


def strip(packages: Path) -> None:
    """Delete it."""
    for folder in (packages / "botocore" / "data").iterdir():
        if folder.is_dir() and folder.name not in KEPT:
            shutil.rmtree(folder)
    for name in UNUSED:
        shutil.rmtree(packages / name)
    for compiled in (packages / "yaml").glob("_yaml*.so"):
        compiled.unlink()


if __name__ == "__main__":
    strip(Path(sys.argv[1]))
