//! CMake and Meson: the programs and tests that they build.

use super::folder::{Folder, Unreadable};
use super::found::{Found, RUNS, Setup, Workload, words};

/// A build system: its file, its program, and what its files look like.
struct System {
    file: &'static str,
    tool: &'static str,
    group: &'static str,
    setup: &'static str,
    /// What stands in front of a program's name.
    program: &'static str,
    /// What shows that there are tests, and the workload that runs them.
    suites: &'static [(&'static str, &'static str, &'static [&'static str])],
}

const SYSTEMS: [System; 2] = [
    System {
        file: "CMakeLists.txt",
        tool: "cmake",
        group: "cmake",
        setup: "cmake -S . -B build -DCMAKE_BUILD_TYPE=Release && cmake --build build",
        program: "add_executable(",
        suites: &[(
            "enable_testing(",
            "ctest",
            &["ctest", "--test-dir", "build", "--output-on-failure"],
        )],
    },
    System {
        file: "meson.build",
        tool: "meson",
        group: "meson",
        setup: "{ [ -d build ] || meson setup build --buildtype=release; } && \
                meson compile -C build",
        program: "executable('",
        suites: &[
            ("benchmark(", "meson/benchmarks", &["meson", "test", "-C", "build", "--benchmark"]),
            ("test(", "meson/tests", &["meson", "test", "-C", "build"]),
        ],
    },
];

/// What there is to measure, and what could not be read.
pub(super) fn find(folder: &Folder) -> Vec<Result<Found, (String, Unreadable)>> {
    let of = |system: &System| match folder.text(system.file) {
        Ok(text) => text.map(|text| Ok(read(system, &text))),
        Err(why) => Some(Err((system.file.to_owned(), why))),
    };
    SYSTEMS.iter().filter_map(of).collect()
}

fn read(system: &System, text: &str) -> Found {
    let mut found = Found { file: system.file.to_owned(), tool: system.tool, ..Found::default() };
    let setup = Some(Setup::Line(system.setup));
    for program in programs(text, system.program) {
        found.add(Workload {
            name: format!("{}/{program}", system.group),
            comments: vec![
                "Built with optimisation. --help only starts and ends it: give it real work.",
            ],
            command: vec![format!("build/{program}"), "--help".to_owned()],
            setup: setup.clone(),
            ..Workload::default()
        });
    }
    for (mark, name, command) in system.suites {
        if calls(text, mark).next().is_some() {
            found.add(Workload {
                name: (*name).to_owned(),
                comments: vec!["The whole suite; a test that fails makes it a failed run."],
                command: words(command),
                setup: setup.clone(),
                runs: Some(RUNS),
                timeout: Some("10m"),
                ..Workload::default()
            });
        }
    }
    found.bounded()
}

/// The first words of the calls of `call` that are plain names, in their order.
fn programs(text: &str, call: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for behind in calls(text, call) {
        let behind = behind.trim_start().trim_start_matches(['\'', '"']);
        let end = behind.find(|c: char| !c.is_alphanumeric() && !"_-+.".contains(c));
        let name = &behind[..end.unwrap_or(behind.len())];
        // A variable, or nothing that was understood.
        let is_plain = !name.is_empty() && !name.starts_with(['-', '.']);
        if is_plain && !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// What stands behind each `call` that begins a word, outside of comments.
fn calls<'t>(text: &'t str, call: &str) -> impl Iterator<Item = &'t str> {
    let places = text.match_indices(call).map(|(start, _)| start);
    places.filter_map(move |start| {
        let line = &text[text[..start].rfind('\n').map_or(0, |end| end + 1)..start];
        let is_part = line.ends_with(|c: char| c == '_' || c.is_alphanumeric());
        (!is_part && !line.contains('#')).then(|| &text[start + call.len()..])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_named_by_their_calls() {
        for (call, text, expected) in [
            ("add_executable(", "", &[][..]),
            (
                "add_executable(",
                "add_executable(sort main.c)\nadd_executable( b-2\n x.c)",
                &["sort", "b-2"],
            ),
            ("add_executable(", "# add_executable(x y)\nmy_add_executable(z)", &[]),
            ("add_executable(", "add_executable(${NAME} main.c) add_executable(", &[]),
            ("executable('", "e = executable('app', 'main.c')\nexecutable('app')", &["app"]),
            ("executable('", "executable(name, 'main.c')", &[]),
        ] {
            assert_eq!(programs(text, call), expected, "{text:?}");
        }
    }
}
