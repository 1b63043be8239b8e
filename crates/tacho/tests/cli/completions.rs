//! `tacho completions` and `tacho man`: help for shells and manuals.

use std::process::Command;

use crate::world::{World, skipped};

/// Whether `program` is content with `file`, and what it complains of; `None` where there is no
/// such program.
fn accepts(world: &World, program: &str, words: &[&str], file: &str) -> Option<(bool, String)> {
    let output = Command::new(program).args(words).arg(world.path(file)).output().ok()?;
    Some((output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned()))
}

#[test]
fn every_shell_reads_its_script() {
    let world = World::new();
    for (shell, check, knows) in [
        ("bash", Some("-n"), "tacho__subcmd__baseline"),
        ("zsh", Some("-n"), "#compdef tacho"),
        ("fish", Some("--no-execute"), "__fish_tacho"),
        ("elvish", None, "edit:completion"),
        ("powershell", None, "Register-ArgumentCompleter"),
    ] {
        let output = world.tacho(&["completions", shell]).exits(0).in_silence();
        let output = output.shows(&[knows, "save-baseline", "export"]);
        world.write(shell, &output.stdout);
        match check.and_then(|flag| accepts(&world, shell, &[flag], shell)) {
            Some((fine, told)) => assert!(fine, "{shell}: {told}"),
            None => skipped(shell, "there is no such shell here, or it checks nothing"),
        }
    }
    world.tacho(&["completions", "tcsh"]).exits(2).says(&["powershell"]);
}

/// Bash itself completes a word with the script.
#[test]
fn bash_completes() {
    let world = World::new();
    let script = world.tacho(&["completions", "bash"]).exits(0).stdout;
    world.write("tacho.bash", script);
    let line = "source tacho.bash; COMP_WORDS=(tacho comple); COMP_CWORD=1; \
                _tacho tacho comple tacho; echo \"${COMPREPLY[*]}\"";
    let mut bash = Command::new("bash");
    let output = bash.args(["-c", line]).current_dir(world.project()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "completions\n", "{output:?}");
}

#[test]
fn pages_for_every_verb() {
    let world = World::new();
    let page =
        world.tacho(&["man"]).exits(0).in_silence().shows(&[".TH TACHO 1", "tacho\\-init(1)"]);
    world.tacho(&["man", "--dir", "deep/man1"]).exits(0).shows(&[" pages in deep/man1\n"]);
    assert_eq!(world.read("deep/man1/tacho.1"), page.stdout);
    let names = world.names("deep/man1");
    for name in ["tacho-run.1", "tacho-export.1", "tacho-baseline-save.1"] {
        assert!(names.iter().any(|found| found == name), "{name} in {names:?}");
    }
    for name in &names {
        let file = format!("deep/man1/{name}");
        assert!(world.read(&file).contains(".SH SYNOPSIS"), "{name}");
        match accepts(&world, "man", &["--warnings", "-l"], &file) {
            Some((fine, told)) => assert!(fine && told.is_empty(), "{name}: {told}"),
            None => skipped(name, "there is no man here"),
        }
    }
    // An example stays the line that it is.
    let export = world.read("deep/man1/tacho-export.1");
    assert!(export.contains(".nf\ntacho export >rows.jsonl  "), "{export}");
    world.write("file", "");
    world.tacho(&["man", "--dir", "file"]).exits(5).says(&["cannot make file"]);
}
