//! What holds where a manifest says nothing: the built-in settings, and the user's over them.

use std::sync::LazyLock;

use toml::de::DeTable;

use super::read::Reader;
use super::{decode, document};
use crate::flags::Flags;
use crate::layer::{Layer, Settings};
use crate::problem::{At, Fault, Problems};
use crate::whole::Whole;
use tacho_schema::ConfigSetting;

/// The settings below a manifest's.
#[derive(Clone, Debug)]
pub struct Defaults {
    pub(crate) settings: Settings,
    pub(crate) whole: Whole,
}

/// The built-in values that differ for kinds of points.
#[derive(Debug)]
pub(crate) struct Kinds {
    /// `[harness]`: of programs that time themselves.
    pub(crate) harness: Settings,
    /// `[ladder]`: of a ladder's rungs.
    pub(crate) ladder: Settings,
}

/// The built-in value of every setting that has one.
static BUILT_IN: LazyLock<(Defaults, Kinds)> = LazyLock::new(|| {
    let text = include_str!("../defaults.toml");
    let document = DeTable::parse(text)
        .expect("the embedded defaults are TOML, which their test holds")
        .into_inner();
    let mut reader = Reader::new("defaults.toml", text);
    let (settings, whole) = reader.only_defaults(&document, Layer::BuiltIn);
    let [harness, ladder] = reader.kinds(&document);
    (Defaults { settings, whole }, Kinds { harness, ladder })
});

/// The built-in values that differ for kinds of points.
pub(crate) fn kinds() -> &'static Kinds {
    &BUILT_IN.1
}

impl Kinds {
    /// The values that differ where `settings` hold for everything, as a reader is told of them.
    pub(crate) fn shown(&self, settings: &Settings) -> Vec<ConfigSetting> {
        let harness = settings.shown_of_kind("harness", &self.harness);
        [harness, settings.shown_of_kind("ladder", &self.ladder)].concat()
    }
}

impl Default for Defaults {
    /// The built-in ones alone.
    fn default() -> Self {
        BUILT_IN.0.clone()
    }
}

impl Defaults {
    /// The built-in settings with those of the user's own file over them; `path` names it in
    /// messages.
    ///
    /// # Errors
    /// Everything that is wrong with it, with places, as in a manifest; it has `[defaults]` only.
    pub fn of_user(path: &str, bytes: &[u8]) -> Result<Self, Problems> {
        let text = decode(path, bytes)?;
        let mut reader = Reader::new(path, text);
        let table = document(&mut reader, text)?;
        let (settings, whole) = reader.only_defaults(table.get_ref(), Layer::User);
        let built_in = Self::default();
        reader.problems.or(Self {
            settings: settings.over(&built_in.settings),
            whole: whole.over(&built_in.whole),
        })
    }

    /// Every setting with the flags laid over it, and where each value comes from.
    ///
    /// # Errors
    /// What is wrong with the flags.
    pub fn shown(&self, flags: &Flags) -> Result<Vec<ConfigSetting>, Problems> {
        let mut problems = Problems::default();
        if flags.profile.is_some() {
            problems.push(At::Flag("--profile"), Fault::NoManifest);
        }
        let settings = flags.settings(None, &mut problems).over(&self.settings);
        let whole = flags.whole(&mut problems).over(&self.whole);
        problems.or([settings.shown(), kinds().shown(&settings), whole.shown()].concat())
    }
}
