use proptest::prelude::*;
use tacho_plan::{Defaults, Flags};

use super::*;

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> (tempfile::TempDir, Folder) {
    let scratch = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = scratch.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let folder = Folder { root: scratch.path().to_owned() };
    (scratch, folder)
}

/// The commands of the points that the manifest of `files` plans, and the notes.
#[track_caller]
fn check(files: &[(&str, &str)], below: &str) -> (Vec<String>, Vec<String>) {
    let (_scratch, folder) = folder(files);
    let folder = Folder { root: folder.root.join(below) };
    let (found, notes) = look(&folder, cargo::Surroundings::default());
    let text = render::manifest("project", &found, &BTreeSet::new());
    let manifest =
        tacho_plan::parse("tacho.toml", text.as_bytes(), "".into(), &Defaults::default())
            .unwrap_or_else(|problems| panic!("{problems}\n{text}"));
    let plan = manifest.plan(&Flags::default()).unwrap();
    let commands = plan.points.iter().map(|planned| {
        let shown = planned.point.to_string();
        format!("{shown}: {}", planned.argv.join(" "))
    });
    (commands.collect(), notes)
}

const PACKAGE: &str = "[package]\nname = 'app'\n";

/// What a harness has is not known before it is asked.
#[test]
fn bench_targets_of_our_harness_name_their_workloads() {
    let package = format!("{PACKAGE}[dev-dependencies]\ntacho-bench = '1'\n");
    let (_scratch, folder) = folder(&[("Cargo.toml", &package), ("benches/sort.rs", "")]);
    let (found, _) = look(&folder, cargo::Surroundings::default());
    let text = render::manifest("project", &found, &BTreeSet::new());
    assert!(text.contains("[[workload]]\nharness = \"cargo:sort\"\n"), "{text}");
    let manifest =
        tacho_plan::parse("tacho.toml", text.as_bytes(), "".into(), &Defaults::default());
    assert_eq!(manifest.unwrap().outside().unwrap().len(), 1);
}

#[test]
fn every_tool_is_found() {
    let cargo_bench = "[package]\nname = 'app'\n[[bench]]\nname = 'sort'\nharness = false\n";
    let named = "[package]\nname = 'app'\n[[bin]]\nname = 'tool'\npath = 'src/main.rs'\n";
    let scripts = r#"{"scripts": {"test": "x", "bench": "y", "start": "z", "lint": "w"}}"#;
    for (files, expected) in [
        (
            &[("Cargo.toml", PACKAGE), ("src/main.rs", ""), ("src/bin/two.rs", "")][..],
            &["cargo/app: target/release/app --help", "cargo/two: target/release/two --help"][..],
        ),
        (
            &[("Cargo.toml", cargo_bench), ("src/lib.rs", ""), ("benches/map/main.rs", "")],
            &[
                "cargo-bench/map: cargo bench --bench map",
                "cargo-bench/sort: cargo bench --bench sort",
            ],
        ),
        (
            &[("Cargo.toml", named), ("src/main.rs", "")],
            &["cargo/tool: target/release/tool --help"],
        ),
        (
            &[
                ("Cargo.toml", "[workspace]\nmembers = ['crates/*']\nexclude = ['crates/old']"),
                ("crates/a/Cargo.toml", PACKAGE),
                ("crates/a/src/main.rs", ""),
                ("crates/b/Cargo.toml", "[package]\nname = 'b'"),
                ("crates/b/benches/x.rs", ""),
                ("crates/old/Cargo.toml", "broken"),
            ],
            &[
                "cargo/app: target/release/app --help",
                "cargo-bench/x: cargo bench --bench x --package b",
            ],
        ),
        (
            &[("Makefile", "test:\nbench:\n")],
            &["make/bench: make -s bench", "make/test: make -s test"],
        ),
        (
            &[("package.json", scripts)],
            &["npm/bench: npm run -s bench", "npm/test: npm run -s test"],
        ),
        (
            &[("package.json", scripts), ("pnpm-lock.yaml", "")],
            &["pnpm/bench: pnpm run --silent bench", "pnpm/test: pnpm run --silent test"],
        ),
        (
            &[("package.json", scripts), ("yarn.lock", "")],
            &["yarn/bench: yarn run bench", "yarn/test: yarn run test"],
        ),
        (
            &[("go.mod", "module x\n")],
            &["go/bench: go test -run ^$ -bench . ./...", "go/test: go test -count=1 ./..."],
        ),
        (
            &[("pyproject.toml", "[tool.pytest.ini_options]\n"), ("tests/bench_map.py", "")],
            &[
                "pytest/bench_map: python3 -m pytest -q tests/bench_map.py",
                "pytest: python3 -m pytest -q",
            ],
        ),
        (&[("tests/test_a.py", "")], &["pytest: python3 -m pytest -q"]),
        (
            &[("CMakeLists.txt", "enable_testing()\nadd_executable(app a.c)\n")],
            &["cmake/app: build/app --help", "ctest: ctest --test-dir build --output-on-failure"],
        ),
        (
            &[("meson.build", "b = executable('b', 'b.c')\nbenchmark('b', b)\n")],
            &["meson/b: build/b --help", "meson/benchmarks: meson test -C build --benchmark"],
        ),
        (
            &[("Makefile", "bench:\n"), ("package.json", scripts)],
            &[
                "make/bench: make -s bench",
                "npm/bench: npm run -s bench",
                "npm/test: npm run -s test",
            ],
        ),
    ] {
        assert_eq!(check(files, ""), (expected.iter().map(|&it| it.to_owned()).collect(), vec![]));
    }
}

#[test]
fn a_member_is_built_by_its_workspace() {
    let files = [
        ("Cargo.toml", "[workspace]\nmembers = ['crates/a']"),
        ("crates/a/Cargo.toml", PACKAGE),
        ("crates/a/src/main.rs", ""),
    ];
    assert_eq!(check(&files, "crates/a").0, ["cargo/app: ../../target/release/app --help"]);
}

/// What cannot be read is told with its place, and the rest is used; the first of the commands
/// stands for the rest.
#[test]
fn what_is_broken_is_left_out() {
    let large = " ".repeat(usize::try_from(folder::FILE_BYTES_MAX).unwrap() + 1);
    let example = "gzip/level{level=1}: gzip -c -1 tacho-example.txt";
    let no_test = r#"{"scripts": {"test": "echo \"Error: no test specified\" && exit 1"}}"#;
    let many: String = (10..=24).map(|index| format!("bench-{index}:\n")).collect();
    for (files, first, told) in [
        (
            &[("Cargo.toml", "[package]\nname = \n"), ("Makefile", "test:\n")][..],
            "make/test: make -s test",
            "Cargo.toml:2:8: string values must be quoted, expected literal string; \
             went on without it",
        ),
        (
            &[("Makefile", large.as_str())],
            example,
            "Makefile: it is larger than 4 MiB; went on without it",
        ),
        (
            &[("package.json", "{\n  \"scripts\": x}")],
            example,
            "package.json: expected value at line 2 column 14; went on without it",
        ),
        (&[("package.json", no_test)], example, "package.json: nothing to measure was found in it"),
        (
            &[("package.json", r#"{"scripts":{"test":"x"},"devDependencies":{"a":"1"}}"#)],
            "npm/test: npm run -s test",
            "package.json: nothing is installed yet: `npm install`",
        ),
        (
            &[("Makefile", many.as_str())],
            "make/bench-10: make -s bench-10",
            "Makefile: left out 3 more that are like these",
        ),
        (
            &[("Cargo.toml", "[package]\nname = \"a\\nb\""), ("src/main.rs", "")],
            example,
            "Cargo.toml: left out cargo/a\\nb: it is no name",
        ),
    ] {
        let (commands, notes) = check(files, "");
        assert_eq!((commands[0].as_str(), notes[0].as_str()), (first, told));
    }
    assert_eq!(check(&[], "").1, [""; 0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_names_in_any_file(
        names in proptest::collection::vec("[^/\u{0}]{1,20}", 1..4),
        text in "(bench|test|[-a-z:=#$%\"'\\\\{}\\[\\]\t\n ]){0,30}",
    ) {
        let scratch = tempfile::tempdir().unwrap();
        let path = |name: &str| scratch.path().join(name);
        for folder in ["benches", "src/bin", "tests"] {
            std::fs::create_dir_all(path(folder)).unwrap();
            for name in &names {
                // `.` and `..` are no names of files.
                let _ = std::fs::write(path(&format!("{folder}/bench{name}.rs")), "");
                let _ = std::fs::write(path(&format!("{folder}/bench{name}.py")), "");
            }
        }
        let mut table = toml::Table::new();
        table.insert("name".to_owned(), toml::Value::String(names[0].clone()));
        let package = format!("package = {}", toml::Value::Table(table));
        std::fs::write(path("Cargo.toml"), package).unwrap();
        for file in ["Makefile", "package.json", "CMakeLists.txt", "meson.build", "pytest.ini"] {
            std::fs::write(path(file), &text).unwrap();
        }
        let folder = Folder { root: scratch.path().to_owned() };
        let (found, _) = look(&folder, cargo::Surroundings { has_target_variable: true });
        let text = render::manifest(&names[0], &found, &BTreeSet::from(["cargo", "make"]));
        let defaults = Defaults::default();
        let manifest = tacho_plan::parse("tacho.toml", text.as_bytes(), "".into(), &defaults);
        let manifest = manifest.unwrap_or_else(|problems| panic!("{problems}\n{text}"));
        prop_assert!(manifest.plan(&Flags::default()).is_ok(), "{}", text);
    }
}
