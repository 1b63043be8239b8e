#!/usr/bin/env bash
# Everything that is checked before a change lands, cold or warm: ./test.sh
#
# Stops at the first step that fails. The tests come last, so that the last line is their count.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
exec </dev/null

# The version whose counts and settings (.config/nextest.toml) are known to work.
nextest=0.9.143
started=$SECONDS

stop() {
    printf 'test.sh: FAILED: %s\n' "$*" >&2
    exit 1
}

# step NAME COMMAND…: runs it, and says what it was and how long it took.
step() {
    local name=$1 began=$SECONDS
    shift
    printf '\n== %s: %s\n' "$name" "$*"
    "$@" || stop "$name (after $((SECONDS - began)) s): $*"
    printf '== %s: ok, %d s\n' "$name" "$((SECONDS - began))"
}

# The programs that tests start or build with, each with the Debian package that has it.
packages() {
    local program package missing=()
    while read -r program package; do
        command -v "$program" >/dev/null || missing+=("$package")
    done <<'TABLE'
gcc gcc
git git
python3 python3
node nodejs
perl perl-base
mount mount
setsid util-linux
TABLE
    # A header stands for the C library's development files, which are no program.
    [ -e /usr/include/stdlib.h ] || missing+=(libc6-dev)
    if [ ${#missing[@]} = 0 ]; then
        return
    fi
    if ! command -v apt-get >/dev/null; then
        stop "these Debian packages, or what they are called here, are missing: ${missing[*]}"
    fi
    if [ "$(id -u)" != 0 ]; then
        stop "packages are missing: sudo apt-get install --yes ${missing[*]}"
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && apt-get install --yes --no-install-recommends "${missing[@]}"
}

tools() {
    command -v cargo >/dev/null || stop "cargo is missing: see https://rustup.rs"
    local component
    for component in fmt clippy; do
        cargo "$component" --version >/dev/null 2>&1 && continue
        rustup component add "${component/fmt/rustfmt}" || stop "cargo $component is missing"
    done
    cargo nextest --version >/dev/null 2>&1 ||
        cargo install --quiet --locked --version "$nextest" cargo-nextest
}

# Other systems, for the crates that touch none and for what a benchmark links; and the spawner
# on the other processor.
elsewhere=(x86_64-pc-windows-gnu aarch64-apple-darwin)
spawner_elsewhere=aarch64-unknown-linux-gnu
pure=(schema stats plan judge report bench)

has_target() {
    local libdir
    libdir=$(rustc --print target-libdir --target "$1") && [ -d "$libdir" ]
}

portable() {
    local target out=${CARGO_TARGET_DIR:-target}
    for target in "${elsewhere[@]}"; do
        has_target "$target" || continue
        cargo check --quiet --target "$target" "${pure[@]/#/--package=tacho-}" || return
    done
    if has_target "$spawner_elsewhere"; then
        mkdir -p "$out"
        rustc crates/measure/src/spawner/main.rs --crate-name tacho_spawner --edition 2024 \
            --target "$spawner_elsewhere" -C panic=abort -C opt-level=s \
            --emit=obj -o "$out/spawner-$spawner_elsewhere.o" || return
    fi
}

# What this machine cannot show, said loudly: the tests below pass without it.
skipped() {
    if ! unshare --mount mount -t tmpfs none /tmp 2>/dev/null; then
        echo 'SKIPPED: a full disk: no tmpfs can be mounted here (run as root)'
    fi
    local target
    for target in "${elsewhere[@]}" "$spawner_elsewhere"; do
        has_target "$target" ||
            echo "SKIPPED: compiling for $target: \`rustup target add $target\` makes it possible"
    done
    if [ "$(uname -s)" != Linux ]; then
        echo 'SKIPPED: everything that is measured: this is not Linux'
    fi
}

step packages packages
step tools tools
step format cargo fmt --all --check
step lints cargo clippy --workspace --all-targets -- -D warnings
step tidy cargo xtask tidy
step generated cargo xtask gen --check
step portable portable
step 'doc tests' cargo test --quiet --workspace --doc
RUSTDOCFLAGS='-D warnings' step docs cargo doc --quiet --workspace --no-deps

profile=default
if [ -n "${CI:-}" ]; then
    profile=ci
fi
printf '\n%s' "$(skipped)"
printf '\n== tests: after %d s of other steps\n' "$((SECONDS - started))"
exec cargo nextest run --workspace --profile "$profile"
