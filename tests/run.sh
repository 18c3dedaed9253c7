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

binder=$(mktemp -d)
trap 'rm -rf "$binder"' EXIT
environment "$binder/env"
"$binder/env/bin/pip" install -q --disable-pip-version-check -r binder/requirements.txt
PATH="$binder/env/bin:$PATH" bash binder/postBuild
cp notebooks/*.ipynb "$binder"
(cd "$binder" && env/bin/jupyter execute --timeout=300 ./*.ipynb)
echo "binder: the notebooks ran in a fresh environment"
