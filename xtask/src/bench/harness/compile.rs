//! What building a crate with one function costs, for each harness.

use std::io::Write;

use rand_chacha::ChaCha8Rng;

use super::project::{artifacts, dependency, locked, write};
use super::rounds::shuffled;
use crate::bench::BenchError;
use crate::bench::program::{Account, Programs, account};
use crate::bench::spread::{Goal, Spread, table};
use crate::workspace::{self, output_of};

/// The most packages that the lock file may hold, the crate itself included.
const LOCKED_MAX: f64 = 22.0;

/// The packages that bring a harness, each with its bench target.
const HARNESSES: [(&str, &str); 3] = [
    ("tacho-bench", include_str!("single/tacho.rs.txt")),
    ("criterion", include_str!("single/criterion.rs.txt")),
    ("divan", include_str!("single/divan.rs.txt")),
];

/// Places in [`HARNESSES`].
const TACHO: usize = 0;
const DIVAN: usize = 2;

/// The builds of one harness.
#[derive(Debug, Default)]
struct Builds {
    accounts: Vec<Account>,
    /// Packages in the lock file.
    locked: usize,
    /// Packages that were compiled.
    compiled: usize,
}

impl Builds {
    fn seconds(&self, figure: fn(&Account) -> f64) -> Spread {
        Spread::new(self.accounts.iter().map(|account| figure(account) / 1e9))
    }
}

/// Builds each so often into an empty folder, in shuffled order, and prints what that costs.
///
/// # Errors
/// [`BenchError`]: cargo fails, with what it said, or the terminal is gone.
pub(super) fn run(
    programs: &Programs,
    times: u32,
    order: &mut ChaCha8Rng,
    out: &mut dyn Write,
) -> Result<(), BenchError> {
    let mut builds: [Builds; 3] = Default::default();
    for (builds, (package, bench)) in builds.iter_mut().zip(HARNESSES) {
        builds.locked = prepare(programs, package, bench)?;
    }
    for _ in 0..times {
        for at in shuffled(&[0, 1, 2], order) {
            let (account, compiled) = build(programs, HARNESSES[at].0)?;
            builds[at].accounts.push(account);
            builds[at].compiled = compiled;
        }
    }
    write!(out, "\n{}", show(&builds))?;
    Ok(())
}

/// Writes the crate and fetches what it needs; gives how many packages that is.
fn prepare(programs: &Programs, package: &str, bench: &str) -> Result<usize, BenchError> {
    let folder = programs.folder.join("harness/single").join(package);
    let manifest = include_str!("single/Cargo.toml.txt");
    let manifest = manifest.replace("{dependency}", &dependency(package));
    let library = include_str!("single/lib.rs.txt");
    write(&folder, &[("Cargo.toml", &manifest), ("lib.rs", library), ("single.rs", bench)])?;
    output_of(workspace::cargo().args(["fetch", "--quiet"]).current_dir(&folder))?;
    Ok(locked(&folder)?.len())
}

/// Builds the crate into an empty folder; gives what it cost, and how many packages it compiled.
fn build(programs: &Programs, package: &str) -> Result<(Account, usize), BenchError> {
    let target = programs.empty_folder("harness/single-target")?;
    let target = target.to_string_lossy();
    let manifest = programs.folder.join("harness/single").join(package).join("Cargo.toml");
    let manifest = manifest.to_string_lossy();
    let cargo = workspace::cargo();
    let cargo = cargo.get_program().to_string_lossy();
    // A wrapper that remembers what it compiled would not compile it.
    let mut words = vec!["env", "-u", "RUSTC_WRAPPER", "-u", "RUSTC_WORKSPACE_WRAPPER", &cargo];
    words.extend(["bench", "--no-run", "--quiet", "--locked", "--message-format", "json"]);
    words.extend(["--manifest-path", &manifest, "--target-dir", &target]);
    let (account, printed) = account(programs, &words)?;
    let text = String::from_utf8_lossy(&printed);
    let mut packages: Vec<String> =
        artifacts(&text).map(|made| made["package_id"].to_string()).collect();
    packages.sort();
    packages.dedup();
    Ok((account, packages.len()))
}

fn show(builds: &[Builds; 3]) -> String {
    let head =
        ["cold build of one function", "CPU, seconds", "wall, seconds", "locked", "compiled"];
    let mut lines = vec![head.map(str::to_owned).to_vec()];
    for ((package, _), builds) in HARNESSES.iter().zip(builds) {
        lines.push(vec![
            (*package).to_owned(),
            builds.seconds(|account| account.cpu_nanos).show(1),
            builds.seconds(|account| account.wall_nanos).show(1),
            builds.locked.to_string(),
            builds.compiled.to_string(),
        ]);
    }
    let [ours, theirs] = [&builds[TACHO], &builds[DIVAN]];
    let pairs = ours.accounts.iter().zip(&theirs.accounts);
    let ratio = Spread::new(pairs.map(|(ours, theirs)| ours.cpu_nanos / theirs.cpu_nanos));
    let count = Spread::new([ours.locked as f64]);
    let goals = [
        Goal::line(Some(Goal::AtMost(1.0)), "CPU: tacho-bench / divan", &ratio, 2),
        Goal::line(Some(Goal::AtMost(LOCKED_MAX)), "packages in the lock file", &count, 0),
    ];
    format!("{}\n{}", table(&lines), table(&goals))
}

#[cfg(test)]
mod tests {
    use super::super::tables::tests::squeezed;
    use super::*;

    #[test]
    fn ours_is_held_against_divan_build_by_build() {
        let builds = |cpu_seconds: [f64; 2], locked| Builds {
            accounts: cpu_seconds
                .map(|seconds| Account { wall_nanos: 5e8 * seconds, cpu_nanos: 1e9 * seconds })
                .to_vec(),
            locked,
            compiled: locked - 1,
        };
        let all = [builds([10.0, 12.0], 23), builds([70.0, 71.0], 53), builds([20.0, 16.0], 22)];
        let text = show(&all);
        let shown = squeezed(&text);
        for line in [
            "tacho-bench 11.0 (10.0–12.0) 5.5 (5.0–6.0) 23 22",
            "divan 18.0 (16.0–20.0) 9.0 (8.0–10.0) 22 21",
            "CPU: tacho-bench / divan 0.62 (0.50–0.75) ≤ 1.00: met 0.62",
            "packages in the lock file 23 (23–23) ≤ 22: MISSED 1.05",
        ] {
            assert!(shown.iter().any(|shown| shown == line), "{line:?} in\n{text}");
        }
    }

    #[test]
    fn every_crate_is_complete() {
        let library = include_str!("single/lib.rs.txt");
        assert!(library.contains("pub fn work() -> u64"));
        for (package, bench) in HARNESSES {
            assert!(bench.contains(&package.replace('-', "_")), "{package}");
            assert!(bench.contains("one_function::work()"), "{package}");
        }
    }
}
