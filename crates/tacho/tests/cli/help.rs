//! What `--help` says.

use crate::world::World;

#[test]
fn every_verb() {
    for words in [
        &[][..],
        &["run"],
        &["list"],
        &["plan"],
        &["verify"],
        &["compare-variants"],
        &["config"],
        &["history"],
        &["show"],
        &["baseline"],
        &["baseline", "save"],
        &["baseline", "list"],
        &["baseline", "show"],
        &["baseline", "rm"],
        &["recover"],
        &["doctor"],
        &["init"],
        &["export"],
        &["completions"],
        &["man"],
    ] {
        let output = World::new().tacho(&[words, &["--help"]].concat()).exits(0).in_silence();
        let name = [&["help"], words].concat().join("_");
        insta::assert_snapshot!(name, output.stdout);
        let widest = output.stdout.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(100), "{words:?} has {widest:?} columns");
    }
}

#[test]
fn versions_and_mistakes() {
    let world = World::new();
    let version = concat!("tacho ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(world.tacho(&["--version"]).exits(0).in_silence().stdout, version);
    for (words, told) in [
        (&[][..], "Usage: tacho <COMMAND>"),
        (&["histroy"], "'history'"),
        (&["run", "--ruuns", "3", "x"], "'--runs'"),
        (&["run", "-r", "many", "x"], "invalid value 'many'"),
        (&["run", "-r", "-1", "x"], "-1"),
        (&["run", "-D", "2", "x"], "--parameter-scan"),
        (&["show", "--json", "--export-json", "x"], "cannot be used with"),
        (&["show", "a", "b"], "unexpected argument 'b'"),
        (&["run", "-x", "--manifest", "x"], "cannot be used with"),
        (&["baseline", "rm"], "<NAMES>"),
    ] {
        world.tacho(words).exits(2).says(&[told]);
    }
    assert!(!world.user_state().exists());
}
