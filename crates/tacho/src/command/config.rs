//! `tacho config`: every setting, its value, and who says so.

use tacho_plan::{Manifest, near_names};
use tacho_schema::version::Version;
use tacho_schema::{ConfigDoc, ConfigSection};

use crate::args::RunArgs;
use crate::command::print;
use crate::command::run::request;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::{Project, user_settings};
use crate::terminal;

/// Shows the settings.
pub(crate) fn config(args: &RunArgs) -> Result<Exit, Failure> {
    refuse(args)?;
    let project = Project::find(&args.place)?;
    let doc = document(args, &project)?;
    print(&match args.result.stream.json {
        true => tacho_report::config::json(&doc),
        false => tacho_report::config::settings(&doc, &terminal::style()),
    })?;
    Ok(Exit::Fine)
}

/// # Errors
/// A flag that is for commands or selects points: there are only workloads here.
fn refuse(args: &RunArgs) -> Result<(), Failure> {
    let words = (!args.words.is_empty()).then_some("a command after --");
    let tag = (!args.sampling.tag.is_empty()).then_some("--tag");
    match request::ad_hoc_flag(args).or(words).or(tag) {
        Some(flag) => Err(Failure::usage(format!("{flag} has no meaning for `tacho config`"))
            .hint("the arguments select workloads of the manifest by their names")),
        None => Ok(()),
    }
}

fn document(args: &RunArgs, project: &Project) -> Result<ConfigDoc, Failure> {
    let flags = request::flags(args, project.manifest.is_some())?;
    let user = user_settings().map(|path| path.display().to_string());
    let Some(path) = &project.manifest else {
        if !args.positionals.is_empty() {
            return Err(Failure::usage(
                "there is no manifest, so there are no workloads to select",
            ));
        }
        let settings = request::user_defaults()?.shown(&flags);
        let settings = settings.map_err(|found| request::problems(&found))?;
        return Ok(ConfigDoc {
            schema_version: Version,
            manifest: None,
            user,
            profile: None,
            profiles: Vec::new(),
            sections: vec![ConfigSection { workload: None, settings }],
        });
    };
    let manifest = request::manifest(project, path)?;
    let sections = manifest.shown(&flags, &args.positionals);
    let sections = sections.map_err(|found| request::problems(&found))?;
    if sections.is_empty() {
        return Err(nothing_selected(&args.positionals, &manifest));
    }
    Ok(ConfigDoc {
        schema_version: Version,
        manifest: project.manifest_name(),
        user,
        profile: flags.profile.or(flags.profile_variable),
        profiles: manifest.profiles().map(str::to_owned).collect(),
        sections,
    })
}

fn nothing_selected(filters: &[String], manifest: &Manifest) -> Failure {
    let quoted: Vec<String> = filters.iter().map(|filter| format!("`{filter}`")).collect();
    let near = near_names(filters, manifest.workloads());
    let are = if near.len() == 1 { "is" } else { "are" };
    let (quoted, near) = (quoted.join(" or "), near.join(", "));
    Failure::usage(format!("no workload is selected by {quoted}; there {are} {near}"))
}
