"""Fetches Debian packages and one npm package by their ordinary clients, and reads files in them.

Everything is kept in a cache folder with apt's state of its own: the system's lists and packages
stay as they are, and no right to change them is needed.
"""

import gzip
import hashlib
import io
import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path


class Unavailable(Exception):
    """A package can't be had or read; the message says which and why."""


class Packages:
    """What is fetched once into `cache` and read from there ever after."""

    def __init__(self, cache: Path) -> None:
        self.cache = cache
        self.lists = cache / "apt" / "lists"
        self.versions: dict[str, str] = {}
        for folder in (self.lists / "partial", cache / "apt" / "archives" / "partial"):
            folder.mkdir(parents=True, exist_ok=True)

    def _apt(self, *command: str, folder: Path | None = None) -> str:
        options = {
            "Dir::State::Lists": self.lists.resolve(),
            "Dir::Cache": (self.cache / "apt").resolve(),
            "Acquire::Languages": "en,pt_BR,pt",
            "APT::Sandbox::User": "root",
            "Debug::NoLocking": "1",
        }
        arguments = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
        return run([command[0], *arguments, *command[1:]], folder or self.cache)

    def update(self) -> None:
        """Fetches the lists of packages, unless the cache has them."""
        if not any(self.lists.glob("*_Packages*")):
            self._apt("apt-get", "update")

    def list_texts(self, ending: str) -> Iterator[str]:
        """The text of every list whose name ends so, such as `i18n_Translation-en`."""
        for path in sorted(self.lists.iterdir()):
            if re.fullmatch(rf".*{re.escape(ending)}(\.\w+)?", path.name):
                yield run(["/usr/lib/apt/apt-helper", "cat-file", str(path)], self.cache)

    def resolve(self, name: str) -> str:
        """The package that a name with `*` for its branch stands for: the last of those there are.
        """
        if "*" not in name:
            return name
        pattern = re.compile(re.escape(name).replace(r"\*", r"[\d.]+"))
        known = self._apt("apt-cache", "pkgnames").split()
        found = sorted(package for package in known if pattern.fullmatch(package))
        if not found:
            raise Unavailable(f"{name}: apt knows no package of that name")
        return found[-1]

    def debian(self, name: str) -> Path:
        """The package's file, fetched if the cache lacks it."""
        package = self.resolve(name)
        folder = self.cache / "debian"
        folder.mkdir(exist_ok=True)
        found = sorted(folder.glob(f"{package}_*.deb"))
        if not found:
            # A download that breaks off must not look like a package.
            partial = folder / "partial"
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            self._apt("apt-get", "--quiet", "download", package, folder=partial.resolve())
            for path in partial.glob("*.deb"):
                path.rename(folder / path.name)
            found = sorted(folder.glob(f"{package}_*.deb"))
        if not found:
            raise Unavailable(f"{package}: apt-get download left no file")
        version = found[-1].name.split("_")[1].replace("%3a", ":")
        self.versions[name] = f"{package} {version}"
        return found[-1]

    def files(self, name: str, pattern: str) -> Iterator[tuple[str, bytes]]:
        """Path and bytes of each regular file of a Debian package whose path matches.

        Compressed ones come unpacked.
        """
        wanted = re.compile(pattern)
        with subprocess.Popen(
            ["dpkg-deb", "--fsys-tarfile", str(self.debian(name))], stdout=subprocess.PIPE
        ) as unpacking:
            with tarfile.open(fileobj=unpacking.stdout, mode="r|") as archive:
                for member in archive:
                    if member.isfile() and wanted.search(member.name):
                        data = archive.extractfile(member).read()
                        yield member.name.lstrip("./"), unpacked(member.name, data)
        if unpacking.returncode:
            raise Unavailable(f"{name}: dpkg-deb can't unpack it (damaged? delete it in the cache)")

    def npm(self, name: str, version: str, sha256: str) -> Iterator[tuple[str, bytes]]:
        """Path and bytes of each file of an npm package, its archive checked by SHA-256."""
        folder = self.cache / "npm"
        folder.mkdir(exist_ok=True)
        archive = folder / f"{name.lstrip('@').replace('/', '-')}-{version}.tgz"
        if not archive.exists():
            if not shutil.which("npm"):
                raise Unavailable(f"{name}: npm is not installed")
            run(["npm", "pack", "--silent", f"{name}@{version}"], folder)
        found = hashlib.sha256(archive.read_bytes()).hexdigest()
        if found != sha256:
            archive.unlink()
            raise Unavailable(f"{name} {version}: SHA-256 is {found}, expected {sha256}; deleted")
        self.versions[name] = f"{name} {version}"
        with tarfile.open(archive) as members:
            for member in members:
                if member.isfile():
                    yield member.name, members.extractfile(member).read()


def unpacked(name: str, data: bytes) -> bytes:
    """Gzip's and dictzip's contents; anything else as it is."""
    if name.endswith((".gz", ".dz")):
        return gzip.GzipFile(fileobj=io.BytesIO(data)).read()
    return data


def run(command: list[str], folder: Path) -> str:
    """A command's output; on failure, what it said last."""
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            check=False,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
    except OSError as error:
        raise Unavailable(f"{command[0]} can't be run: {error.strerror}") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["it said nothing"]
        raise Unavailable(f"{command[0]} failed (exit status {done.returncode}): {said[-1]}")
    return done.stdout.decode("utf-8", errors="replace")
