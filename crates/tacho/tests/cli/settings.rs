//! Settings on their way from the user's file, the manifest and the flags to what is run.

use crate::world::World;

const ONE: &str = "[[workload]]\nname = \"a\"\ncommand = [\"true\"]\n";

/// Holds that the plan says each of `expected` at its JSON pointer.
fn plans(world: &World, args: &[&str], expected: &[(&str, serde_json::Value)]) {
    let plan = world.tacho(&[&["plan", "--json"], args].concat()).exits(0).json();
    for (pointer, value) in expected {
        let found = plan.pointer(pointer).unwrap_or(&serde_json::Value::Null);
        assert_eq!(found, value, "{args:?} {pointer} in {plan:#}");
    }
}

#[test]
fn flags() {
    let world = World::with(ONE);
    let here = world.project().canonicalize().unwrap().join("out.txt");
    plans(
        &world,
        &[
            "--memory-max=1MiB",
            "--cpus=0,2-3",
            "--nice=-3",
            "--no-aslr",
            "-j4",
            "--quiet-wait=1min",
            "--output=out.txt",
        ],
        &[
            ("/points/0/limits/memory_max_bytes", 1_048_576.into()),
            ("/points/0/limits/cpus", vec![0, 2, 3].into()),
            ("/points/0/limits/nice", (-3).into()),
            ("/points/0/limits/aslr", false.into()),
            ("/points/0/output/file", here.display().to_string().into()),
            ("/jobs", 4.into()),
            ("/quiet_wait_nanos", 60_000_000_000_u64.into()),
        ],
    );
    plans(&world, &["--output", "null"], &[("/points/0/output", "null".into())]);
    for (args, told) in [
        (&["--output", "nul"][..], "--output: `nul` would be a file; did you mean `null`?"),
        (&["--memory-max", "1"], "--memory-max: 1 has no unit"),
        (&["--cpus", "-1"], "--cpus: \"-1\" lacks a number"),
        (&["--nice", "20"], "--nice: 20 is no niceness"),
        (&["-j", "0"], "--jobs: 0 is not from 1 to 256"),
        (&["--quiet-wait", "soon"], "--quiet-wait: \"soon\" is no duration"),
    ] {
        world.tacho(&[&["run"], args].concat()).exits(2).says(&[told]);
    }
}

#[test]
fn the_users_own() {
    let world = World::with(ONE);
    world.write("../home/.config/tacho/config.toml", "[defaults]\nruns = 4\nwarmup = 1\n");
    plans(&world, &[], &[("/points/0/max_runs", 4.into())]);
    plans(&world, &["-r", "2"], &[("/points/0/max_runs", 2.into())]);
    plans(&world, &["-x", "true"], &[("/points/0/max_runs", 4.into())]);
    world.write("tacho.toml", format!("[defaults]\nruns = 5\n{ONE}"));
    plans(&world, &[], &[("/points/0/max_runs", 5.into()), ("/points/0/warmup", 1.into())]);
    world.write("xdg/tacho/config.toml", "[defaults]\nwarmup = 7\n");
    let mut command = world.command(&["plan", "--json"]);
    command.env("XDG_CONFIG_HOME", world.path("xdg"));
    assert_eq!(world.launch(command).end().exits(0).json()["points"][0]["warmup"], 7);
    world.write("../home/.config/tacho/config.toml", "[defaults]\nwarmpu = 1\n[[workload]]\n");
    world.tacho(&["run"]).exits(2).says(&[
        "/config.toml:2:1: unknown key `warmpu` in [defaults]; did you mean `warmup`?",
        "/config.toml:3:3: unknown key `workload` in the user's own settings",
    ]);
}

#[test]
fn profiles() {
    let world = World::with(&format!("[profile.ci]\nruns = 4\n{ONE}runs = 3\n"));
    let variable = |name: &str, args: &[&str]| {
        let mut command = world.command(args);
        command.env("TACHO_PROFILE", name);
        world.launch(command).end()
    };
    plans(&world, &[], &[("/points/0/max_runs", 3.into())]);
    plans(&world, &["--profile", "ci"], &[("/points/0/max_runs", 4.into())]);
    let plan = variable("ci", &["plan", "--json"]).exits(0).json();
    assert_eq!(plan["points"][0]["max_runs"], 4);
    variable("", &["plan"]).exits(0);
    variable("cj", &["plan"]).exits(2).says(&["TACHO_PROFILE: there is no [profile.cj]"]);
    variable("cj", &["plan", "-x", "true"]).exits(0);
}

#[test]
fn values_from_outside() {
    let workload = |params: &str| {
        format!("[[workload]]\nname = \"m\"\ncommand = [\"echo\", \"{{m}}\"]\nruns = 1\n{params}\n")
    };
    let world = World::with(&workload("params.m = { lines = \"m.txt\", limit = 2 }"));
    world.write("m.txt", "# modules\nlex\n\n  parse \neval\n");
    let told = "note: m: params.m: the first 2 values of 3 from `m.txt`, by its limit\n";
    let run = world.tacho(&["run"]).exits(0);
    assert!(run.stderr.contains(told), "{}", run.stderr);
    let points: Vec<String> = world.rows().iter().map(|row| row.params["m"].to_string()).collect();
    assert_eq!(world.rows().len(), 2);
    assert!(points.contains(&"lex".to_owned()) && points.contains(&"parse".to_owned()));
    plans(
        &world,
        &["lex"],
        &[("/param_sources/0/found", 3.into()), ("/param_sources/0/source", "m.txt".into())],
    );
    world.write(
        "tacho.toml",
        workload("params.m = { command = \"printf '7\\\\n8\\\\n'; pwd >at\" }"),
    );
    let plan = world.tacho(&["plan", "--json"]).exits(0).in_silence().json();
    assert_eq!(plan["points"][1]["point"]["params"]["m"], 8);
    let at = world.read("at");
    assert_eq!(at.trim_end(), world.project().canonicalize().unwrap().display().to_string());
}

#[test]
fn values_that_cannot_be_had() {
    let world = World::new();
    std::os::unix::fs::symlink("/etc/hostname", world.path("away")).unwrap();
    world.write("empty", "# nothing\n");
    world.write("bytes", b"\xff\n");
    world.write("large", "x\n".repeat(3 << 20));
    for (source, told) in [
        ("lines = \"none\"", "cannot read `none`: No such file"),
        ("lines = \".\"", "cannot read `.`: it is no file"),
        ("lines = \"away\"", "`away` leads out of the project, to /"),
        ("lines = \"empty\"", "`empty` gives no values: every line is empty, or starts with #"),
        ("lines = \"bytes\"", "`bytes` gives values that are no UTF-8 text"),
        ("lines = \"large\"", "`large` gives over 4 MiB of values"),
        ("command = \"yes\"", "`yes` gives over 4 MiB of values"),
        ("command = \"echo oops >&2; exit 3\"", "exit 3` ended with exit code 3: oops"),
        ("command = \"kill -9 $$\"", "was ended: signal: 9"),
        ("command = [\"/no/such\"]", "`/no/such` cannot be started"),
        ("command = \"echo a; echo a\"", "`echo a; echo a` gives the value `a` twice"),
    ] {
        let manifest = "[[workload]]\nname = \"m\"\ncommand = \"echo {m}\"\nparams.m = { ";
        world.write("tacho.toml", format!("{manifest}{source} }}\n"));
        world.tacho(&["plan"]).exits(2).says(&["tacho.toml:4:12: params.m: ", told]);
    }
}

/// Ctrl-C while values are looked for ends the command that gives them, and us.
#[test]
fn values_may_be_waited_for_no_longer() {
    let command = "echo here >at; sleep 600; echo 1";
    let world = World::with(&format!("{ONE}params.m = {{ command = \"{command}\" }}\n"));
    let running = world.start(&["plan"]);
    world.await_line("at", "here");
    running.signal(rustix::process::Signal::INT);
    running.end().exits(130).says(&["stopped; nothing was measured"]);
    assert_eq!(world.alive(), Vec::<String>::new());
}

/// Only what is measured has to be readable: other workloads may have any output.
#[test]
fn what_is_read_comes_through_a_pipe() {
    let probe = "[[workload]]\nname = \"p\"\nprobe = [\"true\"]\n";
    let profile = "[profile.quiet]\noutput = \"null\"\n";
    let world = World::with(&format!("{ONE}{probe}{profile}"));
    let read = "`probe` (at tacho.toml:6:9) is read from the output, so that must be a pipe";
    plans(&world, &["a", "--output", "null"], &[("/points/0/output", "null".into())]);
    let told = format!("--output: {read}");
    world.tacho(&["run", "p", "--output", "null"]).exits(2).says(&[&told]);
    plans(&world, &["a", "--profile", "quiet"], &[("/points/0/output", "null".into())]);
    let told = format!("tacho.toml:8:10: output: {read}");
    world.tacho(&["run", "--profile", "quiet"]).exits(2).says(&[&told]);
    world.write("tacho.toml", format!("[defaults]\noutput = \"null\"\n{ONE}{probe}"));
    world.tacho(&["run", "a"]).exits(2).says(&["tacho.toml:2:10: output: `probe` (at "]);
}

/// A file that is written may not lie outside, not by its name and not by a link.
#[test]
fn output_stays_inside() {
    let world = World::with(&format!("{ONE}output = \"away/x.txt\"\n"));
    std::os::unix::fs::symlink(world.temporary(), world.path("away")).unwrap();
    let told = "tacho.toml:4:10: output: `away/x.txt` leads out of the project, to ";
    world.tacho(&["plan"]).exits(2).says(&[told]);
    world.write("tacho.toml", format!("{ONE}output = \"../x.txt\"\n"));
    let told = "tacho.toml:4:10: output: `../x.txt` leaves the project";
    world.tacho(&["plan"]).exits(2).says(&[told]);
    world.write("tacho.toml", format!("{ONE}output = \"x.txt\"\n"));
    world.tacho(&["plan"]).exits(0).shows(&["output      to the file x.txt"]);
}
