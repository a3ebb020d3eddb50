"""The house: what ships in the wheel, that it runs outside the checkout, locks without addresses, true docs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

from valfardsbrott import __version__, domain
from valfardsbrott.domain import Month
from valfardsbrott.settings import Settings
from valfardsbrott.stages import pipeline, publish, record
from valfardsbrott.stages.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def shipped_folders() -> list[str]:
    """The folders of definitions that go into the wheel."""
    targets = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]
    return [name for name, place in targets["wheel"]["sources"].items() if "_definitions" in place]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (built,) = out.glob("*.whl")
    return built


def test_the_wheel_holds_the_code_and_definitions_and_nothing_else(wheel: Path) -> None:
    shipped = set(zipfile.ZipFile(wheel).namelist())
    info = f"valfardsbrott-{__version__}.dist-info/"
    here = {
        f"valfardsbrott/{path.relative_to(ROOT / 'src' / 'valfardsbrott').as_posix()}": path
        for path in (ROOT / "src" / "valfardsbrott").rglob("*")
        if path.suffix in {".py", ".j2", ".css", ".js", ".svg", ".typ", ".yaml", ".typed"}
    }
    definitions = {
        f"valfardsbrott/_definitions/{path.relative_to(ROOT).as_posix()}"
        for folder in shipped_folders()
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".sql", ".yaml", ".md"} and ".cases." not in path.name
    }
    assert {name for name in shipped if not name.startswith(info)} == set(here) | definitions
    assert {name.removeprefix(info) for name in shipped if name.startswith(info)} == {
        "METADATA", "WHEEL", "RECORD", "entry_points.txt",
    }  # fmt: skip


def test_the_installed_wheel_runs_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """A fresh environment holds only the wheel; the libraries are lent to it by a path file."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    packages = next((tmp_path / "venv").glob("lib/python*/site-packages"))
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", str(packages), str(wheel)], check=True, capture_output=True)
    (packages / "lent.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    python = tmp_path / "venv" / "bin" / "python"
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COVERAGE"))}
    script = (
        "import valfardsbrott.cli, sys; from valfardsbrott.definitions import folder; print(folder('features'));"
        "sys.argv = ['valfardsbrott', 'features', 'list']; sys.exit(valfardsbrott.cli.main())"
    )
    done = subprocess.run([python, "-c", script], capture_output=True, text=True, check=False, cwd=tmp_path, env=clean)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(packages / "valfardsbrott" / "_definitions" / "features"))
    assert "billed_over_performed" in done.stdout


def test_lock_files_are_hash_checked_and_hold_no_address() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / lock).read_text("utf-8")
        assert not re.search(r"https?://|--(extra-)?index-url|--find-links", text)
        wanted = re.findall(r"^[a-z0-9][^\s=]*==", text, re.MULTILINE)
        assert len(wanted) > 50
        assert all("--hash=sha256:" in entry for entry in re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:])


def test_no_other_lock_file_holds_an_address_and_each_has_hashes() -> None:
    npm = [path for path in ROOT.glob("**/package-lock.json") if "node_modules" not in path.parts]
    assert len(npm) > 1
    for lock in (*npm, ROOT / "tests/networks/exports/ftm/requirements.txt"):
        text = lock.read_text("utf-8")
        assert "://" not in text, lock
        assert "sha512-" in text or "--hash=sha256:" in text, lock


def test_the_locks_hold_every_declared_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    declared = {re.split(r"[<>=\[ ]", each)[0] for each in project["project"]["dependencies"]}
    developers = {re.split(r"[<>=\[ ]", each)[0] for each in project["dependency-groups"]["dev"]}
    for lock, names in (("requirements.lock", declared), ("requirements-dev.lock", declared | developers)):
        locked = set(re.findall(r"^([a-z0-9][a-z0-9._-]*)==", (ROOT / lock).read_text("utf-8"), re.MULTILINE))
        assert {name.lower().replace("_", "-") for name in names} <= locked


def test_help_is_shown_in_half_a_second_of_work() -> None:
    assert min(_cpu_seconds("-m", "valfardsbrott", "--help") for _ in range(3)) < 0.5


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys; from valfardsbrott.cli import main; sys.argv = ['valfardsbrott', '--help']; main();"
        "heavy = {'pandas', 'numpy', 'pyarrow', 'duckdb', 'sklearn', 'pyod', 'mlflow', 'matplotlib', 'pydantic'};"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def _cpu_seconds(*words: str) -> float:
    """Processor seconds of a Python process: unlike the clock, the same on a busy machine."""
    before = os.times()
    subprocess.run([sys.executable, *words], check=True, capture_output=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def test_exit_codes_in_the_reference_are_those_of_the_code() -> None:
    table = re.findall(r"^\| (\d) \| ", (ROOT / "docs" / "reference.md").read_text("utf-8"), re.MULTILINE)
    codes = [value for name, value in vars(domain).items() if name.startswith("EXIT_")]
    assert [int(code) for code in table] == sorted(codes)


def test_the_reference_names_every_file_stage_setting_and_key(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "reference.md").read_text("utf-8")
    files = {f"`{name}." for name in publish.TABLES}
    stages = {f"`{stage}`" for stage in pipeline.STAGES}
    variables = {f"VALFARDSBROTT_{name.upper()}" for name in Settings.model_fields}
    keys = {f"`{key}`" for key in record.facts(Workspace(Settings(out=tmp_path)), Month(2026, 10))}
    assert {word for word in stages | variables | keys | files if word not in text} == set()


def test_links_between_the_pages_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_no_address_of_a_registry_or_path_of_a_machine_is_in_the_files() -> None:
    listed = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=False, cwd=ROOT)
    if listed.returncode:
        pytest.skip("not a git checkout; run in a clone")
    for name in listed.stdout.split("\n"):
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".yaml", ".sql", ".lock", ".j2", ".ipynb", ""} and path.is_file():
            text = path.read_text("utf-8", errors="ignore")
            assert not re.search(r"(?<![\w.])/(home|root|Users)/", text), name
