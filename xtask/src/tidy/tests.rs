//! Every rule against a small tree that keeps the house, with one thing changed.

use super::*;

const CLIPPY: &str = "too-many-lines-threshold = 70\nallow-unwrap-in-tests = true\n";
const OPENING: &str = "//! Keeps rows and gives them back.\n";
const TEST: &str = "#[cfg(test)]\nmod tests {\n    #[test]\n    fn holds() {}\n}\n";
const PLAN_MANIFEST: &str = "[package]\n\n[dependencies]\ntacho-store.workspace = true\n";

/// The packages of the house with the edges of the smallest tree.
const PACKAGES: [(&str, &str); 12] = [
    ("tacho", "crates/tacho"),
    ("tacho-bench", "crates/bench"),
    ("tacho-bench-macros", "crates/bench-macros"),
    ("bench-sort", "examples/bench-sort"),
    ("tacho-judge", "crates/judge"),
    ("tacho-measure", "crates/measure"),
    ("tacho-plan", "crates/plan"),
    ("tacho-report", "crates/report"),
    ("tacho-schema", "crates/schema"),
    ("tacho-stats", "crates/stats"),
    ("tacho-store", "crates/store"),
    ("xtask", "xtask"),
];

/// The settings of a pure crate, with a reason for everything that is disallowed.
fn pure_clippy() -> String {
    let entries: Vec<String> = [
        "env::var",
        "env::var_os",
        "env::vars",
        "fs::File::create",
        "fs::File::open",
        "fs::canonicalize",
        "fs::create_dir_all",
        "fs::metadata",
        "fs::read",
        "fs::read_dir",
        "fs::read_to_string",
        "fs::remove_file",
        "fs::write",
        "process::Command::new",
        "thread::spawn",
        "time::Instant::now",
        "time::SystemTime::now",
    ]
    .iter()
    .map(|path| format!("    {{ path = \"std::{path}\", reason = \"pure\" }},\n"))
    .collect();
    format!("{CLIPPY}disallowed-methods = [\n{}]\n", entries.concat())
}

/// A tree without findings, then `changes`: files replaced, added, or (without text) removed.
fn tree(changes: &[(&str, Option<&str>)]) -> Tree {
    let mut files: std::collections::BTreeMap<String, String> = PACKAGES
        .iter()
        .map(|(_, folder)| (format!("{folder}/src/lib.rs"), format!("{OPENING}{TEST}")))
        .collect();
    files.insert("clippy.toml".to_owned(), CLIPPY.to_owned());
    for name in ["judge", "plan", "report", "schema", "stats"] {
        files.insert(format!("crates/{name}/clippy.toml"), pure_clippy());
    }
    for (path, text) in changes {
        files.remove(*path);
        files.extend(text.map(|text| ((*path).to_owned(), text.to_owned())));
    }
    let package = |(name, folder): (&str, &str)| Package {
        name: name.to_owned(),
        folder: folder.to_owned(),
        edges: Vec::new(),
    };
    let sources = files.into_iter().map(|(path, text)| Source::new(path, text)).collect();
    Tree::new(sources, PACKAGES.into_iter().map(package).collect())
}

fn shown(tree: &Tree) -> Vec<String> {
    let show = |found: Finding| format!("{}:{}: {}", found.path, found.line, found.message);
    findings(tree).into_iter().map(show).collect()
}

/// The only finding after one file is replaced or added is `wanted`; no finding if it is empty.
fn check(path: &str, text: &str, wanted: &str) {
    let found = shown(&tree(&[(path, Some(text))]));
    let wanted: Vec<&str> = wanted.split('\n').filter(|line| !line.is_empty()).collect();
    assert_eq!(found, wanted, "{path} with {text:?}");
}

#[test]
fn text_rules() {
    let file = "crates/store/src/sqlite.rs";
    let at = |line: usize, message: &str| format!("{file}:{line}: {message}");
    let long = "x".repeat(101);
    let outside = concat!("\n// see /wo", "rk/a\n// and `../", "shared/b`\n");
    let page = concat!("//! As NOWHERE", ".md says.\n");
    let cases = [
        (format!("// {}\n", "é".repeat(97)), String::new()),
        (format!("\n{long}\n"), at(2, "the line has 101 columns, 100 at most")),
        ("#[allow(dead_code)]\n".into(), at(1, "use #[expect(…, reason)], not #[allow]")),
        ("#![allow(x)]\n".into(), at(1, "use #[expect(…, reason)], not #[allow]")),
        ("#[cfg_attr(a, allow(x))]\n".into(), at(1, "use #[expect(…, reason)], not #[allow]")),
        ("// #[allow(x)]\nfn allow(x: u8) {}\n".into(), String::new()),
        ("fn f() {\n    unsafe { g() }\n}\n".into(), at(2, "unsafe outside the files that may")),
        ("// unsafe\nconst A: &str = \"unsafe\";\n".into(), String::new()),
        ("todo!()\n".into(), at(1, "todo! is unfinished work")),
        ("unimplemented!()\n".into(), at(1, "unimplemented! is unfinished work")),
        ("a.unwrap()\n".into(), at(1, "unwrap outside tests: expect carries the invariant")),
        ("// a.unwrap()\na.unwrap_or(b)\n".into(), String::new()),
        ("\n#[cfg(test)]\nmod tests {\n    a.unwrap()\n}\n".into(), String::new()),
        (
            outside.into(),
            format!(
                "{}\n{}",
                at(2, concat!("/wo", "rk/ is outside the repository")),
                at(3, concat!("../", "shared is outside the repository"))
            ),
        ),
        (concat!("// target/wo", "rk/a\n").into(), String::new()),
        (page.into(), at(1, concat!("NOWHERE", ".md is no file of the repository"))),
        ("// the-X.md a.md nor ONE.mdx\n".into(), String::new()),
    ];
    for (text, wanted) in &cases {
        check(file, text, wanted);
    }
    check("docs/GUIDE.md", concat!("GUIDE", ".md speaks of itself"), "");
    for (path, may) in [
        ("crates/measure/src/spawn.rs", true),
        ("crates/measure/src/spawner/main.rs", true),
        ("crates/measure/src/spawner/sweep.rs", true),
        ("crates/measure/src/spawn.rs/a.rs", false),
        ("crates/measure/src/spawner.rs", false),
        ("crates/measure/src/spawn/tests.rs", false),
    ] {
        let wanted = format!("{path}:1: unsafe outside the files that may");
        check(path, "unsafe { f() }\n", if may { "" } else { &wanted });
    }
    check("crates/store/tests/contract.rs", "a.unwrap()\n", "");
    check("data.json", &long, "");
}

#[test]
fn modules_for_tests_alone_are_tests() {
    let lib = format!("{OPENING}#[cfg(test)]\nmod fake;\nmod real;\n{TEST}");
    let unwraps = |path: &str| {
        let found = shown(&tree(&[
            ("crates/store/src/lib.rs", Some(&lib)),
            ("crates/store/src/real.rs", Some("#[cfg(test)]\npub(crate) mod deep;\n")),
            (path, Some("a.unwrap()\n")),
        ]));
        found.len()
    };
    for path in ["src/fake.rs", "src/fake/one.rs", "src/real/deep.rs"] {
        assert_eq!(unwraps(&format!("crates/store/{path}")), 0, "{path}");
    }
    for path in ["src/faker.rs", "src/real.rs", "src/deep.rs", "src/fake_real.rs"] {
        assert_eq!(unwraps(&format!("crates/store/{path}")), 1, "{path}");
    }
}

#[test]
fn layout_rules() {
    let lines = |count: usize| "x\n".repeat(count);
    let foot = |count: usize| format!("#[cfg(test)]\nmod tests {{\n{}}}\n", lines(count - 3));
    let file = "crates/store/src/sqlite.rs";
    let big = format!("{file}:601: the file has 601 lines of product code, 600 at most");
    let tested = format!("{file}:101: the file has 101 lines of tests at its foot, 100 at most");
    check(file, &lines(600), "");
    check(file, &lines(601), &big);
    check(file, &format!("{}{}", lines(600), foot(100)), "");
    check(file, &format!("{}{}", lines(10), foot(101)), &tested);
    check("crates/store/src/sqlite/tests.rs", &lines(700), "");
    let tests = "crates/store/tests/contract.rs";
    check(
        tests,
        &lines(701),
        &format!("{tests}:701: the file has 701 lines of tests, 700 at most"),
    );
    check("data.csv", &lines(9000), "");

    let behind = format!("{}\nfn late() {{}}\n", foot(4));
    check(file, &behind, &format!("{file}:6: code behind the tests: they stand at the foot"));
    for path in ["a/utils.rs", "a/helper/b.rs", "common.c", "misc.py", "a/shared_x.rs"] {
        let part = path.split('/').find(|part| !["a", "b.rs"].contains(part)).unwrap();
        check(path, "", &format!("{path}:1: the name {part} does not say what is inside"));
    }
    let odd = format!("{file}:2: the public trait Sink is not on the list");
    check(file, "\npub trait Sink {}\n", &odd);
    check(file, "pub trait Store {}\npub(crate) trait A {}\n// pub trait B\n", "");
}

#[test]
fn crate_faces() {
    let lib = "crates/store/src/lib.rs";
    for opening in [
        "",
        "// Keeps rows and gives them back.\n",
        "//! Keeps rows and gives them back\n",
        "//! Placeholder.\n",
        "//! Keeps rows and more. Gives them back.\n",
        "//! keeps rows and gives them back.\n",
    ] {
        let said = opening.strip_prefix("//! ").unwrap_or_default().trim();
        let wanted = format!("{lib}:1: //! does not open with one sentence: {said:?}");
        check(lib, &format!("{opening}{TEST}"), &wanted);
    }
    check(lib, &format!("//! Keeps rows\n//! for later use.\n//!\n//! Two. More.\n{TEST}"), "");
    for item in ["pub fn f() {}", "struct A;", "impl A {}", "const A: u8 = 1;", "pub type A = u8;"]
    {
        let text = format!("{OPENING}{item}\n{TEST}");
        check(lib, &text, &format!("{lib}:2: lib.rs holds no logic: give it a module"));
    }
    for attribute in ["#[proc_macro_attribute]", "#[proc_macro]", "#[proc_macro_derive(A)]"] {
        check(lib, &format!("{OPENING}{attribute}\npub fn f() {{}}\n{TEST}"), "");
    }
    let untested = format!("{OPENING}mod a;\npub use a::B;\n");
    check(lib, &untested, "crates/store/Cargo.toml:1: tacho-store has no test");
}

#[test]
fn a_clean_tree_holds() {
    assert_eq!(shown(&tree(&[])), Vec::<String>::new());
}

#[test]
fn serialisable_rule() {
    let file = "crates/store/src/sqlite.rs";
    let wanted = |line: usize, name: &str| {
        format!("{file}:{line}: {name} outside schema: documents live there")
    };
    check(file, "#[derive(Debug, Serialize)]\n", &wanted(1, "Serialize"));
    check(file, "#[derive(\n    Debug,\n    serde::Deserialize,\n)]\n", &wanted(3, "Deserialize"));
    check(file, "impl Serialize for A {}\n", &wanted(1, "Serialize"));
    check(file, "impl<'de> serde::Deserialize<'de> for A {}\n", &wanted(1, "Deserialize"));
    check(file, "impl<T: Serialize> Sink for A<T> {}\n", "");
    check(file, "use serde::Serialize;\n#[derive(Debug)]\nfn f<T: Serialize>() {}\n", "");
    check("crates/schema/src/row.rs", "#[derive(Serialize)]\n", "");
}

#[test]
fn pure_rules() {
    let path = "crates/plan/clippy.toml";
    let at = |message: &str| format!("{path}:1: {message}");
    let full = pure_clippy();
    check(path, &full, "");
    let other = full.replace("= 70", "= 90");
    check(path, &other, &at("does not repeat the root's too-many-lines-threshold = 70"));
    let lacking = full.replace("std::fs::read\"", "std::fs::red\"");
    check(path, &lacking, &at("does not disallow std::fs::read"));
    let mute = full.replacen("reason = \"pure\"", "reason = \"\"", 1);
    check(path, &mute, &at("gives no reason against std::env::var"));
    let bare =
        full.replacen("{ path = \"std::env::var\", reason = \"pure\" }", "'std::env::var'", 1);
    check(path, &bare, &at("gives no reason against std::env::var"));
    assert_eq!(shown(&tree(&[(path, None)])), [at("a pure crate has its own clippy.toml")]);
    assert_eq!(shown(&tree(&[(path, Some("= ="))])).len(), 1);
    assert_eq!(shown(&tree(&[("clippy.toml", Some("= ="))])).len(), 1);

    let file = "crates/plan/src/config.rs";
    check(file, "use std::fs;\n", &format!("{file}:1: a pure crate without std::fs"));
    check(file, "// std::fs\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n", "");
    check("crates/store/src/file.rs", "use std::fs;\n", "");
}

#[test]
fn edge_rules() {
    let mut tree = tree(&[("crates/plan/Cargo.toml", Some(PLAN_MANIFEST))]);
    let of = |tree: &mut Tree, name: &str, edges: &[&str]| {
        let package = tree.packages.iter_mut().find(|package| package.name == name).unwrap();
        package.edges = edges.iter().map(|&edge| edge.to_owned()).collect();
    };
    of(&mut tree, "tacho-judge", &["tacho-schema"]);
    assert_eq!(shown(&tree), Vec::<String>::new());
    of(&mut tree, "tacho-plan", &["tacho-schema", "tacho-store"]);
    let wanted = "crates/plan/Cargo.toml:4: tacho-plan may not depend on tacho-store";
    assert_eq!(shown(&tree), [wanted]);
    of(&mut tree, "tacho-plan", &[]);
    let store = tree.packages.iter_mut().find(|package| package.name == "tacho-store").unwrap();
    store.name = "tacho-shop".to_owned();
    assert_eq!(
        shown(&tree),
        [
            "Cargo.toml:1: tacho-store is in the table of edges and not in the workspace",
            "crates/store/Cargo.toml:1: tacho-shop is not in the table of edges",
        ]
    );
}

#[test]
fn the_repository_is_loaded_and_its_packages_are_in_the_table() {
    let loaded = load(&workspace::root()).unwrap();
    assert!(loaded.find("xtask/src/tidy.rs").is_some());
    assert!(loaded.find("Cargo.lock").is_some());
    let mut found = Vec::new();
    crates::edges(&loaded, &mut found);
    assert_eq!(found, []);
}

#[test]
fn what_is_found_is_told_with_a_count() {
    let told = |tree: &Tree| {
        let mut out = Vec::new();
        let code = tell(tree, &mut out).unwrap();
        (String::from_utf8(out).unwrap(), code == ExitCode::SUCCESS)
    };
    let mut clean = tree(&[("a.txt", Some("one\ntwo\n"))]);
    clean.packages[0].edges.push("tacho-stats".to_owned());
    let (text, fine) = told(&clean);
    let files = clean.sources.len();
    assert!(fine && text.starts_with(&format!("tidy holds: {files} files, ")), "{text}");
    assert!(text.ends_with(" lines, 1 edges\n"), "{text}");
    let broken = tree(&[("a/misc.rs", Some("\ntodo!()\n"))]);
    let wanted = "a/misc.rs:1: the name misc.rs does not say what is inside\n\
                  a/misc.rs:2: todo! is unfinished work\ntidy: 2 findings\n";
    assert_eq!(told(&broken), (wanted.to_owned(), false));
}
