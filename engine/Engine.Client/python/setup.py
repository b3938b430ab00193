"""Puts the contract into the package: protos/engine/v1 of the checkout, compiled to one FileDescriptorSet."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parents[3]
BUILT = ROOT / "artifacts" / "python"


def compile_contract(protos, contract):
    """Without the HTTP annotations, so that clients need no package for them."""
    with tempfile.TemporaryDirectory() as folder:
        files = sorted(path.relative_to(protos) for path in protos.glob("engine/v1/*.proto"))
        for file in files:
            text = (protos / file).read_text(encoding="utf-8")
            text = re.sub(r'^import "google/api/.*\n', "", text, flags=re.M)
            text = re.sub(r'option \(google\.api\.http\) = \{(?:"[^"]*"|[^"}])*\};', "", text)
            (Path(folder) / file).parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / file).write_text(text, encoding="utf-8")
        arguments = ["-I.", "--include_imports", f"--descriptor_set_out={contract}", *map(str, files)]
        try:
            from grpc_tools import protoc
        except ImportError:
            subprocess.run(["protoc", *arguments], cwd=folder, check=True)
            return
        well_known = Path(protoc.__file__).parent / "_proto"
        subprocess.run(
            [sys.executable, "-m", "grpc_tools.protoc", f"-I{well_known}", *arguments], cwd=folder, check=True)


class BuildWithContract(build_py):
    def run(self):
        super().run()
        compile_contract(ROOT / "protos", (Path(self.build_lib) / "engine_client" / "contract.binpb").resolve())


BUILT.mkdir(parents=True, exist_ok=True)
setup(
    cmdclass={"build_py": BuildWithContract},
    options={"build": {"build_base": str(BUILT / "build")}, "egg_info": {"egg_base": str(BUILT)}})
