# shellcheck shell=bash
# The one environment in which WebAssembly is built, linted and bound, whatever toolchain serves:
# std is built from its sources, so that later builds with atomics need nothing else.
# Sourced, after lib.sh or alone.
# shellcheck source=scripts/lib.sh
declare -F wasm_rust >/dev/null || . "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

wasm_bin=$(wasm_rust) ||
  die "no Rust toolchain here can build WebAssembly (std's sources or a linker are missing)" \
    "run: make setup"

# Cargo looks for its subcommands in CARGO_HOME first, unless that stands somewhere on PATH; there,
# rustup's clippy would be found for a toolchain that is not rustup's.
case :$PATH: in *":$CARGO_BIN:"*) ;; *) PATH=$PATH:$CARGO_BIN ;; esac
prepend_path "$wasm_bin"
use_tools

linker=$(wasm_linker "$wasm_bin")
if [ "$linker" != rust-lld ]; then
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$linker
fi

# build-std is unstable by name only; RUSTC_BOOTSTRAP lets a stable compiler do it.
export RUSTC_BOOTSTRAP=1
export CARGO_UNSTABLE_BUILD_STD=std,panic_abort
# Two compilers in one target directory would rebuild each other's work.
export CARGO_TARGET_DIR=$NATIVE_TARGET/web
# Flags in the environment would silently replace .cargo/config.toml's, and with them SIMD.
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_TARGET
# Trunk takes only `true` or `false` for this one and fails on the customary `1`.
[ -z "${NO_COLOR:-}" ] || export NO_COLOR=true
# A failed build is Cargo's or the hook's to explain; where Trunk stood at that time is noise.
export RUST_LIB_BACKTRACE=0
