//! Compiles the spawner into one small static program, which `spawn.rs` embeds.

use std::path::PathBuf;
use std::process::Command;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(embedded_spawner)");
    println!("cargo::rerun-if-changed=src/spawner");
    let target = std::env::var("TARGET").unwrap_or_default();
    let known =
        target.starts_with("x86_64-unknown-linux") || target.starts_with("aarch64-unknown-linux");
    if !known {
        return;
    }
    let var = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"));
    let out = PathBuf::from(var("OUT_DIR")).join("tacho-spawner");
    let mut rustc = Command::new(var("RUSTC"));
    rustc.arg("src/spawner/main.rs").arg("-o").arg(&out);
    rustc.args(["--crate-name", "tacho_spawner", "--edition", "2024", "--target", &target]);
    rustc.args(["-C", "opt-level=s", "-C", "panic=abort", "-C", "strip=symbols"]);
    rustc.args(["-C", "relocation-model=static", "-C", "target-feature=+crt-static"]);
    for argument in [
        "-nostartfiles",
        "-nostdlib",
        "-static",
        "-no-pie",
        "-Wl,--build-id=none",
        "-Wl,-z,norelro",
        "-Wl,-z,noexecstack",
        "-Wl,--gc-sections",
        "-Wl,-z,noseparate-code",
    ] {
        rustc.arg("-C").arg(format!("link-arg={argument}"));
    }
    if let Ok(linker) = std::env::var("RUSTC_LINKER") {
        rustc.arg("-C").arg(format!("linker={linker}"));
    }
    let status = rustc.status().unwrap_or_else(|error| panic!("cannot run rustc: {error}"));
    assert!(status.success(), "the spawner does not compile for {target}");
    println!("cargo::rustc-cfg=embedded_spawner");
}
