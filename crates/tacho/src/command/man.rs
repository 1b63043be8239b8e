//! `tacho man`: the manual pages, made of what `--help` says.

use std::fs;
use std::path::Path;

use clap::CommandFactory;
use clap_mangen::Man;
use roff::{Roff, roman};

use crate::args::Tacho;
use crate::args::verbs::ManArgs;
use crate::command::print;
use crate::exit::Exit;
use crate::failure::Failure;

/// Prints the program's page, or writes a page for each verb.
pub(crate) fn man(args: &ManArgs) -> Result<Exit, Failure> {
    let mut tacho = Tacho::command().disable_help_subcommand(true);
    // Gives every verb its whole name, as `tacho-baseline-save`.
    tacho.build();
    match &args.dir {
        None => print(&page(&tacho)?)?,
        Some(dir) => {
            fs::create_dir_all(dir)
                .map_err(|error| Failure::cannot(&format!("make {}", dir.display()), &error))?;
            let written = write(&tacho, dir)?;
            let pages = tacho_report::phrase::counted(written, "page");
            print(&format!("{pages} in {}\n", dir.display()))?;
        }
    }
    Ok(Exit::Fine)
}

/// Writes the pages of `command` and its verbs; the answer is how many.
fn write(command: &clap::Command, dir: &Path) -> Result<u64, Failure> {
    let path = dir.join(format!("{}.1", name(command)));
    fs::write(&path, page(command)?)
        .map_err(|error| Failure::cannot(&format!("write {}", path.display()), &error))?;
    let mut written = 1;
    for verb in command.get_subcommands() {
        written += write(verb, dir)?;
    }
    Ok(written)
}

fn name(command: &clap::Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

fn page(command: &clap::Command) -> Result<String, Failure> {
    let version = format!("tacho {}", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone())
        .title(name(command).to_uppercase())
        .section("1")
        .source(version)
        .manual("Tachograph");
    let mut bytes = Vec::new();
    render(command, &man, &mut bytes)
        .map_err(|error| Failure::cannot("write the manual page", &error))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The sections in their order; what stands under the flags in `--help` comes last.
fn render(command: &clap::Command, man: &Man, out: &mut Vec<u8>) -> Result<(), std::io::Error> {
    man.render_title(out)?;
    man.render_name_section(out)?;
    man.render_synopsis_section(out)?;
    man.render_description_section(out)?;
    if command.get_arguments().next().is_some() {
        man.render_options_section(out)?;
    }
    if command.has_subcommands() {
        man.render_subcommands_section(out)?;
    }
    match command.get_after_help() {
        Some(text) => rest(&text.to_string()).to_writer(out),
        None => Ok(()),
    }
}

/// The text as notes, and its examples line by line as they are.
fn rest(text: &str) -> Roff {
    let (notes, examples) = text.split_once("Examples:\n").unwrap_or((text, ""));
    let mut page = Roff::new();
    if !notes.trim().is_empty() {
        page.control("SH", ["NOTES"]);
        page.text([roman(notes.trim())]);
    }
    if !examples.is_empty() {
        page.control("SH", ["EXAMPLES"]);
        page.control("nf", []);
        for line in examples.lines() {
            page.text([roman(line.trim_start())]);
        }
        page.control("fi", []);
    }
    page
}
