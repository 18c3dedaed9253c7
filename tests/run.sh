#!/usr/bin/env bash
# Everything that must pass: style, types, tests (browser ones too), and the tutorial as Binder installs it.
# Needs Python 3.11 or newer and a network for the packages; installs Chromium where it is missing and this user may.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}

may_install() { command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
install() {
  as_root apt-get update -q >/dev/null
  DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -q --no-install-recommends "$@" >/dev/null
}
environment() {  # environment DIR: a fresh virtual environment
  rm -rf "$1"
  "$python" -m venv "$1" 2>/dev/null || { may_install && install python3-venv && "$python" -m venv "$1"; }
}

if ! command -v chromium >/dev/null; then
  if may_install; then install chromium; else echo "Chromium is missing and cannot be installed: browser tests will be skipped"; fi
fi

work=${TEP_NB_VENV:-.venv}
environment "$work"
"$work/bin/pip" install -q --disable-pip-version-check -e '.[test]'
"$work/bin/ruff" check tep_nb tests
"$work/bin/mypy"
"$work/bin/python" -m pytest

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# The other major of the SDK, with another HTTP package below it: both are in the field.
"$work/bin/pip" install -q --disable-pip-version-check --target "$scratch/openai2" 'openai[aiohttp]>=2,<3'
PYTHONPATH="$scratch/openai2" "$work/bin/python" -c 'import openai; assert openai.__version__.startswith("2."), openai.__version__'
PYTHONPATH="$scratch/openai2" "$work/bin/python" -m pytest tests/model/test_openai.py tests/model/test_server.py

binder="$scratch/binder"
mkdir "$binder"
environment "$binder/env"
"$binder/env/bin/pip" install -q --disable-pip-version-check -r binder/requirements.txt
PATH="$binder/env/bin:$PATH" bash binder/postBuild
cp notebooks/*.ipynb "$binder"
(cd "$binder" && env/bin/jupyter execute --timeout=300 ./*.ipynb)
echo "binder: the notebooks ran in a fresh environment"
