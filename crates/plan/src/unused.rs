//! Parameters that are declared and used nowhere: their points all measure the same.

use crate::expand::Job;
use crate::problem::At;
use crate::setting::template;

/// A parameter whose name stands in no text: no fault, but hardly what was meant.
///
/// Its `Display` is a line as those of [`crate::Problems`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{at}: the parameter `{name}` is used nowhere: write `{{{name}}}` where its values belong")]
pub struct UnusedParam {
    /// Where it is declared.
    pub at: At,
    /// Its name.
    pub name: String,
}

/// The parameters that no job uses which has them, in the order of the jobs.
pub(crate) fn of(jobs: &[Job<'_>]) -> Vec<UnusedParam> {
    let mut unused: Vec<UnusedParam> = Vec::new();
    let mut used: Vec<UnusedParam> = Vec::new();
    for job in jobs {
        let texts = job.texts();
        for param in job.params() {
            let is_used = texts.iter().any(|(_, _, text)| template::has(text, &param.name));
            let found = UnusedParam { at: param.at.clone(), name: param.name.clone() };
            let list = if is_used { &mut used } else { &mut unused };
            if !list.contains(&found) {
                list.push(found);
            }
        }
    }
    unused.retain(|param| !used.contains(param));
    unused
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;

    use crate::{AdHoc, AdHocCommand, Flags, parse, parse_list};

    fn of_commands(commands: &[&str], prepare: &str) -> Vec<String> {
        let line = |line: &&str| AdHocCommand::Line((*line).to_owned());
        let ad_hoc = AdHoc {
            commands: commands.iter().map(line).collect(),
            params: vec![("x".to_owned(), crate::Values::List(parse_list("a,b")))],
            ..AdHoc::default()
        };
        let flags = Flags { prepare: vec![prepare.to_owned()], ..Flags::default() };
        ad_hoc.unused_params(&flags).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn of_a_command_line() {
        let told = "--parameter-list: the parameter `x` is used nowhere: write `{x}` where its \
                    values belong";
        for (commands, prepare, expected) in [
            (&["true"][..], "", &[told][..]),
            (&["true ${x}", "echo { x }"], "", &[told]),
            (&["true", "echo {x}"], "", &[]),
            (&["true"], "echo {x}", &[]),
        ] {
            assert_eq!(of_commands(commands, prepare), expected, "{commands:?} {prepare:?}");
        }
    }

    #[test]
    fn of_a_manifest() {
        let manifest = "[[workload]]\nname = \"a\"\ncommand = [\"true\"]\nparams.n = [1, 2]\n\
                        [[workload]]\nname = \"b/{n}\"\ncommand = [\"true\"]\nparams.n = [1]\n";
        let manifest = parse(
            "tacho.toml",
            manifest.as_bytes(),
            Utf8Path::new(""),
            &crate::Defaults::default(),
        )
        .unwrap();
        let unused = manifest.unused_params(&Flags::default());
        let told: Vec<String> = unused.iter().map(|param| param.at.to_string()).collect();
        assert_eq!(told, ["tacho.toml:4:12"]);
    }
}
