//! `tacho show`, and the table that it shares with `run`.

use crate::schema;
use crate::text::{below_headline, message, summary};
use crate::world::World;

/// Two captures whose identities begin alike, as all of a day do.
fn two_captures() -> (World, String, String) {
    let world = World::new();
    world.tacho(&["run", "-r", "1", "true"]).exits(0);
    world.tacho(&["run", "-r", "2", "true"]).exits(0);
    let ids: Vec<String> =
        world.captures().iter().map(|entry| entry.header.id.to_string()).collect();
    (world, ids[1].clone(), ids[0].clone())
}

#[test]
fn which_capture() {
    let (world, old, new) = two_captures();
    world.tacho(&["baseline", "save", "main", &old]).exits(0);
    let runs = |words: &[&str]| {
        let doc = world.tacho(&[&["show", "--json"], words].concat()).exits(0).in_silence().json();
        doc["summary"]["rows"].as_u64().unwrap()
    };
    assert_eq!(runs(&[]), 2);
    assert_eq!(runs(&["latest"]), 2);
    assert_eq!(runs(&["main"]), 1);
    for (id, rows) in [(&old, 1), (&new, 2)] {
        assert_eq!(runs(&[id]), rows);
        assert_eq!(runs(&[&id[..id.len() - 1]]), rows);
    }
    // The century, which every identity begins with.
    let both = [format!("`{0}` could be ", &old[..2]), old.clone(), new];
    let both = both.iter().map(String::as_str).collect::<Vec<_>>();
    world.tacho(&["show", &old[..2]]).exits(2).says(&both).says(&["give more of its identity"]);
    for unknown in ["nothing", "-", "1999", "%"] {
        world.tacho(&["show", unknown]).exits(2).says(&["there is no capture or baseline"]);
    }
    world.tacho(&["show", ""]).exits(2).says(&["the name of the capture is empty"]);
    for _ in 0..2 {
        world.tacho(&["run", "-r", "1", "true"]).exits(0);
    }
    let said = world.tacho(&["show", "20"]).exits(2).says(&[" or more\n"]).stderr;
    assert_eq!(said.matches(" or ").count(), 3, "{said}");
}

#[test]
fn nothing_yet() {
    let world = World::new();
    world.tacho(&["show"]).exits(2).says(&["there are no captures yet", "`tacho run` measures"]);
    world.tacho(&["show", "x"]).exits(2);
    assert!(!world.user_state().exists(), "looking makes nothing");
}

/// What `run` prints is what `show` prints, below a line that says what it is.
#[test]
fn tables() {
    let world = World::new();
    let words = ["-r", "6", "--seed", "1", "sleep 0.001", "sleep 0.002"];
    let run = world.tacho(&[&["run"], &words[..]].concat()).exits(0).in_silence();
    let show = world.tacho(&["show"]).exits(0).in_silence();
    assert_eq!(run.stdout, below_headline(&show.stdout));
    let headline = show.stdout.lines().next().unwrap_or_default();
    let words = ": tacho run -r 6 --seed 1 'sleep 0.001' 'sleep 0.002'";
    assert!(headline.starts_with("20") && headline.ends_with(words), "{headline}");
    insta::assert_snapshot!("commands", summary(&run.stdout));

    let world = World::with(
        r#"
        [defaults]
        runs = 6
        [[workload]]
        name = "level"
        command = ["sleep", "0.00{level}"]
        params.level = [1, 2]
        [[workload]]
        name = "fails"
        command = "echo the reason >&2; exit 3"
        [[workload]]
        name = "crashes"
        command = "kill -ABRT $$"
        [[workload]]
        name = "hangs"
        command = "exec sleep 600"
        timeout = "100ms"
        [[workload]]
        name = "leaks"
        command = "sleep 600 >/dev/null 2>&1 &"
        [[workload]]
        name = "allowed"
        command = "exit 3"
        ignore_failure = 3
        "#,
    );
    let run = world.tacho(&["run"]).exits(4).in_silence();
    let show = world.tacho(&["show"]).exits(0).in_silence();
    assert_eq!(run.stdout, below_headline(&show.stdout));
    insta::assert_snapshot!("manifest", summary(&run.stdout));
}

#[test]
fn documents_are_what_their_schema_says() {
    let world = World::with(
        r#"
        [defaults]
        runs = 6
        [[workload]]
        name = "points"
        command = "exit {code}"
        params.code = [0, 1]
        [[workload]]
        name = "allowed"
        command = "exit 1"
        ignore_failure = true
        "#,
    );
    world.tacho(&["run", "--save-baseline", "main"]).exits(4);
    world.tacho(&["run", "--baseline", "main"]).exits(4);
    for words in [&["show"][..], &["show", "--baseline", "main"], &["baseline", "show", "main"]] {
        let doc = world.tacho(&[words, &["--json"]].concat()).exits(0).in_silence().json();
        schema::check("summary", &doc);
        schema::check("capture-header", &doc["capture"]);
        schema::check("capture-summary", &doc["summary"]);
    }
    for row in world.rows() {
        schema::check("row", &serde_json::to_value(row).unwrap());
    }
    let doc = world.tacho(&["baseline", "list", "--json"]).exits(0).in_silence().json();
    schema::check("baselines", &doc);
}

/// Every row has what a row must have, and the capture where it was taken.
#[test]
fn rows_are_complete() {
    let world = World::new();
    world.tacho(&["run", "-r", "3", "true", "echo x"]).exits(0);
    for (sequence, row) in world.rows().into_iter().enumerate() {
        assert!(row.total_nanos > 0 && row.user_nanos.is_some() && row.system_nanos.is_some());
        assert!(row.peak_rss_kb >= row.rss_floor_kb && row.rss_floor_kb > Some(0), "{row:?}");
        assert!(row.minor_faults > Some(0) && row.major_faults.is_some(), "{row:?}");
        assert!(row.voluntary_switches.is_some() && row.involuntary_switches.is_some());
        assert_eq!((row.exit_code, row.leaked), (Some(0), Some(0)));
        assert_eq!((row.sequence, row.process), (Some(sequence as u64), Some(sequence as u64)));
        assert_eq!(row.round, Some(sequence as u64 / 2));
        let is_first = row.function.as_str() == "true";
        use tacho_schema::Side;
        assert_eq!(row.side, Some(if is_first { Side::A } else { Side::B }));
    }
    let env = world.newest().header.env;
    assert_eq!(env.os.as_deref(), Some("linux"));
    for (key, value) in [
        ("arch", env.arch),
        ("kernel", env.kernel),
        ("hostname", env.hostname),
        ("machine_id", env.machine_id),
        ("tacho_version", env.tacho_version),
        ("timestamp_iso", env.timestamp_iso),
    ] {
        assert!(value.is_some_and(|value| !value.is_empty()), "{key}");
    }
    assert!(env.cpu_cores > Some(0) && env.timestamp_unix_ms > Some(1_700_000_000_000));
}

/// The commit is that of the manifest's repository, and whether it holds changes.
#[test]
fn the_commit_is_recorded() {
    let world = World::with("[[workload]]\nname = \"a\"\ncommand = [\"true\"]\nruns = 1\n");
    let git = |words: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.args(["-c", "user.name=A", "-c", "user.email=a@example.com"]).args(words);
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").current_dir(world.project());
        let output = command.output().expect("git is installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    git(&["init", "--quiet"]);
    git(&["add", "tacho.toml"]);
    git(&["commit", "--quiet", "-m", "first"]);
    let commit = git(&["rev-parse", "HEAD"]);
    for is_dirty in [false, true] {
        if is_dirty {
            world.write("tacho.toml", world.read("tacho.toml") + "# changed\n");
        }
        world.tacho(&["run"]).exits(0);
        let env = world.newest().header.env;
        assert_eq!(env.git_commit.as_ref(), Some(&commit));
        assert_eq!(env.git_dirty, Some(is_dirty));
    }
    world.tacho(&["history"]).exits(0).shows(&[&commit[..8]]);
}

#[test]
fn errors_as_they_are_read() {
    let world = World::new();
    let said = |words: &[&str]| {
        let output = world.tacho(words);
        format!(
            "$ tacho {}\n{}[{}]\n",
            words.join(" "),
            message(&output.stderr, &world),
            output.code()
        )
    };
    let told = [
        &["run"][..],
        &["run", ""],
        &["run", "-N", "echo 'a"],
        &["run", "true", "true"],
        &["run", "-s", "a", "-s", "b", "true"],
        &["run", "no-such-command x", "./neither"],
        &["run", "-r", "3", "-m", "4", "true"],
        &["run", "-r", "0", "true"],
        &["run", "-w", "-1", "true"],
        &["run", "-w", "many", "true"],
        &["run", "--seed", "-1", "true"],
        &["run", "--timeout", "5", "true"],
        &["run", "--precision", "0%", "true"],
        &["run", "--total-seconds", "soon", "true"],
        &["run", "--env", "NAME", "true"],
        &["run", "-i=300", "true"],
        &["run", "-L", "n", "1,1", "echo {n}"],
        &["run", "-L", "level", "1", "echo {lvel}"],
        &["run", "-P", "n", "3", "1", "echo {n}"],
        &["run", "--baseline", "main", "true"],
        &["run", "--save-baseline", "a b", "true"],
        &["run", "--save-baseline", "latest", "true"],
        &["run", "--store", "postgres://host/db", "true"],
        &["run", "--store", "memory:", "--save-baseline", "main", "true"],
        &["run", "--store", "memory:", "--baseline", "main", "true"],
        &["run", "--store", ".", "true"],
        &["run", "--export-json", "no/such.json", "true"],
        &["run", "--export-json", ".", "true"],
        &["run", "--manifest", "nothing.toml"],
        &["history", "-n", "0"],
        &["show"],
        &["show", "nothing"],
        &["baseline", "save", "main"],
        &["baseline", "show", "main"],
        &["baseline", "rm", "main"],
    ];
    let told: Vec<String> = told.into_iter().map(said).collect();
    insta::assert_snapshot!("errors", told.join("\n"));
    assert!(!world.user_state().exists(), "nothing was made");
}
