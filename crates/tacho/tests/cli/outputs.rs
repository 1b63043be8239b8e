//! What standard output is, and what becomes of what is printed there.

use tacho_schema::{OutputKind, Row, Status};

use crate::world::World;

/// Says in `log` what its standard output is, and prints to both streams.
const SAYS: &str = "to=$(readlink /proc/$$/fd/1); echo $to >>log; echo printed; echo told >&2";

/// The rows of two runs that end well.
#[track_caller]
fn rows(world: &World, expected: OutputKind) -> Vec<Row> {
    let rows = world.rows();
    assert_eq!(rows.len(), 2);
    for row in &rows {
        assert_eq!((row.status, row.output), (Status::Ok, Some(expected)));
        assert_eq!(row.output_tail, None, "of a run that ends well nothing is kept");
    }
    rows
}

#[test]
fn a_pipe_or_nothing() {
    for (flags, kind, found) in [
        (&[][..], OutputKind::Pipe, "pipe:["),
        (&["--output", "pipe"], OutputKind::Pipe, "pipe:["),
        (&["--output", "null"], OutputKind::Null, "/dev/null"),
    ] {
        let world = World::new();
        let output = world.tacho(&[&["run", "-r", "2"], flags, &[SAYS]].concat()).exits(0);
        assert!(!output.in_silence().stdout.contains("\nprinted"), "{flags:?}");
        let log = world.lines("log");
        assert!(log.len() == 2 && log.iter().all(|line| line.starts_with(found)), "{log:?}");
        rows(&world, kind);
    }
}

/// The file has what the last run printed, and lies where the manifest is.
#[test]
fn a_file() {
    let manifest = format!(
        "[[workload]]\nname = \"p\"\nruns = 2\noutput = \"sub/out\"\ndir = \"elsewhere\"\n\
         command = \"{SAYS}; wc -l <log\"\n"
    );
    let world = World::with(&manifest);
    world.write("sub/out", "what was there before, which is much longer\n".repeat(9));
    world.write("elsewhere/.keep", "");
    let words = ["run", "--manifest", "../tacho.toml"];
    world.tacho_in("elsewhere", &words).exits(0).in_silence();
    let out = world.path("sub/out").canonicalize().unwrap().display().to_string();
    assert_eq!(world.lines("elsewhere/log"), [out.as_str(), &out]);
    assert_eq!(world.lines("sub/out"), ["printed", "2"], "emptied before each run");
    rows(&world, OutputKind::File);
}

#[test]
fn a_file_by_a_flag_lies_where_tacho_was_called() {
    let world = World::new();
    world.write("sub/.keep", "");
    let words = ["run", "-r", "2", "--output", "./out", "echo printed"];
    world.tacho_in("sub", &words).exits(0).in_silence();
    assert_eq!(world.names("sub"), [".keep", "out"]);
    assert_eq!(world.lines("sub/out"), ["printed"]);
    rows(&world, OutputKind::File);
}

/// A command before every run could have made its folder, so it is missed only then.
#[test]
fn a_file_that_cannot_be_written() {
    let world = World::new();
    let words = ["run", "-r", "2", "-p", "true", "--output", "none/out", "echo ran >>log"];
    world.tacho(&words).exits(4).shows(&["none/out`: No such file or directory"]);
    let row = world.rows().remove(0);
    assert_eq!(
        (row.status, row.exit_code, row.output),
        (Status::Error, None, Some(OutputKind::File))
    );
    assert!(!world.path("log").exists());
}

/// The streams are ours: what is printed reaches the user, each where it belongs.
#[test]
fn the_users_own() {
    for flags in [&["--show-output"][..], &["--output", "inherit"]] {
        let world = World::new();
        let output = world.tacho(&[&["run", "-r", "2"], flags, &[SAYS]].concat()).exits(0);
        let printed = output.stdout.lines().filter(|line| *line == "printed").count();
        assert_eq!((printed, output.stderr.as_str()), (2, "told\ntold\n"), "{flags:?}");
        let (log, is_ours) = (world.lines("log"), |line: &String| line.starts_with("/"));
        assert!(log.len() == 2 && log.iter().all(is_ours), "{log:?}");
        rows(&world, OutputKind::Inherit);
    }
}

/// Of a failure the end of what we saw is kept: with `inherit` the user has seen it.
#[test]
fn what_is_kept_of_a_failure() {
    for (place, tail) in [
        ("pipe", "[standard output]\nprinted\n\n[standard error]\ntold\n"),
        ("null", "told\n"),
        ("out", "told\n"),
        ("inherit", ""),
    ] {
        let world = World::new();
        let line = format!("{SAYS}; exit 3");
        world.tacho(&["run", "-r", "2", "--output", place, &line]).exits(4).shows(&["exit 3"]);
        let row = world.rows().remove(0);
        assert_eq!(
            (row.status, row.output_tail.as_deref()),
            (Status::Error, Some(tail)),
            "{place}"
        );
    }
}

/// What is read has to come to us; that is known before anything is started.
#[test]
fn what_is_read_goes_nowhere_else() {
    let probe = "probe = \"echo ran >>log; echo a elapsed_us=1\"";
    let counter = "command = \"echo ran >>log; echo n=1\"\noutcome.n = { regex = 'n=(.)' }";
    for (keys, reads) in [(probe, "`probe`"), (counter, "`outcome.n`")] {
        let world =
            World::with(&format!("[[workload]]\nname = \"p\"\nsetup = \"echo >>log\"\n{keys}"));
        for flags in [&["--output", "null"][..], &["--output", "out"], &["--show-output"]] {
            let told = format!("{reads} (at tacho.toml:");
            let output = world.tacho(&[&["run"], flags].concat()).exits(2);
            output.says(&[&told, "is read from the output, so that must be a pipe"]);
        }
        assert_eq!(world.names("."), ["tacho.toml"], "nothing ran, nothing was made");
        world.tacho(&["run", "-r", "1", "--output", "pipe"]).exits(0);
    }
}
